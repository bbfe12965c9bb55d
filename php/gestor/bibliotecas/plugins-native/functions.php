<?php

declare(strict_types=1);

/**
 * The native functions that are no operations over the C library, for a PHP that has not loaded the extension
 * `gestor_plugins`. Same names, same results; each is declared only where the extension has not done so.
 */

use GestorPlugins\Library;
use GestorPlugins\Unavailable;

require_once __DIR__ . '/operations.php';

if (!function_exists('plugin_report')) {
    /** What the last operation of this request did. */
    function plugin_report(): ?array
    {
        return Library::report();
    }
}

if (!function_exists('plugin_checksum')) {
    /** SHA-256 of a file; null when there is no such file. */
    function plugin_checksum(string $file): ?string
    {
        try {
            return Library::get()->checksum($file);
        } catch (Unavailable $fault) {
            return $fault->warn(null);
        }
    }
}

if (!function_exists('plugin_resource_checksum')) {
    /** `html`, `css`, `combined`; null when neither file exists. */
    function plugin_resource_checksum(?string $html, ?string $css): ?array
    {
        try {
            return Library::get()->resourceChecksum($html, $css);
        } catch (Unavailable $fault) {
            return $fault->warn(null);
        }
    }
}

if (!function_exists('plugin_data_table')) {
    /** Table of a data file, by its name. */
    function plugin_data_table(string $file): string
    {
        try {
            return Library::get()->dataTable($file);
        } catch (Unavailable $fault) {
            return $fault->warn('');
        }
    }
}
