<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;
use Tests\WebServer;

require_once __DIR__ . '/support/WebServer.php';

/** Post-installation scripts as a site's operator meets them: command line, php.ini, pages, and what they ask of the host. */
final class ScriptsTest extends TestCase
{
    use PackagedSite;

    /** @param array<string, string> $scripts names and their PHP */
    private function package(array $scripts, string $version = '1.0.0'): string
    {
        $manifest = ['id' => Package::SLUG, 'name' => 'Agenda', 'version' => $version, 'post_installation_scripts' => array_keys($scripts)];
        $files = ['manifest.json' => (string) json_encode($manifest)];
        foreach ($scripts as $name => $code) {
            $files[$name] = "<?php {$code}";
        }
        return Package::write($this->gestor->root . '/p.zip', $version, [], $files);
    }

    /** A script that notes a word. */
    private static function notes(string $word): string
    {
        return "file_put_contents(getenv('GESTOR_ROOT') . '/noted.txt', '{$word}', FILE_APPEND);";
    }

    private function noted(): string
    {
        $file = $this->gestor->root . '/noted.txt';
        return is_file($file) ? (string) file_get_contents($file) : '';
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function cli(array $options, string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([...$options, $this->gestor->script(), '--json', ...$arguments]);
        self::assertIsArray(json_decode($out, true), $out . $err);
        return [$status, json_decode($out, true)];
    }

    private function install(array $options, string ...$more): array
    {
        return $this->cli($options, '--id=' . Package::SLUG, '--origem_tipo=upload', '--arquivo=' . $this->gestor->root . '/p.zip', ...$more);
    }

    private function params(array $more = []): array
    {
        return $more + ['slug' => Package::SLUG, 'raiz' => $this->gestor->root, 'db' => $this->database->parameters(), 'lang' => 'en',
            'arquivo' => $this->gestor->root . '/p.zip'];
    }

    public function testTheCommandLineRunsThemAndWhatIsLeft(): void
    {
        $this->package(['s/a.php' => self::notes('a'), 's/b.php' => 'is_file(getenv("GESTOR_ROOT") . "/mend") || exit(3);' . self::notes('b')]);
        [$status, $report] = $this->install([]);
        self::assertSame([0, ''], [$status, $this->noted()]);
        self::assertStringContainsString('s/a.php, s/b.php', implode($report['avisos']));
        $shown = Project::php([$this->gestor->script(), '--id=' . Package::SLUG, '--arquivo=' . $this->gestor->root . '/p.zip', '--reprocessar', '--scripts=executar', '--dry-run']);
        self::assertStringContainsString('scripts: s/a.php, s/b.php', $shown[1]);
        [$status, $report] = $this->install([], '--reprocessar', '--scripts=executar');
        self::assertSame([PLG_EXIT_SCRIPT, 'SCRIPT', true, 'a'], [$status, $report['rotulo'], $report['confirmado'], $this->noted()]);
        self::assertSame('executar_scripts', $report['pendencias'][0]['passo']);
        self::assertSame(PLG_EXIT_SCRIPT, $this->cli([], '--scripts-pendentes')[0]);
        touch($this->gestor->root . '/mend');
        [$status, $report] = $this->cli([], '--scripts-pendentes', '--id=' . Package::SLUG);
        self::assertSame([0, 'ab', 's/b.php'], [$status, $this->noted(), $report['plugins'][0]['scripts'][0]['nome']]);
        self::assertSame(0, $this->cli([], '--recover', '--scripts-pendentes')[0]);
        self::assertSame('ab', $this->noted());
    }

    /** The plugin is installed, whatever its scripts did: hooks and opcodes are as new. */
    public function testWhatComesAfterAnInstallationComesAfterAFailingScriptToo(): void
    {
        foreach (['controladores/atualizacoes/atualizacoes-hooks.php', 'bibliotecas/banco.php', 'bibliotecas/hooks.php'] as $file) {
            @mkdir(dirname($this->gestor->root . '/' . $file), 0755, true);
            $hooks = 'function atualizacoes_hooks_sincronizar($params) { touch(dirname(__DIR__, 2) . "/hooked"); }';
            file_put_contents($this->gestor->root . '/' . $file, '<?php ' . (str_ends_with($file, '-hooks.php') ? $hooks : ''));
        }
        $this->package(['s/a.php' => 'exit(3);']);
        self::assertSame(PLG_EXIT_SCRIPT, $this->install([], '--scripts=executar')[0]);
        self::assertFileExists($this->gestor->root . '/hooked');
    }

    /** As README says of the database: by the gestor's own configuration. */
    public function testAScriptReachesTheDatabaseByTheGestorsConfiguration(): void
    {
        $this->package(['s/a.php' => <<<'PHP'
            require getenv('GESTOR_ROOT') . '/config.php';
            [$host, $socket] = explode(':', $_BANCO['host'], 2);
            $db = new mysqli($host, $_BANCO['usuario'], $_BANCO['senha'], $_BANCO['nome'], 0, $socket);
            echo $db->query("SELECT nome FROM paginas WHERE id = 'agenda' LIMIT 1")->fetch_row()[0], ' ', PHP_SAPI, ' ', $_GESTOR['versao'];
            PHP]);
        [$status, $report] = $this->install([], '--scripts=executar');
        self::assertSame([0, 'Agenda 1.0.0 cli 2.9.43'], [$status, $report['scripts'][0]['saida']]);
    }

    public function testTheAdministratorAloneAllowsThem(): void
    {
        if (!Project::usesExtension()) {
            // PHP knows no setting of ours there: a script cannot set one.
            self::assertFalse(@ini_set('gestor_plugins.scripts', 'executar'));
            return;
        }
        $this->package(['s/a.php' => self::notes('a')]);
        $code = 'require $argv[1] . "/bibliotecas/plugins-installer.php";
            $set = [ini_set("gestor_plugins.scripts", "executar"), ini_set("gestor_plugins.php", "/x")];
            putenv("GESTOR_PLUGINS_SCRIPTS=executar");
            echo json_encode([$set, plugin_install(json_decode($argv[2], true)), plugin_report()["avisos"]]);';
        [, $out] = Project::php(['-r', $code, '--', $this->gestor->root, json_encode($this->params())]);
        [$set, $code, $warnings] = json_decode($out, true);
        self::assertSame([[false, false], 0, ''], [$set, $code, $this->noted()]);
        self::assertStringContainsString('were not run', implode($warnings));
        foreach (['1.1.0' => [['-d', 'gestor_plugins.scripts=executar'], []], '1.2.0' => [[], ['GESTOR_PLUGINS_SCRIPTS' => 'executar']]] as $version => [$options, $environment]) {
            $this->package(['s/a.php' => self::notes($version)], $version);
            $code = 'require $argv[1] . "/bibliotecas/plugins-installer.php"; exit(plugin_install(json_decode($argv[2], true)));';
            $call = [...$options, '-r', $code, '--', $this->gestor->root, json_encode($this->params())];
            self::assertSame(0, Project::php($call, Project::environment($environment))[0]);
        }
        self::assertSame('1.1.01.2.0', $this->noted());
        [$status, $report] = $this->install(['-d', 'gestor_plugins.php=' . WebServer::fpmProgram()], '--scripts=executar', '--reprocessar');
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status);
        self::assertStringContainsString(WebServer::fpmProgram(), $report['erros'][0]);
    }

    private const PAGE = <<<'PHP'
        <?php
        require __DIR__ . '/config.php';
        require __DIR__ . '/bibliotecas/plugins-installer.php';
        $own = proc_open(['/bin/sh', '-c', 'sleep 0.3; exit 7'], [], $pipes);
        $code = plugin_install(json_decode(file_get_contents(__DIR__ . '/params.json'), true));
        echo json_encode(['api' => PHP_SAPI, 'binary' => PHP_BINARY, 'code' => $code, 'report' => plugin_report(), 'own' => proc_close($own)]);
        PHP;

    /** PHP_BINARY says nothing there; the child that a page has of its own stays its own. */
    public function testAPageRunsThem(): void
    {
        $this->package(['s/a.php' => 'echo PHP_SAPI, " ", json_encode(array_keys(getenv())), " ", implode(",", array_filter(scandir("/proc/self/fd"), fn ($fd) => $fd > 2 && is_link("/proc/self/fd/$fd") && !str_contains(readlink("/proc/self/fd/$fd"), "s/a.php")));']);
        file_put_contents($this->gestor->root . '/params.json', json_encode($this->params(['scripts' => 'executar'])));
        $pages = ['fpm-fcgi' => static fn ($gestor) => WebServer::fpm($gestor, self::PAGE)];
        foreach ($pages as $api => $page) {
            $answer = $page($this->gestor);
            self::assertSame([$api, 0, 7], [$answer['api'], $answer['code'], $answer['own']], json_encode($answer['report']));
            [$sapi, $names, $handles] = explode(' ', $answer['report']['scripts'][0]['saida'], 3);
            self::assertSame(['cli', ''], [$sapi, $handles]);
            $names = json_decode($names, true);
            sort($names);
            self::assertSame(['GESTOR_ROOT', 'LANG', 'PATH', 'PLUGIN_ACTION', 'PLUGIN_SLUG', 'PLUGIN_VERSION', 'PLUGIN_VERSION_FROM', 'TZ'], $names);
        }
    }

    /** Whatever the host does with the ends of children: what became of a script is known. */
    public function testAHostThatWaitsForAllItsChildren(): void
    {
        foreach (['pcntl_signal(SIGCHLD, SIG_IGN);', 'pcntl_async_signals(true); pcntl_signal(SIGCHLD, function () { while (pcntl_waitpid(-1, $status, WNOHANG) > 0); });'] as $at => $before) {
            $this->package(['s/a.php' => 'usleep(200000); exit(5);'], "1.{$at}.0");
            $code = $before . 'require $argv[1] . "/bibliotecas/plugins-installer.php";
                $code = plugin_install(json_decode($argv[2], true), fn () => true);
                echo json_encode([$code, plugin_report()["scripts"]]);';
            [, $out, $err] = Project::php(['-r', $code, '--', $this->gestor->root, json_encode($this->params(['scripts' => 'executar']))]);
            [$code, $scripts] = json_decode($out, true) ?? self::fail($out . $err);
            self::assertSame([PLG_EXIT_SCRIPT, 5], [$code, $scripts[0]['codigo']]);
        }
    }

    /** It is told that it is busy, and does not wait for itself. */
    public function testAScriptThatInstallsItsOwnPlugin(): void
    {
        $options = var_export(Project::backendOptions(), true);
        $script = var_export($this->gestor->script(), true);
        $library = Project::usesExtension() ? '' : 'putenv("GESTOR_PLUGINS_LIB=' . Project::folder() . '/target/libgestor_plugins.so");';
        $this->package(['s/a.php' => "{$library} \$command = implode(' ', array_map('escapeshellarg', [PHP_BINARY, ...{$options}, {$script}, '--id=" . Package::SLUG . "',
            '--arquivo=' . getenv('GESTOR_ROOT') . '/p.zip', '--reprocessar', '--quiet'])); exec(\$command . ' 2>&1', \$lines, \$code); echo \$code;"]);
        [$status, $report] = $this->install([], '--scripts=executar');
        self::assertSame([0, (string) PLG_EXIT_LOCKED], [$status, $report['scripts'][0]['saida']]);
    }

    /** Killed, with a child of its own that lives on and has copies of all its handles. */
    public function testAHostThatIsKilled(): void
    {
        $this->package(['s/a.php' => self::notes('a') . 'if (pcntl_fork() === 0) { posix_setsid(); } sleep(67);', 's/b.php' => self::notes('b')]);
        $code = 'require $argv[1] . "/bibliotecas/plugins-installer.php";
            plugin_install(json_decode($argv[2], true), function ($event) {
                if ($event["etapa"] === "scripts" && is_file($GLOBALS["argv"][1] . "/noted.txt")) {
                    if (pcntl_fork() === 0) { sleep(8); posix_kill(getmypid(), SIGKILL); }
                    posix_kill(getmypid(), SIGKILL);
                }
                return true;
            });';
        $begun = microtime(true);
        Project::php(['-r', $code, '--', $this->gestor->root, json_encode($this->params(['scripts' => 'executar']))]);
        usleep(500000);
        exec('pgrep -f ' . escapeshellarg($this->gestor->root . '/plugins/' . Package::SLUG . '/[s]'), $lines);
        self::assertSame([], $lines);
        self::assertLessThan(8, microtime(true) - $begun);
        $pending = $this->database->rows('SELECT pendencias FROM gestor_plugins_estado')[0]['pendencias'];
        self::assertSame(['iniciado', 'espera'], array_column(json_decode($pending, true)[0]['scripts'], 'situacao'));
    }

    /** A request that ends in their middle stops them; what is left stands there. */
    public function testACallerThatEnds(): void
    {
        $this->package(['s/a.php' => self::notes('a') . 'sleep(66);', 's/b.php' => self::notes('b')]);
        $code = 'require $argv[1] . "/bibliotecas/plugins-installer.php";
            plugin_install(json_decode($argv[2], true), function ($event) { if ($event["etapa"] === "scripts" && is_file($GLOBALS["argv"][1] . "/noted.txt")) exit(9); return true; });';
        $begun = microtime(true);
        Project::php(['-r', $code, '--', $this->gestor->root, json_encode($this->params(['scripts' => 'executar']))]);
        self::assertLessThan(30, microtime(true) - $begun);
        self::assertSame('a', $this->noted());
        $pending = $this->database->rows('SELECT pendencias FROM gestor_plugins_estado')[0]['pendencias'];
        self::assertSame(['falhou', 'espera'], array_column(json_decode($pending, true)[0]['scripts'], 'situacao'));
        // The pattern does not find whoever looks for it.
        exec('pgrep -f ' . escapeshellarg($this->gestor->root . '/plugins/' . Package::SLUG . '/[s]'), $lines);
        self::assertSame([], $lines);
    }
}
