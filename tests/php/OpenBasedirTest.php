<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Package;
use Tests\Project;

/** open_basedir holds for every path that a call names: code 10 and a clear word, and nothing is read. */
final class OpenBasedirTest extends TestCase
{
    private Database $database;
    private GestorTree $gestor;
    private string $outside;

    protected function setUp(): void
    {
        $this->database = new Database();
        $this->gestor = new GestorTree($this->database);
        // A sibling whose name begins as the allowed folder's does.
        $this->outside = $this->gestor->root . '-of-another';
        mkdir($this->outside);
        mkdir("{$this->outside}/folder/db/data", 0755, true);
        Package::write("{$this->outside}/p.zip");
        Package::write("{$this->gestor->root}/p.zip");
        foreach (['plugins', 'logs', 'temp', 'contents'] as $folder) {
            mkdir("{$this->outside}/{$folder}");
        }
    }

    protected function tearDown(): void
    {
        $this->database->drop();
        $this->gestor->remove();
    }

    /**
     * Calls from a PHP that may reach the gestor, the library under test, and what is added.
     *
     * @return array{code: mixed, text: string}
     */
    private function call(string $function, array $params, array $options = [], string $more = '', ?string $basedir = null): array
    {
        $script = $this->gestor->root . '/call.php';
        file_put_contents($script, '<?php require __DIR__ . "/bibliotecas/plugins-installer.php";
            $code = ' . $function . '(...json_decode($argv[1], true));
            $report = is_array($code) ? $code : plugin_report();
            echo json_encode(["code" => is_array($code) ? $code["codigo"] : $code, "text" => implode("; ", $report["erros"] ?? [])]);');
        $basedir ??= "/nowhere:{$this->gestor->root}:" . Project::folder() . "{$more}";
        [, $out, $error] = Project::php(['-d', "open_basedir={$basedir}", ...$options, $script, json_encode([$params])], null, $this->gestor->root);
        $answer = json_decode(substr($out, (int) strrpos($out, '{"code"')), true);
        self::assertIsArray($answer, $out . $error);
        return $answer;
    }

    private function params(array $more = []): array
    {
        return $more + ['slug' => Package::SLUG, 'raiz' => $this->gestor->root, 'arquivo' => $this->gestor->root . '/p.zip',
            'lang' => 'en', 'db' => $this->database->parameters()];
    }

    private function withSocket(): string
    {
        return ':' . dirname((string) Database::socket());
    }

    private function assertRefused(array $answer, string $key): void
    {
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $answer['code'], $answer['text']);
        self::assertStringContainsString("`{$key}`", $answer['text']);
        self::assertStringContainsString('open_basedir', $answer['text']);
    }

    public function testWhatLiesInsideIsInstalled(): void
    {
        foreach ([$this->gestor->root . '/p.zip', 'p.zip', './p.zip', "{$this->gestor->root}/plugins/../p.zip"] as $file) {
            $answer = $this->call('plugin_install', $this->params(['arquivo' => $file, 'reprocessar' => true]), [], $this->withSocket());
            self::assertSame(PLG_EXIT_OK, $answer['code'], $answer['text']);
        }
    }

    public function testTheWorkingFolderAndATrailingSlash(): void
    {
        $basedir = '.:' . Project::folder() . '/:' . dirname((string) Database::socket()) . '/';
        $answer = $this->call('plugin_install', $this->params(), [], '', $basedir);
        self::assertSame(PLG_EXIT_OK, $answer['code'], $answer['text']);
        $this->assertRefused($this->call('plugin_install', $this->params(['arquivo' => "{$this->outside}/p.zip"]), [], '', $basedir), 'arquivo');
    }

    /** @return iterable<string, array{string, callable(self): array<string, mixed>}> */
    public static function outside(): iterable
    {
        yield 'a file' => ['arquivo', static fn (self $test): array => ['arquivo' => "{$test->outside}/p.zip"]];
        yield 'a file through ..' => ['arquivo', static fn (self $test): array => ['arquivo' => "{$test->gestor->root}/../gestor-of-another/p.zip"]];
        yield 'a relative file' => ['arquivo', static fn (self $test): array => ['arquivo' => '../gestor-of-another/p.zip']];
        yield 'a file that is not there' => ['arquivo', static fn (self $test): array => ['arquivo' => "{$test->outside}/none.zip"]];
        yield 'a link' => ['arquivo', static function (self $test): array {
            symlink("{$test->outside}/p.zip", "{$test->gestor->root}/contents/plugins/linked.zip");
            return ['arquivo' => 'linked.zip'];
        }];
        yield 'a folder' => ['local_path', static fn (self $test): array => ['origem_tipo' => 'local_path', 'local_path' => "{$test->outside}/folder"]];
        yield 'a root' => ['raiz', static fn (self $test): array => ['raiz' => $test->outside]];
        yield 'a socket' => ['db.socket', static fn (self $test): array => ['db' => ['socket' => "{$test->outside}/s"] + $test->database->parameters()]];
        yield 'a checksum' => ['sha256', static function (self $test): array {
            file_put_contents("{$test->outside}/p.zip.sha256", str_repeat('0', 64));
            symlink("{$test->outside}/p.zip.sha256", "{$test->gestor->root}/p.zip.sha256");
            return [];
        }];
    }

    /** @dataProvider outside */
    public function testWhatLiesOutsideIsRefused(string $key, callable $more): void
    {
        $before = Project::tree($this->outside);
        $this->assertRefused($this->call('plugin_install', $this->params($more($this)), [], $this->withSocket()), $key);
        unset($before['p.zip.sha256']);
        $after = Project::tree($this->outside);
        unset($after['p.zip.sha256']);
        self::assertSame($before, $after);
        self::assertSame([], $this->database->rows('SELECT * FROM plugins WHERE versao_instalada IS NOT NULL'));
    }

    public function testAllFunctionsRefuse(): void
    {
        $base = ['slug' => 'a', 'raiz' => $this->gestor->root, 'db' => $this->database->parameters()];
        $socket = $this->withSocket();
        $this->assertRefused($this->call('plugin_data_sync', ['pasta' => "{$this->outside}/folder/db/data"] + $base, [], $socket), 'pasta');
        $this->assertRefused($this->call('plugin_data_sync', ['pasta' => '.', 'raiz' => $this->outside] + $base, [], $socket), 'raiz');
        $this->assertRefused($this->call('plugin_recover', ['raiz' => $this->outside] + $base, [], $socket), 'raiz');
        $this->assertRefused($this->call('plugin_recover', $base), 'db.socket');
        self::assertFalse($this->call('plugin_status_mark', ['status' => 'ok', 'raiz' => $this->outside] + $base, [], $socket)['code']);
        self::assertSame(['folder', 'folder/db', 'folder/db/data'], array_values(array_filter(array_keys(Project::tree($this->outside)), static fn (string $path): bool => strncmp($path, 'folder', 6) === 0)));
        self::assertFileDoesNotExist("{$this->outside}/logs/plugins/installer.log");
    }

    public function testAuthoritiesOutsideAreRefusedAndInsideAreRead(): void
    {
        $call = ['origem_tipo' => 'url', 'url' => 'https://127.0.0.1:1/p.zip', 'arquivo' => null];
        file_put_contents("{$this->outside}/ca.pem", '');
        $outside = ['-d', "gestor_plugins.ca_file={$this->outside}/ca.pem"];
        $this->assertRefused($this->call('plugin_install', $this->params($call), $outside, $this->withSocket()), 'gestor_plugins.ca_file');
        $inside = ['-d', "gestor_plugins.ca_file={$this->gestor->root}/none.pem"];
        self::assertStringContainsString('none.pem cannot be read', $this->call('plugin_install', $this->params($call), $inside, $this->withSocket())['text']);
    }

    public function testTheAdministratorsSocketIsAllowedAndNotAScripts(): void
    {
        $configured = ['-d', 'mysqli.default_socket=' . Database::socket()];
        $answer = $this->call('plugin_install', $this->params(), $configured);
        self::assertSame(PLG_EXIT_OK, $answer['code'], $answer['text']);
        $this->assertRefused($this->call('plugin_install', $this->params()), 'db.socket');
        $script = "ini_set('mysqli.default_socket', '" . Database::socket() . "');";
        file_put_contents("{$this->gestor->root}/before.php", "<?php {$script}");
        $this->assertRefused($this->call('plugin_install', $this->params(), ['-d', "auto_prepend_file={$this->gestor->root}/before.php"]), 'db.socket');
    }

    public function testChecksumsReadNothingOutside(): void
    {
        symlink("{$this->outside}/p.zip", "{$this->gestor->root}/linked");
        file_put_contents("{$this->gestor->root}/call.php", '<?php require __DIR__ . "/bibliotecas/plugins-installer.php";
            echo json_encode([@plugin_checksum($argv[1]), @plugin_checksum("linked"), @plugin_resource_checksum($argv[1], "linked"),
                plugin_checksum("p.zip") === hash_file("sha256", "p.zip")]);');
        $basedir = $this->gestor->root . ':' . Project::folder();
        [, $out] = Project::php(['-d', "open_basedir={$basedir}", $this->gestor->root . '/call.php', "{$this->outside}/p.zip"], null, $this->gestor->root);
        self::assertSame([null, null, null, true], json_decode($out, true), $out);
    }
}
