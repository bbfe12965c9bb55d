<?php

declare(strict_types=1);

namespace Tests\Real;

/**
 * The plugin that Conn2Flow publishes for tests, in every version that its repository's history has. GESTOR_TEST_PLUGINS
 * names a clone of https://github.com/otavioserra/conn2flow-plugins-public, which is read only.
 */
final class PublicPlugin
{
    public const SLUG = 'test-plugin-public';

    /** @return array<string, string> by version, the oldest first: the commit that brought it */
    public static function versions(): array
    {
        $versions = [];
        foreach (explode("\n", trim(self::git('log', '--reverse', '--first-parent', '--format=%H'))) as $commit) {
            $manifest = json_decode(self::git('show', "{$commit}:" . self::SLUG . '/manifest.json', true), true);
            if (isset($manifest['version'])) {
                $versions[$manifest['version']] = $commit;
            }
        }
        uksort($versions, 'version_compare');
        return $versions;
    }

    /** Writes a version into the site's folder of packages, as its repository's own release packs it; gives its path. */
    public static function write(Site $site, string $version, string $commit): string
    {
        $folder = "{$site->root}/contents/plugins";
        is_dir($folder) || mkdir($folder, 0755);
        $path = "{$folder}/" . self::SLUG . "-{$version}.zip";
        self::git('archive', '--format=zip', "--output={$path}", "{$commit}:" . self::SLUG);
        $site->own($folder);
        return $path;
    }

    /** @param string|bool ...$arguments true at the end: it may fail */
    private static function git(...$arguments): string
    {
        $mayFail = end($arguments) === true && array_pop($arguments);
        $folder = (string) getenv('GESTOR_TEST_PLUGINS');
        [$status, $out, $err] = \Tests\Project::run(['git', '-c', 'safe.directory=*', '-C', $folder, ...$arguments]);
        if ($status !== 0 && !$mayFail) {
            throw new \RuntimeException("GESTOR_TEST_PLUGINS names {$folder}: git says {$err}");
        }
        return $out;
    }
}
