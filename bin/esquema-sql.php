#!/usr/bin/env php
<?php

// Makes SQL of a copy of tables, `esquema-<time>.jsonl.gz`, so that what was taken away comes back:
//
//   zcat esquema-<time>.jsonl.gz | php bin/esquema-sql.php [table …] | mariadb <database>
//
// Tables that are not there are made, columns that are gone are added; rows that are there stay as they are, but for the
// columns that a copy of columns has. Values are written as they were, whatever the server's mode says.

declare(strict_types=1);

$wanted = array_slice($argv, 1);

/** A name as a statement has it. */
function name(string $name): string
{
    return '`' . str_replace('`', '``', $name) . '`';
}

/** A value of a column: the bytes that it holds; numbers as they are. */
function value(mixed $value, string $definition): string
{
    if ($value === null) {
        return 'NULL';
    }
    $bytes = is_array($value) ? (string) hex2bin($value['$hex']) : $value;
    if (preg_match('/^bit\b/i', $definition) === 1) {
        return $bytes;
    }
    $hex = "X'" . bin2hex($bytes) . "'";
    // Bytes stay bytes; of texts of other character sets the copy holds bytes as well.
    $isBytes = preg_match('/^(tiny|medium|long)?blob|^(var)?binary|^(geometry|point|linestring|polygon|multi|geom)|^vector/i', $definition) === 1;
    $isOther = preg_match('/CHARACTER SET (?!utf8)(\w+)/', $definition) === 1 && preg_match('/^(enum|set)/i', $definition) === 0;
    return $isBytes || $isOther ? $hex : "CONVERT({$hex} USING utf8mb4)";
}

/**
 * What a CREATE TABLE says of each column, with the character set that it has from its table.
 *
 * @return array<string, string>
 */
function definitions(string $made): array
{
    $of = preg_match('/\) [^\n]*DEFAULT CHARSET=(\w+)/', $made, $part) === 1 ? $part[1] : 'utf8mb4';
    $found = [];
    foreach (explode("\n", $made) as $line) {
        if (preg_match('/^  `((?:[^`]|``)+)` (.*?),?$/', $line, $part) === 1) {
            $isText = preg_match('/^((var)?char|(tiny|medium|long)?text)\b/i', $part[2]) === 1;
            $has = str_contains($part[2], 'CHARACTER SET');
            $found[str_replace('``', '`', $part[1])] = $part[2] . ($isText && !$has ? "\0 CHARACTER SET {$of}" : '');
        }
    }
    return $found;
}

/** @param array<string, string> $definitions */
function row(array $line, array $definitions, ?array $columns): string
{
    ['tabela' => $table, 'linha' => $row] = $line;
    $set = [];
    foreach ($row as $column => $value) {
        $set[$column] = value($value, $definitions[$column] ?? '');
    }
    if ($columns === null) {
        $names = implode(', ', array_map('name', array_map('strval', array_keys($set))));
        return 'INSERT IGNORE INTO ' . name($table) . " ({$names}) VALUES (" . implode(', ', $set) . ");\n";
    }
    $pairs = static fn (array $some, string $sign): array => array_map(
        static fn (string $column): string => name($column) . $sign . $set[$column],
        array_map('strval', array_keys($some))
    );
    $copied = array_intersect_key($set, array_flip($columns));
    $key = array_diff_key($set, $copied);
    if ($key === []) {
        return '-- ' . $table . ": a row without a primary key\n";
    }
    // What a table writes by itself at a change stays as it is.
    foreach ($definitions as $column => $definition) {
        if (!isset($copied[$column]) && preg_match('/ON UPDATE/i', $definition) === 1) {
            $kept[] = name((string) $column) . '=' . name((string) $column);
        }
    }
    $written = implode(', ', [...$pairs($copied, '='), ...($kept ?? [])]);
    return 'UPDATE ' . name($table) . " SET {$written} WHERE " . implode(' AND ', $pairs($key, '<=>')) . ";\n";
}

echo "SET NAMES utf8mb4;\nSET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone='+00:00', ",
    "foreign_key_checks=0, unique_checks=0;\n";
[$definitions, $columns, $objects] = [[], null, []];
while (($text = fgets(STDIN)) !== false) {
    $line = json_decode($text, true, 512, JSON_THROW_ON_ERROR);
    $table = $line['tabela'] ?? null;
    if ($wanted !== [] && !in_array($table ?? $line['objeto'], $wanted, true)) {
        continue;
    }
    if (isset($line['objeto'])) {
        $objects[] = $line;
    } elseif (isset($line['linha'])) {
        echo row($line, $definitions, $columns);
    } elseif (isset($line['passada'])) {
        continue;
    } else {
        [$definitions, $columns] = [definitions((string) $line['criar']), $line['colunas'] ?? null];
        echo preg_replace('/^CREATE TABLE /', 'CREATE TABLE IF NOT EXISTS ', (string) $line['criar']), ";\n";
        foreach ($columns ?? [] as $column) {
            $definition = explode("\0", $definitions[$column])[0];
            $add = 'ALTER TABLE ' . name($table) . ' ADD COLUMN ' . name($column) . ' ' . $definition;
            $asked = "(SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_SCHEMA=DATABASE() AND TABLE_NAME="
                . value($table, '') . ' AND COLUMN_NAME=' . value($column, '') . ')';
            echo "SET @added=IF({$asked}, 'DO 0', CONVERT(X'" . bin2hex($add) . "' USING utf8mb4));\n",
                "PREPARE added FROM @added;\nEXECUTE added;\nDEALLOCATE PREPARE added;\n";
        }
    }
}
// Views, triggers and routines are given back where they are asked for by their names.
foreach ($wanted === [] ? [] : $objects as $line) {
    echo "DELIMITER \$\$\n", $line['criar'], "\$\$\nDELIMITER ;\n";
    if (isset($line['proximo'])) {
        echo 'DO SETVAL(' . name($line['objeto']) . ', ' . $line['proximo'] . ", 0);\n";
    }
}
