<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Project;

/** bin/lib/sbom.php: what a package is made of follows from cargo's words alone, and nothing is left out silently. */
final class PackageTest extends TestCase
{
    private string $folder;

    protected function setUp(): void
    {
        $this->folder = Project::temporaryFolder();
        mkdir("{$this->folder}/one");
        file_put_contents("{$this->folder}/one/LICENSE-MIT", "Copyright of one\n");
        file_put_contents("{$this->folder}/rustc", "1.90.0\n");
        file_put_contents("{$this->folder}/shipped", "ours v1.0.0 (/src)\none v0.1.0\n");
        file_put_contents("{$this->folder}/built", "ours v1.0.0 (/src)\none v0.1.0\ntool v2.0.0 (proc-macro)\n");
        file_put_contents("{$this->folder}/Cargo.lock", implode("\n", array_map(
            static fn (string $name, string $version): string => "[[package]]\nname = \"{$name}\"\nversion = \"{$version}\"\nsource = \"registry\"\nchecksum = \"" . hash('sha256', $name) . "\"\n",
            ['one', 'tool', 'test-only'],
            ['0.1.0', '2.0.0', '3.0.0']
        )));
        $this->metadata();
    }

    protected function tearDown(): void
    {
        Project::remove($this->folder);
    }

    private function metadata(?string $licence = 'MIT/Apache-2.0'): void
    {
        $package = fn (string $name, string $version, ?string $licence, ?string $source = 'registry'): array => ['id' => "{$name} {$version}", 'name' => $name,
            'version' => $version, 'license' => $licence, 'source' => $source, 'manifest_path' => "{$this->folder}/{$name}/Cargo.toml"];
        $needs = static fn (string $on, ?string $kind = null): array => ['pkg' => $on, 'dep_kinds' => [['kind' => $kind]]];
        file_put_contents("{$this->folder}/metadata.json", json_encode([
            'packages' => [$package('tool', '2.0.0', 'MIT'), $package('ours', '1.0.0', 'MIT', null), $package('one', '0.1.0', $licence), $package('test-only', '3.0.0', 'GPL-3.0')],
            'resolve' => ['nodes' => [
                ['id' => 'ours 1.0.0', 'deps' => [$needs('one 0.1.0'), $needs('tool 2.0.0', 'build'), $needs('test-only 3.0.0', 'dev')]],
                ['id' => 'one 0.1.0', 'deps' => []], ['id' => 'tool 2.0.0', 'deps' => []], ['id' => 'test-only 3.0.0', 'deps' => []],
            ]],
        ]));
    }

    /** @return array{int, string, string, string} status, standard error, list, licences */
    private function list(): array
    {
        [$sbom, $licences] = ["{$this->folder}/sbom.json", "{$this->folder}/licences.txt"];
        [$status, , $err] = Project::run([PHP_BINARY, '-n', Project::folder() . '/bin/lib/sbom.php', $this->folder, '1700000000', $sbom, $licences]);
        return [$status, $err, (string) @file_get_contents($sbom), (string) @file_get_contents($licences)];
    }

    public function testWhatIsCompiledInIsToldFromWhatOnlyBuilds(): void
    {
        [$status, $err, $text, $licences] = $this->list();
        self::assertSame(0, $status, $err);
        $sbom = json_decode($text, true);
        self::assertSame(['CycloneDX', '1.5'], [$sbom['bomFormat'], $sbom['specVersion']]);
        self::assertSame('2023-11-14T22:13:20Z', $sbom['metadata']['timestamp']);
        self::assertSame('ours', $sbom['metadata']['component']['name']);
        self::assertMatchesRegularExpression('/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/', $sbom['serialNumber']);
        self::assertSame(['one' => 'required', 'tool' => 'excluded', 'rust-std' => 'required'], array_column($sbom['components'], 'scope', 'name'));
        self::assertSame('MIT OR Apache-2.0', $sbom['components'][0]['licenses'][0]['expression']);
        self::assertSame([['alg' => 'SHA-256', 'content' => hash('sha256', 'one')]], $sbom['components'][0]['hashes']);
        self::assertSame(['pkg:cargo/one@0.1.0', 'pkg:cargo/tool@2.0.0'], array_column($sbom['dependencies'], 'dependsOn', 'ref')['pkg:cargo/ours@1.0.0']);
        self::assertStringContainsString('Copyright of one', $licences);
        self::assertSame([$text, $licences], array_slice($this->list(), 2));
    }

    public function testACrateWithoutALicenceOrWithoutAnEntryStopsIt(): void
    {
        $this->metadata(null);
        [$status, $err] = $this->list();
        self::assertSame(1, $status);
        self::assertStringContainsString('one 0.1.0 names no licence', $err);
        $this->metadata();
        file_put_contents("{$this->folder}/shipped", "unheard v9.0.0\n", FILE_APPEND);
        [$status, $err] = $this->list();
        self::assertSame(1, $status);
        self::assertStringContainsString('does not know unheard 9.0.0', $err);
    }
}
