<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Package;
use Tests\Project;

/** Settings of the machine: a call makes limits tighter and never wider; a wrong value is told, and the default counts. */
final class SettingsTest extends TestCase
{
    private Database $database;
    private GestorTree $gestor;

    protected function setUp(): void
    {
        $this->database = new Database();
        $this->gestor = new GestorTree($this->database);
    }

    protected function tearDown(): void
    {
        $this->database->drop();
        $this->gestor->remove();
    }

    /** @return array{0: int, 1: string, 2: string, 3: string} code, errors, warnings, standard error */
    private function install(array $more = [], array $options = [], array $environment = [], string $before = ''): array
    {
        $script = $this->gestor->root . '/call.php';
        file_put_contents($script, '<?php ' . $before . ' require __DIR__ . "/bibliotecas/plugins-installer.php";
            $code = plugin_install(json_decode($argv[1], true));
            echo json_encode([$code, implode("; ", plugin_report()["erros"]), implode("; ", plugin_report()["avisos"])]);');
        $file = Package::write($this->gestor->root . '/p.zip');
        $params = $more + ['slug' => Package::SLUG, 'raiz' => $this->gestor->root, 'arquivo' => $file, 'lang' => 'en',
            'db' => $this->database->parameters()];
        [, $out, $error] = Project::php(['-d', 'display_errors=stderr', ...$options, $script, json_encode($params)], Project::environment($environment));
        $answer = json_decode($out, true);
        self::assertIsArray($answer, $out . $error);
        return [...$answer, $error];
    }

    public function testACallCannotRaiseALimit(): void
    {
        $machine = ['-d', 'gestor_plugins.entradas=3'];
        [$code, $errors, $warnings] = $this->install(['limites' => ['entradas' => 100]], $machine);
        self::assertSame(PLG_EXIT_ZIP_INVALID, $code);
        self::assertStringContainsString('ZIP_TOO_MANY_ENTRIES', $errors);
        self::assertStringContainsString('limites.entradas = 100 is more than this machine allows: 3 counts', $warnings);
        self::assertSame(PLG_EXIT_ZIP_INVALID, $this->install(['limites' => ['entradas' => 100]], [], ['GESTOR_PLUGINS_ENTRADAS' => '3'])[0]);
        // The built-in limits are the machine's too.
        self::assertSame(0, $this->install(['limites' => ['bytes_pacote' => 1 << 40]])[0]);
        self::assertStringContainsString('268435456 counts', $this->install(['limites' => ['bytes_pacote' => 1 << 40], 'reprocessar' => true])[2]);
    }

    public function testACallCanLowerALimit(): void
    {
        [$code, , $warnings] = $this->install(['limites' => ['entradas' => 3]]);
        self::assertSame([PLG_EXIT_ZIP_INVALID, ''], [$code, $warnings]);
    }

    public function testAScriptCannotLoosenThem(): void
    {
        $before = 'foreach (["ENTRADAS" => "100", "BLACKLIST" => "x"] as $name => $value) {
            ini_set("gestor_plugins." . strtolower($name), $value); putenv("GESTOR_PLUGINS_{$name}={$value}");
        }';
        self::assertSame(PLG_EXIT_ZIP_INVALID, $this->install([], ['-d', 'gestor_plugins.entradas=3'], [], $before)[0]);
        if (Project::usesExtension()) {
            self::assertSame(PLG_EXIT_ZIP_INVALID, $this->install([], [], ['GESTOR_PLUGINS_ENTRADAS' => '3'], $before)[0]);
        }
    }

    /** As README says: PHP does not know our settings without the extension, and says so. */
    public function testIniSetIsTheExtensionsAloneAndTheEnvironmentIsBoths(): void
    {
        $before = 'fwrite(STDERR, ini_set("gestor_plugins.log_level", "debug") === false ? "[refused]" : "[set]");';
        [$code, , , $error] = $this->install([], [], [], $before);
        self::assertSame(0, $code);
        self::assertStringContainsString(Project::usesExtension() ? '[set]' : '[refused]', $error);
        self::assertSame(Project::usesExtension(), strpos($this->gestor->log(), '[DEBUG]') !== false);
        [$code, , $warnings] = $this->install([], [], [], 'putenv("GESTOR_PLUGINS_ORFAOS=maybe");');
        self::assertSame(0, $code);
        self::assertStringContainsString('GESTOR_PLUGINS_ORFAOS is "maybe"', $warnings);
    }

    public function testAWrongValueIsToldAndTheDefaultCounts(): void
    {
        [$code, , $warnings, $error] = $this->install([], ['-d', 'gestor_plugins.razao=lots'], ['GESTOR_PLUGINS_ORFAOS' => 'maybe']);
        self::assertSame(0, $code);
        self::assertStringContainsString('GESTOR_PLUGINS_ORFAOS is "maybe", which does not count; allowed: log, export, ignore, inativar, remover. Its default counts: log', $warnings);
        $told = Project::usesExtension() ? $error : $warnings;
        self::assertMatchesRegularExpression('/gestor_plugins\.razao is "lots".*allowed: 0 or more\. Its default counts: 200/', $told);
        if (Project::usesExtension()) {
            self::assertStringContainsString('PHP Startup: the setting GESTOR_PLUGINS_ORFAOS is "maybe"', $error);
        }
    }
}
