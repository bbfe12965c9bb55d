<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;
use Tests\Schema;

/** The audit log as operators and hosts meet it, over both backends: filled by operations and by hosts, listed, exported, checked. */
final class AuditTest extends TestCase
{
    use PackagedSite;

    private function call(array $more = []): array
    {
        return $more + ['raiz' => $this->gestor->root, 'db' => $this->database->parameters(), 'lang' => 'en'];
    }

    private function install(array $more = []): int
    {
        return plugin_install($this->call($more + ['slug' => Package::SLUG, 'arquivo' => $this->gestor->root . '/p.zip']));
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function cli(string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--json', ...$arguments]);
        $report = json_decode($out, true);
        self::assertIsArray($report, $out . $err);
        self::assertSame([], (new Schema())->faults($out), $out);
        return [$status, $report];
    }

    /** The file of records. */
    private function log(): string
    {
        $server = trim((string) file_get_contents($this->gestor->root . '/backups/plugins/servidor.id'));
        return $this->gestor->root . "/backups/plugins/_auditoria/{$server}/1.jsonl";
    }

    public function testOperationsAreRecordedAndWhatWasEditedIsNamed(): void
    {
        self::assertSame(PLG_EXIT_OK, $this->install(['ator' => 'ana']));
        self::assertSame(PLG_EXIT_CHECKSUM, $this->install(['sha256' => str_repeat('0', 64)]));
        $listed = plugin_audit($this->call(['acao' => 'listar']));
        $shown = array_map(static fn (array $one): array => [$one['acao'], $one['permitido'], $one['ctx']['codigo']], $listed['registros']);
        self::assertSame([['operacao.install', true, 0], ['operacao.install', false, 22]], $shown);
        self::assertSame('ana', $listed['registros'][0]['ator']);

        $checked = plugin_audit($this->call(['acao' => 'conferir']));
        self::assertSame([PLG_EXIT_OK, 2, 4], [$checked['codigo'], $checked['tamanho'], $checked['pontos']], json_encode($checked));
        $text = (string) file_get_contents($this->log());
        file_put_contents($this->log(), str_replace('"ana"', '"bia"', $text));
        [$status, $report] = $this->cli('--auditoria=conferir');
        self::assertSame(PLG_EXIT_DRIFT, $status);
        self::assertMatchesRegularExpression('/registros 1 e 1|records 1 to 1/', $report['erros'][0]);
    }

    public function testAHostRecordsWhatItRefuses(): void
    {
        $read = ['plugin' => Package::SLUG, 'acao' => 'arquivo.ler', 'recurso' => 'config.php', 'permitido' => false, 'motivo' => 'no', 'ctx' => ['x' => [1]]];
        self::assertSame(PLG_EXIT_OK, plugin_audit_append($this->call(['registros' => [$read, $read], 'pedido' => 'r1'])), json_encode(plugin_report()));
        self::assertSame([1, 1], [plugin_report()['gravados'], plugin_report()['ultimo']]);
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, plugin_audit_append($this->call(['registros' => [['acao' => 'operacao.install', 'permitido' => true]]])));
        [$status, $report] = $this->cli('--auditoria=listar', '--negados', '--id=' . Package::SLUG, '--limite=5');
        self::assertSame([PLG_EXIT_OK, 1, 2, ['x' => [1]]], [$status, count($report['registros']), $report['registros'][0]['vezes'], $report['registros'][0]['ctx']]);
        self::assertSame('r1', $report['registros'][0]['pedido']);
    }

    public function testRecordsAreExported(): void
    {
        self::assertSame(PLG_EXIT_OK, $this->install());
        $file = $this->gestor->root . '/audit.csv';
        [$status, $report] = $this->cli('--auditoria=exportar', '--formato=csv', "--saida={$file}");
        self::assertSame([PLG_EXIT_OK, 1], [$status, $report['exportados']]);
        $rows = array_map(static fn (string $line): array => str_getcsv($line, ',', '"', ''), file($file, FILE_IGNORE_NEW_LINES) ?: []);
        self::assertSame(['n', 'em', 'plugin', 'acao'], array_slice($rows[0], 0, 4));
        self::assertSame([Package::SLUG, 'operacao.install'], [$rows[1][2], $rows[1][3]]);
        self::assertSame(0600, fileperms($file) & 0777);
    }
}
