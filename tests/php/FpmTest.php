<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\DyingPage;
use Tests\GestorTree;
use Tests\Project;
use Tests\WebServer;

require_once __DIR__ . '/support/DyingPage.php';
require_once __DIR__ . '/support/WebServer.php';

/** php-fpm: workers come and go, a request may die in our middle, and the next one finds everything as it should be. */
final class FpmTest extends TestCase
{
    use DyingPage;

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
        self::assertNothingIsLeft(WebServer::fpmAnswers($this->gestor, self::dyingPage(), 10));
    }

    private const ASKS = <<<'PHP'
        <?php
        require __DIR__ . '/config.php';
        require __DIR__ . '/bibliotecas/plugins-installer.php';
        $code = plugin_process(['slug' => 'demo', 'arquivo' => '/none.zip']);
        try { FFI::cdef('int getpid(void);'); $others = 'may'; } catch (\Throwable $fault) { $others = $fault->getMessage(); }
        echo json_encode([PHP_SAPI, $code, plugin_report()['erros'][0], $others]);
        PHP;

    /** @return array{0: string, 1: int, 2: string, 3: string} what a page without the extension is told by php-fpm */
    private function withoutExtension(array $options): array
    {
        putenv('GESTOR_PLUGINS_LIB=' . Project::folder() . '/target/libgestor_plugins.so');
        [$answer] = WebServer::fpmAnswers($this->gestor, self::ASKS, 1, $options, []);
        putenv('GESTOR_PLUGINS_LIB' . (Project::usesExtension() ? '' : '=' . Project::folder() . '/target/libgestor_plugins.so'));
        $decoded = json_decode($answer, true);
        self::assertIsArray($decoded, $answer);
        return $decoded;
    }

    /** PHP's own default, `preload`: under php-fpm nobody may use FFI but what the administrator has preloaded. */
    public function testForbiddenFfiNamesTheSetting(): void
    {
        foreach ([[], ['-d', 'ffi.enable=preload'], ['-d', 'ffi.enable=false']] as $options) {
            [$server, $code, $reason, $others] = $this->withoutExtension($options);
            self::assertSame(['fpm-fcgi', PLG_EXIT_PARAMS_OR_FILE], [$server, $code]);
            self::assertStringContainsString('PHP does not allow FFI here (fpm-fcgi): set ffi.enable=true in php.ini, or load the extension', $reason);
            self::assertStringContainsString('restricted', $others);
        }
    }

    /** The library is asked, and finds no database of that name. */
    public function testAllowedFfiWorks(): void
    {
        [$server, $code, $reason, $others] = $this->withoutExtension(['-d', 'ffi.enable=true']);
        self::assertSame(['fpm-fcgi', PLG_EXIT_SYNC, 'may'], [$server, $code, $others]);
        self::assertStringNotContainsString('FFI', $reason);
    }

    /** As README says: the narrow way, in which FFI is the installer's alone. */
    public function testPreloadedItAloneMayUseFfi(): void
    {
        $file = $this->gestor->root . '/bibliotecas/plugins-native/Library.php';
        $options = ['-d', 'ffi.enable=preload', '-d', 'opcache.enable=1', '-d', "opcache.preload={$file}", '-d', 'opcache.preload_user=root'];
        [$server, $code, $reason, $others] = $this->withoutExtension($options);
        self::assertSame(['fpm-fcgi', PLG_EXIT_SYNC], [$server, $code], $reason);
        self::assertStringNotContainsString('FFI', $reason);
        self::assertStringContainsString('restricted', $others);
    }

    /** `bin/install --check` asks php-fpm itself. */
    public function testTheCheckKnowsBothWays(): void
    {
        $program = $this->gestor->root . '/fpm';
        $folder = Project::folder();
        $preload = "-d opcache.preload_user=root -d opcache.preload={$this->gestor->root}/bibliotecas/plugins-native/Library.php";
        foreach ([
            '-d ffi.enable=true' => 0, '-d ffi.enable=preload' => 1, '-d ffi.enable=false' => 1, "-d ffi.enable=preload {$preload}" => 0,
            "-d ffi.enable=false {$preload}" => 1, '-d ffi.enable=preload -d opcache.preload_user=root -d opcache.preload=/dev/null' => 1,
        ] as $options => $status) {
            file_put_contents($program, "#!/bin/sh\nexec " . WebServer::fpmProgram() . " {$options} \"\$@\"\n");
            chmod($program, 0755);
            self::assertSame($status, Project::run(['sh', '-c', ". '{$folder}/bin/lib/php.sh'; allows_ffi '{$program}'"])[0], $options);
        }
    }
}
