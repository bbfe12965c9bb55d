<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * The connection on which migrations are undone. Pages go on writing to tables that are copied out already: nobody but this
 * connection writes to a table from before a statement takes something of it away until that is done, and what has come
 * since the copy is put where the library takes it from (`guardar` of the call). Where that cannot be, it is said.
 */
final class WatchedConnection extends \PDO
{
    /** Nobody may lock for us: no right to; what a lock forbids: other tables, one of the system, on some servers one without transactions. */
    private const NO_RIGHT = [1044, 1142, 1227];
    private const FORBIDDEN = [1099, 1100, 1192, 1785];
    /** What a statement gave has not been read to its end. */
    private const BUSY = 2014;
    private const TABLES = 'SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()';
    private const FUNCTIONS = "SELECT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE() AND ROUTINE_TYPE = 'FUNCTION'";

    private ?LateRows $rows = null;
    /** A transaction is open. */
    private bool $isOpen = false;
    /** It has something to commit. */
    private bool $hasWritten = false;
    /** @var array<string, string> texts of prepared statements, by their names */
    private array $prepared = [];

    public function watch(LateRows $rows): void
    {
        // A row that nobody has yet is locked as well.
        parent::exec('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ');
        $this->setAttribute(self::ATTR_STATEMENT_CLASS, [WatchedStatement::class, [$this]]);
        $this->rows = $rows;
    }

    #[\ReturnTypeWillChange]
    public function exec(string $statement)
    {
        return $this->watched($statement, fn() => parent::exec($statement));
    }

    #[\ReturnTypeWillChange]
    public function query(string $query, ?int $fetchMode = null, mixed ...$fetchModeArgs)
    {
        return $this->watched($query, fn() => parent::query($query, $fetchMode, ...$fetchModeArgs));
    }

    public function beginTransaction(): bool
    {
        return $this->isOpen = parent::beginTransaction();
    }

    public function commit(): bool
    {
        $this->isOpen = false;
        return parent::commit();
    }

    public function rollBack(): bool
    {
        $this->isOpen = false;
        return parent::rollBack();
    }

    /**
     * Rows as they come, which need not fit into memory.
     *
     * @return \Generator<list<?string>>
     */
    public function rows(string $statement): \Generator
    {
        $buffered = class_exists('Pdo\Mysql', false) ? \Pdo\Mysql::ATTR_USE_BUFFERED_QUERY : self::MYSQL_ATTR_USE_BUFFERED_QUERY;
        $this->setAttribute($buffered, false);
        try {
            $rows = parent::query($statement, self::FETCH_NUM);
            foreach ($rows as $row) {
                yield $row;
            }
            $rows->closeCursor();
        } finally {
            $this->setAttribute($buffered, true);
        }
    }

    /**
     * Runs a statement of a migration, and looks after what it takes away.
     *
     * @return mixed what the statement gives
     */
    public function watched(string $statement, callable $run)
    {
        if ($this->rows === null || $this->rows->all() === []) {
            return $run();
        }
        $what = $this->meant($this->read($statement));
        $done = $this->cared($what, $run);
        $this->isOpen = $what->transaction() ?? $this->isOpen;
        $writes = in_array($what->kind, [SqlStatement::WRITES, SqlStatement::UNKNOWN], true);
        $this->hasWritten = $what->transaction() === null && ($writes || $this->hasWritten);
        return $done;
    }

    private function read(string $statement): SqlStatement
    {
        $calls = str_contains($statement, '(');
        return new SqlStatement($statement, $calls ? array_map('strval', parent::query(self::FUNCTIONS)->fetchAll(self::FETCH_COLUMN)) : []);
    }

    /** What a statement runs that was prepared before. */
    private function meant(SqlStatement $statement): SqlStatement
    {
        [$name, $gives] = $statement->prepares() ?? ['', null];
        if ($gives !== null) {
            $this->prepared[$name] = $this->text($gives);
            return $statement;
        }
        $gives = $statement->immediate();
        $text = $gives === null ? ($this->prepared[$statement->executes() ?? ''] ?? '') : $this->text($gives);
        return $text === '' ? $statement : $this->read($text);
    }

    /** The text of a statement, of a literal, a variable or whatever else gives it. */
    private function text(string $gives): string
    {
        try {
            return (string) parent::query("SELECT {$gives}")->fetchColumn();
        } catch (\PDOException $fault) {
            return '';
        }
    }

    /** @return mixed what the statement gives */
    private function cared(SqlStatement $what, callable $run)
    {
        if ($what->kind === SqlStatement::HARMLESS || $what->kind === SqlStatement::ADDS) {
            return $run();
        }
        if ($what->kind === SqlStatement::UNKNOWN) {
            return $this->held($this->rows->all(), $run);
        }
        $all = parent::query(self::TABLES)->fetchAll(self::FETCH_KEY_PAIR);
        $touched = TouchedTables::of($this, $what->text, $all);
        $parts = $this->rows->of($touched);
        if ($parts === []) {
            return $run();
        }
        $writes = $what->kind === SqlStatement::WRITES;
        // What a lock would commit could not be taken back any more.
        if ($writes && ($this->areTransactional($parts) || ($this->isOpen && $this->hasWritten))) {
            return $this->held($parts, $run);
        }
        $views = ['VIEW', 'SYSTEM VIEW', 'SEQUENCE'];
        $done = $this->locked(array_filter($touched, static fn(string $name): bool => !in_array($all[$name] ?? 'VIEW', $views, true)), $parts, $run);
        if ($writes && $this->isOpen) {
            parent::exec('START TRANSACTION');
        }
        return $done;
    }

    /**
     * While a transaction holds all of their rows.
     *
     * @param list<int> $parts
     * @return mixed what the statement gives
     */
    private function held(array $parts, callable $run)
    {
        $isOurs = !$this->isOpen;
        $isHeld = $this->areTransactional($parts);
        if ($isOurs) {
            parent::exec('START TRANSACTION');
        }
        parent::exec('SAVEPOINT gestor_vigia');
        $this->aside(fn() => $this->rows->compare($this, $parts, ' FOR UPDATE'));
        try {
            $done = $run();
        } catch (\Throwable $fault) {
            if ($isOurs) {
                parent::exec('ROLLBACK');
            }
            throw $fault;
        }
        try {
            $changed = [];
            $this->aside(function () use ($parts, &$changed): void {
                $changed = $this->rows->changed($this, $parts);
                $this->rows->settle($this, $changed);
            });
            $isHeld = $this->isStillOpen() && $isHeld;
            if ($isOurs) {
                parent::exec('COMMIT');
            }
        } catch (\PDOException $fault) {
            if (($fault->errorInfo[1] ?? 0) !== self::BUSY) {
                throw $fault;
            }
            [$changed, $isHeld, $this->isOpen] = [$parts, false, true];
        }
        $isHeld || $this->rows->unwatched($changed);
        return $done;
    }

    /** The transaction of before is the one of now: nothing that was run has ended it. */
    private function isStillOpen(): bool
    {
        try {
            parent::exec('RELEASE SAVEPOINT gestor_vigia');
            return true;
        } catch (\PDOException $fault) {
            if (($fault->errorInfo[1] ?? 0) === self::BUSY) {
                throw $fault;
            }
            return false;
        }
    }

    /** @param list<int> $parts */
    private function areTransactional(array $parts): bool
    {
        $tables = array_map(fn(string $table): string => $this->quote($table), $this->rows->tables($parts));
        $others = "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND ENGINE <> 'InnoDB' AND TABLE_NAME IN ("
            . implode(', ', $tables) . ')';
        return (int) parent::query($others)->fetchColumn() === 0;
    }

    /**
     * While nobody else may use the tables.
     *
     * @param array<string> $tables
     * @param list<int> $parts
     * @return mixed what the statement gives
     */
    private function locked(array $tables, array $parts, callable $run)
    {
        $isLocked = $this->lock($tables);
        try {
            $this->aside(fn() => $this->rows->compare($this, $parts, ''));
            try {
                $done = $run();
            } catch (\PDOException $fault) {
                if (!$isLocked || !in_array($fault->errorInfo[1] ?? 0, self::FORBIDDEN, true)) {
                    throw $fault;
                }
                $isLocked = false;
                parent::exec('UNLOCK TABLES');
                $done = $run();
            }
            $this->aside(fn() => $this->rows->settle($this, $parts));
        } finally {
            parent::exec('UNLOCK TABLES');
        }
        $isLocked ? $this->rows->watched($parts) : $this->rows->unwatched($parts);
        return $done;
    }

    /** @param array<string> $tables all that a statement reaches: while one is locked, others cannot be used */
    private function lock(array $tables): bool
    {
        $locks = array_map(static fn(string $table): string => PhinxLog::quoted($table) . ' WRITE', $tables);
        if ($locks === []) {
            return false;
        }
        try {
            parent::exec('LOCK TABLES ' . implode(', ', $locks));
        } catch (\PDOException $fault) {
            if (in_array($fault->errorInfo[1] ?? 0, self::NO_RIGHT, true)) {
                return false;
            }
            throw $fault;
        }
        return true;
    }

    /** Does what asks for rows, as the library reads them. */
    private function aside(callable $ask): void
    {
        $stringify = $this->getAttribute(self::ATTR_STRINGIFY_FETCHES);
        $zone = (string) parent::query('SELECT @@session.time_zone')->fetchColumn();
        $this->setAttribute(self::ATTR_STRINGIFY_FETCHES, true);
        parent::exec("SET SESSION time_zone = '+00:00'");
        try {
            $ask();
        } finally {
            parent::exec('SET SESSION time_zone = ' . $this->quote($zone));
            $this->setAttribute(self::ATTR_STRINGIFY_FETCHES, (bool) $stringify);
        }
    }
}
