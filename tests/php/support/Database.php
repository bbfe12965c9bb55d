<?php

declare(strict_types=1);

namespace Tests;

/** A database of its own on the private server of GESTOR_TEST_SOCKET. */
final class Database
{
    private static int $number = 0;

    public string $name;
    public \PDO $connection;

    public static function socket(): ?string
    {
        $socket = getenv('GESTOR_TEST_SOCKET');
        return is_string($socket) && $socket !== '' ? $socket : null;
    }

    public function __construct(bool $withSchema = true)
    {
        $this->name = 'php_' . getmypid() . '_' . ++self::$number;
        $this->connection = new \PDO('mysql:unix_socket=' . self::socket() . ';charset=utf8mb4', 'root', '', [
            \PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION,
            \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC,
        ]);
        $this->connection->exec("DROP DATABASE IF EXISTS {$this->name}");
        $this->connection->exec("CREATE DATABASE {$this->name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
        $this->connection->exec("USE {$this->name}");
        if ($withSchema) {
            $this->connection->exec((string) file_get_contents(Project::folder() . '/tests/fixtures/gestor.sql'));
            // A file of many statements has a result for each.
            $this->connection = new \PDO(
                'mysql:unix_socket=' . self::socket() . ";dbname={$this->name};charset=utf8mb4",
                'root',
                '',
                [\PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION, \PDO::ATTR_DEFAULT_FETCH_MODE => \PDO::FETCH_ASSOC]
            );
        }
    }

    public function drop(): void
    {
        $this->connection->exec("DROP DATABASE IF EXISTS {$this->name}");
        // PHPUnit keeps its tests until the last one has ended, and a server has only so many connections.
        unset($this->connection);
    }

    /** `db` of a call. */
    public function parameters(): array
    {
        return ['socket' => self::socket(), 'nome' => $this->name, 'usuario' => 'root', 'senha' => ''];
    }

    public function rows(string $sql): array
    {
        return $this->connection->query($sql)->fetchAll();
    }

    /** Everything that a plugin's installation writes, without times and numbers that the server gives. */
    public function contents(): array
    {
        $rows = [];
        foreach (['paginas', 'layouts', 'componentes', 'variaveis', 'modulos', 'plugins'] as $table) {
            $rows[$table] = array_map(static function (array $row): array {
                return array_filter(
                    $row,
                    static fn (string $column): bool => !preg_match('/^(data_|id_)/', $column),
                    ARRAY_FILTER_USE_KEY
                );
            }, $this->rows("SELECT * FROM {$table} ORDER BY 1"));
        }
        return $rows;
    }
}
