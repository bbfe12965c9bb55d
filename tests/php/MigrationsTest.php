<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Package;
use Tests\Project;

/** Migrations from the command line: a package that brings its own table and its rows in one run, and what is undone. */
final class MigrationsTest extends TestCase
{
    private const FIRST = '20260101000000_create_agenda_events';
    private const SECOND = '20260201000000_add_place_to_agenda_events';

    private Database $database;
    private GestorTree $gestor;

    protected function setUp(): void
    {
        if (Database::socket() === null) {
            self::markTestSkipped('GESTOR_TEST_SOCKET names no server');
        }
        $this->database = new Database();
        $this->gestor = (new GestorTree($this->database))->withPhinx();
    }

    protected function tearDown(): void
    {
        isset($this->gestor) && $this->gestor->remove();
        isset($this->database) && $this->database->drop();
    }

    private static function migration(string $name, string $up, string $down): string
    {
        $class = str_replace(' ', '', ucwords(str_replace('_', ' ', substr($name, 15))));
        return "<?php\nfinal class {$class} extends Phinx\\Migration\\AbstractMigration\n{\n"
            . "    public function up(): void { {$up} }\n    public function down(): void { {$down} }\n}\n";
    }

    private static function sql(string $sql): string
    {
        return '$this->execute(' . var_export($sql, true) . ');';
    }

    /** The package's migrations up to a version, and rows for the table that the first one makes. */
    private static function migrations(string $version): array
    {
        $first = self::migration(
            self::FIRST,
            self::sql('CREATE TABLE agenda_events (id_agenda_events INT AUTO_INCREMENT PRIMARY KEY, id VARCHAR(50) NOT NULL,'
                . ' title VARCHAR(40) NOT NULL, plugin VARCHAR(255) NULL, UNIQUE KEY (id)) ENGINE=InnoDB'),
            self::sql('DROP TABLE agenda_events')
        );
        $second = self::migration(
            self::SECOND,
            self::sql('ALTER TABLE agenda_events ADD COLUMN place VARCHAR(20) NULL'),
            self::sql('ALTER TABLE agenda_events DROP COLUMN place')
        );
        return $version === '1.0.0' ? [self::FIRST => $first] : [self::FIRST => $first, self::SECOND => $second];
    }

    /** @param array<string, string> $more migrations in place of the usual ones, or besides them */
    private function package(string $version, array $events, array $more = []): void
    {
        Package::write(dirname($this->gestor->root) . '/package.zip', $version, $more + self::migrations($version), [
            'db/data/AgendaEventsData.json' => (string) json_encode($events),
        ]);
    }

    /** @return array{0: int, 1: array<string, mixed>, 2: string} */
    private function install(string ...$options): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--id=agenda-x', '--origem_tipo=upload',
            '--arquivo=../package.zip', '--json', ...$options], null, $this->gestor->root);
        return [$status, json_decode($out, true) ?? [], $out . $err];
    }

    private function installs(string ...$options): array
    {
        [$status, $report, $said] = $this->install(...$options);
        self::assertSame(PLG_EXIT_OK, $status, $said);
        return $report;
    }

    private function hasTable(string $table): bool
    {
        return $this->database->rows("SHOW TABLES LIKE '{$table}'") !== [];
    }

    private function recorded(): array
    {
        return $this->hasTable('phinxlog_agenda_x')
            ? array_column($this->database->rows('SELECT version FROM phinxlog_agenda_x ORDER BY 1'), 'version')
            : [];
    }

    private function events(string $columns = 'id, title'): array
    {
        return $this->database->rows("SELECT {$columns} FROM agenda_events WHERE plugin = 'agenda-x' ORDER BY id");
    }

    /** What failed is told in them. */
    private const TELL_OF_FAILURES = [
        'gestor_plugins_auditoria', 'gestor_plugins_contadores', 'gestor_plugins_estado', 'gestor_plugins_historico',
    ];

    /** Every table's definition and rows. */
    private function everyTable(bool $andStatus = true): array
    {
        $found = [];
        foreach ($this->database->rows('SHOW TABLES') as $row) {
            $table = current($row);
            $rows = $this->database->rows("SELECT * FROM `{$table}`");
            if ($table === 'plugins' && !$andStatus) {
                $told = ['status_execucao' => 1, 'data_ultima_atualizacao' => 1];
                $rows = array_map(static fn (array $row): array => array_diff_key($row, $told), $rows);
            }
            if (!$andStatus && in_array($table, self::TELL_OF_FAILURES, true)) {
                $rows = [];
            }
            $found[$table] = [preg_replace('/ AUTO_INCREMENT=\d+/', '', $this->database->rows("SHOW CREATE TABLE `{$table}`")[0]['Create Table'] ?? ''), $rows];
        }
        return $found;
    }

    public function testAPackageFillsTheTableThatItsOwnMigrationMakes(): void
    {
        $this->package('1.0.0', [['id' => 'a', 'title' => 'A'], ['id' => 'b', 'title' => 'B']]);
        $report = $this->installs();
        self::assertSame(['20260101000000 CreateAgendaEvents'], $report['migracoes']);
        self::assertSame(2, $report['tabelas']['agenda_events']['inseridos']);
        self::assertSame([['id' => 'a', 'title' => 'A'], ['id' => 'b', 'title' => 'B']], $this->events());
        self::assertSame([], $report['avisos']);
        self::assertStringContainsString('[ok] migrations run plugin=agenda-x: 20260101000000 CreateAgendaEvents', $this->gestor->log());

        $this->package('1.1.0', [['id' => 'a', 'title' => 'A', 'place' => 'here'], ['id' => 'b', 'title' => 'B']]);
        $report = $this->installs();
        self::assertSame(['20260201000000 AddPlaceToAgendaEvents'], $report['migracoes']);
        self::assertSame([1, 1], [$report['tabelas']['agenda_events']['alterados'], $report['tabelas']['agenda_events']['iguais']]);
        self::assertSame([['place' => 'here'], ['place' => null]], $this->events('place'));
        self::assertSame([], $this->installs('--reprocessar')['migracoes']);
        self::assertFileDoesNotExist($this->gestor->root . '/plugins/agenda-x/db');
    }

    public function testALaterFailureUndoesTheMigrationsOfThisCallAlone(): void
    {
        $this->package('1.0.0', [['id' => 'a', 'title' => 'A']]);
        $this->installs();
        [$tables, $tree] = [$this->everyTable(false), Project::tree($this->gestor->root . '/plugins')];
        $this->package('1.1.0', [['id' => 'a', 'title' => str_repeat('A', 41)]]);
        [$status, $report] = $this->install();
        self::assertSame(PLG_EXIT_SYNC, $status);
        self::assertStringContainsString('title', $report['erros'][0]);
        self::assertSame($tables, $this->everyTable(false));
        self::assertSame($tree, Project::tree($this->gestor->root . '/plugins'));
        // A value that fits no column can only be known once the column is there.
        $this->package('1.1.0', [['id' => 'a', 'title' => 'A', 'place' => str_repeat('p', 21)]]);
        [$status, $report] = $this->install();
        self::assertSame(PLG_EXIT_SYNC, $status);
        self::assertStringContainsString('place', $report['erros'][0]);
        self::assertSame($tables, $this->everyTable(false));
        self::assertSame($tree, Project::tree($this->gestor->root . '/plugins'));
        self::assertStringContainsString('migrations rolled back plugin=agenda-x: 20260201000000', $this->gestor->log());
        // The same call can be made again.
        $this->package('1.1.0', [['id' => 'a', 'title' => 'A', 'place' => 'p']]);
        self::assertSame(['20260201000000 AddPlaceToAgendaEvents'], $this->installs()['migracoes']);
    }

    public function testWhatOneCallLeavesOutThePlainCallDoes(): void
    {
        foreach ([['--no-migrations', [], false], ['--only-resources', [], false], ['--only-migrations', [20260101000000], true]] as [$option, $ran, $made]) {
            $this->tearDown();
            $this->setUp();
            $this->package('1.0.0', [['id' => 'a', 'title' => 'A']]);
            $report = $this->installs($option);
            self::assertSame($ran, $this->recorded(), $option);
            self::assertSame($made, $this->hasTable('agenda_events'), $option);
            self::assertSame($option !== '--only-migrations', $this->database->rows("SELECT 1 FROM paginas WHERE plugin = 'agenda-x'") !== [], $option);
            $plugin = $this->database->rows("SELECT versao_instalada, checksum_pacote FROM plugins WHERE id = 'agenda-x'")[0];
            self::assertSame(['versao_instalada' => '1.0.0', 'checksum_pacote' => null], $plugin, $option);
            if (!$made) {
                self::assertStringContainsString('agenda_events', implode(' ', $report['avisos']), 'a table that is not there is told');
            }
            $report = $this->installs();
            self::assertFalse($report['inalterado'], $option);
            self::assertSame([20260101000000], $this->recorded(), $option);
            self::assertSame([['id' => 'a', 'title' => 'A']], $this->events(), $option);
            self::assertTrue($this->installs()['inalterado'], $option);
        }
    }

    public function testAMigrationThatThrowsIsCode13AndAllIsAsBefore(): void
    {
        $this->package('1.0.0', [['id' => 'a', 'title' => 'A']]);
        $this->installs();
        [$tables, $tree] = [$this->everyTable(false), Project::tree($this->gestor->root . '/plugins')];
        $name = '20260301000000_broken_step';
        $third = self::migration($name, 'throw new DomainException("no such thing");', '');
        $this->package('1.1.0', [['id' => 'a', 'title' => 'other']], [$name => $third]);
        [$status, $report] = $this->install();
        self::assertSame(PLG_EXIT_MIGRATE, $status);
        self::assertStringContainsString('no such thing (20260301000000_broken_step.php:4)', $report['erros'][0]);
        self::assertSame($tables, $this->everyTable(false), 'also the migration before the one that throws is undone');
        self::assertSame($tree, Project::tree($this->gestor->root . '/plugins'));
        self::assertSame([['status_execucao' => 'erro']], $this->database->rows("SELECT status_execucao FROM plugins WHERE id = 'agenda-x'"));
        self::assertSame([], glob($this->gestor->root . '/temp/*/*/*'));
    }

    public function testAMigrationThatEndsTheProcessIsUndoneByTheNextCall(): void
    {
        $name = '20260301000000_last_step';
        $this->package('1.0.0', [['id' => 'a', 'title' => 'A']], [$name => self::migration($name, 'exit(42);', '')]);
        self::assertSame(PLG_EXIT_MIGRATE, $this->install()[0]);
        self::assertSame([], $this->database->rows("SELECT 1 FROM plugins WHERE id = 'agenda-x'"));
        self::assertSame([], Project::tree($this->gestor->root . '/plugins'));
        // What ran stays recorded: it is not run twice.
        $this->package('1.0.0', [['id' => 'a', 'title' => 'A']]);
        $this->installs();
        self::assertSame([20260101000000], $this->recorded());
        self::assertSame([['id' => 'a', 'title' => 'A']], $this->events());
    }

    public function testADryRunListsWhatIsPendingAndLeavesNoTrace(): void
    {
        $this->package('1.0.0', [['id' => 'a', 'title' => 'A']]);
        foreach (['first', 'update'] as $when) {
            [$tables, $tree] = [$this->everyTable(), Project::tree($this->gestor->root)];
            $report = $this->installs('--dry-run');
            self::assertSame($when === 'first' ? ['20260101000000 CreateAgendaEvents'] : ['20260201000000 AddPlaceToAgendaEvents'], $report['migracoes']);
            self::assertSame($tables, $this->everyTable(), $when);
            self::assertSame($tree, Project::tree($this->gestor->root), $when);
            $this->installs();
            $this->package('1.1.0', [['id' => 'a', 'title' => 'B']]);
        }
    }

    public function testAGestorWithoutPhinxSaysWhatToDo(): void
    {
        Project::remove($this->gestor->root . '/vendor');
        $this->package('1.0.0', [['id' => 'a', 'title' => 'A']]);
        [$status, $report] = $this->install();
        self::assertSame(PLG_EXIT_MIGRATE, $status);
        self::assertStringContainsString('Phinx was not found', $report['erros'][0]);
        self::assertStringContainsString('no_migrations', $report['erros'][0]);
        self::assertSame([], Project::tree($this->gestor->root . '/plugins'));
    }
}
