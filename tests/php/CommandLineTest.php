<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\GestorTree;
use Tests\Project;

/** The command line's manners; whole installations are in InstallFlowTest. */
final class CommandLineTest extends TestCase
{
    private GestorTree $gestor;

    protected function setUp(): void
    {
        $this->gestor = new GestorTree();
    }

    protected function tearDown(): void
    {
        $this->gestor->remove();
    }

    private function cli(string ...$arguments): array
    {
        return Project::php([$this->gestor->script(), ...$arguments]);
    }

    public function testHelpNeedsNoGestor(): void
    {
        unlink($this->gestor->root . '/config.php');
        [$status, $out, $err] = $this->cli('--help');
        self::assertSame([0, ''], [$status, $err]);
        foreach (explode(' ', 'id origem_tipo arquivo local_path owner repo ref cred_ref url sha256 reprocessar dry-run no-resources'
            . ' no-migrations only-migrations only-resources forcar adocao conflitos orfaos json debug') as $option) {
            self::assertStringContainsString("--{$option}", $out);
        }
    }

    public function testWrongOptionsAreNamed(): void
    {
        foreach ([
            [['--idd=x'], 'unknown option `--idd`'],
            [['x'], 'unexpected argument `x`'],
            [['--id'], 'option `--id` wants a value'],
            [['--json'], 'the plugin is missing'],
            [['--id=a', '--adocao=x'], '`adocao` is "x"'],
            [['--id=a', '--dry-run=talvez'], '`dry_run` must be of type bool'],
        ] as [$arguments, $text]) {
            [$status, , $err] = $this->cli(...$arguments);
            self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status, $text);
            self::assertStringContainsString($text, $err);
        }
    }

    public function testWithoutConfigItSaysWhereItBelongs(): void
    {
        unlink($this->gestor->root . '/config.php');
        [$status, $out, $err] = $this->cli('--id=a', '--json');
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status);
        self::assertStringContainsString('there is no config.php in ' . $this->gestor->root, $err);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, json_decode($out, true)['codigo']);
    }

    public function testJsonIsAllThatStandsOnStandardOutput(): void
    {
        file_put_contents($this->gestor->root . '/config.php', "\necho 'noise';\n", FILE_APPEND);
        [$status, $out, $err] = $this->cli('--id=a', '--arquivo=none.zip', '--json');
        self::assertNotSame(0, $status);
        self::assertSame($status, json_decode($out, true)['codigo'] ?? null, $out);
        self::assertStringContainsString('noise', $err);
    }

    public function testTheDatabaseIsNamedAndSeveralDomainsAreTold(): void
    {
        mkdir($this->gestor->root . '/autenticacoes/a.example', 0755, true);
        mkdir($this->gestor->root . '/autenticacoes/b.example');
        [, , $err] = $this->cli('--id=a', '--arquivo=none.zip');
        self::assertStringContainsString('Database: none (', $err);
        self::assertStringContainsString('a.example, b.example', $err);
    }

    public function testASlugIsReadAsOneArgumentOrTwo(): void
    {
        [, $one] = $this->cli('--id=demo', '--json', '--arquivo=none.zip');
        [, $two] = $this->cli('--id', 'demo', '--json', '--arquivo', 'none.zip');
        self::assertSame(json_decode($one, true)['erros'], json_decode($two, true)['erros']);
    }

    public function testTheFirstLineOfAReport(): void
    {
        require_once Project::folder() . '/php/gestor/bibliotecas/plugins-native/ReportText.php';
        $GLOBALS['_GESTOR'] = ['linguagem-codigo' => 'en'];
        foreach ([
            [[0, 'OK', null, '1.0.0'], 'a 1.0.0: 0 OK'],
            [[0, 'OK', '1.0.0', '1.1.0'], 'a 1.0.0 → 1.1.0: 0 OK'],
            [[0, 'OK', '1.0.0', '1.0.0'], 'a 1.0.0: 0 OK'],
            [[14, 'SYNC', '1.0.0', '1.1.0'], 'a 1.0.0 (package: 1.1.0): 14 SYNC'],
            [[14, 'SYNC', null, '1.1.0'], 'a 1.1.0: 14 SYNC'],
            [[20, 'DOWNLOAD', '1.0.0', null], 'a 1.0.0: 20 DOWNLOAD'],
            [[10, 'PARAMS_OR_FILE', null, null], 'a: 10 PARAMS_OR_FILE'],
            [[10, 'PARAMS_OR_FILE', null, null, ''], '10 PARAMS_OR_FILE'],
        ] as [$given, $line]) {
            [$code, $label, $before, $version] = $given;
            $report = ['slug' => $given[4] ?? 'a', 'codigo' => $code, 'rotulo' => $label, 'versao_anterior' => $before, 'versao' => $version];
            self::assertSame("{$line}\n", (new GestorPlugins\ReportText($report))->text());
        }
        unset($GLOBALS['_GESTOR']);
    }

    public function testHelpAndVersionAnswerBesideOtherOptions(): void
    {
        foreach ([['--id=a', '--help'], ['--help', '--nonsense'], ['--nonsense', 'x', '--help'], ['--id', '--help'], ['x', '-h']] as $arguments) {
            [$status, $out, $err] = $this->cli(...$arguments);
            self::assertSame([0, ''], [$status, $err]);
            self::assertStringContainsString('--origem_tipo', $out);
        }
        [$status, $out] = $this->cli('--version', '--id=a');
        self::assertSame(0, $status);
        self::assertMatchesRegularExpression('/^gestor-plugins \d+\.\d+\.\d+ \((extension|FFI)\)\n$/', $out);
        self::assertSame(10, $this->cli('--version', '--nonsense')[0]);
    }

    public function testQuietPrintsErrorsAlone(): void
    {
        [$status, $out, $err] = $this->cli('--id=a', '--arquivo=none.zip', '--quiet');
        self::assertNotSame(0, $status);
        self::assertSame('', $out);
        self::assertStringNotContainsString('Database', $err);
        self::assertStringNotContainsString('[1/', $err);
        self::assertNotSame('', $err);
        self::assertIsArray(json_decode($this->cli('--id=a', '--arquivo=none.zip', '--quiet', '--json')[1], true));
    }

    /** On a terminal of so many columns. */
    private function onTerminal(string $term, int $columns): string
    {
        $code = 'require "' . Project::folder() . '/php/gestor/bibliotecas/plugins-native/ProgressBar.php"; $bar = new GestorPlugins\ProgressBar(true, STDERR);'
            . 'foreach ([[1, 0], [3, 9], [2, 1], [3, 2]] as [$step, $done]) { $bar->show(["indice" => $step, "total" => 4, "feito" => $done, "de" => 10,'
            . ' "unidade" => "rows", "mensagem" => str_repeat("ção ", 40)]); }';
        $command = PHP_BINARY . ' -n -r ' . escapeshellarg($code);
        [, $out] = Project::run(['script', '-qec', $command, '/dev/null'], null, ['TERM' => $term, 'COLUMNS' => (string) $columns, 'PATH' => (string) getenv('PATH')]);
        return $out;
    }

    public function testProgressFitsTheTerminalAndNeverRunsBackwards(): void
    {
        $lines = array_slice(explode("\r\033[K", $this->onTerminal('xterm', 60)), 1);
        self::assertCount(4, $lines);
        $filled = array_map(static fn (string $line): int => substr_count($line, '#'), $lines);
        $sorted = $filled;
        sort($sorted);
        self::assertSame($sorted, $filled);
        self::assertGreaterThan(0, $filled[1]);
        foreach ($lines as $line) {
            self::assertSame(59, preg_match_all('/./us', $line), $line);
        }
    }

    public function testADumbTerminalGetsPlainLines(): void
    {
        foreach (['dumb', ''] as $term) {
            $out = $this->onTerminal($term, 60);
            self::assertStringNotContainsString("\033", $out);
            preg_match_all('~^\[(\d)/4\]~m', $out, $steps);
            self::assertSame(['1', '3'], $steps[1]);
        }
    }

    public function testIncludedItOnlyBringsItsFunction(): void
    {
        $code = 'require ' . var_export($this->gestor->script(), true) . '; echo function_exists("plugin_process_cli") ? "there" : "";';
        [$status, $out] = Project::php(['-r', $code]);
        self::assertSame([0, 'there'], [$status, $out]);
    }
}
