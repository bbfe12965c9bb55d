<?php

declare(strict_types=1);

namespace Phinx\Migration;

/** Stand-in: a migration runs SQL. */
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
}
