<?php

declare(strict_types=1);

/**
 * Installs or updates a plugin from the command line; `--help` tells how. Included by a page of the gestor it only
 * brings `plugin_process_cli()`.
 *
 * The gestor's config.php is read at the top of this file, because it sets globals.
 */

require_once __DIR__ . '/../../bibliotecas/plugins-consts.php';
require_once __DIR__ . '/../../bibliotecas/plugins-installer.php';

if (PHP_SAPI === 'cli' && realpath($_SERVER['SCRIPT_FILENAME'] ?? '') === __FILE__) {
    $plg_cli = new \GestorPlugins\CommandLine(array_slice($argv, 1), getcwd() ?: '/');
    $plg_cli->exitIfAnswered();
    if (is_file(dirname(__DIR__, 2) . '/config.php')) {
        $plg_cli->beforeConfig();
        require_once dirname(__DIR__, 2) . '/config.php';
        $plg_cli->afterConfig();
    }
    exit($plg_cli->run());
}
