<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\GestorTree;
use Tests\Project;

/** With neither the extension nor the C library there is one clear message, and code 10. */
final class UnavailableTest extends TestCase
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

    private function bare(array $options, array $environment): array
    {
        $all = array_diff_key(getenv(), ['GESTOR_PLUGINS_LIB' => 1]);
        $command = [PHP_BINARY, ...$options, $this->gestor->script(), '--id=demo', '--arquivo=x.zip', '--json'];
        return Project::run($command, null, $environment + $all);
    }

    public function testNeither(): void
    {
        [$status, $out, $err] = $this->bare([], []);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status);
        $reason = json_decode($out, true)['erros'][0];
        self::assertStringContainsString('gestor_plugins is not loaded and the C library was not found', $reason);
        self::assertStringContainsString('GESTOR_PLUGINS_LIB', $reason);
        self::assertSame(1, substr_count($err, $reason), 'told once');
        self::assertStringContainsString("[PLUGIN:demo] [erro] {$reason}", $this->gestor->log());
    }

    public function testTheLibraryBesideTheShimIsFound(): void
    {
        copy(Project::folder() . '/target/libgestor_plugins.so', $this->gestor->root . '/bibliotecas/plugins-native/libgestor_plugins.so.0');
        [, $out] = $this->bare(['-d', 'ffi.enable=true'], []);
        self::assertStringNotContainsString('not loaded', json_decode($out, true)['erros'][0] ?? '');
    }

    public function testForbiddenFfiNamesTheSetting(): void
    {
        [$status, $out] = $this->bare(['-d', 'ffi.enable=0'], ['GESTOR_PLUGINS_LIB' => Project::folder() . '/target/libgestor_plugins.so']);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status);
        self::assertStringContainsString('ffi.enable=true', json_decode($out, true)['erros'][0]);
    }

    public function testALibraryThatIsNone(): void
    {
        $file = $this->gestor->root . '/x.so';
        file_put_contents($file, 'x');
        [$status, $out] = $this->bare(['-d', 'ffi.enable=true'], ['GESTOR_PLUGINS_LIB' => $file]);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status);
        self::assertStringContainsString($file, json_decode($out, true)['erros'][0]);
    }
}
