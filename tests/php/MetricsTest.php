<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;
use Tests\Schema;

/** What is counted, from a site's operations to what others read: the command line, a page, a file for node_exporter. */
final class MetricsTest extends TestCase
{
    use PackagedSite;

    /** @return array{0: int, 1: string} status, what was printed */
    private function cli(string ...$arguments): array
    {
        $environment = Project::environment(['GESTOR_PLUGINS_ESTATISTICAS' => 'local']);
        [$status, $out, $err] = Project::php([$this->gestor->script(), ...$arguments], $environment, $this->gestor->root);
        self::assertStringNotContainsString('Warning', $err);
        return [$status, $out];
    }

    private function operate(): void
    {
        foreach ([['1.0.0', PLG_EXIT_OK], ['1.0.0', PLG_EXIT_OK], ['1.1.0', PLG_EXIT_OK], ['1.0.0', PLG_EXIT_ALREADY_INSTALLED]] as [$version, $code]) {
            Package::write($this->gestor->root . '/p.zip', $version);
            [$status, $out] = $this->cli('--id=agenda-x', '--arquivo=p.zip', '--json');
            self::assertSame($code, $status, $out);
        }
        [$status, $out] = $this->cli('--verify', '--id=agenda-x', '--json');
        self::assertSame(PLG_EXIT_OK, $status, $out);
    }

    /** Each sample as Prometheus' own client reads it. */
    private function read(string $text): array
    {
        $python = is_executable('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
        $reader = 'import json, sys; from prometheus_client.openmetrics.parser import text_string_to_metric_families as read;'
            . ' json.dump([[s.name, s.labels, s.value] for f in read(sys.stdin.read()) for s in f.samples], sys.stdout)';
        [$status, $out, $err] = Project::run([$python, '-c', $reader], null, null, $text);
        self::assertSame(0, $status, $err . $text);
        return json_decode($out, true);
    }

    public function testOperationsAreCountedAndReadByOthers(): void
    {
        $this->operate();
        [$status, $text] = $this->cli('--metricas=openmetrics');
        self::assertSame(PLG_EXIT_OK, $status, $text);
        $samples = $this->read($text);
        foreach (['install_success' => 1, 'update_nochange' => 1, 'update_changed' => 1, 'install_fail' => 1, 'verify_ok' => 1] as $event => $count) {
            $labels = ['plugin' => 'agenda-x', 'event' => $event];
            self::assertContainsEquals(['gestor_plugins_operations_total', $labels, (float) $count], $samples);
            self::assertContainsEquals(['gestor_plugins_operation_duration_seconds_count', $labels, (float) $count], $samples);
        }
        $info = ['plugin' => 'agenda-x', 'version' => '1.1.0', 'verdict' => 'ausente'];
        self::assertContainsEquals(['gestor_plugins_info', $info, 1.0], $samples);
        // The same from a page.
        $report = plugin_metrics(['raiz' => $this->gestor->root, 'db' => $this->database->parameters(), 'lang' => 'en']);
        self::assertSame([], (new Schema())->faults((string) json_encode(GestorPlugins\Json::report($report))));
        self::assertSame(1, $report['metricas'][0]['eventos']['install_fail']['total']);
        [, $people] = $this->cli('--metricas=json');
        self::assertStringContainsString('slug=agenda-x versao=1.1.0', $people);
    }

    public function testAFileIsReplacedForNodeExporter(): void
    {
        $this->operate();
        [$status, $out] = $this->cli('--metricas=openmetrics', '--arquivo=temp/gestor.prom', '--json');
        self::assertSame(PLG_EXIT_OK, $status, $out);
        $file = $this->gestor->root . '/temp/gestor.prom';
        self::assertSame(realpath($file), json_decode($out, true)['arquivo']);
        self::assertSame(0644, fileperms($file) & 0777);
        self::assertNotSame([], $this->read((string) file_get_contents($file)));
        self::assertSame(['gestor.prom'], array_values(array_map('basename', glob($file . '*') ?: [])));
    }

    public function testAMonthIsCountedInAFile(): void
    {
        $this->operate();
        [$status, $out] = $this->cli('--estatisticas', '--json');
        self::assertSame(PLG_EXIT_OK, $status, $out);
        self::assertSame([], (new Schema())->faults($out), $out);
        $report = json_decode($out, true);
        self::assertSame(gmdate('Y-m'), $report['mes']);
        $month = $report['estatisticas'];
        self::assertEquals(json_decode((string) file_get_contents($report['arquivo']), true), $month);
        self::assertSame(PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION, $month['php']);
        $expected = ['versao' => '1.1.0', 'install_success' => 1, 'install_fail' => 1, 'update_nochange' => 1, 'update_changed' => 1,
            'rollback_exec' => 0, 'falhas' => ['32' => 1]];
        self::assertEquals($expected, $month['plugins']['agenda-x']);
        [, $people] = $this->cli('--estatisticas');
        self::assertStringContainsString('agenda-x: versao=1.1.0 install_success=1', $people);
        [$status, $out] = $this->cli('--estatisticas', '--mes=2026-13', '--json');
        self::assertSame(PLG_EXIT_PARAMS_OR_FILE, $status, $out);
    }
}
