<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;
use Tests\Schema;

/** The way back with its migrations: by functions and on the command line, over both backends. */
final class RollbackTest extends TestCase
{
    use PackagedSite;

    /** @return array{0: int, 1: array<string, mixed>} */
    private function cli(string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--json', ...$arguments]);
        $report = json_decode($out, true);
        self::assertIsArray($report, $out . $err);
        self::assertSame([], (new Schema())->faults($out), $out);
        return [$status, $report];
    }

    private function install(string $version, array $migrations = []): void
    {
        $path = Package::write($this->gestor->root . "/{$version}.zip", $version, $migrations);
        [$status, $report] = $this->cli('--id=' . Package::SLUG, '--origem_tipo=upload', "--arquivo={$path}");
        self::assertSame(PLG_EXIT_OK, $status, json_encode($report));
    }

    private function has(string $table): bool
    {
        return $this->database->rows("SHOW TABLES LIKE '{$table}'") !== [];
    }

    public function testTheCommandLineGoesBackAndForth(): void
    {
        $this->gestor->withPhinx();
        $this->install('1.0.0');
        $this->install('1.1.0', ['20250101000000_make_it' => Package::migration('MakeIt', 't_made')]);
        self::assertTrue($this->has('t_made'));
        [$status, $report] = $this->cli('--rollback', '--plugin=' . Package::SLUG, '--dry-run');
        self::assertSame([PLG_EXIT_OK, ['20250101000000 MakeIt']], [$status, $report['migracoes_desfeitas']]);
        self::assertTrue($this->has('t_made'));
        [$status, $report] = $this->cli('--rollback', '--plugin=' . Package::SLUG, '--version=1.0.0');
        self::assertSame(PLG_EXIT_OK, $status, json_encode($report));
        self::assertSame(['reverter', true, '1.0.0'], [$report['acao'], $report['confirmado'], $report['versao']]);
        self::assertFalse($this->has('t_made'));
        [$status, $report] = $this->cli('--rollback', '--plugin=' . Package::SLUG);
        self::assertSame([PLG_EXIT_OK, ['20250101000000 MakeIt']], [$status, $report['migracoes']]);
        self::assertTrue($this->has('t_made'));
        [$status] = $this->cli('--rollback', '--plugin=' . Package::SLUG, '--version=0.1.0');
        self::assertSame(PLG_EXIT_IRREVERSIBLE, $status);
    }

    public function testWhatIsLeftIsDoneByRecovery(): void
    {
        $this->gestor->withPhinx();
        $this->install('1.0.0');
        $code = str_replace("execute('DROP", "execute('DROP TABLE t_none'); \$this->execute('DROP", Package::migration('MakeLate', 't_late'));
        $this->install('1.1.0', ['20250101000000_make_late' => $code]);
        [$status, $report] = $this->cli('--rollback', '--plugin=' . Package::SLUG);
        self::assertSame([PLG_EXIT_MIGRATE, true, '1.0.0'], [$status, $report['confirmado'], $report['versao']]);
        self::assertSame('desfazer_migracoes', $report['pendencias'][0]['passo']);
        $this->database->connection->exec('CREATE TABLE t_none (a INT)');
        [$status, $report] = $this->cli('--recover');
        self::assertSame(PLG_EXIT_OK, $status, json_encode($report));
        self::assertSame(['20250101000000 MakeLate'], $report['plugins'][0]['migracoes_desfeitas']);
        self::assertFalse($this->has('t_late'));
    }

    public function testTheFunctionTellsWhatItDid(): void
    {
        $call = ['slug' => Package::SLUG, 'raiz' => $this->gestor->root, 'db' => $this->database->parameters(), 'lang' => 'en'];
        $this->install('1.0.0');
        $this->install('1.1.0');
        $steps = [];
        $code = plugin_rollback($call, function (array $event) use (&$steps): bool {
            $steps[] = $event['etapa'];
            return true;
        });
        self::assertSame(PLG_EXIT_OK, $code, json_encode(plugin_report()));
        self::assertContains('confirmar', $steps);
        self::assertSame(['1.1.0', '1.0.0'], [plugin_report()['versao_anterior'], plugin_report()['versao']]);
        self::assertSame(PLG_EXIT_OK, plugin_rollback($call + ['ponto' => 2]));
        self::assertSame('1.1.0', plugin_report()['versao']);
        self::assertSame('reverter', plugin_history($call)['historico'][0]['acao']);
        $this->expectException(ValueError::class);
        plugin_rollback($call + ['orfaos' => 'log']);
    }
}
