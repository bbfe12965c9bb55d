<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Project;

/** The functions that need no gestor, and the refusal of wrong calls: the same over both backends. */
final class NativeFunctionsTest extends TestCase
{
    public function testLabels(): void
    {
        self::assertSame('OK', plg_exit_code_label(0));
        self::assertSame('CHECKSUM', plg_exit_code_label(PLG_EXIT_CHECKSUM));
        self::assertSame('UNKNOWN', plg_exit_code_label(1));
        self::assertSame('UNKNOWN', plg_exit_code_label(PHP_INT_MIN));
    }

    public function testConstants(): void
    {
        self::assertSame([0, 16, 99], [PLG_EXIT_OK, PLG_EXIT_CANCELLED, PLG_EXIT_INTERNAL]);
        self::assertSame('aguardando_dependencia', PLG_STATUS_AGUARDANDO);
    }

    public function testChecksumOfAFileWithAnOddName(): void
    {
        $folder = Project::temporaryFolder();
        $file = "{$folder}/caf\xe9 \n.bin";
        file_put_contents($file, str_repeat("x\0y", 300000));
        self::assertSame(hash_file('sha256', $file), plugin_checksum($file));
        self::assertSame(hash_file('sha256', $file), plugin_compute_checksum($file));
        self::assertNull(plugin_checksum("{$folder}/none"));
        self::assertNull(plugin_checksum($folder));
        Project::remove($folder);
    }

    public function testResourceChecksum(): void
    {
        $folder = Project::temporaryFolder();
        file_put_contents("{$folder}/a.html", '<p>');
        file_put_contents("{$folder}/a.css", 'p{}');
        [$html, $css] = [hash('sha256', '<p>'), hash('sha256', 'p{}')];
        self::assertSame(
            ['html' => $html, 'css' => $css, 'combined' => hash('sha256', "{$html}:{$css}")],
            plugin_resource_checksum("{$folder}/a.html", "{$folder}/a.css")
        );
        self::assertSame(
            ['html' => null, 'css' => $css, 'combined' => hash('sha256', ":{$css}")],
            plugin_resource_checksum("{$folder}/none", "{$folder}/a.css")
        );
        self::assertNull(plugin_resource_checksum(null, null));
        self::assertNull(plugin_resource_checksum("{$folder}/none", null));
        Project::remove($folder);
    }

    public function testTableOfADataFile(): void
    {
        self::assertSame('hosts_configuracoes', plugin_data_table('HostsConfiguracoesData.json'));
        self::assertSame('example_table', tabelaFromDataFile('/x/db/data/ExampleTableData.json'));
        self::assertSame('', tabelaFromDataFile('Data.json'));
        $this->expectException(ValueError::class);
        plugin_data_table('schema.json');
    }

    public function testAPathWithNulIsRefused(): void
    {
        $this->expectException(ValueError::class);
        $this->expectExceptionMessage('plugin_checksum(): Argument #1 ($file) must not contain any null bytes');
        plugin_checksum("/etc/passwd\0.zip");
    }

    /** @return iterable<string, array{array, class-string, string}> */
    public static function wrongCalls(): iterable
    {
        $deep = [];
        for ($level = 0; $level < 40; $level++) {
            $deep = [$deep];
        }
        yield 'no root' => [[], ValueError::class, 'parameter `raiz` is missing'];
        yield 'unknown key' => [['raiz' => '/x', 'sluug' => 'a'], ValueError::class, 'unknown parameter `sluug`; known are: slug,'];
        yield 'unknown key of db' => [['raiz' => '/x', 'db' => ['pass' => '']], ValueError::class, 'unknown parameter `db.pass`'];
        yield 'a list for a text' => [['raiz' => ['x']], TypeError::class, 'parameter `raiz` must be of type string, array given'];
        yield 'an object' => [['raiz' => new stdClass()], TypeError::class, 'parameter `raiz` must be of type array|string|int|float|bool|null, object given'];
        yield 'a wrong word' => [['raiz' => '/x', 'adocao' => 'talvez'], ValueError::class, 'allowed: orfaos, nunca, sempre'];
        yield 'a negative wait' => [['raiz' => '/x', 'espera_lock' => -1], ValueError::class, '`espera_lock`'];
        yield 'no callable' => [['raiz' => '/x', 'migracoes' => 'no such function'], TypeError::class, '`migracoes` must be of type callable, string given'];
        yield 'too deep' => [['raiz' => '/x', 'limites' => ['entradas' => $deep]], ValueError::class, 'at most 16 levels'];
        yield 'a flag of text' => [['raiz' => '/x', 'dry_run' => 'talvez'], TypeError::class, '`dry_run` must be of type bool'];
    }

    /** @dataProvider wrongCalls */
    public function testAWrongCallThrows(array $params, string $class, string $message): void
    {
        try {
            plugin_install($params);
            self::fail('nothing was thrown');
        } catch (Error $fault) {
            self::assertInstanceOf($class, $fault);
            self::assertStringContainsString($message, $fault->getMessage());
        }
    }

    public function testReferencesAndCoercion(): void
    {
        $root = '/no/such/gestor';
        $params = ['slug' => 'a', 'raiz' => &$root, 'espera_lock' => '0', 'dry_run' => '1', 'limites' => [], 'arquivo' => null];
        self::assertNotSame(PLG_EXIT_OK, plugin_install($params));
        self::assertSame('/no/such/gestor', $root);
    }

    public function testTheReportIsOfTheLastOperation(): void
    {
        $code = plugin_install(['slug' => 'a', 'raiz' => '/no/such/gestor', 'arquivo' => '/none.zip']);
        $report = plugin_report();
        self::assertSame($code, $report['codigo']);
        self::assertSame(plg_exit_code_label($code), $report['rotulo']);
        plugin_status_mark(['slug' => 'a', 'status' => 'ok', 'raiz' => '/no/such/gestor']);
        $why = plugin_report();
        self::assertFalse($why['ok']);
        self::assertStringContainsString('is no gestor', $why['erros'][0]);
    }

    public function testTheShimNeverThrowsForAWrongCall(): void
    {
        $_GESTOR_before = $GLOBALS['_GESTOR'] ?? null;
        $folder = Project::temporaryFolder();
        // Whose the log is to be is read from it.
        mkdir($folder . '/plugins');
        $GLOBALS['_GESTOR'] = ['ROOT_PATH' => $folder . '/'];
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, plugin_process_cli(['slug' => 'a', 'sluug' => 'b']));
        self::assertStringContainsString('`sluug`', GestorPlugins\Installer::report()['erros'][0]);
        self::assertStringContainsString('[PLUGIN:a] [erro] unknown parameter', (string) file_get_contents("{$folder}/logs/plugins/installer.log"));
        $GLOBALS['_GESTOR'] = $_GESTOR_before;
        Project::remove($folder);
    }

    public function testNamesOfAGestor(): void
    {
        $GLOBALS['_GESTOR'] = ['ROOT_PATH' => '/srv/gestor/'];
        self::assertSame('my-plugin_1', plugin_normalize_slug('My Plugin_1'));
        self::assertSame('/srv/gestor/', plugin_base_root());
        self::assertSame('/srv/gestor/temp/plugins/a-b', plugin_staging_path('A b'));
        self::assertSame('/srv/gestor/plugins/a', plugin_final_path('a'));
        unset($GLOBALS['_GESTOR']);
    }
}
