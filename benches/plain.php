<?php

/**
 * The yardstick: an installer as a PHP developer would write it, with what PHP brings. One transaction, a prepared
 * statement a row, a backup of the old folder, files copied over. It checks nothing that the library checks.
 *
 * usage: php plain.php ARCHIVE GESTOR SOCKET DATABASE [--reprocess]
 */

declare(strict_types=1);

const TABLES = ['Paginas' => 'paginas', 'Componentes' => 'componentes', 'Layouts' => 'layouts', 'Variaveis' => 'variaveis', 'Modulos' => 'modulos'];

[, $archive, $gestor, $socket, $database] = $argv;
$reprocess = in_array('--reprocess', $argv, true);

$pdo = new PDO("mysql:unix_socket=$socket;dbname=$database;charset=utf8mb4", 'root', '', [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$checksum = hash_file('sha256', $archive);
$installed = $pdo->query("SELECT checksum_pacote FROM plugins WHERE id = 'bench'")->fetchColumn();
if ($installed === $checksum && !$reprocess) {
    echo "unchanged\n";
    exit(0);
}

$staging = "$gestor/temp/bench";
$target = "$gestor/plugins/bench";
unpack_archive($archive, $staging);
$manifest = json_decode(file_get_contents("$staging/manifest.json"), true, 64, JSON_THROW_ON_ERROR);
if (is_dir($target)) {
    back_up($target, "$gestor/plugins/_backups/bench-" . hrtime(true) . '.zip');
    remove_folder($target);
}

$pdo->beginTransaction();
$counts = ['inserted' => 0, 'updated' => 0, 'same' => 0];
foreach (TABLES as $name => $table) {
    $rows = json_decode(file_get_contents("$staging/db/data/{$name}Data.json"), true, 64, JSON_THROW_ON_ERROR);
    foreach ($rows as $row) {
        $counts[write_row($pdo, $table, $row)]++;
    }
}
$pdo->prepare('DELETE FROM plugins WHERE id = ?')->execute(['bench']);
$pdo->prepare("INSERT INTO plugins (id, nome, versao_instalada, checksum_pacote, status_execucao) VALUES ('bench', ?, ?, ?, 'ok')")
    ->execute([$manifest['name'], $manifest['version'], $checksum]);
$pdo->commit();

copy_folder($staging, $target);
remove_folder("$target/db");
remove_folder($staging);
echo json_encode($counts), "\n";

/** Inserts a row, or updates the columns that differ. */
function write_row(PDO $pdo, string $table, array $row): string
{
    static $statements = [];
    $row['plugin'] = 'bench';
    $values = array_map(static fn ($value) => is_bool($value) ? (int) $value : $value, $row);
    $find = $statements[$table] ??= $pdo->prepare("SELECT * FROM $table WHERE plugin = 'bench' AND id = ? AND language = ?");
    $find->execute([$row['id'], $row['language']]);
    $present = $find->fetch(PDO::FETCH_ASSOC);
    $find->closeCursor();
    if ($present === false) {
        $columns = implode(', ', array_keys($values));
        $insert = $statements["$table insert"] ??=
            $pdo->prepare("INSERT INTO $table ($columns) VALUES (" . implode(', ', array_fill(0, count($values), '?')) . ')');
        $insert->execute(array_values($values));
        return 'inserted';
    }
    $changed = array_filter($values, static fn ($value, $column) => (string) $present[$column] !== (string) $value, ARRAY_FILTER_USE_BOTH);
    if ($changed === []) {
        return 'same';
    }
    $sets = implode(', ', array_map(static fn ($column) => "$column = ?", array_keys($changed)));
    $update = $statements["$table $sets"] ??= $pdo->prepare("UPDATE $table SET $sets WHERE id_$table = ?");
    $update->execute([...array_values($changed), $present["id_$table"]]);
    return 'updated';
}

function unpack_archive(string $archive, string $folder): void
{
    $zip = new ZipArchive();
    $zip->open($archive, ZipArchive::CHECKCONS) === true || throw new RuntimeException("$archive is no ZIP");
    $zip->extractTo($folder) || throw new RuntimeException("$archive could not be unpacked");
    $zip->close();
}

function files_of(string $folder): iterable
{
    return new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS), RecursiveIteratorIterator::SELF_FIRST);
}

function back_up(string $folder, string $archive): void
{
    is_dir(dirname($archive)) || mkdir(dirname($archive), 0755, true);
    $zip = new ZipArchive();
    $zip->open($archive, ZipArchive::CREATE);
    foreach (files_of($folder) as $file) {
        if ($file->isFile()) {
            $zip->addFile($file->getPathname(), substr($file->getPathname(), strlen($folder) + 1));
        }
    }
    $zip->close();
}

function copy_folder(string $from, string $to): void
{
    mkdir($to, 0755, true);
    foreach (files_of($from) as $file) {
        $target = $to . substr($file->getPathname(), strlen($from));
        $file->isDir() ? mkdir($target, 0755) : copy($file->getPathname(), $target);
    }
}

function remove_folder(string $folder): void
{
    $files = new RecursiveIteratorIterator(new RecursiveDirectoryIterator($folder, FilesystemIterator::SKIP_DOTS), RecursiveIteratorIterator::CHILD_FIRST);
    foreach ($files as $file) {
        $file->isDir() ? rmdir($file->getPathname()) : unlink($file->getPathname());
    }
    rmdir($folder);
}
