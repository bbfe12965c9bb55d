<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;

/** The operations beside an installation, over both backends: `plugin_data_sync`, `plugin_recover`, `plugin_status_mark`. */
final class NativeOperationsTest extends TestCase
{
    use PackagedSite;

    private function call(array $more = []): array
    {
        return $more + ['slug' => Package::SLUG, 'raiz' => $this->gestor->root, 'db' => $this->database->parameters()];
    }

    private function install(): void
    {
        self::assertSame(PLG_EXIT_OK, plugin_install($this->call(['arquivo' => $this->gestor->root . '/p.zip', 'lang' => 'en'])));
    }

    private function rowStatus(): string
    {
        return $this->database->rows('SELECT status_execucao s FROM plugins')[0]['s'];
    }

    public function testAFolderOfDataIsSynchronized(): void
    {
        $this->install();
        $folder = $this->gestor->root . '/data';
        mkdir($folder);
        $rows = [['id' => 'agenda', 'language' => 'en', 'nome' => 'Synchronized', 'caminho' => 'agenda/'], ['id' => 'more', 'language' => 'en', 'nome' => 'More', 'caminho' => 'more/']];
        file_put_contents("{$folder}/PaginasData.json", json_encode($rows));
        $names = fn (): array => array_column($this->database->rows("SELECT nome FROM paginas WHERE language = 'en' ORDER BY id"), 'nome');

        $planned = plugin_data_sync($this->call(['pasta' => $folder, 'dry_run' => true]));
        self::assertSame([PLG_EXIT_OK, true, 1], [$planned['codigo'], $planned['dry_run'], $planned['tabelas']['paginas']['inseridos']], json_encode($planned));
        self::assertSame(['Agenda 1.0.0'], $names());

        $report = plugin_data_sync($this->call(['pasta' => $folder]));
        self::assertSame([PLG_EXIT_OK, 1, 1], [$report['codigo'], $report['tabelas']['paginas']['inseridos'], $report['tabelas']['paginas']['alterados']]);
        self::assertSame(['Synchronized', 'More'], $names());
        self::assertSame($report, plugin_report());

        file_put_contents("{$folder}/PaginasData.json", '[{');
        $failed = plugin_data_sync($this->call(['pasta' => $folder]));
        self::assertSame(PLG_EXIT_VALIDATE, $failed['codigo']);
        self::assertSame($failed, plugin_report());
        self::assertSame(['Synchronized', 'More'], $names());
    }

    public function testWhatAKilledRunLeftIsFinishedOrUndone(): void
    {
        $this->install();
        $old = [$this->database->contents(), Project::tree($this->gestor->root . '/plugins/' . Package::SLUG)];
        Package::write($this->gestor->root . '/p.zip', '1.1.0');
        // Killed by its own callback: before the commit, and after it.
        foreach (['confirmar' => 'desfeita', 'concluir' => 'concluida'] as $step => $result) {
            $code = 'require $argv[1] . "/bibliotecas/plugins-installer.php";'
                . 'plugin_install(json_decode($argv[2], true), fn (array $told) => $told["etapa"] !== $argv[3] || posix_kill(getmypid(), 9));';
            $call = json_encode($this->call(['arquivo' => $this->gestor->root . '/p.zip']));
            Project::php(['-r', $code, $this->gestor->root, $call, $step]);
            self::assertFileExists($this->gestor->root . '/temp/plugins/' . Package::SLUG . '/journal.json', $step);

            $report = plugin_recover(['slug' => null] + $this->call());
            self::assertSame(PLG_EXIT_OK, $report['codigo'], json_encode($report));
            self::assertSame([['slug' => Package::SLUG, 'resultado' => $result, 'erro' => null]], $report['plugins']);
            self::assertSame($report, plugin_report());
            $now = [$this->database->contents(), Project::tree($this->gestor->root . '/plugins/' . Package::SLUG)];
            if ($result === 'desfeita') {
                // That a run failed is told by the status alone.
                $old[0]['plugins'][0]['status_execucao'] = 'erro';
                self::assertSame($old, $now);
            } else {
                self::assertSame('1.1.0', $now[0]['plugins'][0]['versao_instalada']);
                self::assertSame(md5("<?php\n// 1.1.0\n"), $now[1]['modules/agenda/agenda.php']);
            }
            self::assertSame([], glob($this->gestor->root . '/temp/plugins/*/*'));
        }
        self::assertSame('nada', plugin_recover($this->call())['plugins'][0]['resultado']);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, plugin_recover(['raiz' => $this->gestor->root, 'slug' => 'x'])['codigo']);
    }

    public function testAStatusIsMarkedAndARefusalSaysWhy(): void
    {
        $this->install();
        $before = plugin_report();
        self::assertTrue(plugin_status_mark($this->call(['status' => 'idle'])));
        self::assertSame('idle', $this->rowStatus());
        self::assertSame($before, plugin_report());
        self::assertFalse(plugin_status_mark($this->call(['status' => 'ok'])));
        self::assertSame([PLG_EXIT_VALIDATE, false], [plugin_report()['codigo'], plugin_report()['ok']]);
        self::assertStringContainsString('from which it cannot be moved to ok', plugin_report()['erros'][0]);
        self::assertSame('idle', $this->rowStatus());
    }

    /** The report is of the last call, whoever made it and however wrong it was. */
    public function testAWrongCallIsWhatTheReportTells(): void
    {
        $this->install();
        foreach (['plugin_install', 'plugin_data_sync', 'plugin_recover', 'plugin_status_mark'] as $function) {
            $this->install();
            try {
                $function(['sluug' => 1] + $this->call());
                self::fail("{$function} threw nothing");
            } catch (ValueError $fault) {
                $report = plugin_report();
                self::assertSame([PLG_EXIT_PARAMS_OR_FILE, Package::SLUG, [$fault->getMessage()]], [$report['codigo'], $report['slug'], $report['erros']]);
            }
        }
        $this->install();
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, plugin_process(['adocao' => 'x'] + $this->call()));
        self::assertStringContainsString('`adocao` is "x"', plugin_report()['erros'][0]);
        self::assertSame(plugin_report(), GestorPlugins\Installer::report());
        self::assertFalse(plugin_mark_status(Package::SLUG, null));
        self::assertStringContainsString('`status` is missing', plugin_report()['erros'][0]);
        $this->install();
        self::assertSame(PLG_EXIT_OK, GestorPlugins\Installer::report()['codigo']);
    }
}
