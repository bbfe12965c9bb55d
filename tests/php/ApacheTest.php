<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\DyingPage;
use Tests\Database;
use Tests\GestorTree;
use Tests\Package;
use Tests\Project;
use Tests\WebServer;

require_once __DIR__ . '/support/DyingPage.php';
require_once __DIR__ . '/support/WebServer.php';

/** Apache with PHP in it, as the web server's user: one page after the other in one process, some of which die. */
final class ApacheTest extends TestCase
{
    use DyingPage;

    private Database $database;
    private GestorTree $gestor;

    protected function setUp(): void
    {
        $this->database = new Database();
        $this->gestor = (new GestorTree($this->database))->withPhinx();
    }

    protected function tearDown(): void
    {
        $this->gestor->remove();
        $this->database->drop();
    }

    public function testPagesInstallUpdateAndRepeatAsTheSitesUser(): void
    {
        $folder = dirname($this->gestor->root);
        $migration = ['20250101000000_notes' => Package::migration('Notes', 'notes')];
        Package::write("{$folder}/0.zip", '1.0.0', $migration);
        Package::write("{$folder}/1.zip", '1.1.0', $migration);
        Package::write("{$folder}/2.zip", '1.1.0', $migration);
        $page = <<<'PHP'
            <?php
            require __DIR__ . '/config.php';
            require __DIR__ . '/bibliotecas/plugins-installer.php';
            plugin_process(['slug' => 'agenda-x', 'origem_tipo' => 'upload', 'arquivo' => dirname(__DIR__) . "/{$_GET['n']}.zip"]);
            $report = plugin_report();
            echo json_encode([PHP_SAPI, $report['codigo'], $report['versao'], $report['inalterado'], $report['erros']]);
            PHP;
        $answers = WebServer::apacheAnswers($this->gestor, $page, 3);
        self::assertSame(
            [['apache2handler', 0, '1.0.0', false, []], ['apache2handler', 0, '1.1.0', false, []], ['apache2handler', 0, '1.1.0', true, []]],
            array_map(static fn (string $answer) => json_decode($answer, true) ?? $answer, $answers)
        );
        self::assertSame('1.1.0', $this->database->rows('SELECT versao_instalada AS v FROM plugins')[0]['v'] ?? null);
        self::assertCount(1, $this->database->rows("SHOW TABLES LIKE 'notes'"));
        $module = "{$this->gestor->root}/plugins/agenda-x/modules/agenda/agenda.php";
        self::assertStringContainsString('1.1.0', (string) file_get_contents($module));
        self::assertSame(fileowner("{$this->gestor->root}/plugins"), fileowner($module));
    }

    public function testNothingOfARequestIsLeftInItsWorker(): void
    {
        $answers = WebServer::apacheAnswers($this->gestor, self::dyingPage(), 8);
        self::assertSame(4, count(array_keys($answers, 'died', true)), implode("\n", $answers));
        self::assertNothingIsLeft($answers);
    }

    /** What PHP allows in Apache by default: without the extension the page says which setting is missing. */
    public function testWithoutFfiThePageNamesTheSetting(): void
    {
        if (Project::usesExtension()) {
            $page = "<?php echo json_encode([PHP_SAPI, extension_loaded('gestor_plugins')]);";
            self::assertSame(['apache2handler', true], WebServer::apache($this->gestor, $page));
            return;
        }
        $page = "<?php require __DIR__ . '/config.php'; require __DIR__ . '/bibliotecas/plugins-installer.php';"
            . "echo plugin_process(['slug' => 'demo']), ' ', plugin_report()['erros'][0];";
        [$answer] = WebServer::apacheAnswers($this->gestor, $page, 1, false);
        self::assertStringContainsString('10 PHP does not allow FFI here', $answer);
    }
}
