<?php

declare(strict_types=1);

namespace Tests;

/** A MariaDB of a test's own that listens on loopback, with a certificate or without. */
final class EncryptedServer
{
    private const KEEPER = <<<'SH'
        set -eu
        . "$(dirname -- "$0")/lib/say.sh"
        . "$project/bin/lib/mariadb.sh"
        trap mariadb_stop EXIT
        mariadb_start "$@" >&2
        echo ready
        read -r _ || true
        SH;

    public int $port;
    public string $name = 'encrypted';
    public \PDO $connection;
    /** @var resource */
    private $process;
    /** @var array<int, resource> */
    private array $pipes = [];

    /** @param list<string> $options of mariadbd */
    public function __construct(string $folder, array $options)
    {
        $this->port = WebServer::freePort();
        $network = ['--skip-networking=0', '--bind-address=127.0.0.1', "--port={$this->port}"];
        $command = ['sh', '-c', self::KEEPER, Project::folder() . '/bin/keeper', "{$folder}/server", ...$network, ...$options];
        $this->process = proc_open($command, [['pipe', 'r'], ['pipe', 'w'], ['file', "{$folder}/server.txt", 'a']], $this->pipes);
        if (fgets($this->pipes[1]) !== "ready\n") {
            throw new \RuntimeException('the private MariaDB did not start: ' . file_get_contents("{$folder}/server.txt"));
        }
        $this->connection = new \PDO("mysql:unix_socket={$folder}/server/s", 'root', '', [\PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION]);
        $this->connection->exec("CREATE DATABASE {$this->name}; CREATE USER traveller@'%' IDENTIFIED BY 'p'");
        $this->connection = new \PDO("mysql:unix_socket={$folder}/server/s;dbname={$this->name}", 'root', '', [\PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION]);
        $this->connection->exec("GRANT ALL ON {$this->name}.* TO traveller@'%'");
    }

    /** `db` of a call that comes by the network. */
    public function parameters(array $more): array
    {
        return ['host' => '127.0.0.1', 'port' => $this->port, 'nome' => $this->name, 'usuario' => 'traveller', 'senha' => 'p'] + $more;
    }

    public function stop(): void
    {
        unset($this->connection);
        fclose($this->pipes[0]);
        proc_close($this->process);
    }
}
