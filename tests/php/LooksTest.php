<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;
use Tests\Schema;

/** What is installed: told, verified, put back, updated together; by functions and on the command line, over both backends. */
final class LooksTest extends TestCase
{
    use PackagedSite;

    private function call(array $more = []): array
    {
        return $more + ['raiz' => $this->gestor->root, 'db' => $this->database->parameters(), 'lang' => 'en'];
    }

    private function named(array $more = []): array
    {
        return $this->call($more + ['slug' => Package::SLUG]);
    }

    private function install(): void
    {
        self::assertSame(PLG_EXIT_OK, plugin_install($this->named(['arquivo' => $this->gestor->root . '/p.zip'])));
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function cli(string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--json', ...$arguments]);
        $report = json_decode($out, true);
        self::assertIsArray($report, $out . $err);
        self::assertSame([], (new Schema())->faults($out), $out);
        self::assertSame($status, $report['codigo']);
        return [$status, $report];
    }

    public function testDamageIsFoundAndPutBack(): void
    {
        $this->install();
        $tree = $this->gestor->root . '/plugins/' . Package::SLUG;
        $before = Project::tree($tree);
        self::assertSame(PLG_EXIT_OK, plugin_verify($this->named()));
        Project::remove($this->gestor->root . '/plugins');
        self::assertSame(PLG_EXIT_DRIFT, plugin_verify($this->named()));
        self::assertNotSame([], plugin_report()['arquivos']['faltando']);
        $steps = [];
        $code = plugin_verify($this->named(['reparar' => true]), function (array $event) use (&$steps): bool {
            $steps[] = $event['etapa'];
            return true;
        });
        self::assertSame(PLG_EXIT_OK, $code, json_encode(plugin_report()));
        self::assertContains('confirmar', $steps);
        self::assertSame($before, Project::tree($tree));
        self::assertSame('reparar', plugin_history($this->named())['historico'][0]['acao']);
        self::assertSame(PLG_EXIT_NOT_INSTALLED, plugin_verify($this->call(['slug' => 'unknown'])));
    }

    public function testTheCommandLineRepairsAllPlugins(): void
    {
        $this->install();
        Project::remove($this->gestor->root . '/plugins');
        [$status, $report] = $this->cli('--verify', '--todos');
        self::assertSame([PLG_EXIT_DRIFT, PLG_EXIT_DRIFT], [$status, $report['verificados'][0]['codigo']]);
        [$status, $report] = $this->cli('--repair');
        self::assertSame([PLG_EXIT_OK, Package::SLUG], [$status, $report['verificados'][0]['slug']]);
        self::assertSame(PLG_EXIT_OK, $this->cli('--verify', '--plugin=' . Package::SLUG)[0]);
    }

    public function testADiffNamesWhatWouldChange(): void
    {
        $this->install();
        Package::write($this->gestor->root . '/p.zip', '1.1.0');
        $code = plugin_diff($this->named(['arquivo' => $this->gestor->root . '/p.zip']));
        self::assertSame(PLG_EXIT_OK, $code);
        $report = plugin_report();
        self::assertSame([], (new Schema())->faults(json_encode(\GestorPlugins\Json::report($report))));
        self::assertContains('manifest.json', $report['diferencas']['arquivos']['alterados']);
        $names = array_filter($report['diferencas']['campos'], static fn (array $field): bool => $field['coluna'] === 'nome');
        self::assertNotSame([], $names);
        self::assertSame(['Agenda 1.0.0', 'Agenda 1.0.0', 'Agenda 1.1.0'], array_slice(array_values(array_values($names)[0]), 4));
        [$status, $told] = $this->cli('--diff', '--plugin=' . Package::SLUG, '--origem_tipo=upload', '--arquivo=' . $this->gestor->root . '/p.zip');
        self::assertSame([PLG_EXIT_OK, $report['diferencas']], [$status, $told['diferencas']]);
        self::assertSame('1.0.0', plugin_list($this->call())['plugins'][0]['versao']);
    }

    public function testAllPluginsAreUpdatedFromWhereTheyCameFrom(): void
    {
        $this->install();
        Package::write($this->gestor->root . '/p.zip', '1.1.0');
        [$status, $report] = $this->cli('--update-all', '--dry-run');
        self::assertSame([PLG_EXIT_OK, true, '1.1.0'], [$status, $report['dry_run'], $report['plugins'][0]['versao']]);
        self::assertSame('1.0.0', plugin_list($this->call())['plugins'][0]['versao']);
        self::assertSame(PLG_EXIT_OK, plugin_update_all($this->call(['ator' => 'cron'])));
        self::assertSame('1.1.0', plugin_report()['plugins'][0]['versao']);
        self::assertSame('1.1.0', plugin_list($this->call())['plugins'][0]['versao']);
        self::assertSame('cron', plugin_history($this->named())['historico'][0]['ator']);
        unlink($this->gestor->root . '/p.zip');
        [$status, $report] = $this->cli('--update-all');
        self::assertSame([PLG_EXIT_PARAMS_OR_FILE, PLG_EXIT_PARAMS_OR_FILE], [$status, $report['plugins'][0]['codigo']]);
        $this->expectException(ValueError::class);
        plugin_update_all($this->named());
    }
}
