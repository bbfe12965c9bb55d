<?php

declare(strict_types=1);

/**
 * The plugin installer of a gestor: the names that a gestor calls, over the native library gestor-plugins.
 *
 * This file adds what only PHP knows (root, database, language, Phinx, the opcode cache, hooks). The installing
 * itself is done by the extension `gestor_plugins`, or where that is not loaded by the C library through FFI.
 *
 * @package gestor-plugins
 */

require_once __DIR__ . '/plugins-consts.php';
// Classes are loaded when they are used: most calls use few of them.
spl_autoload_register(static function (string $class): void {
    $name = strpos($class, 'GestorPlugins\\') === 0 ? substr($class, 14) : '';
    if ($name !== '' && is_file($file = __DIR__ . "/plugins-native/{$name}.php")) {
        require_once $file;
    }
});
require_once __DIR__ . '/plugins-native/missing.php';
if (!extension_loaded('gestor_plugins')) {
    require_once __DIR__ . '/plugins-native/functions.php';
}

if (!function_exists('plugin_normalize_slug')) {
    /** The id of a plugin from any text: other characters become `-`, letters lower case. */
    function plugin_normalize_slug(string $slug): string
    {
        return strtolower((string) preg_replace('/[^a-zA-Z0-9_-]+/', '-', trim($slug)));
    }
}

if (!function_exists('plugin_base_root')) {
    /** The gestor's folder, with a slash at its end. */
    function plugin_base_root(): string
    {
        return rtrim(\GestorPlugins\Host::root(), '/') . '/';
    }
}

if (!function_exists('plugin_staging_path')) {
    /** Where a package is staged. */
    function plugin_staging_path(string $slug): string
    {
        return plugin_base_root() . 'temp/plugins/' . plugin_normalize_slug($slug);
    }
}

if (!function_exists('plugin_final_path')) {
    /** Where a plugin is installed. */
    function plugin_final_path(string $slug): string
    {
        return plugin_base_root() . 'plugins/' . plugin_normalize_slug($slug);
    }
}

if (!function_exists('plugin_compute_checksum')) {
    /** SHA-256 of a file; null when there is no such file. */
    function plugin_compute_checksum(string $file): ?string
    {
        return plugin_checksum($file);
    }
}

if (!function_exists('tabelaFromDataFile')) {
    /** Table of a data file, by its name; an empty text when it is none. */
    function tabelaFromDataFile(string $file): string
    {
        try {
            return plugin_data_table($file);
        } catch (\ValueError $fault) {
            return '';
        }
    }
}

if (!function_exists('plugin_process')) {
    /**
     * Installs or updates a plugin; gives an exit code (`PLG_EXIT_*`).
     *
     * @param array<string, mixed> $params as `plugin_install`; null is absent
     */
    function plugin_process(array $params, ?callable $progress = null): int
    {
        return \GestorPlugins\Installer::process($params, $progress);
    }
}

if (!function_exists('plugin_process_cli')) {
    /**
     * As `plugin_process`, for the admin page's controller. Prints nothing.
     *
     * @param array<string, mixed> $params
     */
    function plugin_process_cli(array $params): int
    {
        return \GestorPlugins\Installer::process($params);
    }
}

if (!function_exists('plugin_mark_status')) {
    /** Moves the status of a plugin (`PLG_STATUS_*`); false when that is not allowed now. */
    function plugin_mark_status(?string $slug, ?string $status): bool
    {
        $host = array_intersect_key(\GestorPlugins\Host::parameters(), ['raiz' => 1, 'db' => 1, 'lang' => 1]);
        try {
            return plugin_status_mark(['slug' => $slug, 'status' => $status] + $host);
        } catch (\TypeError | \ValueError $fault) {
            error_log('plugin_mark_status(): ' . $fault->getMessage());
            return false;
        }
    }
}

if (!function_exists('instalar_plugin')) {
    /**
     * Installs a plugin from a URL: `['url' => …, 'nome' => the slug]`, and any parameter of `plugin_install`.
     *
     * @param array<string, mixed> $plugin
     */
    function instalar_plugin(array $plugin): int
    {
        $plugin += ['slug' => $plugin['nome'] ?? null, 'origem_tipo' => 'url'];
        unset($plugin['nome']);
        return \GestorPlugins\Installer::process($plugin);
    }
}
