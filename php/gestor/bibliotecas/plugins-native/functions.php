<?php

declare(strict_types=1);

/**
 * The native functions over the C library, for a PHP that has not loaded the extension `gestor_plugins`. Same names,
 * same results; each is declared only where the extension has not done so.
 */

use GestorPlugins\Library;
use GestorPlugins\Unavailable;

if (!function_exists('plugin_install')) {
    /** Installs or updates a plugin; gives an exit code. */
    function plugin_install(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('install', $params, $progress);
    }
}

if (!function_exists('plugin_uninstall')) {
    /** Uninstalls a plugin; gives an exit code. */
    function plugin_uninstall(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('uninstall', $params, $progress);
    }
}

if (!function_exists('plugin_restore')) {
    /** Restores a plugin that was uninstalled; gives an exit code. */
    function plugin_restore(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('restore', $params, $progress);
    }
}

if (!function_exists('plugin_disable')) {
    /** Pauses a plugin: all of it goes, and comes back; gives an exit code. */
    function plugin_disable(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('disable', $params, $progress);
    }
}

if (!function_exists('plugin_enable')) {
    /** Enables a plugin that is paused; gives an exit code. */
    function plugin_enable(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('enable', $params, $progress);
    }
}

if (!function_exists('plugin_report')) {
    /** What the last operation of this request did. */
    function plugin_report(): ?array
    {
        return Library::report();
    }
}

if (!function_exists('plugin_data_sync')) {
    /** Synchronizes one folder of data files; gives the report. */
    function plugin_data_sync(array $params): array
    {
        try {
            $report = Library::get()->run('sync', $params)[1];
        } catch (Unavailable $fault) {
            $report = $fault->report($params);
        }
        Library::keepReport($report);
        return $report;
    }
}

if (!function_exists('plugin_recover')) {
    /** Finishes or undoes what a killed run left; gives the report. */
    function plugin_recover(array $params): array
    {
        try {
            $report = Library::get()->run('recover', $params)[1];
        } catch (Unavailable $fault) {
            $report = $fault->report($params);
        }
        Library::keepReport($report);
        return $report;
    }
}

if (!function_exists('plugin_status_mark')) {
    /** Moves `status_execucao`; leaves the last report alone, but for saying why it did nothing. */
    function plugin_status_mark(array $params): bool
    {
        try {
            [$code, $report] = Library::get()->run('mark', $params);
            if ($code !== PLG_EXIT_OK) {
                Library::keepReport($report);
            }
            return $code === PLG_EXIT_OK;
        } catch (Unavailable $fault) {
            Library::keepReport($fault->report($params));
            return false;
        }
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

if (!function_exists('plugin_list')) {
    /** The plugins of a gestor, and what there is to know of each. */
    function plugin_list(array $params): array
    {
        return Library::reportOf('list', $params);
    }
}

if (!function_exists('plugin_history')) {
    /** What was done to a plugin, the newest first. */
    function plugin_history(array $params): array
    {
        return Library::reportOf('history', $params);
    }
}

if (!function_exists('plugin_conflicts')) {
    /** What waits for a decision, with the values of all three sides. */
    function plugin_conflicts(array $params): array
    {
        return Library::reportOf('conflicts', $params);
    }
}

if (!function_exists('plugin_resolve')) {
    /** Decides conflicts; gives an exit code. */
    function plugin_resolve(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('resolve', $params, $progress);
    }
}

if (!function_exists('plugin_verify')) {
    /** What differs from what was installed, and with `reparar` putting it back; gives an exit code. */
    function plugin_verify(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('verify', $params, $progress);
    }
}

if (!function_exists('plugin_diff')) {
    /** What installing a package would change; nothing is changed. Gives an exit code. */
    function plugin_diff(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('diff', $params, $progress);
    }
}

if (!function_exists('plugin_rollback')) {
    /** Goes back to an earlier point of a plugin, or to any version whose package is kept; gives an exit code. */
    function plugin_rollback(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('rollback', $params, $progress);
    }
}

if (!function_exists('plugin_update_all')) {
    /** Updates every installed plugin from where it came from, each on its own; gives the worst exit code. */
    function plugin_update_all(array $params, ?callable $progress = null): int
    {
        return Library::codeOf('update_all', $params, $progress);
    }
}
