<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Package;
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
            [['--id=a', '--json=0'], 'option `--json` takes no value'],
            [['--quiet=no', '--id=a'], 'option `--quiet` takes no value'],
            [['--version=1.0.0', '--id=a'], 'option `--version` takes a value with --rollback alone'],
            [['--rollback'], 'the plugin is missing'],
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

    public function testADomainIsChosenByItsName(): void
    {
        foreach (['a.example' => 'DB_DATABASE=site_a', 'b.example' => "DB_HOST='localhost:/nowhere' # here\nDB_DATABASE=\"site_b\""] as $domain => $text) {
            mkdir($this->gestor->root . "/autenticacoes/{$domain}", 0777, true);
            file_put_contents($this->gestor->root . "/autenticacoes/{$domain}/.env", $text . "\n");
        }
        foreach (['a.example' => 'site_a', 'b.example' => 'site_b (/nowhere)'] as $domain => $database) {
            [, , $err] = $this->cli('--list', "--dominio={$domain}");
            self::assertStringContainsString("Database: {$database}", $err);
            self::assertStringNotContainsString('several domains', $err);
        }
        foreach (['c.example', '..', '../autenticacoes/a.example', '.', 'a.example/'] as $wrong) {
            [$status, , $err] = $this->cli('--list', "--dominio={$wrong}");
            self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status, $wrong);
            self::assertStringContainsString('domains of this gestor: a.example, b.example', $err);
        }
    }

    public function testADatabaseThatIsGoneIsStruckOutWithoutAPlugin(): void
    {
        [$status, , $err] = $this->cli('--bases=esquecer:1');
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status);
        self::assertStringContainsString('`bases` is "esquecer:1"', $err);
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
        self::assertSame(0, $this->cli('--quiet', '--json', '--version')[0]);
    }

    public function testNoLineBeginsWithABareCode(): void
    {
        foreach ([[], ['--nonsense'], ['--id='], ['--id=a'], ['--id=a', '--adocao=x']] as $arguments) {
            [$status, $out] = $this->cli(...$arguments);
            self::assertMatchesRegularExpression("/^(a: )?{$status} [A-Z_]+\n$/", $out);
        }
    }

    public function testWhatAnArgumentQuotesIsEscaped(): void
    {
        foreach (["--x\e[2K", "\e[2Kx\ny", "--id=a\e[2K", "--id=a", "--adocao=\e[2K"] as $argument) {
            [, $out, $err] = $this->cli($argument, '--arquivo=' . "\e[2K\nx.zip");
            self::assertStringNotContainsString("\e", $out . $err);
        }
        file_put_contents($this->gestor->root . '/config.php', "\n\$_BANCO['nome'] = \"x\\e[2K\\ny\";\n", FILE_APPEND);
        self::assertStringContainsString('Database: x\u{1b}[2K\ny (', $this->cli('--id=a', '--arquivo=none.zip')[2]);
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

    /** What config.php prints is no error of ours, but may be the cause of one. */
    public function testQuietHoldsBackWhatOthersPrintUntilItFails(): void
    {
        $database = new Database();
        $gestor = new GestorTree($database);
        file_put_contents($gestor->root . '/config.php', "\necho 'noise';\n", FILE_APPEND);
        $install = static fn (string $file): array => Project::php([$gestor->script(), '--id=agenda-x', "--arquivo={$file}", '--quiet']);
        try {
            self::assertSame([0, '', ''], $install(Package::write($gestor->root . '/p.zip')));
            self::assertMatchesRegularExpression('/^noise.+/s', $install('/none.zip')[2]);
        } finally {
            $database->drop();
            $gestor->remove();
        }
    }

    /** The whole command on a terminal, where both of its outputs are one: a bar, then the report on lines of its own. */
    public function testAnInstallationOnATerminal(): void
    {
        $database = new Database();
        $gestor = new GestorTree($database);
        Package::write($gestor->root . '/p.zip');
        $command = implode(' ', array_map('escapeshellarg', [PHP_BINARY, ...Project::backendOptions(), $gestor->script(), '--id=agenda-x', "--arquivo={$gestor->root}/p.zip"]));
        $on = static fn (string $term, string $more): array => Project::run(
            Project::onTerminal($command . $more),
            null,
            ['TERM' => $term, 'COLUMNS' => '50'] + Project::environment()
        );
        try {
            [$status, $out] = $on('xterm', '');
            self::assertSame(0, $status, $out);
            self::assertMatchesRegularExpression('~\r\e\[K\[#*\.*\] +\d+/11 ~', $out);
            self::assertMatchesRegularExpression('~\r\e\[Kagenda-x 1\.0\.0: 0 OK\r\n  files: 3 new~', $out);
            preg_match_all('~\e\[K\[(#*)\.*\] +(\d+)/11 ([^\e\r]*)~', $out, $bars);
            foreach ([array_map('strlen', $bars[1]), array_map('intval', $bars[2])] as $numbers) {
                $sorted = $numbers;
                sort($sorted);
                self::assertSame($sorted, $numbers, 'never backwards');
            }
            foreach ($bars[0] as $bar) {
                self::assertLessThan(50, mb_strlen($bar) - strlen("\e[K"));
            }
            foreach ([['dumb', ''], ['xterm', ' 2>&1 | cat'], ['xterm', ' --quiet'], ['xterm', ' --json']] as [$term, $more]) {
                [$status, $out] = $on($term, ' --reprocessar' . $more);
                self::assertSame(0, $status, $out);
                self::assertStringNotContainsString("\e", $out, $term . $more);
            }
        } finally {
            $database->drop();
            $gestor->remove();
        }
    }

    public function testProgressThatComesBackIsShownAsItWas(): void
    {
        $shown = $this->drawn('xterm', 60, [[1, 0, ''], [8, 3, 'rows'], [6, 0, ''], [6, 5, 'rows'], [8, 2, 'rows'], [8, 7, 'rows'], [8, 1, 'files'], [9, 0, '']]);
        preg_match_all('~\] (\d+)/11 m(?: (\d+)/10 (\w*))?~', $shown, $found, PREG_SET_ORDER);
        $numbers = array_map(static fn (array $one): string => implode(' ', array_slice($one, 1)), $found);
        self::assertSame(['1', '8 3 rows', '8', '8', '8 3 rows', '8 7 rows', '8 1 files', '9'], array_map('rtrim', $numbers));
    }

    public function testWideLettersFitAsWell(): void
    {
        self::assertSame('日本', GestorPlugins\ProgressBar::fitting('日本語', 5));
        self::assertSame('ação', GestorPlugins\ProgressBar::fitting('ação!', 4));
        self::assertSame('x', GestorPlugins\ProgressBar::fitting('xyz', 0));
    }

    /** A step's text of others, on a terminal and elsewhere. */
    public function testAStepIsEscaped(): void
    {
        $event = ['indice' => 1, 'total' => 11, 'feito' => 0, 'de' => 10, 'unidade' => "\e[2K", 'mensagem' => "a\n\e[2K"];
        self::assertStringNotContainsString("\e", GestorPlugins\ProgressBar::line($event));
        $stream = fopen('php://memory', 'w+');
        (new GestorPlugins\ProgressBar(true, $stream))->show($event);
        self::assertSame("[1/11] a\\n\\u{1b}[2K\n", stream_get_contents($stream, -1, 0));
    }

    /**
     * What is drawn on a terminal of so many columns.
     *
     * @param list<array{int, int, string}> $events step, done, unit
     */
    private function drawn(string $term, int $columns, array $events, string $message = 'm', array $more = []): string
    {
        $folder = Project::folder() . '/php/gestor/bibliotecas/plugins-native';
        $code = "require '{$folder}/Host.php'; require '{$folder}/ProgressBar.php';" . ' $bar = new GestorPlugins\ProgressBar(true, STDERR);'
            . 'foreach (json_decode($argv[1]) as [$step, $done, $unit]) { $bar->show(["indice" => $step, "total" => 11, "feito" => $done, "de" => 10,'
            . ' "unidade" => $unit, "mensagem" => $argv[2]]); }';
        $command = implode(' ', array_map('escapeshellarg', [PHP_BINARY, '-n', '-r', $code, (string) json_encode($events), $message]));
        $environment = ['TERM' => $term, 'COLUMNS' => (string) $columns, 'PATH' => (string) getenv('PATH')];
        return Project::run(Project::onTerminal(($more['before'] ?? '') . $command), null, $environment)[1];
    }

    public function testProgressFitsTheTerminalAndNeverRunsBackwards(): void
    {
        $events = [[1, 0, 'rows'], [7, 9, 'rows'], [6, 1, 'rows'], [7, 2, 'rows']];
        // Whoever knows the smaller number is believed: the environment, or the terminal itself.
        foreach ([[60, ''], [300, 'stty cols 60; ']] as [$columns, $before]) {
            $lines = array_slice(explode("\r\033[K", $this->drawn('xterm', $columns, $events, str_repeat('ção ', 40), ['before' => $before])), 1);
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
    }

    public function testADumbTerminalGetsPlainLines(): void
    {
        foreach (['dumb', ''] as $term) {
            $out = $this->drawn($term, 60, [[1, 0, ''], [3, 9, ''], [2, 1, ''], [3, 2, '']]);
            self::assertStringNotContainsString("\033", $out);
            preg_match_all('~^\[(\d+)/11\]~m', $out, $steps);
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
