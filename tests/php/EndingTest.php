<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Package;
use Tests\Project;
use Tests\Schema;
use Tests\WebServer;

require_once __DIR__ . '/support/WebServer.php';
require_once __DIR__ . '/support/Schema.php';

/** Foreign code in our process: it prints, it ends the process, it forks. Success is never what is left over. */
final class EndingTest extends TestCase
{
    private Database $database;
    private GestorTree $gestor;

    protected function setUp(): void
    {
        if (Database::socket() === null) {
            self::markTestSkipped('GESTOR_TEST_SOCKET names no server');
        }
        $this->database = new Database();
        $this->gestor = (new GestorTree($this->database))->withPhinx();
    }

    protected function tearDown(): void
    {
        isset($this->gestor) && $this->gestor->remove();
        isset($this->database) && $this->database->drop();
        // PHPUnit keeps every test: its connection must not stay as well.
        unset($this->database, $this->gestor);
    }

    /** @return array{0: int, 1: ?array<string, mixed>, 2: string} */
    private function install(array $php = [], string ...$options): array
    {
        [$status, $out, $err] = Project::php([...$php, $this->gestor->script(), '--id=agenda-x', '--origem_tipo=upload',
            '--arquivo=' . dirname($this->gestor->root) . '/package.zip', '--json', ...$options]);
        self::assertSame([], (new Schema())->faults($out), $out . $err);
        return [$status, json_decode($out, true), "stdout: {$out}\nstderr: {$err}"];
    }

    private function package(string $end, string $version = '1.0.0', string $name = '20260101000000_make_things'): void
    {
        $class = str_replace(' ', '', ucwords(str_replace('_', ' ', substr($name, 15))));
        Package::write(dirname($this->gestor->root) . '/package.zip', $version, [$name => Package::migration($class, 'things', $end)]);
    }

    private function rowStatus(): ?string
    {
        return $this->database->rows('SELECT status_execucao FROM plugins')[0]['status_execucao'] ?? null;
    }

    /** @return iterable<string, array{string}> */
    public static function endsOfConfig(): iterable
    {
        yield 'exit' => ["echo '{\"error\":\"503\"}'; exit;"];
        yield 'exit 0' => ['exit(0);'];
        yield 'a text' => ["exit('no domain');"];
        yield 'buffers' => ["ob_start(); echo '{}'; ob_start(); echo '[]'; exit;"];
        yield 'an exception' => ["throw new RuntimeException('no .env');"];
        yield 'a fatal error' => ["trigger_error('no .env', E_USER_ERROR);"];
        yield 'a syntax error' => ['this is no PHP'];
    }

    /** @dataProvider endsOfConfig */
    public function testAConfigThatEndsTheProcessIsCode10(string $end): void
    {
        $this->package('');
        file_put_contents($this->gestor->root . '/config.php', "\n{$end}\n", FILE_APPEND);
        [$status, $report, $said] = $this->install();
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status, $said);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $report['codigo'] ?? null, $said);
        self::assertStringContainsString('config.php', $report['erros'][0]);
        self::assertSame([], glob($this->gestor->root . '/plugins/*'));
    }

    /** @return iterable<string, array{string}> */
    public static function endsOfMigrations(): iterable
    {
        yield 'exit' => ['exit;'];
        yield 'exit 0' => ['exit(0);'];
        yield 'die with a text' => ["die('enough');"];
        yield 'die with a number' => ['die(3);'];
        yield 'output and exit' => ["echo '{\"codigo\": 0}'; ob_start(); echo 'x'; exit(0);"];
        yield 'an exception' => ["throw new DomainException('no');"];
        yield 'an error' => ['no_such_function();'];
        yield 'a fatal error' => ["trigger_error('no', E_USER_ERROR);"];
        yield 'a class twice' => ["eval('function death() {} function death() {}');"];
        yield 'memory' => ["ini_set('memory_limit', '16M'); str_repeat('x', 100 << 20);"];
        yield 'a time limit' => ['set_time_limit(1); for (;;);'];
    }

    /** @dataProvider endsOfMigrations */
    public function testAnEndInsideAMigrationIsCode13(string $end): void
    {
        $this->package($end);
        [$status, $report, $said] = $this->install();
        self::assertSame(PLG_EXIT_MIGRATE, $status, $said);
        self::assertSame([PLG_EXIT_MIGRATE, 'MIGRATE'], [$report['codigo'] ?? null, $report['rotulo'] ?? null], $said);
        self::assertNotSame([], $report['erros']);
        self::assertSame([], glob($this->gestor->root . '/plugins/*'));
        self::assertSame([], glob($this->gestor->root . '/temp/plugins/*/*'));
        self::assertStringContainsString('[erro]', $this->gestor->log());
        $this->database->connection->exec('DROP TABLE IF EXISTS things');
        $this->package('');
        [$status, , $said] = $this->install();
        self::assertSame(PLG_EXIT_OK, $status, $said);
    }

    public function testWhatAnEndSaysIsEscaped(): void
    {
        $odd = 'x\\e[2K\\n[PLUGIN:other] ';
        $this->package("trigger_error(\"{$odd}\", E_USER_ERROR);");
        [, $report, $said] = $this->install();
        self::assertStringContainsString('x\u{1b}[2K\n\u{5b}PLUGIN:other]', implode(' ', $report['erros']), $said);
        self::assertStringContainsString('migrations that had been applied stay recorded', implode(' ', $report['erros']));
        self::assertStringNotContainsString("\e", implode(' ', $report['erros']) . $this->gestor->log());
        $this->database->connection->exec('DROP TABLE IF EXISTS things');
        $this->package('');
        mkdir($this->gestor->root . '/controladores/atualizacoes');
        file_put_contents($this->gestor->root . '/controladores/atualizacoes/atualizacoes-hooks.php', "<?php function atualizacoes_hooks_sincronizar(array \$o): void { throw new Exception(\"{$odd}\"); }");
        foreach (['banco', 'hooks'] as $library) {
            file_put_contents("{$this->gestor->root}/bibliotecas/{$library}.php", '<?php');
        }
        self::assertStringContainsString('hooks not synchronized: x\u{1b}[2K\n', implode(' ', $this->install()[1]['avisos']));
    }

    /** @dataProvider endsOfMigrations */
    public function testAnEndInsideAMigrationOfAScriptIsCode13(string $end): void
    {
        $this->package($end);
        $script = dirname($this->gestor->root) . '/script.php';
        file_put_contents($script, "<?php require '{$this->gestor->root}/config.php'; require '{$this->gestor->root}/bibliotecas/plugins-installer.php';"
            . 'register_shutdown_function(function () { fwrite(STDERR, "host shutdown\n"); });'
            . "\$code = plugin_process(['slug' => 'agenda-x', 'arquivo' => __DIR__ . '/package.zip']); exit(\$code);");
        [$status, , $err] = Project::php([$script]);
        self::assertSame(PLG_EXIT_MIGRATE, $status, $err);
        self::assertStringContainsString('host shutdown', $err, 'what the host wanted at its end is done');
        self::assertSame([], glob($this->gestor->root . '/plugins/*'));
    }

    public function testWhatMigrationsPrintGoesToTheLog(): void
    {
        $this->package(
            "echo 'first line', PHP_EOL, \"\\x1b[31mred\\x07\"; print_r(['secret of it']); ob_start(); echo 'left open'; ob_start();"
            . " echo str_repeat(\"many\\n\", 30000); chdir('/'); umask(0); restore_error_handler(); set_error_handler(fn () => true);"
            . " error_reporting(0); set_time_limit(3); date_default_timezone_set('Asia/Tokyo');"
        );
        [$status, $report, $said] = $this->install();
        self::assertSame([PLG_EXIT_OK, PLG_EXIT_OK], [$status, $report['codigo'] ?? null], $said);
        $log = $this->gestor->log();
        foreach (['first line', 'secret of it', 'left open', 'more lines'] as $text) {
            self::assertStringContainsString($text, $log);
        }
        self::assertDoesNotMatchRegularExpression('/[\x00-\x09\x0b-\x1f]/', $log);
        self::assertLessThan(16384, strlen($log));
        self::assertSame(0, fileperms($this->gestor->root . '/plugins/agenda-x/README.txt') & 0002);
    }

    public function testAMigrationThatEndsBuffersThatAreNotItsOwnPrintsNothingIntoTheReport(): void
    {
        $this->package("\$level = ob_get_level(); ob_end_clean(); ob_start(); echo 'after'; ");
        [$status, $report, $said] = $this->install();
        self::assertSame([PLG_EXIT_OK, PLG_EXIT_OK], [$status, $report['codigo'] ?? null], $said);
    }

    public function testHooksThatEndTheProcessAreAWarningOfAnInstalledPlugin(): void
    {
        $this->package('');
        $folder = $this->gestor->root . '/controladores/atualizacoes';
        mkdir($folder);
        foreach (['banco', 'hooks'] as $library) {
            file_put_contents("{$this->gestor->root}/bibliotecas/{$library}.php", '<?php');
        }
        file_put_contents("{$folder}/atualizacoes-hooks.php", '<?php function atualizacoes_hooks_sincronizar(array $o = []): array {'
            . ' echo "noise"; ob_start(); exit(7); }');
        [$status, $report, $said] = $this->install();
        self::assertSame([PLG_EXIT_OK, PLG_EXIT_OK], [$status, $report['codigo'] ?? null], $said);
        self::assertStringContainsString('hooks', implode(' ', $report['avisos']));
        self::assertDirectoryExists($this->gestor->root . '/plugins/agenda-x');
    }

    /** @return iterable<string, array{string, string}> */
    public static function forks(): iterable
    {
        yield 'in a callback, ending' => ['exit(5);', ''];
        yield 'in a callback, going on' => ['return true;', ''];
        yield 'in a migration, ending' => ['', 'exit(5);'];
        yield 'in a callback, installing' => ["\$done = plugin_process(['slug' => 'other', 'arquivo' => '/nowhere']); exit(\$done === 10 ? 5 : 6);", ''];
    }

    /** @dataProvider forks */
    public function testAForkedChildForgetsTheOperation(string $inCallback, string $inMigration): void
    {
        $fork = static fn (string $then): string => "\$child = pcntl_fork(); if (\$child === 0) { {$then} }"
            . ' pcntl_waitpid($child, $ended); fwrite(STDERR, "child " . pcntl_wexitstatus($ended) . "\n");';
        $this->package($inMigration === '' ? '' : $fork($inMigration));
        $script = dirname($this->gestor->root) . '/script.php';
        file_put_contents($script, "<?php require '{$this->gestor->root}/config.php'; require '{$this->gestor->root}/bibliotecas/plugins-installer.php';"
            . "\$forked = false; \$code = plugin_process(['slug' => 'agenda-x', 'arquivo' => __DIR__ . '/package.zip'], function (array \$event) use (&\$forked) {"
            . " if (\$event['etapa'] === 'sincronizar' && !\$forked) { \$forked = true; " . ($inCallback === '' ? '' : $fork($inCallback)) . ' } return true; });'
            . ' fwrite(STDERR, "ended $code\n"); exit($code);');
        [$status, $out, $err] = Project::run(['timeout', '-k', '1', '40', PHP_BINARY, ...Project::backendOptions(), $script]);
        self::assertStringContainsString($inCallback === 'return true;' ? 'child ' . PLG_EXIT_CANCELLED : 'child 5', $err);
        if ($inMigration !== '') {
            // The child's end closes the connection of Phinx that both have: then the migration fails, and says so.
            self::assertContains($status, [PLG_EXIT_OK, PLG_EXIT_MIGRATE], $out . $err);
            self::assertSame($status === PLG_EXIT_OK, is_dir($this->gestor->root . '/plugins/agenda-x'));
            return;
        }
        self::assertSame(PLG_EXIT_OK, $status, $out . $err);
        self::assertSame('ok', $this->rowStatus());
        self::assertDirectoryExists($this->gestor->root . '/plugins/agenda-x');
    }

    public function testACacheThatNeverLooksAgainGetsTheNewMigrations(): void
    {
        if (!Project::usesExtension()) {
            $this->expectNotToPerformAssertions();
            return;
        }
        // One name and one path, another content: as when an author mends a migration that failed.
        $page = <<<'PHP'
            <?php
            require __DIR__ . '/config.php';
            require __DIR__ . '/bibliotecas/plugins-installer.php';
            $code = plugin_process(['slug' => 'agenda-x', 'arquivo' => dirname(__DIR__) . "/package-{$_GET['n']}.zip"]);
            echo json_encode(['codigo' => $code, 'erros' => plugin_report()['erros'], 'cached' => count(opcache_get_status()['scripts'] ?? [])]);
            PHP;
        foreach (["throw new DomainException('stale');", ''] as $number => $body) {
            $code = "<?php\nfinal class MakeThings extends Phinx\\Migration\\AbstractMigration\n{\n"
                . "    public function up(): void { {$body} }\n    public function down(): void {}\n}\n";
            Package::write(dirname($this->gestor->root) . "/package-{$number}.zip", '1.0.0', ['20260101000000_make_things' => $code]);
        }
        $answers = WebServer::fpmAnswers($this->gestor, $page, 2, [
            '-d', 'opcache.enable=1', '-d', 'opcache.validate_timestamps=0', '-d', 'opcache.file_update_protection=0',
            '-d', 'opcache.revalidate_freq=0',
        ]);
        [$first, $second] = array_map(static fn (string $body): ?array => json_decode($body, true), $answers);
        self::assertSame(PLG_EXIT_MIGRATE, $first['codigo'] ?? null, $answers[0]);
        self::assertGreaterThan(1, $first['cached'], 'there is a cache');
        self::assertSame(PLG_EXIT_OK, $second['codigo'] ?? null, $answers[1]);
    }

    /** Of the files that an update changed, the cache gets the new ones, though it never looks at a file twice. */
    public function testACacheThatNeverLooksAgainGetsTheNewPlugin(): void
    {
        $page = <<<'PHP'
            <?php
            require __DIR__ . '/config.php';
            require __DIR__ . '/bibliotecas/plugins-installer.php';
            $file = __DIR__ . '/plugins/agenda-x/modules/agenda/agenda.php';
            $before = is_file($file) ? require $file : null;
            $code = plugin_process(['slug' => 'agenda-x', 'arquivo' => dirname(__DIR__) . "/package-{$_GET['n']}.zip"]);
            echo json_encode([$code, $before, require $file, opcache_is_script_cached($file)]);
            PHP;
        foreach (['1.0.0', '1.1.0'] as $number => $version) {
            $files = ['modules/agenda/agenda.php' => "<?php\nreturn '{$version}';\n"];
            Package::write(dirname($this->gestor->root) . "/package-{$number}.zip", $version, [], $files);
        }
        $answers = WebServer::fpmAnswers($this->gestor, $page, 2, [
            '-d', 'opcache.enable=1', '-d', 'opcache.validate_timestamps=0', '-d', 'opcache.file_update_protection=0',
        ]);
        self::assertSame([PLG_EXIT_OK, null, '1.0.0', true], json_decode($answers[0], true), $answers[0]);
        self::assertSame([PLG_EXIT_OK, '1.0.0', '1.1.0', true], json_decode($answers[1], true), $answers[1]);
    }
}
