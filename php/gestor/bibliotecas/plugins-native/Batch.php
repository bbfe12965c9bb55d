<?php

declare(strict_types=1);

namespace GestorPlugins;

/** Packages that a command line names to be installed together: in a file of JSON, or one by one. */
final class Batch
{
    private const BYTES = 1048576;

    /**
     * The parameters of a call as a file has them: a list of packages, or a map with `pacotes`. Paths in it are below the
     * folder of the file.
     *
     * @return array<string, mixed>|string the parameters, or what is wrong
     */
    public static function read(string $path)
    {
        $text = is_file($path) ? @file_get_contents($path, false, null, 0, self::BYTES + 1) : false;
        if ($text === false) {
            return Host::say("--lote: {$path} não pode ser lido", "--lote: {$path} cannot be read");
        }
        $found = strlen($text) <= self::BYTES ? json_decode($text, true) : null;
        if (!is_array($found)) {
            return Host::say(
                "--lote: {$path} não é uma lista JSON de pacotes, nem {\"pacotes\": […]}, de até 1 MiB",
                "--lote: {$path} is no JSON list of packages, nor {\"pacotes\": […]}, of up to 1 MiB"
            );
        }
        $params = $found === [] || array_keys($found) === range(0, count($found) - 1) ? ['pacotes' => $found] : $found;
        $packages = is_array($params['pacotes'] ?? null) ? $params['pacotes'] : [];
        foreach ($packages as $at => $package) {
            foreach (is_array($package) ? Catalogue::PATHS : [] as $key) {
                if (is_string($package[$key] ?? null)) {
                    $params['pacotes'][$at][$key] = Host::absolute($package[$key], dirname($path));
                }
            }
        }
        return $params;
    }

    /**
     * Packages of which only the file is said.
     *
     * @param list<string> $files
     * @return list<array<string, string>>
     */
    public static function of(array $files, string $folder): array
    {
        return array_map(
            static fn (string $file): array => ['arquivo' => Host::absolute($file, $folder)],
            $files
        );
    }

    /**
     * The parameters of a call as the library takes them: in each package null is absent, and `id` is `slug`.
     *
     * @param array<string, mixed> $params
     * @return array<string, mixed>
     */
    public static function named(array $params): array
    {
        foreach (is_array($params['pacotes'] ?? null) ? $params['pacotes'] : [] as $at => $package) {
            if (is_array($package)) {
                $params['pacotes'][$at] = Installer::said($package);
            }
        }
        return $params;
    }
}
