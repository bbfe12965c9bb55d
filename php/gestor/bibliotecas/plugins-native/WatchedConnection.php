<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * The connection on which migrations are undone. Pages go on writing to tables that are copied out already: nobody but this
 * connection writes to a table from before a statement takes something of it away until that is done, and what has come
 * since the copy is put where the library takes it from (`guardar` of the call).
 */
final class WatchedConnection extends \PDO
{
    /** Nobody may lock for us: no right to; and what a lock forbids: other tables, a table of the system. */
    private const NO_RIGHT = [1044, 1142, 1227];
    private const FORBIDDEN = [1099, 1100, 1192];
    private const CHANGES = '/\b(DROP|ALTER|TRUNCATE|RENAME|CREATE\s+OR\s+REPLACE)\b/i';
    private const WRITES = '/^\W*(DELETE|UPDATE|REPLACE|INSERT)\b/i';

    private ?LateRows $rows = null;

    public function watch(LateRows $rows): void
    {
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

    /** When it runs is not known: of what it takes away nobody says that it was watched. */
    #[\ReturnTypeWillChange]
    public function prepare(string $query, array $options = [])
    {
        if ($this->rows !== null && preg_match(self::CHANGES, $query) === 1) {
            $this->rows->unwatched($this->rows->named($query));
        }
        return parent::prepare($query, $options);
    }

    /** @return mixed what the statement gives */
    private function watched(string $statement, callable $run)
    {
        $parts = $this->rows === null ? [] : $this->rows->named($statement);
        if ($parts === []) {
            return $run();
        }
        if (preg_match(self::CHANGES, $statement) === 1) {
            return $this->locked($statement, $parts, $run);
        }
        if (preg_match(self::WRITES, $statement) !== 1) {
            return $run();
        }
        $this->aside(fn() => $this->rows->compare($this, $parts, ' FOR UPDATE'));
        $done = $run();
        $this->aside(fn() => $this->rows->settle($this, $parts));
        return $done;
    }

    /**
     * @param list<int> $parts
     * @return mixed what the statement gives
     */
    private function locked(string $statement, array $parts, callable $run)
    {
        // Several statements may make a table, which none can while others are locked.
        $isLocked = !str_contains(rtrim($statement, "; \t\n\r\0\x0B"), ';') && $this->lock($statement);
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

    /** All tables that a statement names: while one is locked, others cannot be used. */
    private function lock(string $statement): bool
    {
        $tables = parent::query(
            "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE <> 'VIEW'"
            . " AND TABLE_TYPE <> 'SEQUENCE'"
        )->fetchAll(self::FETCH_COLUMN);
        $named = array_filter($tables, static fn(string $table): bool => LateRows::isNamed($table, $statement));
        if ($named === []) {
            return false;
        }
        $locks = array_map(static fn(string $table): string => PhinxLog::quoted($table) . ' WRITE', $named);
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
