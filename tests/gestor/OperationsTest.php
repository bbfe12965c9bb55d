<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Real\Agenda;
use Tests\Real\Original;
use Tests\Real\OnSite;
use Tests\Real\Site;

/** Whole operations in a real gestor, by its command line and its own page, with real Phinx. */
final class OperationsTest extends TestCase
{
    use OnSite;

    private function site(): Site
    {
        return $this->site = Site::make();
    }

    /** Migrations that a log table of Phinx holds. */
    private static function applied(Site $site, string $table): array
    {
        return $site->column('SHOW TABLES LIKE ?', [$table]) === []
            ? []
            : array_map('strval', $site->column("SELECT version FROM `{$table}` ORDER BY 1"));
    }

    /** @return list<string> */
    private static function columns(Site $site): array
    {
        return $site->column("SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE()"
            . " AND table_name = 'agenda_eventos' ORDER BY ordinal_position");
    }

    /** @return array{0: ?string, 1: ?string} version and status, as the gestor lists them */
    private static function listed(Site $site): array
    {
        return array_values($site->rows('SELECT versao_instalada, status_execucao FROM plugins WHERE id = ?', [Agenda::SLUG])[0]);
    }

    /** @return list<string> tables whose rows are others than before */
    private static function changed(Site $site, array $before): array
    {
        $now = $site->everything()['rows'];
        $changed = array_keys(array_diff_assoc($now, $before['rows']) + array_diff_assoc($before['rows'], $now));
        // Every operation is told in these.
        return array_values(array_diff($changed, ['gestor_plugins_estado', 'gestor_plugins_historico']));
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
            array_map(
                static fn (string $table): int => $report['tabelas'][$table]['inseridos'],
                ['paginas', 'variaveis', 'modulos', 'usuarios_perfis_modulos']
            ),
            $report['migracoes'],
        ]);
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia'], self::columns($site));
        self::assertSame(['20260101000000'], self::applied($site, 'phinxlog_agenda_real'));
        $browser = $site->browse();
        self::assertStringContainsString('agenda-livre 1.0.0 é nossa', $browser->get('agenda-livre/'));

        $site->execute("INSERT INTO agenda_eventos (titulo) VALUES ('Festa')");
        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND)));
        self::assertSame(['1.0.0', '2.0.0'], [$report['versao_anterior'], $report['versao']]);
        self::assertSame(['20260201000000 AddLocalToAgendaEventos'], $report['migracoes']);
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia', 'local'], self::columns($site));
        self::assertSame(['Festa'], $site->column('SELECT titulo FROM agenda_eventos'));
        self::assertSame(['20260101000000', '20260201000000'], self::applied($site, 'phinxlog_agenda_real'));
        self::assertStringContainsString('agenda-livre 2.0.0 é nossa', $browser->get('agenda-livre/'));
        self::assertStringContainsString('agenda-nova 2.0.0 é nossa', $browser->get('agenda-nova/'));
        self::assertStringContainsString('// 2.0.0', (string) file_get_contents("{$site->root}/plugins/" . Agenda::SLUG . '/modules/agenda/agenda.php'));
        self::assertSame(['2.0.0', 'ok'], self::listed($site));
        self::assertSame($core, self::applied($site, 'phinxlog'));
        self::assertStringContainsString('[PLUGIN:' . Agenda::SLUG . ']', $site->log());

        $before = $site->everything();
        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND)));
        self::assertSame([true, []], [$report['inalterado'], $report['migracoes']]);
        self::assertSame($before, $site->everything());
        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND), '--reprocessar'));
        self::assertSame([], $report['migracoes']);
        // The gestor's list of plugins tells when it was done.
        self::assertSame([], array_diff(self::changed($site, $before), ['plugins']));
    }

    public function testGoesBackAndForth(): void
    {
        $site = $this->site();
        self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE)));
        $tree = \Tests\Project::tree("{$site->root}/plugins/" . Agenda::SLUG);
        $pages = fn (): array => $site->rows("SELECT id, language, html, status FROM paginas WHERE plugin = 'agenda-real' ORDER BY 1, 2");
        $before = $pages();
        self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND)));
        $site->execute("INSERT INTO agenda_eventos (titulo, local) VALUES ('Festa', 'Praça')");
        $report = self::assertDone($site->look('--rollback', '--plugin=' . Agenda::SLUG));
        self::assertSame(['20260201000000 AddLocalToAgendaEventos'], $report['migracoes_desfeitas']);
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia'], self::columns($site));
        self::assertSame(['20260101000000'], self::applied($site, 'phinxlog_agenda_real'));
        self::assertSame(['Festa'], $site->column('SELECT titulo FROM agenda_eventos'));
        self::assertSame([$before, $tree], [$pages(), \Tests\Project::tree("{$site->root}/plugins/" . Agenda::SLUG)]);
        self::assertSame(['1.0.0', 'ok'], self::listed($site));
        $copies = glob("{$site->root}/backups/plugins/" . Agenda::SLUG . '/esquema-*.jsonl.gz');
        self::assertCount(1, $copies);
        self::assertStringContainsString('"local":"Praça"', (string) gzdecode((string) file_get_contents($copies[0])));
        $report = self::assertDone($site->look('--rollback', '--plugin=' . Agenda::SLUG, '--version=2.0.0'));
        self::assertSame(['20260201000000 AddLocalToAgendaEventos'], $report['migracoes']);
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia', 'local'], self::columns($site));
    }

    /** Paused and back, away and back, and away with everything: the gestor is as if the plugin had never been there. */
    public function testGoesAwayAndComesBack(): void
    {
        $site = $this->site();
        $never = $site->everything();
        self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE)));
        $tree = \Tests\Project::tree("{$site->root}/plugins/" . Agenda::SLUG);
        $own = static fn (): array => array_map(
            static fn (string $table): array => $site->rows("SELECT * FROM {$table} WHERE plugin = 'agenda-real' ORDER BY 1"),
            ['paginas', 'variaveis', 'modulos', 'usuarios_perfis_modulos']
        );
        $before = $own();
        $browser = $site->browse();
        $served = 'agenda-livre 1.0.0 é nossa';
        foreach ([['--disable', '--enable'], ['--uninstall', '--restore']] as [$away, $back]) {
            self::assertStringContainsString($served, $browser->get('agenda-livre/'));
            self::assertDone($site->look($away, '--plugin=' . Agenda::SLUG));
            self::assertSame([[], [], [], []], $own(), $away);
            self::assertDirectoryDoesNotExist("{$site->root}/plugins/" . Agenda::SLUG);
            self::assertStringNotContainsString($served, $browser->get('agenda-livre/'));
            self::assertDone($site->look($back, '--plugin=' . Agenda::SLUG));
            self::assertSame([$before, $tree], [$own(), \Tests\Project::tree("{$site->root}/plugins/" . Agenda::SLUG)], $back);
        }
        $report = self::assertDone($site->look('--uninstall', '--plugin=' . Agenda::SLUG, '--modo=expurgar'));
        self::assertSame([0, 0, []], [$report['sobras']['linhas'], $report['sobras']['arquivos'], $report['sobras']['tabelas']]);
        self::assertSame([], self::columns($site));
        // Our own tables stay, with the history.
        self::assertSame([], preg_grep('/^gestor_plugins_/', self::changed($site, $never), PREG_GREP_INVERT));
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
        self::assertSame(['plugins'], self::changed($site, $before));
        self::assertSame(['1.0.0', 'erro'], self::listed($site));
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia'], self::columns($site));
        self::assertSame(['20260101000000'], self::applied($site, 'phinxlog_agenda_real'));

        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '3.0.0', Agenda::MIGRATION_EXTEND)));
        self::assertSame(['20260201000000 AddLocalToAgendaEventos'], $report['migracoes']);
        self::assertSame(['Festa'], $site->column('SELECT titulo FROM agenda_eventos'));
    }

    /** @return array<string, array{0: string, 1: string}> what stands in the migration's `up`, and what is told of it */
    public static function misbehaving(): array
    {
        return [
            'does not parse' => ['$this->execute(', 'ParseError'],
            'throws' => ["throw new DomainException('broken');", 'DomainException: broken'],
            'asks too much of Phinx' => ["\$this->table('agenda_eventos')->removeColumn('nowhere')->update();", 'nowhere'],
        ];
    }

    /** @dataProvider misbehaving */
    public function testAMigrationThatMisbehaves(string $up, string $told): void
    {
        $site = $this->site();
        self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE)));
        $package = Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND + ['20260401000000_misbehave_agenda' => Agenda::migration('MisbehaveAgenda', $up)]);
        $before = $site->everything();
        [$status, $out, $err] = $site->cli(['--id=' . Agenda::SLUG, '--origem_tipo=upload', "--arquivo={$package}", '--json']);
        self::assertSame(13, $status, $out . $err);
        self::assertStringContainsString($told, $out . $err);
        self::assertSame($before['tree'], $site->everything()['tree']);
        self::assertSame(['plugins'], self::changed($site, $before));
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia'], self::columns($site));
    }

    /** A process that ends cannot run migrations back: those before it stay, recorded, and are not run twice. */
    public function testAMigrationThatEndsTheProcess(): void
    {
        $site = $this->site();
        self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE)));
        $leave = ['20260401000000_leave_agenda' => Agenda::migration('LeaveAgenda', "echo 'bye'; exit(0);")];
        $package = Agenda::write($site, '2.0.0', Agenda::MIGRATION_EXTEND + $leave);
        $before = $site->everything();
        [$status, $report] = $site->install(Agenda::SLUG, $package);
        self::assertSame(13, $status);
        self::assertStringContainsString('as migrações já aplicadas ficam registradas', implode(' ', $report['erros']));
        self::assertSame($before['tree'], $site->everything()['tree']);
        self::assertSame(['phinxlog_agenda_real', 'plugins'], self::changed($site, $before));
        self::assertSame(['20260101000000', '20260201000000'], self::applied($site, 'phinxlog_agenda_real'));
        $report = self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '3.0.0', Agenda::MIGRATION_EXTEND)));
        self::assertSame([], $report['migracoes']);
        self::assertSame(['id_agenda_eventos', 'titulo', 'dia', 'local'], self::columns($site));
    }

    public function testWhatAMigrationPrintsDoesNotSpoilTheReport(): void
    {
        $site = $this->site();
        $class = Agenda::migration('TalkAgenda', "echo 'talking'; \$this->getOutput()->writeln('to Phinx');");
        self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '1.0.0', ['20260401000000_talk_agenda' => $class])));
        self::assertSame(['20260401000000'], self::applied($site, 'phinxlog_agenda_real'));
    }

    public function testTwoPluginsMayHaveMigrationsOfOneNumber(): void
    {
        $site = $this->site();
        self::assertDone($site->install(Agenda::SLUG, Agenda::write($site, '1.0.0', Agenda::MIGRATION_CREATE)));
        $class = Agenda::migration('CreateOther', '$this->table(\'other\')->create();');
        $other = new ZipArchive();
        $other->open("{$site->root}/contents/plugins/other.zip", ZipArchive::CREATE);
        $other->addFromString('manifest.json', '{"id": "other", "name": "Other", "version": "1.0.0"}');
        $other->addFromString('db/migrations/20260101000000_create_other.php', $class);
        $other->close();
        $report = self::assertDone($site->install('other', "{$site->root}/contents/plugins/other.zip"));
        self::assertSame([['20260101000000 CreateOther'], ['20260101000000']], [$report['migracoes'], self::applied($site, 'phinxlog_other')]);
        self::assertSame(['other'], $site->column("SHOW TABLES LIKE 'other'"));
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
        // Tables of our own, and the log that Phinx makes before it begins.
        $others = static fn (string $table): bool => !preg_match('/^(gestor_plugins_|phinxlog_agenda)/', $table);
        self::assertSame([], array_values(array_filter(self::changed($site, $before), $others)));
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
