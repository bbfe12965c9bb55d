<?php

declare(strict_types=1);

/**
 * Counts the rows of one plugin, table by table: `php plugin-counts.php --id=<plugin> [--json]`.
 *
 * Uses a connection of its own, and only reads.
 */

require_once __DIR__ . '/../bibliotecas/plugins-consts.php';
require_once __DIR__ . '/../bibliotecas/plugins-installer.php';

if (PHP_SAPI !== 'cli') {
    exit(PLG_EXIT_PARAMS_OR_FILE);
}
$plg_counts = getopt('', ['id:', 'json']) ?: [];
if (!is_string($plg_counts['id'] ?? null)) {
    fwrite(STDERR, \GestorPlugins\Host::say('uso', 'usage') . ": php plugin-counts.php --id=<plugin> [--json]\n");
    exit(PLG_EXIT_PARAMS_OR_FILE);
}
if (!is_file(dirname(__DIR__) . '/config.php')) {
    fwrite(STDERR, \GestorPlugins\Host::say('não há config.php em ', 'there is no config.php in ') . dirname(__DIR__) . "\n");
    exit(PLG_EXIT_PARAMS_OR_FILE);
}
ob_start();
require_once dirname(__DIR__) . '/config.php';
fwrite(STDERR, (string) ob_get_clean());

exit((static function (string $plugin, bool $json): int {
    $database = \GestorPlugins\Host::database();
    if ($database === null) {
        fwrite(STDERR, \GestorPlugins\Host::say('config.php não define um banco de dados', 'config.php defines no database') . "\n");
        return PLG_EXIT_SYNC;
    }
    $place = isset($database['socket'])
        ? "unix_socket={$database['socket']}"
        : "host={$database['host']};port={$database['port']}";
    try {
        $connection = new PDO(
            "mysql:{$place};dbname={$database['nome']};charset=utf8mb4",
            $database['usuario'],
            $database['senha'],
            [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]
        );
        $tables = $connection->query(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = DATABASE() AND column_name = 'plugin'"
            . ' ORDER BY table_name'
        )->fetchAll(PDO::FETCH_COLUMN);
        $counts = [];
        foreach ($tables as $table) {
            $query = $connection->prepare('SELECT COUNT(*) FROM `' . str_replace('`', '``', $table) . '` WHERE plugin = ?');
            $query->execute([$plugin]);
            $rows = (int) $query->fetchColumn();
            if ($rows > 0) {
                $counts[$table] = $rows;
            }
        }
    } catch (PDOException $fault) {
        fwrite(STDERR, $fault->getMessage() . "\n");
        return PLG_EXIT_SYNC;
    }
    if ($json) {
        fwrite(STDOUT, json_encode((object) $counts) . "\n");
        return PLG_EXIT_OK;
    }
    foreach ($counts as $table => $rows) {
        fwrite(STDOUT, "{$table}: {$rows}\n");
    }
    fwrite(STDOUT, 'total: ' . array_sum($counts) . "\n");
    return PLG_EXIT_OK;
})(plugin_normalize_slug($plg_counts['id']), isset($plg_counts['json'])));
