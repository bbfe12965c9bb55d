<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Github;
use Tests\Package;
use Tests\Project;

require_once __DIR__ . '/support/Authority.php';
require_once __DIR__ . '/support/Github.php';

/** Where packages come from, from the command line to installed rows: GitHub over TLS, a URL, folders of this machine. */
final class SourcesTest extends TestCase
{
    private Database $database;
    private GestorTree $gestor;
    private Github $github;

    protected function setUp(): void
    {
        if (Database::socket() === null) {
            self::markTestSkipped('GESTOR_TEST_SOCKET names no server');
        }
        $this->database = new Database();
        $this->gestor = new GestorTree($this->database);
        $this->github = new Github();
    }

    protected function tearDown(): void
    {
        isset($this->github) && $this->github->stop();
        isset($this->gestor) && $this->gestor->remove();
        isset($this->database) && $this->database->drop();
    }

    /** @return array{0: int, 1: array<string, mixed>, 2: string} status, report, everything that was printed */
    private function install(array $options, array $environment = []): array
    {
        $arguments = [$this->gestor->script(), '--id=agenda-x', '--json'];
        foreach ($options as $name => $value) {
            $arguments[] = $value === true ? "--{$name}" : "--{$name}={$value}";
        }
        [$status, $out, $err] = Project::php($arguments, $this->github->environment($environment), $this->gestor->root);
        self::assertJson($out, $err);
        return [$status, json_decode($out, true), $out . $err];
    }

    private const PRIVATE = ['origem_tipo' => 'github_privado', 'owner' => Github::OWNER, 'repo' => Github::REPO, 'cred_ref' => 'site'];
    private const PUBLIC = ['origem_tipo' => 'github_publico', 'owner' => Github::OWNER, 'repo' => Github::REPO];

    private function package(string $version = '1.0.0', array $extra = []): string
    {
        return (string) file_get_contents(Package::write(dirname($this->gestor->root) . '/package.zip', $version, [], $extra));
    }

    private function plugin(): array
    {
        return $this->database->rows("SELECT * FROM plugins WHERE id = 'agenda-x'")[0] ?? [];
    }

    /** Nothing of a failed first installation is there. */
    private function assertNothingThere(): void
    {
        self::assertSame([], $this->plugin());
        self::assertSame([], $this->database->rows("SELECT 1 FROM paginas WHERE plugin = 'agenda-x'"));
        self::assertSame([], Project::tree($this->gestor->root . '/plugins'));
        self::assertSame([], glob($this->gestor->root . '/temp/plugins/*/*'));
    }

    /** Looks for a secret, and any longer part of it, in all that the installer wrote or said. */
    private function assertToldNowhere(string $secret, string ...$said): void
    {
        $everything = $said;
        $walk = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($this->gestor->root, FilesystemIterator::SKIP_DOTS));
        foreach ($walk as $file) {
            $everything[$file->getPathname()] = (string) file_get_contents($file->getPathname());
        }
        foreach ($this->database->rows('SHOW TABLES') as $table) {
            $name = current($table);
            $everything["table {$name}"] = serialize($this->database->rows("SELECT * FROM `{$name}`"));
        }
        $part = substr($secret, 4, 10);
        foreach ($everything as $where => $text) {
            self::assertFalse(strpos($text, $part), "the token stands in {$where}");
        }
    }

    public function testAPrivateRepositoryToInstalledRows(): void
    {
        $package = $this->package('1.0.0', ['picture.bin' => random_bytes(1500000)]);
        $this->github->release('plugin-agenda-x-v1.0.0', $package);
        [$status, $report, $said] = $this->install(self::PRIVATE);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        self::assertSame([2, 2], [$report['tabelas']['paginas']['inseridos'], $report['tabelas']['variaveis']['inseridos']]);
        self::assertCount(2, $this->database->rows("SELECT 1 FROM paginas WHERE plugin = 'agenda-x'"));
        self::assertFileExists($this->gestor->root . '/plugins/agenda-x/modules/agenda/agenda.php');
        $plugin = $this->plugin();
        self::assertSame(
            ['github_privado', 'acme/agenda', 'plugin-agenda-x-v1.0.0', 'site', '1.0.0', hash('sha256', $package), 'ok'],
            array_map(static fn (string $column) => $plugin[$column], ['origem_tipo', 'origem_referencia', 'origem_branch_tag',
                'origem_credencial_ref', 'versao_instalada', 'checksum_pacote', 'status_execucao'])
        );
        self::assertSame($this->expectedLines($package), $this->linesOfTheDownload());
        $this->assertTheTokenWentToTheApiAlone();
        $this->assertToldNowhere(Github::TOKEN, $said);
    }

    private function expectedLines(string $package): array
    {
        $hash = hash('sha256', $package);
        return [
            '[DISCOVERY] Searching releases in ' . $this->github->url('/acme/agenda'),
            '[DISCOVERY] Tag found: plugin-agenda-x-v1.0.0',
            '[DISCOVERY] Asset found: gestor-plugin.zip (ID: 100)',
            '[DOWNLOAD] Private repository detected - downloading both files (ZIP + SHA256)',
            '[DOWNLOAD] URLs based on API asset: ZIP and SHA256',
            '[DOWNLOAD] Starting download via assets API',
            '[DOWNLOAD] Downloading ZIP file...',
            '[DOWNLOAD] Download completed: ' . number_format(strlen($package) / 1048576, 1) . ' MB',
            '[DOWNLOAD] File saved at: ROOT/temp/plugins/agenda-x/package.zip',
            '[DOWNLOAD] Downloading SHA256 file...',
            "[CHECKSUM] Expected checksum: {$hash}",
            "[CHECKSUM] Calculated checksum: {$hash}",
            '[CHECKSUM] ✓ Checksums match',
            '[DOWNLOAD] ✓ Checksum verified successfully',
            "[CHECKSUM] Package SHA-256: {$hash}",
        ];
    }

    private function linesOfTheDownload(): array
    {
        preg_match_all('/^\[INFO\] \[PLUGIN:agenda-x\] (\[(?:DISCOVERY|DOWNLOAD|CHECKSUM)\] .*)$/m', $this->gestor->plainLog(), $found);
        return $found[1];
    }

    private function assertTheTokenWentToTheApiAlone(): void
    {
        $asked = $this->github->asked();
        self::assertContains('storage', array_column($asked, 'host'));
        foreach ($asked as ['host' => $host, 'path' => $path, 'head' => $head]) {
            $sent = array_values(array_filter($head, static fn (string $line): bool => stripos($line, 'authorization:') === 0));
            if ($host === 'api') {
                self::assertStringEndsWith('token ' . Github::TOKEN, $sent[0] ?? '', $path);
                self::assertContains('user-agent: conn2flow-plugin-manager/1.0', array_map('strtolower', $head));
            } else {
                self::assertSame([], $sent, $path);
            }
        }
    }

    public function testALiteralTokenIsUsedAndNotKept(): void
    {
        $this->github->release('plugin-agenda-x-v1.0.0', $this->package());
        [$status, , $said] = $this->install(['cred_ref' => Github::TOKEN] + self::PRIVATE, ['PLUGIN_TOKEN_SITE' => '']);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        self::assertNull($this->plugin()['origem_credencial_ref']);
        $this->assertTheTokenWentToTheApiAlone();
        $this->assertToldNowhere(Github::TOKEN, $said);
    }

    /** All that stands in temp/ while the operation runs, and every event. */
    public function testTheTokenStandsInNoJournalAndNoEvent(): void
    {
        $this->github->release('plugin-agenda-x-v1.0.0', $this->package('1.0.0', ['picture.bin' => random_bytes(300000)]));
        $script = dirname($this->gestor->root) . '/watch.php';
        $watch = '<?php require %1$s . "/config.php"; require %1$s . "/bibliotecas/plugins-installer.php";'
            . ' $seen = $steps = $names = []; $code = plugin_process(["slug" => "agenda-x"] + %2$s, function (array $event) use (&$seen, &$steps, &$names) {'
            . ' $seen[] = serialize($event); $steps[] = $event["etapa"];'
            . ' foreach (glob(%1$s . "/temp/plugins/{,*/,*/*/}{,.}*", GLOB_BRACE) as $path) {'
            . ' if (is_file($path)) { $names[] = basename($path); $seen[] = file_get_contents($path); } } });'
            . ' echo json_encode([$code, array_unique($steps), array_values(array_unique($names)), base64_encode(implode("\n", $seen))]);';
        file_put_contents($script, sprintf($watch, var_export($this->gestor->root, true), var_export(self::PRIVATE, true)));
        [, $out, $err] = Project::php([$script], $this->github->environment());
        self::assertJson($out, $err);
        [$code, $steps, $names, $seen] = json_decode($out, true);
        self::assertSame(PLG_EXIT_OK, $code);
        self::assertContains('sincronizar', $steps);
        self::assertContains('package.zip', $names);
        self::assertNotSame([], preg_grep('/journal/', $names), implode(' ', $names));
        $this->assertToldNowhere(Github::TOKEN, (string) base64_decode($seen, true), $err);
    }

    public function testAPublicRepositoryNeedsNoToken(): void
    {
        $this->github->release('plugin-agenda-x-v1.0.0', $this->package());
        [$status, , $said] = $this->install(self::PUBLIC);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        self::assertSame(['github_publico', 'plugin-agenda-x-v1.0.0', null], array_map(
            fn (string $column) => $this->plugin()[$column],
            ['origem_tipo', 'origem_branch_tag', 'origem_credencial_ref']
        ));
        foreach ($this->github->asked() as ['head' => $head]) {
            self::assertSame([], preg_grep('/^authorization:/i', $head));
        }
    }

    /** @return iterable<string, array{array, int, string}> */
    public static function refusals(): iterable
    {
        yield 'checksum of another file' => [['checksum' => str_repeat('0', 64) . '  gestor-plugin.zip'], PLG_EXIT_CHECKSUM, 'differs'];
        yield 'no checksum' => [['/api/repos/acme/agenda/releases/assets/101' => 404], PLG_EXIT_CHECKSUM, 'missing'];
        yield 'token refused' => [['/api/repos/acme/agenda/releases?per_page=100' => 401], PLG_EXIT_DOWNLOAD, 'token'];
        yield 'no repository' => [['/api/repos/acme/agenda/releases?per_page=100' => 404], PLG_EXIT_DOWNLOAD, 'acme/agenda'];
        yield 'a page' => [['package' => '<!DOCTYPE html><p>Sign in'], PLG_EXIT_ZIP_INVALID, 'HTML'];
    }

    /** @dataProvider refusals */
    public function testWhatIsRefusedLeavesNothing(array $wrong, int $code, string $word): void
    {
        $this->github->release('plugin-agenda-x-v1.0.0', $wrong['package'] ?? $this->package(), $wrong['checksum'] ?? null);
        foreach (array_diff_key($wrong, ['package' => 1, 'checksum' => 1]) as $path => $status) {
            $this->github->answer('api', $path, $status, '{"message":"' . Github::TOKEN . '"}');
        }
        [$status, $report, $said] = $this->install(self::PRIVATE);
        self::assertSame($code, $status, $said);
        self::assertStringContainsString($word, $report['erros'][0]);
        self::assertStringContainsString($report['erros'][0], $this->gestor->log());
        $this->assertNothingThere();
        $this->assertToldNowhere(Github::TOKEN, $said);
    }

    public function testAnUnknownAuthorityIsNotTrusted(): void
    {
        $this->github->release('plugin-agenda-x-v1.0.0', $this->package());
        [$status, $report] = $this->install(self::PRIVATE, ['GESTOR_PLUGINS_CA_FILE' => '']);
        self::assertSame(PLG_EXIT_DOWNLOAD, $status);
        self::assertStringContainsString('certificate', $report['erros'][0]);
        $this->assertNothingThere();
    }

    /** As the admin page does it: the call is made again from the stored row, with nulls for what the row lacks. */
    private function updateFromTheRow(?string $reference): array
    {
        [$plugin, $slug] = [$this->plugin(), 'agenda-x'];
        [$owner, $repo] = explode('/', $plugin['origem_referencia']);
        $call = ['slug' => $slug, 'origem_tipo' => $plugin['origem_tipo'], 'referencia' => $plugin['origem_referencia'], 'arquivo' => null,
            'owner' => $owner, 'repo' => $repo, 'ref' => $reference, 'cred_ref' => $plugin['origem_credencial_ref'],
            'local_path' => null, 'reprocessar' => false, 'dry_run' => false, 'no_resources' => false, 'no_migrations' => false,
            'only_migrations' => false, 'only_resources' => false];
        $script = dirname($this->gestor->root) . '/update.php';
        $page = '<?php require %1$s . "/config.php"; require_once %1$s . "/bibliotecas/plugins-consts.php";'
            . ' require_once %1$s . "/controladores/plugins/atualizacao-plugin.php"; plugin_mark_status(%2$s, PLG_STATUS_ATUALIZANDO);'
            . ' $code = plugin_process_cli(%3$s); plugin_mark_status(%2$s, $code === PLG_EXIT_OK ? PLG_STATUS_OK : PLG_STATUS_ERRO);'
            . ' echo json_encode(plugin_report());';
        file_put_contents($script, sprintf($page, var_export($this->gestor->root, true), var_export($slug, true), var_export($call, true)));
        [, $out, $err] = Project::php([$script], $this->github->environment());
        self::assertJson($out, $err);
        return json_decode($out, true);
    }

    public function testAnUpdateAsTheAdminPageMakesIt(): void
    {
        $first = $this->package();
        $this->github->release('plugin-agenda-x-v1.0.0', $first);
        self::assertSame(PLG_EXIT_OK, $this->install(self::PRIVATE)[0]);
        // Nothing newer: with the saved tag, and without one.
        foreach (['plugin-agenda-x-v1.0.0', null] as $reference) {
            $report = $this->updateFromTheRow($reference);
            self::assertSame([PLG_EXIT_OK, true, '1.0.0'], [$report['codigo'], $report['inalterado'], $report['versao']]);
            self::assertStringContainsString('plugin=agenda-x unchanged: the package is already installed', $this->gestor->log());
        }
        $this->github->release('plugin-agenda-x-v1.1.0', $this->package('1.1.0'));
        $this->github->release('plugin-other-v9.0.0', 'not ours');
        // The saved tag still means that release; without a tag the newest one is found.
        self::assertTrue($this->updateFromTheRow('plugin-agenda-x-v1.0.0')['inalterado']);
        $report = $this->updateFromTheRow(null);
        self::assertSame([PLG_EXIT_OK, '1.0.0', '1.1.0'], [$report['codigo'], $report['versao_anterior'], $report['versao']]);
        self::assertSame(2, $report['tabelas']['paginas']['alterados']);
        $plugin = $this->plugin();
        self::assertSame(
            ['plugin-agenda-x-v1.1.0', '1.1.0', 'ok', 'site', 'acme/agenda'],
            [$plugin['origem_branch_tag'], $plugin['versao_instalada'], $plugin['status_execucao'], $plugin['origem_credencial_ref'],
                $plugin['origem_referencia']]
        );
        // A tag that is gone is never replaced by another version.
        $report = $this->updateFromTheRow('plugin-agenda-x-v7.0.0');
        self::assertSame([PLG_EXIT_DOWNLOAD, '1.1.0', 'erro'], [$report['codigo'], $this->plugin()['versao_instalada'], $this->plugin()['status_execucao']]);
        $this->assertToldNowhere(Github::TOKEN);
    }

    public function testAnAddressWithItsChecksum(): void
    {
        $package = $this->package();
        $this->github->answer('storage', '/agenda.zip', 200, $package);
        $url = ['origem_tipo' => 'url', 'url' => $this->github->url('/agenda.zip', 'storage')];
        [$status, $report] = $this->install($url + ['sha256' => str_repeat('0', 64)]);
        self::assertSame(PLG_EXIT_CHECKSUM, $status);
        self::assertStringContainsString(hash('sha256', $package), $report['erros'][0]);
        $this->assertNothingThere();
        [$status, , $said] = $this->install($url + ['sha256' => hash('sha256', $package)]);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        self::assertSame(['url', $url['url']], [$this->plugin()['origem_tipo'], $this->plugin()['origem_referencia']]);
        self::assertTrue($this->install($url)[1]['inalterado']);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $this->install(['url' => 'http://example.org/agenda.zip'] + $url)[0]);
    }

    private function unpacked(): string
    {
        $this->package();
        $folder = dirname($this->gestor->root) . '/working copy';
        $zip = new ZipArchive();
        $zip->open(dirname($this->gestor->root) . '/package.zip');
        $zip->extractTo($folder);
        foreach (['.git/config', 'node_modules/x/index.js'] as $file) {
            mkdir(dirname("{$folder}/{$file}"), 0755, true);
            touch("{$folder}/{$file}");
        }
        return $folder;
    }

    public function testAFolderOfThisMachine(): void
    {
        $folder = $this->unpacked();
        $local = ['origem_tipo' => 'local_path', 'local_path' => "{$folder}/"];
        [$status, , $said] = $this->install($local);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        $installed = array_keys(Project::tree($this->gestor->root . '/plugins/agenda-x'));
        self::assertSame(['README.txt', 'manifest.json', 'modules', 'modules/agenda', 'modules/agenda/agenda.php'], $installed);
        self::assertCount(2, $this->database->rows("SELECT 1 FROM paginas WHERE plugin = 'agenda-x'"));
        // The same files make the same package, and a relative path is the same folder.
        self::assertTrue($this->install($local)[1]['inalterado']);
        self::assertTrue($this->install(['local_path' => '../working copy'] + $local)[1]['inalterado']);
        touch("{$folder}/more.txt");
        self::assertSame(1, $this->install($local)[1]['arquivos']['novos']);
        [$status, , $said] = $this->install(['local_path' => dirname($this->gestor->root) . '/package.zip'] + $local);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        self::assertSame('local_path', $this->plugin()['origem_tipo']);
    }

    public function testTheInstalledFolderItself(): void
    {
        $this->package();
        self::assertSame(PLG_EXIT_OK, $this->install(['origem_tipo' => 'upload', 'arquivo' => '../package.zip'])[0]);
        $rows = $this->database->contents();
        $itself = ['origem_tipo' => 'local_path', 'local_path' => $this->gestor->root . '/plugins/agenda-x'];
        $this->database->connection->exec("UPDATE paginas SET html = 'damaged' WHERE plugin = 'agenda-x' LIMIT 1");
        for ($time = 0; $time < 3; $time++) {
            [$status, $report, $said] = $this->install($itself + ($time !== 1 ? ['reprocessar' => true] : []));
            self::assertSame(PLG_EXIT_OK, $status, $said);
            $found = $this->database->contents();
            foreach (['paginas', 'variaveis'] as $table) {
                self::assertSame(self::withoutVersion($rows[$table]), self::withoutVersion($found[$table]), "{$table}, time {$time}");
            }
            self::assertSame([0, 0, 0], array_values($report['arquivos']));
            self::assertDirectoryDoesNotExist($this->gestor->root . '/plugins/agenda-x/db');
        }
        self::assertSame(['inseridos' => 0, 'adotados' => 0, 'alterados' => 0], array_intersect_key(
            $report['tabelas']['paginas'],
            ['inseridos' => 1, 'adotados' => 1, 'alterados' => 1]
        ));
    }

    /** Repairing a row counts as a version. */
    private static function withoutVersion(array $rows): array
    {
        return array_map(static fn (array $row): array => array_diff_key($row, ['versao' => 1]), $rows);
    }
}
