<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Github;
use Tests\Package;
use Tests\Project;
use Tests\Schema;

require_once __DIR__ . '/support/Authority.php';
require_once __DIR__ . '/support/Github.php';

/** What the publisher of a signed index withdraws, from his command line to a gestor that knows the index. */
final class IndexRevocationTest extends TestCase
{
    private Database $database;
    private GestorTree $gestor;
    private Github $server;

    protected function setUp(): void
    {
        $this->database = new Database();
        $this->gestor = new GestorTree($this->database);
        $this->server = new Github();
    }

    protected function tearDown(): void
    {
        $this->server->stop();
        $this->gestor->remove();
        $this->database->drop();
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function cli(string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--json', ...$arguments], $this->server->environment());
        $report = json_decode($out, true);
        self::assertIsArray($report, $out . $err);
        self::assertSame([], (new Schema())->faults($out), $out);
        return [$status, $report];
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function site(string ...$arguments): array
    {
        return $this->cli('--confianca=' . $this->path('trust'), ...$arguments);
    }

    private function path(string $name): string
    {
        return $this->gestor->root . '/contents/' . $name;
    }

    /** Publishes, and lets the server show what there is. */
    private function publish(string ...$arguments): void
    {
        $folders = ['--pasta-publicada=' . $this->path('index'), '--pasta-chaves=' . $this->path('keys')];
        [$status, $report] = $this->cli(...$arguments, ...$folders);
        self::assertSame(PLG_EXIT_OK, $status, json_encode($report));
        foreach (glob($this->path('index/*')) ?: [] as $file) {
            $this->server->answer('api', '/i/' . basename($file), 200, (string) file_get_contents($file));
        }
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function upload(string $version, string ...$more): array
    {
        $path = Package::write($this->path("{$version}.zip"), $version);
        return $this->site('--id=' . Package::SLUG, '--origem_tipo=upload', "--arquivo={$path}", ...$more);
    }

    public function testWhatAnIndexWithdrawsIsInstalledFromNowhere(): void
    {
        $this->publish('--publicar-indice=iniciar');
        mkdir($this->path('trust'), 0700);
        $root = $this->path('index/root.json');
        [$status, $report] = $this->site(
            '--indice=adicionar',
            '--nome=acme',
            '--url=' . $this->server->url('/i/'),
            "--raiz={$root}",
            '--sha256=' . hash_file('sha256', $root)
        );
        self::assertSame(PLG_EXIT_OK, $status, json_encode($report));
        [$status, $report] = $this->upload('1.0.0');
        self::assertSame(PLG_EXIT_OK, $status, json_encode($report));
        file_put_contents($this->path('list.json'), json_encode(['formato' => 1, 'emitido' => gmdate('Y-m-d\TH:i:s\Z'), 'itens' => [
            ['id' => 'GP-7', 'plugin' => Package::SLUG, 'versoes' => '1.0.0', 'motivo' => 'vulnerabilidade', 'corrigida_em' => '1.0.1'],
        ]]));
        $this->publish('--publicar-indice=publicar', '--revogados=' . $this->path('list.json'));
        [$status, $report] = $this->site('--indice=atualizar');
        self::assertSame([PLG_EXIT_OK, true], [$status, $report['indices'][0]['revogados']], json_encode($report));
        [$status, $report] = $this->upload('1.0.0', '--reprocessar', '--forcar');
        self::assertSame([PLG_EXIT_SIGNATURE, 'revogada'], [$status, $report['assinatura']['veredito']], json_encode($report));
        self::assertStringContainsString('the index acme withdrew it (GP-7)', $report['erros'][0]);
        [$status, $report] = $this->site('--list');
        self::assertSame([PLG_EXIT_OK, 'revogada'], [$status, $report['plugins'][0]['assinatura']['veredito']], json_encode($report));
        [$status, $report] = $this->site('--verify', '--plugin=' . Package::SLUG);
        self::assertSame([PLG_EXIT_DRIFT, 'revogada'], [$status, $report['assinatura']['veredito']], json_encode($report));
        [$status, $report] = $this->upload('1.0.1');
        self::assertSame(PLG_EXIT_OK, $status, json_encode($report));
        [$status, $report] = $this->site('--rollback', '--id=' . Package::SLUG, '--version=1.0.0');
        self::assertSame(PLG_EXIT_SIGNATURE, $status, json_encode($report));
        [$status, $report] = $this->site('--verify', '--plugin=' . Package::SLUG);
        self::assertSame(PLG_EXIT_OK, $status, json_encode($report));
        // A folder that is named by a slip of the pen is none.
        [$status, $report] = $this->cli('--verify', '--plugin=' . Package::SLUG, '--confianca=' . $this->path('trsut'));
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status, json_encode($report));
    }
}
