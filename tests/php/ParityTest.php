<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\GestorTree;
use Tests\Project;

/** The extension and FFI are two ways to one library: the same calls, right and wrong, get the same answers. */
final class ParityTest extends TestCase
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

    /** @return array<string, array{mixed, ?array}> */
    private function answers(array $options): array
    {
        $environment = ['GESTOR_PLUGINS_LIB' => Project::folder() . '/target/libgestor_plugins.so'] + getenv();
        [$status, $out, $error] = Project::run([PHP_BINARY, ...$options, __DIR__ . '/support/calls.php', $this->gestor->root], null, $environment);
        self::assertSame(0, $status, $out . $error);
        return json_decode($out, true, 512, JSON_THROW_ON_ERROR);
    }

    public function testATableOfCalls(): void
    {
        $extension = $this->answers(['-d', 'extension=' . Project::folder() . '/target/gestor_plugins.so']);
        self::assertGreaterThan(1000, count($extension));
        foreach ([[], ['-d', 'serialize_precision=3']] as $options) {
            $ffi = $this->answers(['-d', 'ffi.enable=true', ...$options]);
            foreach ($extension as $call => $answer) {
                self::assertSame($answer, $ffi[$call] ?? null, $call);
            }
            self::assertCount(count($extension), $ffi);
        }
    }

    public function testWhatAWrongCallReportsIsThatCall(): void
    {
        $found = $this->answers(Project::backendOptions());
        foreach (['install: sluug = int', 'sync: migracoes = closure', 'recover: limites = no array', 'mark: status = object', 'install: raiz = itself'] as $call) {
            [$given, $report] = $found[$call];
            [$class, $message] = explode(': ', $given, 2);
            self::assertContains($class, [TypeError::class, ValueError::class], $call);
            self::assertSame([PLG_EXIT_PARAMS_OR_FILE, [$message]], [$report['codigo'], $report['erros']], $call);
        }
        self::assertSame('demo', $found['mark: status = object'][1]['slug']);
    }

    public function testNoMessageSpeaksOfRust(): void
    {
        foreach ($this->answers(Project::backendOptions()) as $call => [$given, $report]) {
            $told = json_encode([$given, $report['erros'] ?? [], $report['avisos'] ?? []], JSON_THROW_ON_ERROR);
            self::assertDoesNotMatchRegularExpression('/\b(Some|None|Ok|Err|Int|Float|Bytes|Bool|List|Map|Io|Os|Driver|Custom)[({]|panicked|unwrap|::/', $told, $call);
        }
    }
}
