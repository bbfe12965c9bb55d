<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Package;
use Tests\Project;
use Tests\WebServer;

require_once __DIR__ . '/support/WebServer.php';

/** Whole installations, through every way in: the same rows, tree, report and log. */
final class InstallFlowTest extends TestCase
{
    /** @var list<array{Database, GestorTree}> */
    private array $made = [];

    protected function setUp(): void
    {
        if (Database::socket() === null) {
            self::markTestSkipped('GESTOR_TEST_SOCKET names no server');
        }
    }

    protected function tearDown(): void
    {
        foreach ($this->made as [$database, $gestor]) {
            $database->drop();
            $gestor->remove();
        }
        unset($GLOBALS['_GESTOR'], $GLOBALS['_BANCO']);
    }

    /** @return array{Database, GestorTree} */
    private function gestor(string $lang = 'en'): array
    {
        $database = new Database();
        $made = [$database, new GestorTree($database, $lang)];
        $this->made[] = $made;
        return $made;
    }

    private function native(Database $database, GestorTree $gestor, array $more = [], ?callable $progress = null): int
    {
        return plugin_install($more + [
            'slug' => Package::SLUG, 'origem_tipo' => 'upload', 'arquivo' => $gestor->root . '/../package.zip',
            'raiz' => $gestor->root, 'db' => $database->parameters(), 'lang' => 'en', 'gestor_versao' => '2.9.43',
        ], $progress);
    }

    private static function comparable(array $report): array
    {
        unset($report['duracao_ms'], $report['php_alterados'], $report['checksum'], $report['origem']);
        return $report;
    }

    /** What an installation leaves, without times and the names of folders. */
    private static function left(Database $database, GestorTree $gestor): array
    {
        $rows = $database->contents();
        array_walk_recursive($rows, static function (&$value) use ($gestor): void {
            $value = is_string($value) ? str_replace(dirname($gestor->root), 'TOP', $value) : $value;
        });
        return [
            'rows' => $rows,
            'tree' => Project::tree($gestor->root . '/plugins'),
            // Under Apache the site is another user's.
            'log' => preg_replace('/(permissions corrected to) \S+/', '$1 OWNER', str_replace(dirname($gestor->root), 'TOP', $gestor->plainLog())),
        ];
    }

    public function testInstallsUpdatesAndRepeats(): void
    {
        [$database, $gestor] = $this->gestor();
        Package::write($gestor->root . '/../package.zip');
        $steps = [];
        $code = $this->native($database, $gestor, [], static function (array $event) use (&$steps): void {
            $steps[$event['etapa']] = array_keys($event);
        });
        $report = plugin_report();
        self::assertSame(PLG_EXIT_OK, $code, json_encode($report['erros']));
        self::assertSame([2, 2], [$report['tabelas']['paginas']['inseridos'], $report['tabelas']['variaveis']['inseridos']]);
        self::assertGreaterThanOrEqual(8, count($steps));
        self::assertSame(['etapa', 'indice', 'total', 'feito', 'de', 'unidade', 'mensagem'], reset($steps));
        self::assertFileExists($gestor->root . '/plugins/agenda-x/modules/agenda/agenda.php');

        self::assertSame(PLG_EXIT_OK, $this->native($database, $gestor));
        self::assertTrue(plugin_report()['inalterado']);

        Package::write($gestor->root . '/../package.zip', '1.1.0');
        self::assertSame(PLG_EXIT_OK, $this->native($database, $gestor));
        $report = plugin_report();
        self::assertSame(['1.0.0', '1.1.0', 2], [$report['versao_anterior'], $report['versao'], $report['tabelas']['paginas']['alterados']]);
        self::assertFileExists((string) $report['backup']);
    }

    public function testEveryWayInGivesTheSame(): void
    {
        $results = $reports = [];
        // A ZIP holds times: all ways get the very same one.
        $package = Package::write(dirname($this->gestor()[1]->root) . '/package.zip');
        foreach (['native', 'shim', 'cli', 'web', 'fpm', 'apache', 'c'] as $way) {
            [$database, $gestor] = $this->gestor();
            copy($package, dirname($gestor->root) . '/package.zip');
            $reports[$way] = self::comparable($this->{"by_{$way}"}($database, $gestor));
            $results[$way] = self::left($database, $gestor);
        }
        self::assertSame(PLG_EXIT_OK, $reports['native']['codigo'], json_encode($reports['native']['erros']));
        foreach ($results as $way => $result) {
            self::assertEquals($reports['native'], $reports[$way], "report, {$way}");
            self::assertSame($results['native']['rows'], $result['rows'], "rows, {$way}");
            self::assertSame($results['native']['tree'], $result['tree'], "tree, {$way}");
            self::assertSame($results['native']['log'], $result['log'], "log, {$way}");
        }
    }

    private function by_native(Database $database, GestorTree $gestor): array
    {
        $this->native($database, $gestor, ['arquivo' => dirname($gestor->root) . '/package.zip']);
        return plugin_report();
    }

    private function by_shim(Database $database, GestorTree $gestor): array
    {
        require $gestor->root . '/config.php';
        $GLOBALS['_GESTOR'] = $_GESTOR;
        $GLOBALS['_BANCO'] = $_BANCO;
        plugin_process(['slug' => Package::SLUG, 'origem_tipo' => 'upload', 'arquivo' => dirname($gestor->root) . '/package.zip']);
        return GestorPlugins\Installer::report();
    }

    private function by_cli(Database $database, GestorTree $gestor): array
    {
        [, $out, $err] = Project::php([$gestor->script(), '--id=' . Package::SLUG, '--origem_tipo=upload', '--arquivo=' . dirname($gestor->root) . '/package.zip', '--json']);
        self::assertJson($out, $err);
        return json_decode($out, true);
    }

    private function by_web(Database $database, GestorTree $gestor): array
    {
        return WebServer::builtIn($gestor, $this->page($gestor));
    }

    private function by_fpm(Database $database, GestorTree $gestor): array
    {
        return WebServer::fpm($gestor, $this->page($gestor));
    }

    private function by_apache(Database $database, GestorTree $gestor): array
    {
        return WebServer::apache($gestor, $this->page($gestor));
    }

    /** What the gestor's admin page does: includes, marks, calls with nulls, marks. */
    private function page(GestorTree $gestor): string
    {
        $slug = Package::SLUG;
        return <<<PHP
            <?php
            require __DIR__ . '/config.php';
            function page(): void {
                global \$_GESTOR;
                require_once __DIR__ . '/bibliotecas/plugins-consts.php';
                require_once __DIR__ . '/bibliotecas/plugins-installer.php';
                require_once __DIR__ . '/controladores/plugins/atualizacao-plugin.php';
                \$code = plugin_process_cli(['slug' => '{$slug}', 'origem_tipo' => 'upload', 'referencia' => null,
                    'arquivo' => dirname(__DIR__) . '/package.zip', 'owner' => null, 'repo' => null, 'ref' => null, 'cred_ref' => null,
                    'local_path' => null, 'reprocessar' => false, 'dry_run' => false, 'no_resources' => false,
                    'no_migrations' => false, 'only_migrations' => false, 'only_resources' => false]);
                plugin_mark_status('{$slug}', \$code === PLG_EXIT_OK ? PLG_STATUS_OK : PLG_STATUS_ERRO);
                header('Content-Type: application/json');
                echo json_encode(\GestorPlugins\Installer::report());
            }
            page();
            PHP;
    }

    private function by_c(Database $database, GestorTree $gestor): array
    {
        $folder = Project::folder();
        $program = dirname($gestor->root) . '/whole_call';
        [$status, , $err] = Project::run(['gcc', '-std=c11', '-Wall', '-Wextra', '-Werror', "-I{$folder}/include",
            "{$folder}/tests/php/support/whole_call.c", '-o', $program, "-L{$folder}/target", '-l:libgestor_plugins.so',
            "-Wl,-rpath,{$folder}/target"]);
        self::assertSame(0, $status, $err);
        $request = json_encode(['operacao' => 'install', 'progresso' => true, 'params' => [
            'slug' => Package::SLUG, 'origem_tipo' => 'upload', 'arquivo' => dirname($gestor->root) . '/package.zip',
            'raiz' => $gestor->root, 'db' => $database->parameters(), 'lang' => 'en', 'gestor_versao' => '2.9.43',
        ]]);
        $links = dirname($program) . '/libgestor_plugins.so.0';
        symlink("{$folder}/target/libgestor_plugins.so", $links);
        [, $out, $err] = Project::run([$program], null, ['LD_LIBRARY_PATH' => dirname($program)] + getenv(), $request);
        self::assertJson($out, $err);
        return json_decode($out, true);
    }

    public function testTheLogSpeaksTheGestorsLanguage(): void
    {
        foreach (['pt-br' => 'código=0', 'en' => 'code=0'] as $lang => $text) {
            [$database, $gestor] = $this->gestor($lang);
            Package::write($gestor->root . '/../package.zip');
            $this->by_shim($database, $gestor);
            self::assertStringContainsString($text, $gestor->log());
            foreach (array_filter(explode("\n", $gestor->log())) as $line) {
                self::assertStringContainsString('[PLUGIN:agenda-x]', $line);
            }
        }
    }

    public function testFalseCancelsAndChangesNothing(): void
    {
        [$database, $gestor] = $this->gestor();
        Package::write($gestor->root . '/../package.zip');
        [$tree, $rows] = [Project::tree($gestor->root . '/plugins'), $database->contents()];
        $code = $this->native($database, $gestor, [], static fn (array $event): bool => $event['etapa'] !== 'sincronizar');
        self::assertSame(PLG_EXIT_CANCELLED, $code);
        self::assertSame([$tree, $rows], [Project::tree($gestor->root . '/plugins'), $database->contents()]);
    }

    public function testAnExceptionOfTheCallbackReachesTheCallerAfterTheUndo(): void
    {
        [$database, $gestor] = $this->gestor();
        Package::write($gestor->root . '/../package.zip');
        $rows = $database->contents();
        $thrown = new LogicException('mine', 7);
        try {
            $this->native($database, $gestor, [], static function (array $event) use ($thrown): void {
                if ($event['etapa'] === 'planejar') {
                    throw $thrown;
                }
            });
            self::fail('nothing was thrown');
        } catch (LogicException $caught) {
            self::assertSame($thrown, $caught);
        }
        self::assertSame($rows, $database->contents());
        self::assertSame(PLG_EXIT_OK, $this->native($database, $gestor));
    }

    public function testANestedCallIsRefused(): void
    {
        [$database, $gestor] = $this->gestor();
        Package::write($gestor->root . '/../package.zip');
        $codes = [];
        $code = $this->native($database, $gestor, [], function () use (&$codes, $database, $gestor): void {
            $codes[] = $this->native($database, $gestor);
        });
        self::assertSame(PLG_EXIT_OK, $code);
        self::assertSame([PLG_EXIT_PARAMS_OR_FILE], array_values(array_unique($codes)));
    }

    /** @return iterable<string, array{string, int}> */
    public static function deaths(): iterable
    {
        yield 'exit' => ['exit(42);', PLG_EXIT_CANCELLED];
        yield 'exit that looks like success' => ['exit;', PLG_EXIT_CANCELLED];
        yield 'fatal error' => ['eval("function death(){} function death(){}");', 255];
        yield 'memory' => ['ini_set("memory_limit", "8M"); $x = str_repeat("x", 100 << 20);', 255];
        yield 'time limit' => ['set_time_limit(1); for (;;);', 255];
    }

    /** @dataProvider deaths */
    public function testAScriptThatDiesInACallbackLeavesNothing(string $death, int $expected): void
    {
        [$database, $gestor] = $this->gestor();
        Package::write($gestor->root . '/../package.zip');
        [$tree, $rows] = [Project::tree($gestor->root . '/plugins'), $database->contents()];
        $script = dirname($gestor->root) . '/death.php';
        file_put_contents($script, "<?php require '{$gestor->root}/config.php'; require '{$gestor->root}/bibliotecas/plugins-installer.php';"
            . "plugin_process(['slug' => 'agenda-x', 'arquivo' => __DIR__ . '/package.zip'], function (array \$event) {"
            . " if (\$event['etapa'] === 'sincronizar') { {$death} } });");
        [$status] = Project::php([$script]);
        self::assertSame($expected, $status);
        self::assertSame($rows, $database->contents());
        self::assertSame($tree, Project::tree($gestor->root . '/plugins'));
        self::assertSame([], glob($gestor->root . '/temp/plugins/*/*'));
        self::assertSame(PLG_EXIT_OK, $this->native($database, $gestor));
    }

    public function testMigrationsRunAndAreUndoneWhenALaterStepFails(): void
    {
        [$database, $gestor] = $this->gestor();
        $gestor->withPhinx();
        $id = bin2hex(random_bytes(4));
        $class = 'Create' . ucfirst(strtr($id, '0123456789', 'ghijklmnop'));
        $name = '20250101000000_create_' . strtolower(substr($class, 6));
        $broken = ['db/data/LayoutsData.json' => json_encode([['id' => 'x', 'language' => 'en', 'nome' => str_repeat('x', 300)]])];
        $migrations = [$name => Package::migration($class, 'agenda_x')];
        Package::write($gestor->root . '/../package.zip', '1.0.0', $migrations, $broken);
        $report = $this->by_shim($database, $gestor);
        self::assertSame(PLG_EXIT_SYNC, $report['codigo']);
        self::assertSame([], $database->rows("SHOW TABLES LIKE 'agenda_x'"));

        Package::write($gestor->root . '/../package.zip', '1.0.0', $migrations);
        $report = $this->by_shim($database, $gestor);
        self::assertSame([PLG_EXIT_OK, ["20250101000000 {$class}"]], [$report['codigo'], $report['migracoes']], json_encode($report['erros']));
        self::assertCount(1, $database->rows("SHOW TABLES LIKE 'agenda_x'"));
        self::assertCount(1, $database->rows('SELECT * FROM phinxlog_agenda_x'));
    }

    public function testAFailedMigrationIsCode13(): void
    {
        [$database, $gestor] = $this->gestor();
        $class = 'Broken' . ucfirst(strtr(bin2hex(random_bytes(4)), '0123456789', 'ghijklmnop'));
        Package::write($gestor->root . '/../package.zip', '1.0.0', ["20250101000000_{$class}" => Package::migration($class, 'x')]);
        $calls = [];
        $code = $this->native($database, $gestor, ['migracoes' => static function (array $call) use (&$calls): array {
            $calls[] = $call['acao'];
            if ($call['acao'] === 'migrar') {
                throw new DomainException('no such column');
            }
            return ['migracoes' => $call['acao'] === 'pendentes' ? [['versao' => '20250101000000', 'nome' => 'Broken']] : $call['migracoes']];
        }]);
        self::assertSame(PLG_EXIT_MIGRATE, $code);
        self::assertStringContainsString('DomainException: no such column', implode(' ', plugin_report()['erros']));
        self::assertContains('migrar', $calls);
    }

    public function testHooksAreSynchronizedAndTheirFailureIsAWarning(): void
    {
        [$database, $gestor] = $this->gestor();
        Package::write($gestor->root . '/../package.zip');
        $folder = $gestor->root . '/controladores/atualizacoes';
        mkdir($folder);
        file_put_contents("{$folder}/atualizacoes-hooks.php", '<?php function atualizacoes_hooks_sincronizar(array $o = []): array {'
            . ' echo "noise"; file_put_contents(__DIR__ . "/called", json_encode($o)); throw new RuntimeException("hooks broke"); }');
        foreach (['banco', 'hooks'] as $library) {
            file_put_contents("{$gestor->root}/bibliotecas/{$library}.php", '<?php');
        }
        $report = $this->by_cli($database, $gestor);
        self::assertSame(PLG_EXIT_OK, $report['codigo']);
        self::assertSame('{"apenas_modulos":true}', file_get_contents("{$folder}/called"));
        self::assertStringContainsString('hooks broke', implode(' ', $report['avisos']));
        self::assertStringContainsString('[warn] hooks not synchronized: hooks broke', $gestor->log());
    }

    public function testTheCountsOfAPlugin(): void
    {
        [$database, $gestor] = $this->gestor();
        Package::write($gestor->root . '/../package.zip');
        $this->by_cli($database, $gestor);
        [$status, $out] = Project::php([$gestor->root . '/tests/plugin-counts.php', '--id=' . Package::SLUG]);
        self::assertSame([0, "paginas: 2\nvariaveis: 2\ntotal: 4\n"], [$status, $out]);
    }

    public function testCtrlCCancels(): void
    {
        [$database, $gestor] = $this->gestor();
        $pages = [];
        for ($number = 0; $number < 10000; $number++) {
            $pages[] = ['id' => "p{$number}", 'language' => 'en', 'nome' => "P{$number}", 'caminho' => "p{$number}/",
                'tipo' => 'pagina', 'html' => str_repeat("<p>{$number}</p>", 40)];
        }
        Package::write($gestor->root . '/../package.zip', '1.0.0', [], ['db/data/PaginasData.json' => json_encode($pages)]);
        $rows = $database->contents();
        $process = proc_open(
            [PHP_BINARY, ...Project::backendOptions(), $gestor->script(), '--id=agenda-x', '--arquivo=../package.zip'],
            [['pipe', 'r'], ['file', '/dev/null', 'w'], ['pipe', 'w']],
            $pipes,
            $gestor->root,
            Project::environment()
        );
        while (($line = fgets($pipes[2])) !== false && $line[0] !== '[') {
        }
        proc_terminate($process, SIGINT);
        stream_get_contents($pipes[2]);
        self::assertSame(PLG_EXIT_CANCELLED, proc_close($process));
        self::assertSame($rows, $database->contents());
    }
}
