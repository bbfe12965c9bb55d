<?php

declare(strict_types=1);

/**
 * Installs or updates a plugin from the command line; `--help` tells how. Included by a page of the gestor it only
 * brings `plugin_process_cli()`.
 *
 * The gestor's config.php is read at the top of this file, because it sets globals.
 *
 * @package gestor-plugins
 */

require_once __DIR__ . '/../../bibliotecas/plugins-consts.php';
require_once __DIR__ . '/../../bibliotecas/plugins-installer.php';

if (PHP_SAPI === 'cli' && realpath($_SERVER['SCRIPT_FILENAME'] ?? '') === __FILE__) {
    if (!class_exists(\GestorPlugins\CommandLine::class)) {
        // The gestor's own library stands in the place of ours: a core update has put it back.
        $plg_text = 'an update of the gestor has put its old bibliotecas/plugins-installer.php back: run bin/install again';
        fwrite(STDERR, $plg_text . "\n");
        $plg_id = preg_match('/--id[= ]([a-z0-9_-]+)/i', implode(' ', $argv), $plg_found) ? strtolower($plg_found[1]) : '-';
        @file_put_contents(
            dirname(__DIR__, 2) . '/logs/plugins/installer.log',
            '[' . date('c') . "] [ERROR] [PLUGIN:{$plg_id}] [erro] {$plg_text}\n",
            FILE_APPEND
        );
        exit(10);
    }
    $plg_cli = new \GestorPlugins\CommandLine(array_slice($argv, 1), getcwd() ?: '/');
    $plg_cli->exitIfAnswered();
    if (is_file(dirname(__DIR__, 2) . '/config.php')) {
        $plg_cli->beforeConfig();
        require_once dirname(__DIR__, 2) . '/config.php';
        $plg_cli->afterConfig();
    }
    exit($plg_cli->run());
}
