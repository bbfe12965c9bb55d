<?php

/**
 * Fills the demo's database as a gestor's own installer does: its tables, then the rows that it ships, without owner.
 * usage: php load-core.php FIXTURES SOCKET DATABASE
 */

declare(strict_types=1);

[, $fixtures, $socket, $database] = $argv;
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
$connection = new mysqli('localhost', 'root', '', '', 0, $socket);
$connection->set_charset('utf8mb4');
$connection->query("CREATE DATABASE `$database` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci");
$connection->select_db($database);
$connection->multi_query((string) file_get_contents("$fixtures/gestor.sql"));
while ($connection->more_results()) {
    $connection->next_result();
}

// The core's rows hold texts where columns hold numbers ('' for none); its installer is as lenient.
$connection->query("SET SESSION sql_mode = ''");
$connection->begin_transaction();
$count = 0;
foreach (glob("$fixtures/core-data/*Data.json") ?: [] as $file) {
    $table = strtolower((string) preg_replace('/(?<!^)[A-Z]/', '_$0', basename($file, 'Data.json')));
    $columns = array_column($connection->query("SHOW COLUMNS FROM `$table`")->fetch_all(MYSQLI_ASSOC), 'Field', 'Field');
    $rows = json_decode((string) file_get_contents($file), true, 64, JSON_THROW_ON_ERROR);
    foreach ($rows as $row) {
        $row = array_intersect_key($row, $columns);
        $values = array_map(
            static fn ($value) => match (true) {
                $value === null => 'NULL',
                is_bool($value) => (string) (int) $value,
                is_array($value) => "'" . $connection->real_escape_string((string) json_encode($value)) . "'",
                default => "'" . $connection->real_escape_string((string) $value) . "'",
            },
            $row,
        );
        $connection->query("INSERT INTO `$table` (`" . implode('`,`', array_keys($row)) . '`) VALUES (' . implode(',', $values) . ')');
        $count++;
    }
}
$connection->commit();
echo $count, "\n";
