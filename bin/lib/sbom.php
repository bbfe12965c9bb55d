<?php

/**
 * Tells what a package of ours holds: a CycloneDX list of the crates that are compiled in and of those that only built
 * them, with versions, checksums and licences; and the texts of the licences of the first. Called by bin/package. What it
 * writes follows from its input alone.
 * usage: php sbom.php FOLDER EPOCH SBOM LICENCES
 *   FOLDER  metadata.json (cargo metadata), shipped and built (cargo tree: `name vVERSION` a line), Cargo.lock, rustc
 *   EPOCH   the time of the sources, in seconds
 */

declare(strict_types=1);

[, $folder, $epoch, $sbomFile, $licencesFile] = $argv;
$metadata = json_decode((string) file_get_contents("$folder/metadata.json"), true, 512, JSON_THROW_ON_ERROR);
$packages = [];
foreach ($metadata['packages'] as $package) {
    $packages["{$package['name']} {$package['version']}"] = $package;
}
ksort($packages);

/** @return array<string, true> `name version`, of what cargo tree said */
function named(string $file): array
{
    preg_match_all('/^(\S+) v(\S+)/m', (string) file_get_contents($file), $lines, PREG_SET_ORDER);
    return array_fill_keys(array_map(static fn (array $line): string => "{$line[1]} {$line[2]}", $lines), true);
}

/** @return array<string, string> SHA-256 by `name version` */
function checksums(string $lock): array
{
    preg_match_all('/^name = "(.*)"\nversion = "(.*)"\nsource = ".*"\nchecksum = "([0-9a-f]{64})"$/m', (string) file_get_contents($lock), $entries, PREG_SET_ORDER);
    return array_column(array_map(static fn (array $entry): array => ["{$entry[1]} {$entry[2]}", $entry[3]], $entries), 1, 0);
}

/** The expression of SPDX; older manifests have a slash for OR. */
function licence(array $package): string
{
    if (!is_string($package['license'])) {
        fwrite(STDERR, "{$package['name']} {$package['version']} names no licence\n");
        exit(1);
    }
    return (string) preg_replace('~\s*/\s*~', ' OR ', $package['license']);
}

/** @return list<string> names of the texts that a crate brings */
function licenceFiles(string $folder): array
{
    $names = array_filter(scandir($folder) ?: [], static fn (string $name): bool => is_file("$folder/$name") && preg_match('/^(licen[cs]e|copying|copyright|notice|unlicense)/i', $name) === 1);
    sort($names);
    return array_values($names);
}

function reference(array $package): string
{
    return "pkg:cargo/{$package['name']}@{$package['version']}";
}

[$shipped, $built, $checksums] = [named("$folder/shipped"), named("$folder/built"), checksums("$folder/Cargo.lock")];
foreach (array_keys($shipped + $built) as $key) {
    if (!isset($packages[$key])) {
        fwrite(STDERR, "cargo metadata does not know $key\n");
        exit(1);
    }
}
[$references, $components, $ours] = [[], [], null];
foreach ($packages as $key => $package) {
    $references[$package['id']] = reference($package);
    if (!isset($shipped[$key]) && !isset($built[$key])) {
        continue;
    }
    $component = ['type' => 'library', 'bom-ref' => reference($package), 'name' => $package['name'], 'version' => $package['version']];
    if ($package['source'] !== null) {
        $component['scope'] = isset($shipped[$key]) ? 'required' : 'excluded';
        $component['hashes'] = [['alg' => 'SHA-256', 'content' => $checksums[$key]]];
    }
    $component['licenses'] = [['expression' => licence($package)]];
    $component['purl'] = reference($package);
    $package['source'] === null ? $ours = $component : $components[] = $component;
}
$rust = trim((string) file_get_contents("$folder/rustc"));
$components[] = ['type' => 'library', 'bom-ref' => "rust-std@$rust", 'name' => 'rust-std', 'version' => $rust, 'scope' => 'required', 'licenses' => [['expression' => 'MIT OR Apache-2.0']]];

$dependencies = [];
foreach ($metadata['resolve']['nodes'] as $node) {
    $listed = static fn (string $id): bool => in_array($references[$id], array_column([...$components, $ours], 'bom-ref'), true);
    if ($listed($node['id'])) {
        $wanted = array_filter($node['deps'], static fn (array $dependency): bool => $listed($dependency['pkg'])
            && array_filter($dependency['dep_kinds'], static fn (array $kind): bool => $kind['kind'] !== 'dev') !== []);
        $on = array_map(static fn (array $dependency): string => $references[$dependency['pkg']], $wanted);
        sort($on);
        $dependencies[] = ['ref' => $references[$node['id']], 'dependsOn' => array_values(array_unique($on))];
    }
}
usort($dependencies, static fn (array $one, array $other): int => $one['ref'] <=> $other['ref']);

$digest = md5((string) json_encode([$components, $dependencies, $epoch]));
$sbom = [
    'bomFormat' => 'CycloneDX', 'specVersion' => '1.5', 'version' => 1,
    'serialNumber' => 'urn:uuid:' . preg_replace('/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/', '$1-$2-5$3-8$4-$5', $digest),
    'metadata' => ['timestamp' => gmdate('Y-m-d\TH:i:s\Z', (int) $epoch), 'component' => $ours],
    'components' => $components, 'dependencies' => $dependencies,
];
file_put_contents($sbomFile, json_encode($sbom, JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_THROW_ON_ERROR) . "\n");

$texts = [];
foreach (array_intersect_key($packages, $shipped) as $key => $package) {
    if ($package['source'] === null) {
        continue;
    }
    $place = dirname($package['manifest_path']);
    $names = licenceFiles($place);
    $text = implode("\n\n", array_map(static fn (string $name): string => "---- $name\n" . trim((string) file_get_contents("$place/$name")), $names));
    $texts[$text !== '' ? $text : 'The crate brings no text of its own.'][] = "$key (" . licence($package) . ')';
}
$out = "The library is compiled from Rust crates of others. These are they, and the licences that they bring.\n";
foreach ($texts as $text => $crates) {
    $out .= "\n" . str_repeat('=', 80) . "\n" . implode("\n", $crates) . "\n\n$text\n";
}
file_put_contents($licencesFile, $out);
