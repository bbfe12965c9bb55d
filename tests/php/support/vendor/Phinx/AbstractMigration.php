<?php

declare(strict_types=1);

namespace Phinx\Migration;

/** Stand-in: a migration runs SQL, and may have its connection. */
abstract class AbstractMigration
{
    private \PDO $connection;

    final public function __construct(\PDO $connection)
    {
        $this->connection = $connection;
    }

    public function execute(string $sql): int
    {
        return (int) $this->connection->exec($sql);
    }

    public function getAdapter(): object
    {
        return new class ($this->connection) {
            public function __construct(private \PDO $connection)
            {
            }

            public function getConnection(): \PDO
            {
                return $this->connection;
            }
        };
    }
}
