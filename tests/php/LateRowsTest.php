<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;

/** What pages write into a table between the copy of it and the statement of a way back that takes it away. */
final class LateRowsTest extends TestCase
{
    use PackagedSite;

    private const UP = "CREATE TABLE t_late (id INT PRIMARY KEY AUTO_INCREMENT, word VARCHAR(40), f FLOAT, b BIT(9), g VARBINARY(9),"
        . " l VARCHAR(9) CHARACTER SET latin1, at TIMESTAMP NULL, j JSON, n INT AS (f IS NULL), big BIGINT UNSIGNED) DEFAULT CHARSET=utf8mb4";
    private const ROW = "INSERT INTO t_late (word, f, b, g, l, at, j, big) VALUES ('a \"b\\\\\\\\ /\t\x01 \u{2028}é', 16777217, b'101', x'ff00',"
        . " _latin1 x'e9', '2026-01-01 00:00:00', '{\"a\": 1.50}', 18446744073709551615), (NULL, -0.0, NULL, '', '', NULL, NULL, 0)";

    /**
     * Installs a migration with this way back, goes back, and tells what came of it.
     *
     * @param list<string> $down statements; those that begin with `page:` are of another connection, `php:` is no statement
     * @param list<string> $beside statements of before
     * @return array{0: list<string>, 1: list<string>} the copies in the order in which they were made, and the warnings
     */
    private function back(array $down, array $beside = []): array
    {
        $this->gestor->withPhinx();
        $place = 'mysql:unix_socket=' . \Tests\Database::socket() . ';charset=utf8mb4;dbname=' . $this->database->name;
        $body = '';
        foreach ($down as $statement) {
            $page = preg_replace('/^page: /', '', $statement);
            if ($statement === 'kill') {
                $body .= 'posix_kill(getmypid(), 9);';
                continue;
            }
            if (str_starts_with($statement, 'php: ')) {
                $body .= substr($statement, 5);
                continue;
            }
            $body .= $page === $statement
                ? '$this->execute(' . var_export($statement, true) . ');'
                : "(new PDO('{$place}', 'root', ''))->exec(" . var_export($page, true) . ');';
        }
        $class = 'Late' . ucfirst(bin2hex(random_bytes(4)));
        $code = "<?php\nfinal class {$class} extends Phinx\\Migration\\AbstractMigration\n{\n"
            . '    public function up(): void { $this->execute(' . var_export(self::UP, true) . "); }\n"
            . "    public function down(): void { {$body} }\n}\n";
        $file = '20250101000000_' . strtolower((string) preg_replace('/(?<!^)([A-Z])/', '_$1', $class));
        $this->install('1.0.0');
        $this->install('1.1.0', [$file => $code]);
        $this->database->connection->exec(self::ROW);
        array_map([$this->database->connection, 'exec'], $beside);
        if (in_array('kill', $down, true)) {
            Project::php([$this->gestor->script(), '--json', '--rollback', '--plugin=' . Package::SLUG]);
            $report = $this->cli('--recover', '--plugin=' . Package::SLUG);
        } else {
            $report = $this->cli('--rollback', '--plugin=' . Package::SLUG);
        }
        $files = glob($this->gestor->root . '/backups/plugins/' . Package::SLUG . '/esquema-*.jsonl.gz') ?: [];
        usort($files, static fn(string $one, string $other): int => [strlen($one), $one] <=> [strlen($other), $other]);
        return [array_map(static fn(string $file): string => (string) gzdecode((string) file_get_contents($file)), $files), $report['avisos']];
    }

    private function install(string $version, array $migrations = []): void
    {
        $path = Package::write($this->gestor->root . "/{$version}.zip", $version, $migrations);
        $this->cli('--id=' . Package::SLUG, '--origem_tipo=upload', "--arquivo={$path}");
    }

    /** @return array<string, mixed> */
    private function cli(string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--json', ...$arguments]);
        self::assertSame(PLG_EXIT_OK, $status, $out . $err);
        return json_decode($out, true);
    }

    public function testATableThatNobodyWroteToIsCopiedOnce(): void
    {
        foreach ([['DROP TABLE t_late'], ['DELETE FROM t_late', 'ALTER TABLE t_late DROP COLUMN word, DROP COLUMN g', 'DROP TABLE t_late']] as $down) {
            [$copies, $warnings] = $this->back($down);
            self::assertSame([], $warnings);
            self::assertCount(1, $copies);
            self::assertSame(2, substr_count($copies[0], '"linha"'));
            $this->tearDown();
            $this->setUp();
        }
    }

    public function testWhatAPageWroteIsInACopy(): void
    {
        foreach (['DROP TABLE t_late', 'ALTER TABLE t_late DROP COLUMN word', 'TRUNCATE t_late', "DELETE FROM t_late"] as $statement) {
            [$copies, $warnings] = $this->back(["page: INSERT INTO t_late (word) VALUES ('written meanwhile')", $statement]);
            self::assertSame([], $warnings, $statement);
            self::assertCount(2, $copies, $statement);
            self::assertStringNotContainsString('written meanwhile', $copies[0]);
            // Of a column that goes both the column and its table were copied.
            $parts = substr_count($copies[1], '"criar"');
            self::assertSame($parts, substr_count($copies[1], 'written meanwhile'), $statement);
            self::assertSame(3 * $parts, substr_count($copies[1], '"linha"'), $statement);
            $this->tearDown();
            $this->setUp();
        }
    }

    public function testWhatAPageWroteIsInACopyWhereTheRunIsKilled(): void
    {
        [$copies, $warnings] = $this->back(["page: INSERT INTO t_late (word) VALUES ('written meanwhile')", 'DROP TABLE t_late', 'kill']);
        self::assertStringContainsString('written meanwhile', $copies[1]);
        self::assertSame(3, substr_count($copies[1], '"linha"'));
        self::assertStringContainsString('a run that was interrupted', implode($warnings));
        self::assertDirectoryDoesNotExist($this->gestor->root . '/backups/plugins/' . Package::SLUG . '/.vigiadas');
        $told = json_encode($this->database->rows('SELECT migracoes FROM gestor_plugins_historico WHERE id = 3'));
        self::assertSame(count($copies), substr_count($told, '.jsonl.gz'), $told);
    }

    public function testWhatCameWhileItWasAtWorkIsTold(): void
    {
        [$copies, $warnings] = $this->back([
            'UPDATE t_late SET word = NULL', "page: INSERT INTO t_late (word) VALUES ('written meanwhile')", 'DROP TABLE t_late',
        ]);
        self::assertCount(2, $copies);
        self::assertStringContainsString('written meanwhile', $copies[1]);
        self::assertCount(1, $warnings);
        self::assertStringContainsString('t_late', $warnings[0]);
        self::assertStringContainsString('which a restore does not read', $warnings[0]);
    }

    public function testWhatIsDroppedUnseenIsTold(): void
    {
        foreach (['page: DROP TABLE t_late', 'CREATE TABLE IF NOT EXISTS t_new (a INT); DROP TABLE t_late'] as $statement) {
            [$copies, $warnings] = $this->back([$statement]);
            self::assertCount(1, $copies);
            self::assertStringContainsString('while nobody could watch', $warnings[0] ?? '', $statement);
            $this->tearDown();
            $this->setUp();
        }
    }

    /** @return array<string, array{string, list<string>}> an engine and a way back, while a page writes */
    public static function waysBack(): array
    {
        $wait = 'SET @waited = SLEEP(0.3)';
        return [
            'a table goes' => ['InnoDB', [$wait, 'DROP TABLE t_late']],
            'of a transaction' => ['InnoDB', [$wait, 'DELETE FROM t_late', $wait, 'DROP TABLE t_late']],
            'after a change of the schema' => ['InnoDB', ['CREATE TABLE t_other (a INT)', $wait, 'DELETE FROM t_late', 'DROP TABLE t_late, t_other']],
            'without transactions' => ['MyISAM', ['CREATE TABLE t_other (a INT)', $wait, 'DELETE FROM t_late', 'DROP TABLE t_late, t_other']],
            'a statement that was prepared' => ['InnoDB', [$wait, "PREPARE s FROM 'DROP TABLE t_late'", $wait, 'EXECUTE s']],
        ];
    }

    /**
     * @dataProvider waysBack
     * @param list<string> $down
     */
    #[PHPUnit\Framework\Attributes\DataProvider('waysBack')]
    public function testEveryRowThatAPageCouldWriteIsInACopy(string $engine, array $down): void
    {
        $place = 'mysql:unix_socket=' . \Tests\Database::socket() . ';dbname=' . $this->database->name;
        $page = Project::temporaryFolder() . '/page.php';
        $ready = dirname($page) . '/ready';
        // What a page wrote is what the server said yes to.
        file_put_contents($page, "<?php \$d = new PDO('{$place}', 'root', ''); \$n = 0; \$end = microtime(true) + 20; touch('{$ready}'); while (microtime(true) < \$end) {"
            . ' try { $d->exec("INSERT INTO t_late (word) VALUES (\'page\')"); $n++; }'
            . ' catch (PDOException $e) { if ($n > 0 && ($e->errorInfo[1] ?? 0) === 1146) { break; } usleep(1000); } } echo $n;');
        $process = proc_open([PHP_BINARY, $page], [1 => ['pipe', 'w']], $pipes);
        [$copies, $warnings] = $this->back($down, ["ALTER TABLE t_late ENGINE={$engine}"]);
        $written = (int) stream_get_contents($pipes[1]);
        proc_close($process);
        Project::remove(dirname($page));
        self::assertGreaterThan(10, $written);
        self::assertSame([], array_filter($warnings, static fn (string $warning): bool => str_contains($warning, 'nobody could watch')));
        // What a way back emptied was written to until then, and from then on.
        $found = array_map(static fn (string $copy): array => self::numbers($copy), $copies);
        self::assertSame($written, count(array_unique(array_merge(...$found))));
    }

    /** @return list<string> the numbers of the rows that a page wrote */
    private static function numbers(string $copy): array
    {
        preg_match_all('/"id":"?(\d+)"?,"word":"page"/', $copy, $found);
        return $found[1];
    }

    /** @return array<string, array{list<string>, list<string>}> what stands beside the table, and a way back */
    public static function whatEmptiesIt(): array
    {
        $word = 'CREATE TABLE t_word (id INT PRIMARY KEY)';
        return [
            'a comment first' => [[], ['/* all */ DELETE FROM t_late']],
            'a comment of a line first' => [[], ["-- all\nDELETE FROM t_late"]],
            'what a server of a version runs' => [[], ['/*!40000 DELETE FROM t_late */']],
            'prepared by PDO' => [[], ['php: $this->getAdapter()->getConnection()->prepare("DELETE FROM t_late WHERE id > ?")->execute([0]);']],
            'a column emptied by a prepared statement' => [[], ['php: $this->getAdapter()->getConnection()->prepare("UPDATE t_late SET word = ?")->execute([null]);']],
            'prepared in SQL' => [[], ["SET @all = 'DELETE FROM t_late'", 'PREPARE s FROM @all', 'EXECUTE s']],
            'several statements' => [[], ['SET @all = 1; DELETE FROM t_late']],
            'rows that follow others' => [
                [$word, 'INSERT INTO t_word VALUES (1)', 'ALTER TABLE t_late ADD COLUMN p INT DEFAULT 1', 'ALTER TABLE t_late ADD FOREIGN KEY (p) REFERENCES t_word (id) ON DELETE CASCADE'],
                ['DELETE FROM t_word'],
            ],
            'a trigger' => [[$word, 'INSERT INTO t_word VALUES (1)', 'CREATE TRIGGER g_word AFTER DELETE ON t_word FOR EACH ROW DELETE FROM t_late'], ['DELETE FROM t_word']],
            'a view' => [['CREATE VIEW v_late AS SELECT * FROM t_late'], ['DELETE FROM v_late']],
            'a procedure' => [['CREATE PROCEDURE p_late() DELETE FROM t_late'], ['CALL p_late()']],
            'with words before' => [[], ['DELETE l FROM t_late AS l WHERE l.id IN (SELECT id FROM (SELECT id FROM t_late) AS x)']],
        ];
    }

    /**
     * @dataProvider whatEmptiesIt
     * @param list<string> $beside
     * @param list<string> $down
     */
    #[PHPUnit\Framework\Attributes\DataProvider('whatEmptiesIt')]
    public function testWhatEmptiesATableIsSeen(array $beside, array $down): void
    {
        [$copies, $warnings] = $this->back(["page: INSERT INTO t_late (word) VALUES ('written meanwhile')", ...$down, 'php: $this->execute("DROP TABLE t_late");'], $beside);
        self::assertSame([], $warnings);
        self::assertStringContainsString('written meanwhile', implode($copies));
    }

    public function testWhatTakesRowsWhileNobodyWatchesIsTold(): void
    {
        $body = "CREATE PROCEDURE p_late() BEGIN COMMIT; DELETE FROM t_late; END";
        [$copies, $warnings] = $this->back(['CALL p_late()', 'DROP TABLE t_late'], [$body]);
        self::assertStringContainsString('while nobody could watch', implode($warnings));
        self::assertNotSame([], $copies);
    }
}
