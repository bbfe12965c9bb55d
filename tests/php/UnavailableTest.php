<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\GestorTree;
use Tests\Project;

/** With neither the extension nor the C library there is one clear message, and code 10. */
final class UnavailableTest extends TestCase
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

    private function bare(array $options, array $environment): array
    {
        $all = array_diff_key(getenv(), ['GESTOR_PLUGINS_LIB' => 1]);
        $command = [PHP_BINARY, ...$options, $this->gestor->script(), '--id=demo', '--arquivo=x.zip', '--json'];
        return Project::run($command, null, $environment + $all);
    }

    public function testNeither(): void
    {
        [$status, $out, $err] = $this->bare([], []);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status);
        $reason = json_decode($out, true)['erros'][0];
        self::assertStringContainsString('gestor_plugins is not loaded and the C library was not found', $reason);
        self::assertStringContainsString('GESTOR_PLUGINS_LIB', $reason);
        self::assertSame(1, substr_count($err, $reason), 'told once');
        self::assertStringContainsString("[PLUGIN:demo] [erro] {$reason}", $this->gestor->log());
    }

    public function testTheLibraryBesideTheShimIsFound(): void
    {
        copy(Project::folder() . '/target/libgestor_plugins.so', $this->gestor->root . '/bibliotecas/plugins-native/libgestor_plugins.so.0');
        [, $out] = $this->bare(['-d', 'ffi.enable=true'], []);
        self::assertStringNotContainsString('not loaded', json_decode($out, true)['erros'][0] ?? '');
    }

    public function testForbiddenFfiNamesTheSetting(): void
    {
        [$status, $out] = $this->bare(['-d', 'ffi.enable=0'], ['GESTOR_PLUGINS_LIB' => Project::folder() . '/target/libgestor_plugins.so']);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status);
        self::assertStringContainsString('ffi.enable=true', json_decode($out, true)['erros'][0]);
    }

    /** @return iterable<string, array{list<string>, string, string}> */
    public static function missing(): iterable
    {
        $library = Project::folder() . '/target/libgestor_plugins.so';
        yield 'neither' => [[], '', 'the C library was not found'];
        yield 'no FFI' => [['-n'], $library, 'needs the PHP extension ffi'];
        yield 'FFI is forbidden' => [['-d', 'ffi.enable=0'], $library, 'PHP does not allow FFI here'];
        // PHP 8.4 ends with a segmentation fault when it starts so, whatever it runs.
        PHP_VERSION_ID >= 80400 || yield 'FFI is switched off' => [['-d', 'ffi.enable=1', '-d', 'disable_classes=FFI'], $library, 'could not be loaded'];
        yield 'no library' => [['-d', 'ffi.enable=1'], __FILE__, 'could not be loaded'];
    }

    /**
     * Nothing is thrown that a gestor does not catch: each function says why, in its own way.
     *
     * @dataProvider missing
     */
    public function testNoFunctionThrows(array $options, string $library, string $why): void
    {
        $code = 'set_error_handler(function ($type, $text) use (&$warned) { $warned[] = $text; return true; });
            require $argv[1] . "/bibliotecas/plugins-installer.php"; $call = ["slug" => "demo", "raiz" => $argv[1]];
            $given = [plugin_install($call), plugin_report(), plugin_data_sync($call), plugin_recover($call), plugin_status_mark($call), plugin_report(),
                plugin_process($call), plugin_report(), plugin_mark_status("demo", "ok"), instalar_plugin(["nome" => "demo", "url" => "https://x"])];
            $asked = [plugin_checksum(__FILE__), plugin_resource_checksum(__FILE__, null), plugin_data_table("PaginasData.json"),
                plugin_compute_checksum(__FILE__), tabelaFromDataFile("PaginasData.json")];
            echo json_encode([$given, $asked, $warned, plg_exit_code_label(10)]);';
        $environment = ['GESTOR_PLUGINS_LIB' => $library] + getenv();
        [$status, $out, $error] = Project::run([PHP_BINARY, ...$options, '-r', $code, $this->gestor->root], null, $environment);
        self::assertSame(0, $status, $out . $error);
        [$given, $asked, $warned, $label] = json_decode(substr($out, (int) strpos($out, '[')), true);
        foreach ($given as $number => $one) {
            $told = is_array($one) ? [$one['codigo'], $one['slug'], $one['rotulo']] : $one;
            self::assertContains($told, [PLG_EXIT_PARAMS_OR_FILE, false, [PLG_EXIT_PARAMS_OR_FILE, 'demo', $label]], (string) $number);
            self::assertStringContainsString($why, $one['erros'][0] ?? $why);
        }
        self::assertSame([null, null, '', null, ''], $asked);
        $warned = array_values(array_filter($warned, static fn (string $text): bool => strpos($text, 'gestor') !== false || strpos($text, 'FFI') !== false));
        self::assertCount(5, array_filter($warned, static fn (string $text): bool => strpos($text, $why) !== false), implode("\n", $warned));
    }

    public function testALibraryThatIsNone(): void
    {
        $file = $this->gestor->root . '/x.so';
        file_put_contents($file, 'x');
        [$status, $out] = $this->bare(['-d', 'ffi.enable=true'], ['GESTOR_PLUGINS_LIB' => $file]);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status);
        self::assertStringContainsString($file, json_decode($out, true)['erros'][0]);
    }
}
