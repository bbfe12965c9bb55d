<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;
use Tests\Schema;

/** A plugin goes and comes back: by functions and on the command line, over both backends. */
final class RemovalTest extends TestCase
{
    use PackagedSite;

    private function named(array $more = []): array
    {
        $host = ['raiz' => $this->gestor->root, 'db' => $this->database->parameters(), 'lang' => 'en'];
        return $more + $host + ['slug' => Package::SLUG];
    }

    private function install(): void
    {
        self::assertSame(PLG_EXIT_OK, plugin_install($this->named(['arquivo' => $this->gestor->root . '/p.zip'])));
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function cli(string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--json', '--plugin=' . Package::SLUG, ...$arguments]);
        $report = json_decode($out, true);
        self::assertIsArray($report, $out . $err);
        self::assertSame([], (new Schema())->faults($out), $out);
        self::assertSame($status, $report['codigo']);
        return [$status, $report];
    }

    private function tree(): string
    {
        clearstatcache();
        return $this->gestor->root . '/plugins/' . Package::SLUG;
    }

    public function testWhatGoesComesBack(): void
    {
        $this->install();
        $before = Project::tree($this->tree());
        $steps = [];
        $code = plugin_uninstall($this->named(), function (array $event) use (&$steps): bool {
            $steps[] = $event['etapa'];
            return true;
        });
        $report = plugin_report();
        self::assertSame([PLG_EXIT_OK, 'desinstalar', true], [$code, $report['acao'], $report['confirmado']]);
        self::assertContains('backup', $steps);
        self::assertDirectoryDoesNotExist($this->tree());
        self::assertFileExists($report['removido']);
        self::assertSame(PLG_EXIT_NOT_INSTALLED, plugin_uninstall($this->named()));
        self::assertSame(PLG_EXIT_OK, plugin_restore($this->named()), json_encode(plugin_report()));
        self::assertSame('restaurar', plugin_report()['acao']);
        self::assertSame($before, Project::tree($this->tree()));
        self::assertSame(PLG_EXIT_OK, plugin_verify($this->named()), json_encode(plugin_report()));
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, plugin_restore($this->named()));
    }

    public function testAPausedPluginIsLeftAlone(): void
    {
        $this->install();
        $before = Project::tree($this->tree());
        self::assertSame(PLG_EXIT_OK, plugin_disable($this->named()), json_encode(plugin_report()));
        self::assertDirectoryDoesNotExist($this->tree());
        $install = $this->named(['arquivo' => $this->gestor->root . '/p.zip', 'reprocessar' => true]);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, plugin_install($install));
        self::assertStringContainsString('paused', implode(' ', plugin_report()['erros']));
        $mark = $this->named(['status' => PLG_STATUS_ATUALIZANDO]);
        unset($mark['lang']);
        self::assertFalse(plugin_status_mark($mark));
        self::assertSame('pausado', plugin_list($this->named())['plugins'][0]['status']);
        self::assertSame(PLG_EXIT_OK, plugin_verify($this->named()));
        self::assertSame(PLG_EXIT_OK, plugin_enable($this->named()), json_encode(plugin_report()));
        self::assertSame($before, Project::tree($this->tree()));
        self::assertSame(PLG_EXIT_NOT_INSTALLED, plugin_enable($this->named()));
    }

    public function testTheCommandLineTakesAwayAndBringsBack(): void
    {
        $this->install();
        [$status, $report] = $this->cli('--uninstall', '--dry-run');
        self::assertSame([PLG_EXIT_OK, true], [$status, $report['dry_run']]);
        self::assertDirectoryExists($this->tree());
        self::assertSame([PLG_EXIT_OK, true], [$this->cli('--uninstall')[0], !is_dir($this->tree())]);
        self::assertSame(PLG_EXIT_OK, $this->cli('--restore')[0]);
        self::assertSame([PLG_EXIT_OK, true], [$this->cli('--disable')[0], !is_dir($this->tree())]);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $this->cli('--restore')[0]);
        self::assertSame([PLG_EXIT_OK, true], [$this->cli('--enable')[0], is_dir($this->tree())]);
        [$status, $report] = $this->cli('--uninstall', '--sem-retorno');
        self::assertSame(PLG_EXIT_OK, $status);
        self::assertArrayNotHasKey('removido', $report);
        self::assertSame([], glob($this->gestor->root . '/backups/plugins/' . Package::SLUG . '/*'));
        self::assertSame([], glob($this->gestor->root . '/plugins/_backups/*'));
        self::assertSame(PLG_EXIT_IRREVERSIBLE, $this->cli('--restore')[0]);
        [$status, $text] = Project::php([$this->gestor->script(), '--restore', '--plugin=' . Package::SLUG]);
        self::assertSame(PLG_EXIT_IRREVERSIBLE, $status);
        self::assertStringContainsString(Package::SLUG, $text);
    }
}
