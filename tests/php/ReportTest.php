<?php

declare(strict_types=1);

use GestorPlugins\Host;
use GestorPlugins\Json;
use GestorPlugins\ReportText;
use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;
use Tests\Schema;

require_once __DIR__ . '/support/Schema.php';

/** Reports: as JSON they are what schemas/report.schema.json describes, as text all that they say. */
final class ReportTest extends TestCase
{
    use PackagedSite;

    private function call(array $more): array
    {
        return $more + ['slug' => Package::SLUG, 'raiz' => $this->gestor->root, 'db' => $this->database->parameters(), 'lang' => 'en'];
    }

    private function cli(string ...$arguments): string
    {
        return Project::php([$this->gestor->script(), '--id=' . Package::SLUG, '--arquivo=' . $this->gestor->root . '/p.zip', '--json', ...$arguments])[1];
    }

    public function testWhatTheCommandLineWritesIsDescribed(): void
    {
        $schema = new Schema();
        foreach ([
            'a plan' => [PLG_EXIT_OK, ['--dry-run']], 'an installation' => [PLG_EXIT_OK, []], 'nothing to do' => [PLG_EXIT_OK, []],
            'no option' => [PLG_EXIT_PARAMS_OR_FILE, ['--nonsense']], 'a wrong call' => [PLG_EXIT_PARAMS_OR_FILE, ['--adocao=x']],
            'no package' => [PLG_EXIT_PARAMS_OR_FILE, ['--arquivo=/none']], 'another checksum' => [PLG_EXIT_CHECKSUM, ['--sha256=' . str_repeat('0', 64)]],
        ] as $what => [$code, $arguments]) {
            $out = $this->cli(...$arguments);
            self::assertSame([], $schema->faults($out), "{$what}: {$out}");
            self::assertSame($code, json_decode($out, true)['codigo'], $what);
            self::assertDoesNotMatchRegularExpression('/"(tabelas|duracao_ms)": \[/', $out, $what);
        }
        file_put_contents($this->gestor->root . '/config.php', "\nexit('gone');\n", FILE_APPEND);
        self::assertSame([], $schema->faults($this->cli()));
    }

    public function testWhatTheFunctionsReportIsDescribed(): void
    {
        $schema = new Schema();
        $described = static function (string $what) use ($schema): void {
            $json = (string) json_encode(Json::report((array) plugin_report()));
            self::assertSame([], $schema->faults($json), "{$what}: {$json}");
        };
        $folder = $this->gestor->root . '/data';
        mkdir($folder);
        plugin_install($this->call(['arquivo' => $this->gestor->root . '/p.zip']));
        $described('install');
        plugin_data_sync($this->call(['pasta' => $folder]));
        $described('sync');
        plugin_data_sync($this->call(['pasta' => '/none']));
        $described('sync that fails');
        plugin_recover($this->call([]));
        $described('recover');
        plugin_recover(['raiz' => '/none', 'db' => []]);
        $described('recover that fails');
        self::assertFalse(plugin_status_mark(['status' => 'none'] + array_diff_key($this->call([]), ['lang' => 1])));
        $described('mark that fails');
        try {
            plugin_install(['nonsense' => 1]);
            self::fail('nothing was thrown');
        } catch (ValueError $fault) {
            $described('a wrong call');
        }
    }

    public function testTheSchemaRefusesOtherShapes(): void
    {
        $schema = new Schema();
        $report = Json::failure(PLG_EXIT_SYNC, 'why');
        self::assertSame([], $schema->faults((string) json_encode(Json::report($report))));
        self::assertNotSame([], $schema->faults((string) json_encode($report)), 'an empty map is {}');
        foreach (['codigo' => 0, 'erros' => [], 'duracao_ms' => 5, 'more' => 1, 'checksum' => 'x'] as $key => $wrong) {
            self::assertNotSame([], $schema->faults((string) json_encode([$key => $wrong] + Json::report($report))), $key);
        }
    }

    /** A table may be named in digits alone: PHP makes a list of such a map. */
    public function testMapsStayMaps(): void
    {
        $table = array_fill_keys(['inseridos', 'adotados', 'alterados', 'iguais', 'preservados', 'orfaos', 'ignorados'], 0);
        $report = ['tabelas' => [0 => $table]] + Json::failure(PLG_EXIT_SYNC, 'why');
        self::assertSame([], (new Schema())->faults((string) json_encode(Json::report($report))));
    }

    private const FULL = [
        'codigo' => 0, 'rotulo' => 'OK', 'slug' => 'a', 'versao_anterior' => '1.0.0', 'versao' => '1.1.0', 'dry_run' => false, 'inalterado' => false,
        'tabelas' => [
            'paginas' => ['inseridos' => 1, 'adotados' => 2, 'alterados' => 3, 'iguais' => 4, 'preservados' => 5, 'orfaos' => 6, 'ignorados' => 7],
            'layouts' => ['inseridos' => 0, 'adotados' => 0, 'alterados' => 0, 'iguais' => 0, 'preservados' => 0, 'orfaos' => 0, 'ignorados' => 0],
        ],
        'arquivos' => ['novos' => 8, 'alterados' => 9, 'removidos' => 10], 'migracoes' => ['1 One', '2 Two'],
        'avisos' => ['look here', 'and there'], 'backup' => '/b.zip', 'php_alterados' => ['a.php'],
    ];

    public function testAllThatAReportSays(): void
    {
        $GLOBALS['_GESTOR'] = ['linguagem-codigo' => 'en'];
        self::assertSame(<<<'TEXT'
            a 1.0.0 → 1.1.0: 0 OK
              files: 8 new, 9 changed, 10 removed
              paginas: 1 new, 2 adopted, 3 changed, 4 same, 5 kept from users, 6 orphans, 7 left alone
              layouts: 0
              migrations: 1 One, 2 Two
              backup: /b.zip
              warning: look here
              warning: and there
              hint: with opcache.validate_timestamps=0, reload php-fpm

            TEXT, (new ReportText(self::FULL))->text());
        $GLOBALS['_GESTOR'] = ['linguagem-codigo' => 'pt-br'];
        self::assertSame(<<<'TEXT'
            a 1.0.0 → 1.1.0: 0 OK (simulação: nada foi alterado)
              arquivos: 8 novos, 9 alterados, 10 removidos
              paginas: 1 inseridos, 2 adotados, 3 alterados, 4 iguais, 5 preservados, 6 órfãos, 7 ignorados
              layouts: 0
              migrações: 1 One, 2 Two
              backup: /b.zip
              aviso: look here
              aviso: and there
              dica: com opcache.validate_timestamps=0, recarregue o php-fpm

            TEXT, (new ReportText(['dry_run' => true] + self::FULL))->text());
    }

    /** Whatever a package or a path is called, it moves no cursor and begins no line. */
    public function testNothingThatAReportQuotesPretends(): void
    {
        $odd = "x\e[2K\n[PLUGIN:other] \u{202e}y\rz";
        $shown = Host::plain($odd);
        $text = (new ReportText([
            'slug' => $odd, 'rotulo' => $odd, 'versao' => $odd, 'migracoes' => [$odd], 'avisos' => [$odd], 'backup' => $odd,
            'tabelas' => [$odd => self::FULL['tabelas']['layouts']],
        ] + self::FULL))->text();
        self::assertSame(7, substr_count($text, "\n"), $text);
        self::assertSame(7, substr_count($text, $shown), $text);
        self::assertDoesNotMatchRegularExpression('/[\e\r]|\[PLUGIN:|\x{202e}/u', $text);
    }

    public function testTheInstallersOwnLogLinesAreCleaned(): void
    {
        $GLOBALS['_GESTOR'] = ['ROOT_PATH' => $this->gestor->root];
        $odd = "a\n[2026-01-01] [INFO] [PLUGIN:other] [ok] done \e[2K\u{202e}";
        Host::log("Our\nPlugin", 'ERROR', 'erro', $odd);
        self::assertMatchesRegularExpression('/^\[[^\]]+\] \[ERROR\] \[PLUGIN:our-plugin\] \[erro\] [^\e\n\x{202e}]+\n$/u', $this->gestor->log());
        self::assertStringContainsString(Host::plain($odd), $this->gestor->log());
        self::assertSame(1, substr_count($this->gestor->log(), '[PLUGIN:'));
    }
}
