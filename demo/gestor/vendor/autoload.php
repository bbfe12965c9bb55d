<?php

/**
 * The demo's stand-in for Phinx: what a gestor has in vendor/ from robmorgan/phinx, cut down to running the `up()` and
 * `down()` of migration files. It is here so that the demo needs nothing but PHP and MariaDB.
 */

declare(strict_types=1);

namespace Symfony\Component\Console\Input {
    final class ArrayInput
    {
        public function __construct(array $parameters)
        {
        }
    }
}

namespace Symfony\Component\Console\Output {
    final class BufferedOutput
    {
    }
}

namespace Phinx\Config {
    final class Config
    {
        public function __construct(private array $values, public readonly ?string $path = null)
        {
        }

        public function folder(): string
        {
            return $this->values['paths']['migrations'];
        }

        public function environment(string $name): array
        {
            $all = $this->values['environments'];
            return $all[$name] + ['migration_table' => $all['default_migration_table']];
        }
    }
}

namespace Phinx\Migration {
    abstract class AbstractMigration
    {
        public function __construct(private \PDO $connection)
        {
        }

        public function execute(string $sql): int
        {
            return (int) $this->connection->exec($sql);
        }
    }

    final class Manager
    {
        private \PDO $connection;
        private string $table;

        public function __construct(private \Phinx\Config\Config $config, object $input, object $output)
        {
        }

        public function migrate(string $environment): void
        {
            $this->connect($environment);
            $done = $this->connection->query("SELECT version FROM `$this->table`")->fetchAll(\PDO::FETCH_COLUMN);
            foreach ($this->migrations() as $version => [$name, $migration]) {
                if (!in_array($version, $done, false)) {
                    $migration->up();
                    $this->connection->prepare("INSERT INTO `$this->table` (version, migration_name, start_time, end_time) VALUES (?, ?, NOW(), NOW())")
                        ->execute([$version, $name]);
                }
            }
        }

        public function rollback(string $environment, int $target): void
        {
            $this->connect($environment);
            $migrations = $this->migrations();
            foreach ($this->connection->query("SELECT version FROM `$this->table` ORDER BY version DESC")->fetchAll(\PDO::FETCH_COLUMN) as $version) {
                if ($version > $target && isset($migrations[$version])) {
                    $migrations[$version][1]->down();
                    $this->connection->prepare("DELETE FROM `$this->table` WHERE version = ?")->execute([$version]);
                }
            }
        }

        private function connect(string $environment): void
        {
            $settings = $this->config->environment($environment);
            $this->table = $settings['migration_table'];
            $place = isset($settings['unix_socket']) ? "unix_socket={$settings['unix_socket']}" : "host={$settings['host']};port={$settings['port']}";
            $this->connection = new \PDO("mysql:$place;dbname={$settings['name']};charset=utf8mb4", $settings['user'], $settings['pass']);
            $this->connection->setAttribute(\PDO::ATTR_ERRMODE, \PDO::ERRMODE_EXCEPTION);
            $this->connection->exec("CREATE TABLE IF NOT EXISTS `$this->table` (version BIGINT NOT NULL PRIMARY KEY, migration_name VARCHAR(100) NULL,"
                . ' start_time TIMESTAMP NULL, end_time TIMESTAMP NULL, breakpoint TINYINT(1) NOT NULL DEFAULT 0)');
        }

        /** @return array<int|string, array{string, AbstractMigration}> */
        private function migrations(): array
        {
            $found = [];
            foreach (glob($this->config->folder() . '/*_*.php') ?: [] as $file) {
                [$version, $name] = explode('_', basename($file, '.php'), 2);
                $class = str_replace(' ', '', ucwords(str_replace('_', ' ', $name)));
                require_once $file;
                $found[$version] = [$class, new $class($this->connection)];
            }
            ksort($found);
            return $found;
        }
    }
}
