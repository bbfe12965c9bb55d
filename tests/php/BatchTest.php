<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;
use Tests\Schema;

/** Several plugins at once, and a plugin with those that need it; by functions and on the command line. */
final class BatchTest extends TestCase
{
    use PackagedSite;

    private function call(array $more = []): array
    {
        return $more + ['raiz' => $this->gestor->root, 'db' => $this->database->parameters(), 'lang' => 'en'];
    }

    /** A package of a plugin, in the gestor's folder. */
    private function package(string $slug, string $version, array $needs = []): string
    {
        $path = "{$this->gestor->root}/{$slug}-{$version}.zip";
        $zip = new ZipArchive();
        $zip->open($path, ZipArchive::CREATE | ZipArchive::OVERWRITE);
        $manifest = ['id' => $slug, 'name' => $slug, 'version' => $version, 'dependencies' => (object) $needs];
        $zip->addFromString('manifest.json', (string) json_encode($manifest));
        $zip->addFromString('README.txt', str_repeat("{$version}\n", 200));
        $zip->close();
        return $path;
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function cli(string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--json', ...$arguments], null, $this->gestor->root);
        $report = json_decode($out, true);
        self::assertIsArray($report, $out . $err);
        self::assertSame([], (new Schema())->faults($out), $out);
        self::assertSame($status, $report['codigo'], $out);
        return [$status, $report];
    }

    private function versions(): array
    {
        $listed = plugin_list($this->call())['plugins'];
        return array_column($listed, 'versao', 'slug');
    }

    public function testAllOfThemOrNone(): void
    {
        $steps = 0;
        $packages = [
            ['arquivo' => $this->package('one', '1.0.0', ['two' => '^1'])],
            ['slug' => 'two', 'origem_tipo' => 'local_path', 'local_path' => $this->package('two', '1.0.0')],
        ];
        $code = plugin_install_many($this->call(['pacotes' => $packages]), static function () use (&$steps): bool {
            return ++$steps > 0;
        });
        $report = plugin_report();
        self::assertSame(PLG_EXIT_OK, $code, (string) json_encode($report));
        self::assertSame([], (new Schema())->faults((string) json_encode(\GestorPlugins\Json::report($report))));
        self::assertSame([['one', 'two'], true], [array_column($report['plugins'], 'slug'), $report['confirmado']]);
        self::assertGreaterThan(3, $steps);
        $next = [['arquivo' => $this->package('one', '2.0.0', ['two' => '^2'])], ['arquivo' => $this->package('three', '1.0.0')]];
        self::assertSame(PLG_EXIT_DEPENDENCY, plugin_install_many($this->call(['pacotes' => $next])));
        self::assertSame(['one' => '1.0.0', 'two' => '1.0.0'], $this->versions());
        foreach ([[], ['x'], [['arquivo' => 'x', 'raiz' => '/']], 'x'] as $wrong) {
            try {
                plugin_install_many($this->call(['pacotes' => $wrong]));
                self::fail('no exception for ' . json_encode($wrong));
            } catch (\TypeError | \ValueError $fault) {
                self::assertStringContainsString('pacotes', $fault->getMessage());
            }
        }
    }

    public function testTheCommandLineTakesFilesOrAList(): void
    {
        [$one, $two] = [$this->package('one', '1.0.0', ['two' => '*']), $this->package('two', '1.0.0')];
        [$status, $report] = $this->cli('--arquivo=' . basename($one), "--arquivo={$two}", '--dry-run');
        self::assertSame([PLG_EXIT_OK, true, []], [$status, $report['dry_run'], $this->versions()]);
        self::assertSame(PLG_EXIT_OK, $this->cli('--origem_tipo=upload', "--arquivo={$one}", '--arquivo', $two)[0]);
        self::assertSame(['one' => '1.0.0', 'two' => '1.0.0'], $this->versions());
        foreach ([['--id=one'], ['--uninstall'], ['--lote=x.json']] as $wrong) {
            self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $this->cli("--arquivo={$one}", "--arquivo={$two}", ...$wrong)[0]);
        }
        $folder = "{$this->gestor->root}/list";
        mkdir($folder);
        rename($this->package('one', '1.1.0', ['two' => '^1.1']), "{$folder}/one.zip");
        rename($this->package('two', '1.1.0'), "{$folder}/two.zip");
        $list = [['arquivo' => 'one.zip', 'id' => 'one'], ['arquivo' => 'two.zip', 'sha256' => null]];
        file_put_contents("{$folder}/list.json", json_encode(['pacotes' => $list, 'ator' => 'list']));
        self::assertSame(PLG_EXIT_OK, $this->cli('--lote=list/list.json')[0]);
        self::assertSame(['one' => '1.1.0', 'two' => '1.1.0'], $this->versions());
        self::assertSame('list', plugin_history($this->call(['slug' => 'one']))['historico'][0]['ator']);
        file_put_contents("{$folder}/bare.json", json_encode($list));
        self::assertSame(PLG_EXIT_OK, $this->cli('--lote', 'list/bare.json')[0]);
        foreach (['none.json', 'one.zip', ''] as $wrong) {
            self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $this->cli("--lote=list/{$wrong}")[0]);
        }
        file_put_contents("{$folder}/empty.json", '[]');
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $this->cli('--lote=list/empty.json')[0]);
        [, $out] = Project::php([$this->gestor->script(), "--arquivo={$one}", "--arquivo={$two}", '--forcar'], null, $this->gestor->root);
        self::assertStringContainsString('one', $out);
    }

    public function testThoseThatNeedItGoAlong(): void
    {
        $packages = array_map(
            static fn (string $file): array => ['arquivo' => $file],
            [$this->package('one', '1.0.0', ['two' => '*']), $this->package('two', '1.0.0')]
        );
        self::assertSame(PLG_EXIT_OK, plugin_install_many($this->call(['pacotes' => $packages])));
        self::assertSame(PLG_EXIT_DEPENDENCY, $this->cli('--uninstall', '--plugin=two')[0]);
        [$status, $report] = $this->cli('--uninstall', '--plugin=two', '--cascata');
        self::assertSame([PLG_EXIT_OK, ['one']], [$status, array_column($report['plugins'], 'slug')]);
        self::assertSame(['one' => null, 'two' => null], $this->versions());
        self::assertFileDoesNotExist($this->gestor->root . '/plugins/one');
        self::assertSame(PLG_EXIT_OK, plugin_restore($this->call(['slug' => 'two'])));
        self::assertSame(PLG_EXIT_OK, plugin_restore($this->call(['slug' => 'one'])));
        self::assertSame(PLG_EXIT_OK, plugin_disable($this->call(['slug' => 'two', 'cascata' => true])));
        $report = plugin_report();
        self::assertSame(['one'], array_column($report['plugins'], 'slug'));
        self::assertSame([], (new Schema())->faults((string) json_encode(\GestorPlugins\Json::report($report))));
        [, $out] = Project::php([$this->gestor->script(), '--uninstall', '--plugin=two', '--cascata'], null, $this->gestor->root);
        self::assertStringContainsString('two', $out);
    }

    public function testASetIsWrittenAndInstalledByTheCommandLine(): void
    {
        $packages = ['--arquivo=' . $this->package('one', '1.0.0', ['two' => '^1']), '--arquivo=' . $this->package('two', '1.0.0')];
        self::assertSame(PLG_EXIT_OK, $this->cli(...$packages)[0]);
        // A path is below the folder of the one who calls.
        [$code, $report] = $this->cli('--exportar=set.zip');
        self::assertSame([PLG_EXIT_OK, "{$this->gestor->root}/set.zip"], [$code, $report['conjunto']]);
        self::assertSame(['one', 'two'], array_column($report['plugins'], 'slug'));
        foreach (['one', 'two'] as $slug) {
            self::assertSame(PLG_EXIT_OK, $this->cli('--uninstall', "--id={$slug}", '--forcar', '--ignorar-dependencias')[0]);
        }
        self::assertSame(PLG_EXIT_OK, $this->cli('--importar', 'set.zip')[0]);
        self::assertSame(['one' => '1.0.0', 'two' => '1.0.0'], $this->versions());
        self::assertSame(PLG_EXIT_MOVE, $this->cli('--exportar=set.zip')[0], 'no file is replaced');
        foreach (['--exportar', '--importar'] as $option) {
            self::assertSame(PLG_EXIT_PARAMS_OR_FILE, Project::php([$this->gestor->script(), $option])[0], $option);
        }
    }

    public function testOptionsOfIndicesSayWhatIsDoneWithThem(): void
    {
        $options = static function (array $given, array $params = []): array {
            $options = new GestorPlugins\IndexOptions();
            foreach ($given as $name => $value) {
                self::assertTrue($options->takes($name));
                $options->take($name, $value);
            }
            return $options->meant($params);
        };
        self::assertSame(['indice' => ['acao' => 'listar']], $options(['indice' => 'listar']));
        self::assertSame(['buscar' => ['acao' => 'buscar', 'buscar' => 'x']], $options(['buscar' => 'x']));
        self::assertSame(['publicar-indice' => ['acao' => 'renovar']], $options(['publicar-indice' => 'renovar']));
        self::assertSame(['publicar-indice' => ['acao' => 'iniciar']], $options(['indice' => 'iniciar']));
        self::assertSame([['indice' => 'acme']], $options(['indice' => 'acme'], ['origem_tipo' => 'indice']));
        self::assertFalse((new GestorPlugins\IndexOptions())->takes('id'));
    }
}
