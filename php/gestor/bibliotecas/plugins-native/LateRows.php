<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * What pages have written since tables were copied out. The library says what its copies have (`guardar`); a table that
 * says something else is put into a file of the call's folder before a migration takes it away.
 */
final class LateRows
{
    private const FLAGS = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_UNESCAPED_LINE_TERMINATORS;

    /** A table, or a column, that somebody else took away. */
    private const GONE = [1054, 1146];

    private string $folder;
    /** @var list<array{tabela: string, cabeca: string, resumo: string, consultas: list<array<string, mixed>>}> */
    private array $parts;
    /** @var array<int, string> what each said when it was last compared */
    private array $seen = [];
    /** @var array<int, bool> those that a migration has been at work on */
    private array $changed = [];
    /** @var array<int, bool> those of which something went while others may have written */
    private array $open = [];

    /** @param array{pasta: string, partes: list<array<string, mixed>>} $watched */
    public function __construct(array $watched)
    {
        [$this->folder, $this->parts] = [$watched['pasta'], $watched['partes']];
    }

    public static function isNamed(string $table, string $statement): bool
    {
        return preg_match('/(?<![\w$])' . preg_quote($table, '/') . '(?![\w$])/i', $statement) === 1;
    }

    /** @return list<int> the places of all of them */
    public function all(): array
    {
        return array_keys($this->parts);
    }

    /**
     * @param list<string> $tables
     * @return list<int> the places of those whose table is one of these
     */
    public function of(array $tables): array
    {
        $tables = array_map('strtolower', $tables);
        return array_keys(array_filter($this->parts, static fn(array $part): bool => in_array(strtolower($part['tabela']), $tables, true)));
    }

    /**
     * @param list<int> $parts
     * @return list<string>
     */
    public function tables(array $parts): array
    {
        return array_values(array_unique(array_map(fn(int $at): string => $this->parts[$at]['tabela'], $parts)));
    }

    /**
     * Puts what a table says into a file where it is not what is known of it.
     *
     * @param list<int> $parts
     * @param string $lock what stands behind a question for rows
     */
    public function compare(WatchedConnection $database, array $parts, string $lock): void
    {
        foreach ($parts as $at) {
            $part = $this->parts[$at];
            if ($part['consultas'] === []) {
                continue;
            }
            try {
                $this->seen[$at] = $this->digest($database, $part, $lock);
            } catch (\PDOException $fault) {
                if (!in_array($fault->errorInfo[1] ?? 0, self::GONE, true)) {
                    throw $fault;
                }
                $this->settle($database, [$at]);
                $this->unwatched([$at]);
                continue;
            }
            if ($this->seen[$at] === $part['resumo']) {
                continue;
            }
            $path = "{$this->folder}/{$at}" . (isset($this->changed[$at]) ? '.depois' : '') . '.jsonl';
            // A run that is killed leaves what stands under the last name, whole.
            $file = fopen("{$path}.parte", 'w');
            if ($file === false) {
                throw new \RuntimeException(Host::say("não foi possível criar {$path}", "{$path} cannot be created"));
            }
            foreach (self::lines($database, $part, '') as $line) {
                if (fwrite($file, $line) !== strlen($line)) {
                    throw new \RuntimeException(Host::say("não foi possível gravar {$path}", "{$path} cannot be written"));
                }
            }
            if (function_exists('fsync')) {
                fsync($file);
            }
            if (!fclose($file) || !rename("{$path}.parte", $path)) {
                throw new \RuntimeException(Host::say("não foi possível gravar {$path}", "{$path} cannot be written"));
            }
        }
    }

    /**
     * @param list<int> $parts
     * @return list<int> those that say something else than when they were last compared, or are gone
     */
    public function changed(WatchedConnection $database, array $parts): array
    {
        $says = function (int $at) use ($database): ?string {
            $stand = self::columns($database, $this->parts[$at]['tabela']);
            foreach ($this->parts[$at]['consultas'] as $reading) {
                foreach ($reading['colunas'] as $column) {
                    if ($column['nome'][0] !== '$' && !isset($stand[$column['nome']])) {
                        return null;
                    }
                }
            }
            return $this->digest($database, $this->parts[$at], '');
        };
        $isChanged = fn(int $at): bool => $this->parts[$at]['consultas'] !== [] && $says($at) !== ($this->seen[$at] ?? null);
        return array_values(array_filter($parts, $isChanged));
    }

    /**
     * A migration's own statement has changed tables: what they say now is what is known of them.
     *
     * @param list<int> $parts
     */
    public function settle(WatchedConnection $database, array $parts): void
    {
        foreach ($parts as $at) {
            $this->changed[$at] = true;
            $stand = self::columns($database, $this->parts[$at]['tabela']);
            foreach ($this->parts[$at]['consultas'] as $number => $reading) {
                $still = static fn(array $column): bool => $column['nome'][0] === '$' || isset($stand[$column['nome']]);
                $columns = array_values(array_filter($reading['colunas'], $still));
                if ($stand === [] || $columns === []) {
                    unset($this->parts[$at]['consultas'][$number]);
                    continue;
                }
                $this->parts[$at]['consultas'][$number]['colunas'] = $columns;
            }
            if ($this->parts[$at]['consultas'] !== []) {
                $this->parts[$at]['resumo'] = $this->digest($database, $this->parts[$at], '');
            }
        }
    }

    /** @param list<int> $parts of these nobody wrote anything while something of them went */
    public function watched(array $parts): void
    {
        foreach (array_diff($parts, array_keys($this->open)) as $at) {
            touch("{$this->folder}/{$at}.vigiada");
        }
    }

    /** @param list<int> $parts */
    public function unwatched(array $parts): void
    {
        foreach ($parts as $at) {
            $this->open[$at] = true;
            if (is_file("{$this->folder}/{$at}.vigiada")) {
                unlink("{$this->folder}/{$at}.vigiada");
            }
        }
    }

    private function digest(WatchedConnection $database, array $part, string $lock): string
    {
        $hash = hash_init('sha256');
        foreach (self::lines($database, $part, $lock) as $line) {
            hash_update($hash, $line);
        }
        return hash_final($hash);
    }

    /** @return \Generator<string> the lines of a copy, as the library writes them */
    private static function lines(WatchedConnection $database, array $part, string $lock): \Generator
    {
        yield $part['cabeca'];
        $table = (string) json_encode($part['tabela'], self::FLAGS);
        foreach ($part['consultas'] as $reading) {
            $names = array_column($reading['colunas'], 'nome');
            $read = implode(', ', array_column($reading['colunas'], 'le'));
            $rows = $database->rows("SELECT {$read} {$reading['de']}" . ($reading['tipo'] === 'linha' ? $lock : ''));
            foreach ($rows as $row) {
                yield "{\"tabela\":{$table},\"{$reading['tipo']}\":" . self::json($names, $row) . "}\n";
            }
        }
    }

    /**
     * @param list<string> $names
     * @param list<?string> $row
     */
    private static function json(array $names, array $row): string
    {
        $line = json_encode((object) array_combine($names, $row), self::FLAGS);
        if ($line !== false) {
            return $line;
        }
        // Bytes that are no text.
        $exact = static fn(?string $value) => $value === null || preg_match('//u', $value) === 1 ? $value : ['$hex' => bin2hex($value)];
        return (string) json_encode((object) array_combine($names, array_map($exact, $row)), self::FLAGS);
    }

    /** @return array<string, int> */
    private static function columns(WatchedConnection $database, string $table): array
    {
        $names = $database->rows('SELECT COLUMN_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND'
            . ' TABLE_NAME = ' . $database->quote($table));
        return array_flip(array_map(static fn(array $row): string => (string) $row[0], iterator_to_array($names)));
    }
}
