<?php

declare(strict_types=1);

use GestorPlugins\PhinxRunner;
use PHPUnit\Framework\TestCase;
use Tests\Authority;
use Tests\Database;
use Tests\EncryptedServer;
use Tests\GestorTree;
use Tests\Package;
use Tests\Project;

require_once __DIR__ . '/support/Authority.php';
require_once __DIR__ . '/support/EncryptedServer.php';
require_once __DIR__ . '/support/WebServer.php';

/** Migrations go the way that `db.tls` names, as the core does. */
final class EncryptionTest extends TestCase
{
    private string $folder;
    private Database $database;
    private GestorTree $gestor;
    private ?EncryptedServer $server = null;

    protected function setUp(): void
    {
        $this->folder = Project::temporaryFolder();
        $this->database = new Database(false);
        $this->gestor = (new GestorTree($this->database))->withPhinx();
        mkdir("{$this->folder}/migrations");
    }

    protected function tearDown(): void
    {
        if ($this->server !== null) {
            $this->server->stop();
        }
        $this->database->drop();
        $this->gestor->remove();
        Project::remove($this->folder);
    }

    /** @return list<string> names of what was migrated */
    private function migrate(array $way, string $word): array
    {
        $class = 'Migration' . ucfirst($word) . getmypid();
        $folder = "{$this->folder}/migrations/{$word}";
        mkdir($folder);
        file_put_contents("{$folder}/2025010100000" . random_int(0, 9) . '_migration_' . $word . getmypid() . '.php', Package::migration($class, "t_{$word}"));
        $runner = new PhinxRunner($this->gestor->root, $this->server->parameters($way));
        $ended = $runner(['acao' => 'migrar', 'slug' => "p-{$word}", 'pasta' => $folder, 'migracoes' => []]);
        self::assertArrayNotHasKey('erro', $ended);
        return array_column($ended['migracoes'], 'nome');
    }

    private function refuses(array $way): void
    {
        try {
            $this->migrate($way, 'no' . bin2hex(random_bytes(4)));
        } catch (\PDOException $fault) {
            $this->addToAssertionCount(1);
            return;
        }
        self::fail('came through by ' . json_encode($way));
    }

    public function testAServerThatInsistsIsReachedByEachWordThatEncrypts(): void
    {
        $authority = new Authority($this->folder);
        $this->server = new EncryptedServer($this->folder, ["--ssl-cert={$authority->server}", "--ssl-key={$authority->server}"]);
        $this->server->connection->exec("ALTER USER traveller@'%' REQUIRE SSL");
        foreach (['preferred', 'required'] as $word) {
            self::assertCount(1, $this->migrate(['tls' => $word], $word));
        }
        self::assertCount(1, $this->migrate(['tls' => 'verify', 'ca' => $authority->file], 'verify'));
        self::assertCount(1, $this->migrate(['ca' => $authority->file], 'authority'));
        mkdir("{$this->folder}/other");
        foreach ([[], ['tls' => 'off'], ['tls' => 'verify'], ['ca' => (new Authority("{$this->folder}/other"))->file]] as $way) {
            $this->refuses($way);
        }
    }

    public function testAServerWithoutCertificateIsReachedByTheWordsThatAllowIt(): void
    {
        $this->server = new EncryptedServer($this->folder, ['--skip-ssl']);
        self::assertCount(1, $this->migrate(['tls' => 'preferred'], 'without'));
        self::assertCount(1, $this->migrate([], 'plain'));
        $this->refuses(['tls' => 'required']);
    }
}
