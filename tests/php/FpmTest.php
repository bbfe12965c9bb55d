<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\GestorTree;
use Tests\Project;
use Tests\WebServer;

require_once __DIR__ . '/support/WebServer.php';

/** php-fpm: workers come and go, a request may die in our middle, and the next one finds everything as it should be. */
final class FpmTest extends TestCase
{
    private GestorTree $gestor;

    protected function setUp(): void
    {
        $this->gestor = new GestorTree();
    }

    protected function tearDown(): void
    {
        $this->gestor->remove();
    }

    public function testNothingOfARequestIsLeftInItsWorker(): void
    {
        $page = <<<'PHP'
            <?php
            require __DIR__ . '/config.php';
            require __DIR__ . '/bibliotecas/plugins-installer.php';
            $before = plugin_report();
            $death = (int) $_GET['n'] % 2 === 0;
            $code = plugin_process(['slug' => 'demo', 'arquivo' => '/none.zip'], function () use ($death) {
                if ($death) { exit('died'); }
            });
            echo json_encode([$before, $code, plugin_report()['codigo']]);
            PHP;
        foreach (WebServer::fpmAnswers($this->gestor, $page, 10) as $answer) {
            if ($answer === 'died') {
                continue;
            }
            [$before, $code, $reported] = json_decode($answer, true) ?? [0, $answer, null];
            self::assertNull($before);
            self::assertSame($code, $reported);
            self::assertNotSame(PLG_EXIT_OK, $code);
        }
    }

    public function testForbiddenFfiNamesTheSetting(): void
    {
        if (Project::usesExtension()) {
            self::assertTrue(extension_loaded('gestor_plugins'));
            return;
        }
        // php-fpm forbids FFI unless told otherwise: this page sees PHP's own default.
        $library = getenv('GESTOR_PLUGINS_LIB') ?: Project::folder() . '/target/libgestor_plugins.so';
        $script = $this->gestor->root . '/page.php';
        file_put_contents($script, "<?php require __DIR__ . '/config.php'; require __DIR__ . '/bibliotecas/plugins-installer.php';"
            . "echo plugin_process(['slug' => 'demo']), ' ', plugin_report()['erros'][0];");
        [, $out] = Project::run([PHP_BINARY, '-d', 'ffi.enable=false', $script], null, ['GESTOR_PLUGINS_LIB' => $library] + getenv());
        self::assertStringContainsString('10 PHP does not allow FFI here', $out);
    }
}
