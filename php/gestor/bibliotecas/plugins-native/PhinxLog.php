<?php

declare(strict_types=1);

namespace GestorPlugins;

/** The log table of one plugin's migrations, in the shape that Phinx gives it. */
final class PhinxLog
{
    private \PDO $database;
    private string $table;

    public function __construct(\PDO $database, string $table)
    {
        $this->database = $database;
        $this->table = $table;
    }

    public function table(): string
    {
        return $this->table;
    }

    /**
     * What is recorded: names by version.
     *
     * @return array<array-key, string>
     */
    public function versions(): array
    {
        if (!$this->exists($this->table)) {
            return [];
        }
        $rows = $this->database->query('SELECT version, migration_name FROM ' . self::quoted($this->table));
        $found = [];
        foreach ($rows as [$version, $name]) {
            $found[(string) $version] = (string) $name;
        }
        return $found;
    }

    /**
     * Migrations of this plugin that an installer of before recorded in the gestor's own `phinxlog`: same version, same
     * name, and applied not long before the plugin was installed (plugins made from one template share the first two).
     *
     * @param array<array-key, string> $files names by version
     * @return array<array-key, string>
     */
    public function recordedByEarlierInstaller(string $slug, array $files, int $minutes): array
    {
        if ($files === [] || !$this->exists('phinxlog') || !$this->exists('plugins')) {
            return [];
        }
        $sql = 'SELECT l.version, l.migration_name FROM phinxlog l JOIN plugins p ON p.id = ?'
            . ' WHERE p.data_instalacao IS NOT NULL AND l.version = ? AND l.migration_name = ?'
            . " AND l.start_time >= p.data_instalacao - INTERVAL {$minutes} MINUTE LIMIT 1";
        $query = $this->database->prepare($sql);
        $recorded = $this->versions();
        $found = [];
        foreach (array_diff_key($files, $recorded) as $version => $name) {
            $query->execute([$slug, (string) $version, $name]);
            if ($query->fetch() !== false) {
                $found[$version] = $name;
            }
            $query->closeCursor();
        }
        return $found;
    }

    /** @param array<array-key, string> $migrations names by version */
    public function takeOver(array $migrations): void
    {
        if ($migrations === []) {
            return;
        }
        $this->copyFrom('phinxlog', array_map('strval', array_keys($migrations)));
    }

    /**
     * Takes entries out of the table of another plugin.
     *
     * @param list<string> $versions
     */
    public function moveFrom(string $table, array $versions): void
    {
        if ($versions !== [] && $this->exists($table)) {
            $this->copyFrom($table, $versions);
            (new self($this->database, $table))->forget($versions);
        }
    }

    /** @param list<string> $versions */
    private function copyFrom(string $table, array $versions): void
    {
        $this->create();
        $insert = $this->database->prepare(
            'INSERT IGNORE INTO ' . self::quoted($this->table) . ' (version, migration_name, start_time, end_time, breakpoint)'
            . ' SELECT version, migration_name, start_time, end_time, 0 FROM ' . self::quoted($table) . ' WHERE version = ?'
        );
        foreach ($versions as $version) {
            $insert->execute([$version]);
        }
    }

    /** A table of its own beside this one, for a single call. */
    public function beside(): self
    {
        return new self($this->database, 'phinxlog_$' . substr(sha1($this->table), 0, 16));
    }

    /**
     * Holds what another log has of these migrations, and nothing else. Where there is no such log (it was dropped, or the
     * database is of another day), they count as applied, as who asks for them says.
     *
     * @param array<array-key, string> $migrations names by version
     */
    public function fillFrom(self $log, array $migrations): void
    {
        $this->drop();
        $this->create();
        $into = 'INSERT INTO ' . self::quoted($this->table) . ' (version, migration_name, start_time, end_time, breakpoint)';
        if (!$this->exists($log->table)) {
            $insert = $this->database->prepare("{$into} VALUES (?, ?, NOW(), NOW(), 0)");
            foreach ($migrations as $version => $name) {
                $insert->execute([(string) $version, $name]);
            }
            return;
        }
        $marks = implode(',', array_fill(0, count($migrations), '?'));
        $this->database->prepare(
            "{$into} SELECT version, migration_name, start_time, end_time, 0 FROM " . self::quoted($log->table)
            . " WHERE version IN ({$marks})"
        )->execute(array_map('strval', array_keys($migrations)));
    }

    /** @param list<string> $versions */
    public function forget(array $versions): void
    {
        if (!$this->exists($this->table)) {
            return;
        }
        $delete = $this->database->prepare('DELETE FROM ' . self::quoted($this->table) . ' WHERE version = ?');
        foreach ($versions as $version) {
            $delete->execute([$version]);
        }
    }

    public function drop(): void
    {
        $this->database->exec('DROP TABLE IF EXISTS ' . self::quoted($this->table));
    }

    private function create(): void
    {
        $this->database->exec(
            'CREATE TABLE IF NOT EXISTS ' . self::quoted($this->table) . ' ('
            . ' version BIGINT NOT NULL PRIMARY KEY,'
            . ' migration_name VARCHAR(100) NULL DEFAULT NULL,'
            . ' start_time TIMESTAMP NULL DEFAULT NULL,'
            . ' end_time TIMESTAMP NULL DEFAULT NULL,'
            . ' breakpoint TINYINT(1) NOT NULL DEFAULT 0'
            . ') ENGINE=InnoDB'
        );
    }

    private function exists(string $table): bool
    {
        $query = $this->database->prepare(
            'SELECT 1 FROM information_schema.tables WHERE table_schema = DATABASE() AND table_name = ?'
        );
        $query->execute([$table]);
        return $query->fetch() !== false;
    }

    /** A name as a statement has it. */
    public static function quoted(string $name): string
    {
        return '`' . str_replace('`', '``', $name) . '`';
    }
}
