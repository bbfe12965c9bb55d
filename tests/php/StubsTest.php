<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Project;

/** The IDE stubs say what the extension declares, and the FFI functions have the same signatures. */
final class StubsTest extends TestCase
{
    private const DESCRIBE = <<<'PHP'
        $all = ['functions' => [], 'constants' => []];
        foreach (get_defined_functions() as $kind) foreach ($kind as $name) {
            if (preg_match('/^(plugin_(report|checksum|resource_checksum|data_table)|plg_exit_code_label)$/', $name) || (preg_match('/^plugin_/', $name) && isset(OPERATIONS[$name]))) {
                $f = new ReflectionFunction($name);
                $p = array_map(fn ($p) => $p->getType() . ' $' . $p->getName() . ($p->isDefaultValueAvailable() ? '=' . var_export($p->getDefaultValue(), true) : ''), $f->getParameters());
                $all['functions'][$name] = '(' . implode(', ', $p) . '): ' . $f->getReturnType();
            }
        }
        foreach (get_defined_constants() as $name => $value) if (preg_match('/^PLG_/', $name)) $all['constants'][$name] = $value;
        ksort($all['functions']); ksort($all['constants']);
        echo json_encode($all);
        PHP;

    private static function operations(): string
    {
        return 'const OPERATIONS = ' . var_export(array_fill_keys(array_keys(GestorPlugins\Catalogue::OPERATIONS), true), true) . ';';
    }

    private function described(array $arguments, string $first): array
    {
        [$status, $out, $err] = Project::run([PHP_BINARY, ...$arguments, '-r', $first . self::operations() . self::DESCRIBE]);
        self::assertSame(0, $status, $err . $out);
        return json_decode($out, true);
    }

    public function testStubsAreWhatTheExtensionDeclares(): void
    {
        $folder = Project::folder();
        $extension = $this->described(['-n', '-d', "extension={$folder}/target/gestor_plugins.so"], '');
        $stubs = $this->described(['-n'], "require '{$folder}/php/stubs/gestor_plugins.stubs.php';");
        self::assertCount(5 + count(GestorPlugins\Catalogue::OPERATIONS), $extension['functions']);
        self::assertSame($extension, $stubs);
    }

    public function testTheLibrarysFunctionsHaveTheSameSignatures(): void
    {
        $folder = Project::folder();
        $extension = $this->described(['-n', '-d', "extension={$folder}/target/gestor_plugins.so"], '');
        $shim = $this->described(['-n'], "require '{$folder}/php/gestor/bibliotecas/plugins-installer.php';");
        self::assertSame($extension, $shim);
    }

    /** Names of an array shape, with `?` behind those that may be absent. @return list<string> */
    private static function keys(string $shape): array
    {
        $text = (string) preg_replace(['/^ \* ?/m', '/\s+/'], ['', ' '], $shape);
        // Shapes inside of others, from the innermost.
        while (preg_match('/: ([^{},]*\{[^{}]*\}>?)/', $text)) {
            $text = (string) preg_replace('/: ([^{},]*\{[^{}]*\}>?)/', ': x', $text);
        }
        preg_match_all('/(\w+\??): /', $text, $names);
        sort($names[1]);
        return $names[1];
    }

    public function testTheShapesOfReportsAreThoseOfTheSchema(): void
    {
        $stubs = (string) file_get_contents(Project::folder() . '/php/stubs/gestor_plugins.stubs.php');
        $schema = json_decode((string) file_get_contents(Project::folder() . '/schemas/report.schema.json'), true)['$defs'];
        $shapes = ['PluginInstallReport' => 'installation', 'PluginRecoverReport' => 'recovery', 'PluginMarkReport' => 'mark', 'PluginListReport' => 'list', 'PluginHistoryReport' => 'history', 'PluginConflictsReport' => 'conflicts', 'PluginResolveReport' => 'resolve', 'PluginVerifyReport' => 'verification', 'PluginVerifyAllReport' => 'verifications', 'PluginUpdateAllReport' => 'updates', 'PluginRunningReport' => 'running', 'PluginCancelReport' => 'cancel', 'PluginPruneReport' => 'prune', 'PluginExportReport' => 'export', 'PluginMetricsReport' => 'metrics', 'PluginStatisticsReport' => 'statistics', 'PluginCredentialsReport' => 'credentials', 'PluginIndexReport' => 'index', 'PluginIndexPublishReport' => 'index_publish', 'PluginTableCounts' => 'tabela'];
        foreach ($shapes as $type => $name) {
            $shape = explode("@phpstan-type {$type} array{", $stubs, 2)[1] ?? '';
            $shape = rtrim((preg_split('~\n \*(/| @)~', $shape) ?: [''])[0]);
            $wanted = array_map(
                static fn (string $key): string => in_array($key, $schema[$name]['required'], true) ? $key : "{$key}?",
                array_keys($schema[$name]['properties'])
            );
            sort($wanted);
            self::assertSame($wanted, self::keys(substr($shape, 0, -1)), $type);
        }
    }

    public function testTheHeaderCanBeReadByFfiAndIsWhatTheShimDeclares(): void
    {
        $header = (string) file_get_contents(Project::folder() . '/include/gestor_plugins.h');
        $declared = (string) preg_replace('/^#.*$/m', '', $header);
        if (class_exists(FFI::class)) {
            $c = FFI::cdef($declared, Project::folder() . '/target/libgestor_plugins.so');
            self::assertMatchesRegularExpression('/^\d+\.\d+\.\d+$/', $c->gestor_plugins_version());
        }
        preg_match_all('/^\w[\w *]*gestor_plugins_\w+\([^)]*\);$/m', $declared, $functions);
        $own = array_map('trim', explode("\n", GestorPlugins\Library::DECLARATIONS));
        self::assertSame($functions[0], array_values(array_filter($own, static fn (string $line): bool => strpos($line, '(') !== false)));
    }
}
