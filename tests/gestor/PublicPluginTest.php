<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Project;
use Tests\Real\OnSite;
use Tests\Real\PublicPlugin;
use Tests\Real\Site;

/**
 * The public plugin's whole history in a real gestor: forward through all its versions and back.
 *
 * @group public-plugin
 */
final class PublicPluginTest extends TestCase
{
    use OnSite;

    /** Rows and tree of the plugin as they stand: without numbers, clocks and counters, which a second writing makes anew. */
    private function state(): array
    {
        $site = $this->site;
        $tables = $site->column("SELECT table_name FROM information_schema.columns WHERE table_schema = DATABASE()"
            . " AND column_name = 'plugin' ORDER BY 1");
        $rows = [];
        foreach ($tables as $table) {
            $found = $site->rows("SELECT * FROM `{$table}` WHERE plugin = ?", [PublicPlugin::SLUG]);
            $found = array_map(static fn (array $row): array => array_filter(
                array_diff_key($row, ["id_{$table}" => 1, 'versao' => 1, 'data_criacao' => 1, 'data_modificacao' => 1]),
                static fn ($value): bool => $value !== null
            ), $found);
            $found = array_map(static fn (array $row): string => (string) json_encode($row, JSON_PARTIAL_OUTPUT_ON_ERROR), $found);
            sort($found);
            $rows[$table] = $found;
        }
        $plugin = $site->rows('SELECT versao_instalada, checksum_pacote, manifest_json FROM plugins WHERE id = ?', [PublicPlugin::SLUG]);
        return [$plugin, array_filter($rows), Project::tree("{$site->root}/plugins/" . PublicPlugin::SLUG)];
    }

    public function testForwardThroughAllVersionsAndBack(): void
    {
        $this->site = $site = Site::make();
        $versions = PublicPlugin::versions();
        self::assertGreaterThanOrEqual(10, count($versions));
        $states = [];
        foreach ($versions as $version => $commit) {
            $package = PublicPlugin::write($site, $version, $commit);
            // What is said of it without a gestor is what the gestor says.
            [$status, $out, $err] = Project::run([Project::folder() . '/target/gestor-plugins', 'validate', $package]);
            self::assertSame(0, $status, "{$version}: {$out}{$err}");
            self::assertDone($site->install(PublicPlugin::SLUG, $package), "to {$version}: ");
            $states[$version] = $this->state();
            self::assertNotSame([], $states[$version][1], "{$version} brings rows");
        }
        self::assertSame(count($versions), count(array_unique(array_map('serialize', $states))), 'each is another');
        $back = array_reverse(array_keys($versions));
        array_shift($back);
        foreach ($back as $version) {
            self::assertDone($site->look('--rollback', '--plugin=' . PublicPlugin::SLUG, "--version={$version}"), "back to {$version}: ");
            self::assertSame($states[$version], $this->state(), "back to {$version}");
        }
    }

    public function testNothingIsLeftOfAnyVersion(): void
    {
        $this->site = $site = Site::make();
        $never = $site->everything();
        foreach (PublicPlugin::versions() as $version => $commit) {
            $package = PublicPlugin::write($site, $version, $commit);
            self::assertDone($site->install(PublicPlugin::SLUG, $package), "{$version}: ");
            unlink($package);
            $report = self::assertDone($site->look('--uninstall', '--plugin=' . PublicPlugin::SLUG, '--modo=expurgar'), "{$version}: ");
            self::assertSame([0, 0, []], array_values($report['sobras']), $version);
            $now = $site->everything();
            // Where packages are uploaded to, and where markers of what is installed stand: empty.
            foreach (['contents/plugins', 'plugins/.instalado'] as $folder) {
                self::assertSame(null, $now['tree'][$folder] ?? null);
                unset($now['tree'][$folder], $never['tree'][$folder]);
            }
            self::assertSame($never['tree'], $now['tree'], $version);
            $changed = array_keys(array_diff_assoc($now['rows'], $never['rows']) + array_diff_assoc($never['rows'], $now['rows']));
            self::assertSame([], array_values(preg_grep('/^gestor_plugins_/', $changed, PREG_GREP_INVERT)), $version);
        }
    }
}
