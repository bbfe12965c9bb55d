<?php

declare(strict_types=1);

namespace Phinx\Migration;

use Phinx\Config\Config;
use Symfony\Component\Console\Input\ArrayInput;
use Symfony\Component\Console\Output\BufferedOutput;

/** Stand-in: applies what is not recorded in order of version, and rolls back all that is newer than a target. */
class Manager
{
    private Config $config;

    public function __construct(Config $config, ArrayInput $input, BufferedOutput $output)
    {
        $this->config = $config;
    }

    public function migrate(string $environment, ?int $version = null): void
    {
        [$connection, $table] = $this->connect($environment);
        $connection->exec(
            "CREATE TABLE IF NOT EXISTS `{$table}` (version BIGINT NOT NULL PRIMARY KEY, migration_name VARCHAR(100) NULL,"
            . ' start_time TIMESTAMP NULL, end_time TIMESTAMP NULL, breakpoint TINYINT(1) NOT NULL DEFAULT 0)'
        );
        $recorded = $connection->query("SELECT version FROM `{$table}`")->fetchAll(\PDO::FETCH_COLUMN);
        foreach ($this->migrations() as $number => [$class, $file]) {
            if (in_array($number, array_map('intval', $recorded), true)) {
                continue;
            }
            $this->make($class, $file, $connection)->up();
            $insert = $connection->prepare("INSERT INTO `{$table}` VALUES (?, ?, NOW(), NOW(), 0)");
            $insert->execute([$number, $class]);
        }
    }

    public function rollback(string $environment, $target = null): void
    {
        [$connection, $table] = $this->connect($environment);
        $recorded = array_map('intval', $connection->query("SELECT version FROM `{$table}`")->fetchAll(\PDO::FETCH_COLUMN));
        foreach (array_reverse($this->migrations(), true) as $number => [$class, $file]) {
            if ($number <= (int) $target) {
                break;
            }
            if (in_array($number, $recorded, true)) {
                $this->make($class, $file, $connection)->down();
                $connection->exec("DELETE FROM `{$table}` WHERE version = {$number}");
            }
        }
    }

    private function connect(string $environment): array
    {
        $of = $this->config->environment($environment);
        if (isset($of['connection'])) {
            return [$of['connection'], $of['migration_table']];
        }
        $place = isset($of['unix_socket']) ? "unix_socket={$of['unix_socket']}" : "host={$of['host']};port={$of['port']}";
        $attributes = [];
        foreach ($of as $key => $value) {
            if (strncmp($key, 'mysql_attr_', 11) === 0) {
                $attributes[constant('PDO::' . strtoupper($key))] = $value;
            }
        }
        $connection = new \PDO("mysql:{$place};dbname={$of['name']};charset=utf8mb4", $of['user'], $of['pass'], $attributes);
        $connection->setAttribute(\PDO::ATTR_ERRMODE, \PDO::ERRMODE_EXCEPTION);
        return [$connection, $of['migration_table']];
    }

    private function migrations(): array
    {
        $found = [];
        foreach (glob($this->config->folder() . '/*.php') ?: [] as $file) {
            [$number, $name] = explode('_', basename($file, '.php'), 2);
            $found[(int) $number] = [str_replace(' ', '', ucwords(str_replace('_', ' ', $name))), $file];
        }
        ksort($found);
        return $found;
    }

    private function make(string $class, string $file, \PDO $connection): AbstractMigration
    {
        require_once $file;
        return new $class($connection);
    }
}
