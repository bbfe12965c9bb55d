<?php

declare(strict_types=1);

use GestorPlugins\PhinxRunner;
use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Package;
use Tests\Project;

/** The runner against a stand-in with Phinx's names: a log table per plugin, and exactly this call undone. */
final class PhinxRunnerTest extends TestCase
{
    private Database $database;
    private GestorTree $gestor;
    private string $folder;
    private PhinxRunner $runner;

    protected function setUp(): void
    {
        if (Database::socket() === null) {
            self::markTestSkipped('GESTOR_TEST_SOCKET names no server');
        }
        $this->database = new Database(false);
        $this->gestor = (new GestorTree($this->database))->withPhinx();
        $this->folder = Project::temporaryFolder();
        $this->runner = new PhinxRunner($this->gestor->root, $this->database->parameters());
    }

    protected function tearDown(): void
    {
        if (isset($this->database)) {
            $this->database->drop();
            $this->gestor->remove();
            Project::remove($this->folder);
        }
    }

    private function migration(string $version, string $word, string $end = ''): string
    {
        // Classes live as long as the process: each test needs names of its own.
        $class = ucfirst($word) . ucfirst($this->database->name);
        $class = str_replace('_', '', ucwords($class, '_'));
        $name = strtolower((string) preg_replace('/(?<!^)([A-Z])/', '_$1', $class));
        file_put_contents("{$this->folder}/{$version}_{$name}.php", Package::migration($class, "t_{$word}", $end));
        return $class;
    }

    private function call(string $action, array $migrations = [], string $slug = 'my-plugin'): array
    {
        return ($this->runner)(['acao' => $action, 'slug' => $slug, 'pasta' => $this->folder, 'migracoes' => $migrations]);
    }

    private function tables(): array
    {
        $tables = array_column($this->database->rows('SHOW TABLES'), 'Tables_in_' . $this->database->name);
        sort($tables);
        return $tables;
    }

    public function testMigratesAndTellsWhatRan(): void
    {
        $first = $this->migration('20250101000000', 'first');
        $wanted = ['migracoes' => [['versao' => '20250101000000', 'nome' => $first]]];
        self::assertSame($wanted, $this->call('pendentes'));
        self::assertSame([], $this->tables());
        self::assertSame($wanted, $this->call('migrar'));
        self::assertSame(['phinxlog_my_plugin', 't_first'], $this->tables());
        self::assertSame(['migracoes' => []], $this->call('migrar'));
        self::assertSame(['migracoes' => []], $this->call('pendentes'));
        self::assertCount(1, $this->call('pendentes', [], 'other-plugin')['migracoes']);
    }

    public function testUndoesExactlyWhatThisCallApplied(): void
    {
        $this->migration('20250102000000', 'late');
        $this->call('migrar');
        $early = $this->migration('20250101000000', 'early');
        $applied = $this->call('migrar')['migracoes'];
        self::assertSame([['versao' => '20250101000000', 'nome' => $early]], $applied);
        self::assertSame(['migracoes' => $applied], $this->call('desfazer', $applied));
        self::assertSame(['phinxlog_my_plugin', 't_late'], $this->tables());
        self::assertSame($applied, $this->call('pendentes')['migracoes']);
        self::assertSame(['migracoes' => []], $this->call('desfazer'));
    }

    public function testUndoesFromAFolderThatHasBeenMoved(): void
    {
        $this->migration('20250101000000', 'moved');
        $applied = $this->call('migrar')['migracoes'];
        rename($this->folder, $this->folder . 'moved');
        $this->folder .= 'moved';
        self::assertSame(['migracoes' => $applied], $this->call('desfazer', $applied));
        self::assertSame(['phinxlog_my_plugin'], $this->tables());
        self::assertSame([], glob($this->gestor->root . '/temp/*'));
    }

    public function testTellsWhichCanBeUndone(): void
    {
        $good = $this->migration('20250101000000', 'turned');
        $this->migration('20250102000000', 'unnamed');
        $class = str_replace('Turned', 'Stuck', $good);
        $file = strtolower((string) preg_replace('/(?<!^)([A-Z])/', '_$1', $class));
        file_put_contents("{$this->folder}/20250103000000_{$file}.php", "<?php class {$class} { function up() { exit(1); } }");
        $named = [['versao' => '20250101000000', 'nome' => $good], ['versao' => '20250103000000', 'nome' => $class]];
        self::assertSame(['migracoes' => [$named[0]]], $this->call('reversiveis', $named));
        self::assertFalse(class_exists($good, false), 'nothing is loaded');
    }

    public function testAClassFromOtherBytesIsRefused(): void
    {
        $this->migration('20250101000000', 'twice');
        $applied = $this->call('migrar')['migracoes'];
        $file = glob("{$this->folder}/*.php")[0];
        file_put_contents($file, str_replace('t_twice', 't_other', (string) file_get_contents($file)));
        self::assertStringContainsString('was loaded in this process', $this->call('desfazer', $applied)['erro']);
        self::assertSame(['phinxlog_my_plugin', 't_twice'], $this->tables());
        self::assertSame([], $this->call('pendentes')['migracoes']);
    }

    public function testOnlyWhatRunsIsLoaded(): void
    {
        $first = $this->migration('20250101000000', 'edited');
        $this->call('migrar');
        // A later package has edited a migration that ran, and brings another.
        $file = glob("{$this->folder}/*.php")[0];
        $before = (string) file_get_contents($file);
        file_put_contents($file, "{$before}// edited\n");
        $second = $this->migration('20250102000000', 'next');
        $last = [['versao' => '20250102000000', 'nome' => $second]];
        self::assertSame(['migracoes' => $last], $this->call('migrar'));
        self::assertSame(['migracoes' => $last], $this->call('desfazer', $last));
        file_put_contents($file, $before);
        $earlier = [['versao' => '20250101000000', 'nome' => $first]];
        self::assertSame(['migracoes' => $earlier], $this->call('desfazer', $earlier));
        self::assertSame(['phinxlog_my_plugin'], $this->tables());
    }

    public function testAClassOfAMigrationThatDoesNotRunIsFound(): void
    {
        $base = $this->migration('20250101000000', 'parent');
        $class = str_replace('Parent', 'Child', $base);
        $file = strtolower((string) preg_replace('/(?<!^)([A-Z])/', '_$1', $class));
        file_put_contents("{$this->folder}/20250102000000_{$file}.php", "<?php class {$class} extends {$base} { function up(): void {} }");
        $source = (string) file_get_contents(glob("{$this->folder}/20250101*.php")[0]);
        file_put_contents(glob("{$this->folder}/20250101*.php")[0], str_replace('final class', 'class', $source));
        $this->database->connection->exec('CREATE TABLE phinxlog_my_plugin (version BIGINT PRIMARY KEY, migration_name'
            . ' VARCHAR(100), start_time TIMESTAMP NULL, end_time TIMESTAMP NULL, breakpoint TINYINT(1) NOT NULL DEFAULT 0)');
        $this->database->connection->exec("INSERT INTO phinxlog_my_plugin VALUES (20250101000000, '{$base}', NOW(), NOW(), 0)");
        self::assertSame(['migracoes' => [['versao' => '20250102000000', 'nome' => $class]]], $this->call('migrar'));
        self::assertFalse(class_exists("{$base}x"));
    }

    public function testUndoesWithoutItsLog(): void
    {
        $this->migration('20250101000000', 'unlogged');
        $applied = $this->call('migrar')['migracoes'];
        $this->database->connection->exec('DROP TABLE phinxlog_my_plugin');
        self::assertSame(['migracoes' => $applied], $this->call('desfazer', $applied));
        self::assertSame([], $this->tables());
    }

    public function testAFailedUndoingLeavesNoTableBehind(): void
    {
        $this->migration('20250101000000', 'stuck');
        $applied = $this->call('migrar')['migracoes'];
        $this->database->connection->exec('DROP TABLE t_stuck');
        $this->database->connection->exec('DROP TABLE phinxlog_my_plugin');
        self::assertArrayHasKey('erro', $this->call('desfazer', $applied));
        self::assertSame([], $this->tables());
        // Rows that cannot be read: the copy fails.
        $this->database->connection->exec('CREATE TABLE phinxlog_my_plugin (version BIGINT PRIMARY KEY)');
        try {
            $this->call('desfazer', $applied);
            self::fail('nothing can be copied');
        } catch (\PDOException $fault) {
            self::assertSame(['phinxlog_my_plugin'], $this->tables());
        }
    }

    public function testAFailureTellsWhatWasAppliedBefore(): void
    {
        $this->migration('20250101000000', 'good');
        $this->migration('20250102000000', 'bad', "throw new DomainException('broken');");
        $said = $this->call('migrar');
        self::assertMatchesRegularExpression('/^DomainException: broken \(20250102000000_\w+\.php:4\)$/', $said['erro']);
        self::assertSame(['20250101000000'], array_column($said['migracoes'], 'versao'));
    }

    public function testTakesOverWhatAnEarlierInstallerRecorded(): void
    {
        $name = $this->migration('20250101000000', 'taken');
        $other = $this->migration('20250102000000', 'others');
        $sql = 'CREATE TABLE phinxlog (version BIGINT PRIMARY KEY, migration_name VARCHAR(100), start_time TIMESTAMP NULL,'
            . ' end_time TIMESTAMP NULL, breakpoint TINYINT(1) NOT NULL DEFAULT 0)';
        $this->database->connection->exec($sql);
        $this->database->connection->exec("CREATE TABLE plugins (id VARCHAR(255), data_instalacao DATETIME NULL)");
        $this->database->connection->exec("INSERT INTO plugins VALUES ('my-plugin', NOW()), ('new-plugin', NULL)");
        $this->database->connection->exec("INSERT INTO phinxlog VALUES (20250101000000, '{$name}', NOW() - INTERVAL 2 MINUTE, NOW(), 0)");
        // Another plugin made from the same template, applied long before this one was installed.
        $this->database->connection->exec("INSERT INTO phinxlog VALUES (20250102000000, '{$other}', NOW() - INTERVAL 2 DAY, NOW(), 0)");
        self::assertSame(['20250102000000'], array_column($this->call('pendentes')['migracoes'], 'versao'));
        self::assertSame(['20250102000000'], array_column($this->call('migrar')['migracoes'], 'versao'));
        self::assertNotContains('t_taken', $this->tables());
        self::assertCount(2, $this->call('pendentes', [], 'new-plugin')['migracoes']);
    }

    public function testTableNames(): void
    {
        self::assertSame('phinxlog_a_b_c', PhinxRunner::table('a-b_c'));
        $long = PhinxRunner::table(str_repeat('a', 90));
        self::assertSame(64, strlen($long));
        self::assertNotSame($long, PhinxRunner::table(str_repeat('a', 89)));
    }

    public function testNamesAreThoseOfPhinx(): void
    {
        foreach (['20250101000000_create_a_table.php', '2_second.php', '1_First_x.php', 'x.php', '3_a-b.php', '4_c.txt'] as $file) {
            touch("{$this->folder}/{$file}");
        }
        self::assertSame([1 => 'FirstX', 2 => 'Second', 20250101000000 => 'CreateATable'], PhinxRunner::files($this->folder));
    }
}
