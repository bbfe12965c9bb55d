<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;

/** An installation that runs in another process is seen and stopped: by functions and on the command line. */
final class RunningTest extends TestCase
{
    use PackagedSite;

    /** Installs, and waits at a step until a file goes away. */
    private const INSTALL = <<<'PHP'
        [$step, $waiting, $params] = [$argv[1], $argv[2], json_decode($argv[3], true)];
        require $params['raiz'] . '/bibliotecas/plugins-installer.php';
        exit(plugin_install($params, static function (array $event) use ($step, $waiting): bool {
            if ($event['etapa'] === $step && !is_file("{$waiting}.came")) {
                touch("{$waiting}.came");
            }
            while ($event['etapa'] === $step && is_file($waiting)) {
                usleep(20000);
                clearstatcache();
            }
            return true;
        }));
        PHP;

    private function call(array $more = []): array
    {
        return $more + ['slug' => Package::SLUG, 'raiz' => $this->gestor->root, 'db' => $this->database->parameters(), 'lang' => 'en'];
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function cli(string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--json', ...$arguments]);
        self::assertIsArray(json_decode($out, true), $out . $err);
        return [$status, json_decode($out, true)];
    }

    /** The exit code of an installation that is looked at while it waits at a step. */
    private function during(string $step, callable $look): int
    {
        $waiting = Project::temporaryFolder() . '/waiting';
        touch($waiting);
        $params = $this->call(['arquivo' => $this->gestor->root . '/p.zip', 'ator' => 'me']);
        $command = [PHP_BINARY, ...Project::backendOptions(), '-r', self::INSTALL, '--', $step, $waiting, json_encode($params, JSON_THROW_ON_ERROR)];
        $process = proc_open($command, [], $pipes, null, Project::environment());
        self::assertIsResource($process);
        for ($tries = 0; $tries < 600 && !is_file("{$waiting}.came"); $tries++) {
            usleep(50000);
        }
        self::assertFileExists("{$waiting}.came");
        try {
            $look();
        } finally {
            unlink($waiting);
            $code = proc_close($process);
            Project::remove(dirname($waiting));
        }
        return $code;
    }

    public function testAnInstallationIsSeenAndStopped(): void
    {
        $code = $this->during('planejar', function (): void {
            $seen = plugin_running($this->call());
            self::assertSame(PLG_EXIT_OK, $seen['codigo']);
            $one = $seen['execucoes'][0];
            self::assertSame([Package::SLUG, 'executando', 'planejar', 'install', 'me'], [$one['slug'], $one['situacao'], $one['etapa'], $one['acao'], $one['ator']]);
            [$status, $report] = $this->cli('--running');
            self::assertSame([PLG_EXIT_OK, $one['operacao']], [$status, $report['execucoes'][0]['operacao']]);
            self::assertSame(PLG_EXIT_PARAMS_OR_FILE, plugin_cancel($this->call(['operacao' => 'another'])));
            [$status, $report] = $this->cli('--cancel', '--plugin=' . Package::SLUG);
            self::assertSame([PLG_EXIT_OK, $one['operacao']], [$status, $report['cancelamento']]);
            self::assertTrue(plugin_running($this->call())['execucoes'][0]['cancelamento']);
            usleep(150000);
        });
        self::assertSame(PLG_EXIT_CANCELLED, $code);
        self::assertSame([], plugin_running($this->call())['execucoes']);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, plugin_cancel($this->call()));
        self::assertStringContainsString('no operation on plugin', plugin_report()['erros'][0]);
        [$status, $report] = $this->cli('--watch');
        self::assertSame([PLG_EXIT_OK, []], [$status, $report['execucoes']]);
    }

    public function testOneThatHasCommittedIsNotStopped(): void
    {
        $code = $this->during('concluir', function (): void {
            self::assertSame(PLG_EXIT_VALIDATE, plugin_cancel($this->call()));
            self::assertStringContainsString('has committed', plugin_report()['erros'][0]);
        });
        self::assertSame(PLG_EXIT_OK, $code);
    }
}
