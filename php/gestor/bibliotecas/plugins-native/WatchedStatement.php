<?php

declare(strict_types=1);

namespace GestorPlugins;

/** A statement that was prepared on the connection on which migrations are undone: it is watched when it runs. */
final class WatchedStatement extends \PDOStatement
{
    private WatchedConnection $connection;

    protected function __construct(WatchedConnection $connection)
    {
        $this->connection = $connection;
    }

    #[\ReturnTypeWillChange]
    public function execute(?array $params = null)
    {
        return $this->connection->watched($this->queryString, fn() => parent::execute($params));
    }
}
