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
        $plg_text = stripos((string) (ini_get('gestor_plugins.lang') ?: getenv('GESTOR_PLUGINS_LANG')), 'en') === 0
            ? 'an update of the gestor has put its old bibliotecas/plugins-installer.php back: run bin/install again'
            : 'uma atualização do gestor repôs o bibliotecas/plugins-installer.php antigo: execute bin/install de novo';
        fwrite(STDERR, $plg_text . "\n");
        $plg_id = preg_match('/--id[= ]([a-z0-9_-]+)/i', implode(' ', $argv), $plg_found) ? strtolower($plg_found[1]) : '-';
        // Root writes to a log of the site's alone, whatever stands there: what was opened is looked at.
        $plg_log = dirname(__DIR__, 2) . '/logs/plugins/installer.log';
        $plg_root = @fileowner('/proc/self') === 0;
        $plg_file = is_link($plg_log) ? false : @fopen($plg_log, $plg_root || is_file($plg_log) ? 'r+' : 'x');
        $plg_stat = $plg_file === false ? [] : fstat($plg_file);
        $plg_ours = !$plg_root || ($plg_stat['uid'] ?? null) === @fileowner(dirname(__DIR__, 2) . '/plugins');
        if ($plg_ours && ($plg_stat['nlink'] ?? 0) === 1 && fseek($plg_file, 0, SEEK_END) === 0) {
            fwrite($plg_file, '[' . date('c') . "] [ERROR] [PLUGIN:{$plg_id}] [erro] {$plg_text}\n");
        }
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
