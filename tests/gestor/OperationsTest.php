<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Real\Agenda;
use Tests\Real\Original;
use Tests\Real\Site;

/** Whole operations in a real gestor, by its command line and its own page, with real Phinx. */
final class OperationsTest extends TestCase
{
    private ?Site $site = null;

    protected function tearDown(): void
    {
        $this->site !== null && $this->site->remove();
        $this->site = null;
    }

    private function site(): Site
    {
        return $this->site = Site::make();
    }

    /** Migrations that a log table of Phinx holds. */
    private static function applied(Site $site, string $table): array
    {
        return $site->column('SHOW TABLES LIKE ?', [$table]) === [] ? [] : array_map('strval', $site->column("SELECT version FROM `{$table}` ORDER BY 1"));
    }

    /** @return list<string> */
    private static function columns(Site $site): array
    {
        return $site->column("SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'agenda_eventos' ORDER BY ordinal_position");
    }

    private static function assertDone(array $result, string $why = ''): array
    {
        self::assertSame(0, $result[0], $why . json_encode($result[1], JSON_UNESCAPED_UNICODE));
        return $result[1];
    }

    public function testTheGestorCameUpByItself(): void
    {
        $site = $this->site();
        self::assertStringContainsString('Rotina concluída com sucesso', Original::get()->said);
        $migrations = glob("{$site->root}/db/migrations/*.php");
        self::assertGreaterThan(50, count($migrations));
        self::assertCount(count($migrations), self::applied($site, 'phinxlog'));
        self::assertGreaterThan(100, $site->column('SELECT COUNT(*) FROM paginas')[0]);
    }

    public function testOurFilesGoInAndOutAgain(): void
    {
        $this->site = $site = Site::published();
        $before = \Tests\Project::tree($site->root);
        $site->installOurs();
        [$status, $out] = $site->cli(['--version']);
        self::assertSame([0, 'gestor-plugins'], [$status, substr($out, 0, 14)]);
        $site->checkOurs();
        $site->undoOurs();
        self::assertSame([], array_diff_assoc(\Tests\Project::tree($site->root), $before));
        self::assertSame([], array_diff_assoc($before, \Tests\Project::tree($site->root)));
    }

    public function testADryRunChangesNothing(): void
    {
        $site = $this->site();
        $package = Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE);
        $before = $site->everything();
        $report = self::assertDone($site->install(Agenda::SLUG, $package, '--dry-run'));
        self::assertTrue($report['dry_run']);
        self::assertSame(['20260101000000 CreateAgendaEventos'], $report['migracoes']);
        self::assertSame(10, $report['tabelas']['paginas']['inseridos']);
        self::assertSame($before, $site->everything());
    }

    public function testInstallsUpdatesAndServes(): void
    {
        $site = $this->site();
        $core = self::applied($site, 'phinxlog');
        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE)));
        self::assertSame([[10, 4, 4, 2], ['20260101000000 CreateAgendaEventos']], [
            array_map(static fn (string $table): int => $report['tabelas'][$table]['inseridos'], ['paginas', 'variaveis', 'modulos', 'usuarios_perfis_modulos']),
            $report['migracoes'],
        ]);
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia'], self::columns($site));
        self::assertSame(['20260101000000'], self::applied($site, 'phinxlog_agenda_real'));
        $browser = $site->browse();
        self::assertStringContainsString('agenda-livre 1.0.0 é nossa', $browser->get('agenda-livre/'));

        $site->execute("INSERT INTO agenda_eventos (titulo) VALUES ('Festa')");
        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND)));
        self::assertSame(['1.0.0', '2.0.0', ['20260201000000 AddLocalToAgendaEventos']], [$report['versao_anterior'], $report['versao'], $report['migracoes']]);
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia', 'local'], self::columns($site));
        self::assertSame(['Festa'], $site->column('SELECT titulo FROM agenda_eventos'));
        self::assertSame(['20260101000000', '20260201000000'], self::applied($site, 'phinxlog_agenda_real'));
        self::assertStringContainsString('agenda-livre 2.0.0 é nossa', $browser->get('agenda-livre/'));
        self::assertStringContainsString('agenda-nova 2.0.0 é nossa', $browser->get('agenda-nova/'));
        self::assertStringContainsString('// 2.0.0', (string) file_get_contents("{$site->root}/plugins/" . Agenda::SLUG . '/modules/agenda/agenda.php'));
        self::assertSame([['2.0.0', 'ok']], array_map('array_values', $site->rows('SELECT versao_instalada, status_execucao FROM plugins WHERE id = ?', [Agenda::SLUG])));
        self::assertSame($core, self::applied($site, 'phinxlog'));
        self::assertStringContainsString('[PLUGIN:' . Agenda::SLUG . ']', $site->log());

        $before = $site->everything();
        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND)));
        self::assertSame([true, []], [$report['inalterado'], $report['migracoes']]);
        self::assertSame($before, $site->everything());
        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND), '--reprocessar'));
        self::assertSame([], $report['migracoes']);
        // The gestor's list of plugins tells when it was done.
        self::assertSame([], array_diff(array_keys(array_diff_assoc($site->everything()['rows'], $before['rows'])), ['plugins']));
    }

    public function testAFailingMigrationLeavesEverythingAsBefore(): void
    {
        $site = $this->site();
        self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE)));
        $site->execute("INSERT INTO agenda_eventos (titulo) VALUES ('Festa')");
        $package = Agenda::write($site, '2.0.0', Agenda::MIGRATION_FAIL);
        $before = $site->everything();
        [$status, $report] = $site->install(Agenda::SLUG, $package);
        self::assertSame(13, $status);
        $told = implode("\n", $report['erros']);
        self::assertStringContainsString('20260301000000_fill_agenda_eventos.php:8', $told);
        self::assertStringContainsString('nowhere', $told);
        self::assertSame($before['tree'], $site->everything()['tree']);
        self::assertSame(['plugins'], array_keys(array_diff_assoc($site->everything()['rows'], $before['rows'])));
        self::assertSame([['1.0.0', 'erro']], array_map('array_values', $site->rows('SELECT versao_instalada, status_execucao FROM plugins WHERE id = ?', [Agenda::SLUG])));
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia'], self::columns($site));
        self::assertSame(['20260101000000'], self::applied($site, 'phinxlog_agenda_real'));

        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '3.0.0', Agenda::MIGRATION_EXTEND)));
        self::assertSame(['20260201000000 AddLocalToAgendaEventos'], $report['migracoes']);
        self::assertSame(['Festa'], $site->column('SELECT titulo FROM agenda_eventos'));
    }

    public function testAFirstInstallationThatFailsLeavesNothing(): void
    {
        $site = $this->site();
        $package = Agenda::write($site, '1.0.0', Agenda::MIGRATION_FAIL);
        $before = $site->everything();
        [$status] = $site->install(Agenda::SLUG, $package);
        self::assertSame(13, $status);
        self::assertSame([], self::columns($site));
        self::assertSame([], self::applied($site, 'phinxlog_agenda_real'));
        self::assertSame($before['tree'], $site->everything()['tree']);
        self::assertSame($before['rows'], array_filter($site->everything()['rows'], static fn (string $table): bool => !preg_match('/^(gestor_plugins_|phinxlog_agenda)/', $table), ARRAY_FILTER_USE_KEY));
    }

    public function testTakesOverFromTheGestorsOwnInstaller(): void
    {
        $this->site = $site = Site::published();
        // Its script cannot be run by itself in 2.9.43: the module that it includes answers in its place, and ends.
        $answer = $site->installByPage($site->browse(), Agenda::SLUG, Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE));
        self::assertSame(['ok', 0], [$answer['status'], $answer['data']['codigo_saida']], json_encode($answer, JSON_UNESCAPED_UNICODE));
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia'], self::columns($site));
        self::assertContains('20260101000000', self::applied($site, 'phinxlog'));
        $site->installOurs();
        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND)));
        self::assertSame(['20260201000000 AddLocalToAgendaEventos'], $report['migracoes']);
        self::assertSame(12, (int) $site->column("SELECT COUNT(*) FROM paginas WHERE plugin = ?", [Agenda::SLUG])[0]);
    }

    public function testItsOwnPageInstalls(): void
    {
        $site = $this->site();
        $browser = $site->browse();
        $answer = $site->installByPage($browser, Agenda::SLUG, Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE));
        self::assertSame(['ok', 0], [$answer['status'], $answer['data']['codigo_saida']], json_encode($answer, JSON_UNESCAPED_UNICODE));
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia'], self::columns($site));
        self::assertStringContainsString('agenda-livre 1.0.0 é nossa', $browser->get('agenda-livre/'));
    }
}
