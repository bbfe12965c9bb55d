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

/** Credentials as operators and the admin page meet them: from standard input to a private repository over TLS. */
final class CredentialsTest extends TestCase
{
    private const KEY = 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

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
        mkdir($this->domain(), 0755, true);
        // As config.php of a gestor does: the domain's folder is known, and .env reaches $_ENV alone.
        file_put_contents($this->gestor->root . '/config.php', <<<'PHP'

            $_GESTOR['AUTH_PATH_SERVER'] = __DIR__ . '/autenticacoes/localhost/';
            foreach (is_file(__DIR__ . '/autenticacoes/localhost/.env') ? file(__DIR__ . '/autenticacoes/localhost/.env') : [] as $line) {
                [$name, $value] = explode('=', trim($line), 2);
                $_ENV[$name] = $_SERVER[$name] = $value;
            }
            PHP, FILE_APPEND);
    }

    protected function tearDown(): void
    {
        isset($this->github) && $this->github->stop();
        isset($this->gestor) && $this->gestor->remove();
        isset($this->database) && $this->database->drop();
    }

    private function domain(): string
    {
        return $this->gestor->root . '/autenticacoes/localhost';
    }

    private function ring(): string
    {
        return $this->domain() . '/plugins/chaves';
    }

    /** @return array{0: int, 1: array<string, mixed>, 2: string} status, report, everything that was printed */
    private function call(array $options, string $input = ''): array
    {
        $command = [PHP_BINARY, ...Project::backendOptions(), $this->gestor->script(), '--json', ...$options];
        $environment = $this->github->environment(['PLUGIN_TOKEN_SITE' => '']);
        [$status, $out, $err] = Project::run($command, $this->gestor->root, $environment, $input);
        self::assertJson($out, $err);
        return [$status, json_decode($out, true), $out . $err];
    }

    private function credentials(string $action, array $options = [], string $input = ''): array
    {
        return $this->call(["--credenciais={$action}", ...$options], $input);
    }

    private function release(string $version): void
    {
        $path = Package::write(dirname($this->gestor->root) . '/package.zip', $version);
        $this->github->release("plugin-agenda-x-v{$version}", (string) file_get_contents($path));
        unlink($path);
    }

    private function row(string $column): ?string
    {
        return $this->database->rows("SELECT {$column} FROM plugins WHERE id = 'agenda-x'")[0][$column] ?? null;
    }

    /** As the admin page does it: the call is made from the stored row, with nulls for what the row lacks. */
    private function updateFromTheRow(): array
    {
        $plugin = $this->database->rows("SELECT * FROM plugins WHERE id = 'agenda-x'")[0];
        [$owner, $repo] = explode('/', $plugin['origem_referencia']);
        $call = ['slug' => 'agenda-x', 'origem_tipo' => $plugin['origem_tipo'], 'referencia' => $plugin['origem_referencia'],
            'arquivo' => null, 'owner' => $owner, 'repo' => $repo, 'ref' => null, 'cred_ref' => $plugin['origem_credencial_ref'],
            'local_path' => null, 'reprocessar' => false, 'dry_run' => false, 'no_resources' => false, 'no_migrations' => false,
            'only_migrations' => false, 'only_resources' => false];
        $script = dirname($this->gestor->root) . '/update.php';
        file_put_contents($script, sprintf(
            '<?php require %1$s . "/config.php"; require_once %1$s . "/bibliotecas/plugins-consts.php";'
            . ' require_once %1$s . "/controladores/plugins/atualizacao-plugin.php"; plugin_mark_status("agenda-x", PLG_STATUS_ATUALIZANDO);'
            . ' $code = plugin_process_cli(%2$s); plugin_mark_status("agenda-x", $code === PLG_EXIT_OK ? PLG_STATUS_OK : PLG_STATUS_ERRO);'
            . ' echo json_encode(plugin_report());',
            var_export($this->gestor->root, true),
            var_export($call, true)
        ));
        [, $out, $err] = Project::php([$script], $this->github->environment(['PLUGIN_TOKEN_SITE' => '']));
        self::assertJson($out, $err);
        return json_decode($out, true);
    }

    private function assertTheTokenWentToTheApiAlone(): void
    {
        $asked = $this->github->asked();
        self::assertContains('storage', array_column($asked, 'host'));
        foreach ($asked as ['host' => $host, 'path' => $path, 'head' => $head]) {
            $sent = implode("\n", preg_grep('/^authorization:/i', $head));
            self::assertSame($host === 'api', strpos($sent, 'token ' . Github::TOKEN) !== false, "{$host} {$path}");
        }
    }

    private function assertToldNowhere(string ...$said): void
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
        foreach ($everything as $where => $text) {
            self::assertFalse(strpos($text, substr(Github::TOKEN, 4, 10)), "the token stands in {$where}");
        }
    }

    public function testASecretComesFromStandardInputAndInstalls(): void
    {
        [$status, $report, $stored] = $this->credentials('gravar', ['--alias=acme'], Github::TOKEN . "\n");
        self::assertSame([PLG_EXIT_OK, true], [$status, $report['nova'] ?? null], $stored);
        self::assertSame(rtrim($this->github->url(''), '/'), $report['origem']);
        self::assertFileExists($this->ring());
        self::assertSame(0600, fileperms($this->ring()) & 0777);
        $this->release('1.0.0');
        $repository = ['--id=agenda-x', '--origem_tipo=github_privado', '--owner=' . Github::OWNER, '--repo=' . Github::REPO];
        [$status, , $refused] = $this->call($repository);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status, $refused);
        [$status, , $installed] = $this->call([...$repository, '--cred_ref=cred:acme']);
        self::assertSame(PLG_EXIT_OK, $status, $installed);
        $this->assertTheTokenWentToTheApiAlone();
        $this->release('1.1.0');
        [$status, , $updated] = $this->call(['--update-all']);
        self::assertSame([PLG_EXIT_OK, '1.1.0'], [$status, $this->row('versao_instalada')], $updated);
        $this->assertTheTokenWentToTheApiAlone();
        [$status, $report, $listed] = $this->credentials('listar');
        self::assertSame(['acme', ['agenda-x']], [$report['credenciais'][0]['alias'], $report['credenciais'][0]['usada_por']]);
        $this->assertToldNowhere($stored, $refused, $installed, $updated, $listed);
        [, , $plain] = Project::run(
            [PHP_BINARY, ...Project::backendOptions(), $this->gestor->script(), '--credenciais=listar'],
            $this->gestor->root,
            $this->github->environment()
        ) + ['', '', ''];
        $this->assertToldNowhere($plain);
        rename($this->ring(), $this->ring() . '.away');
        [$status, $report] = $this->call(['--update-all']);
        self::assertSame(PLG_EXIT_CREDENTIAL, $status);
        self::assertStringContainsString('missing', $report['erros'][0]);
        self::assertSame(PLG_EXIT_CREDENTIAL, $this->credentials('conferir')[0]);
    }

    public function testASecretIsNoOptionAndAnActionHasAWord(): void
    {
        foreach ([
            ['--credenciais=gravar', '--alias=acme', '--segredo=' . Github::TOKEN],
            ['--credenciais'],
            ['--credenciais=tudo'],
            ['--credenciais=listar', '--list'],
            ['--credenciais=gravar', '--alias=acme'],
        ] as $options) {
            [$status, , $said] = $this->call($options);
            self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status, implode(' ', $options) . $said);
        }
        self::assertFileDoesNotExist($this->ring());
    }

    /** On a terminal the secret is asked for and not shown. */
    public function testATerminalShowsNoSecret(): void
    {
        $php = implode(' ', array_map('escapeshellarg', [PHP_BINARY, ...Project::backendOptions(), $this->gestor->script()]));
        $command = Project::onTerminal("{$php} --credenciais=gravar --alias=acme --json");
        [$in, $out] = [['pipe', 'r'], ['pipe', 'w']];
        $process = proc_open($command, [$in, $out, $out], $pipes, $this->gestor->root, $this->github->environment());
        self::assertIsResource($process);
        $shown = '';
        while (strpos($shown, 'typed') === false && !feof($pipes[1])) {
            $shown .= (string) fread($pipes[1], 4096);
        }
        fwrite($pipes[0], Github::TOKEN . "\n");
        $shown .= (string) stream_get_contents($pipes[1]);
        array_map('fclose', $pipes);
        self::assertSame(PLG_EXIT_OK, proc_close($process), $shown);
        $this->assertToldNowhere($shown);
    }

    public function testAnImportedTokenUpdatesAsTheAdminPageDoesIt(): void
    {
        $this->database->connection->exec("INSERT INTO plugins (nome, id, origem_tipo, origem_referencia, origem_credencial_ref, status)"
            . " VALUES ('Agenda', 'agenda-x', 'github_privado', 'acme/agenda', '" . Github::TOKEN . "', 'A')");
        $this->release('1.0.0');
        // With the token in its row, as ever.
        self::assertSame(PLG_EXIT_OK, $this->updateFromTheRow()['codigo']);
        [$status, $report, $said] = $this->credentials('importar', ['--apagar-literal']);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        self::assertTrue($report['importadas'][0]['apagado']);
        self::assertNull($this->row('origem_credencial_ref'));
        $this->assertToldNowhere($said);
        $this->github->asked();
        $this->release('1.1.0');
        $report = $this->updateFromTheRow();
        self::assertSame([PLG_EXIT_OK, '1.0.0', '1.1.0'], [$report['codigo'], $report['versao_anterior'], $report['versao']], json_encode($report['erros']));
        $this->assertTheTokenWentToTheApiAlone();
        $this->assertToldNowhere();
    }

    public function testKeysOfTheDomainsSettingsWin(): void
    {
        file_put_contents($this->domain() . '/.env', 'GESTOR_PLUGINS_CHAVES=' . self::KEY . "\nPLUGIN_TOKEN_OTHER=" . Github::TOKEN . "\n");
        [$status, $report, $said] = $this->credentials('gravar', ['--alias=acme'], Github::TOKEN);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        self::assertFileDoesNotExist($this->ring());
        self::assertSame(PLG_EXIT_OK, $this->credentials('conferir')[0]);
        $this->release('1.0.0');
        $repository = ['--id=agenda-x', '--origem_tipo=github_privado', '--owner=' . Github::OWNER, '--repo=' . Github::REPO];
        foreach (['cred:acme', 'env:OTHER'] as $reference) {
            [$status, , $said] = $this->call([...$repository, '--reprocessar', "--cred_ref={$reference}"]);
            self::assertSame(PLG_EXIT_OK, $status, $said);
        }
        // What was used last is found without being said, also where only $_ENV has it.
        [$status, , $said] = $this->call([...$repository, '--reprocessar']);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        unlink($this->domain() . '/.env');
        self::assertSame(PLG_EXIT_CREDENTIAL, $this->credentials('conferir')[0]);
    }
}
