<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;

/** `bin/esquema-sql.php`: what a copy of tables holds comes back as it was. */
final class SchemaCopyTest extends TestCase
{
    private const LINES = [
        ['tabela' => 'paginas', 'colunas' => ['x'], 'criar' => "CREATE TABLE `paginas` (\n  `id` int NOT NULL,\n"
            . "  `m` timestamp ON UPDATE current_timestamp(),\n  `x` varchar(9) CHARACTER SET latin1 DEFAULT NULL,\n"
            . "  PRIMARY KEY (`id`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"],
        ['tabela' => 'paginas', 'linha' => ['id' => '1', 'x' => ['$hex' => 'e9']]],
        ['tabela' => 't', 'criar' => "CREATE TABLE `t` (\n  `b` bit(8),\n  `v` varbinary(9),\n  `s` text\n) DEFAULT CHARSET=utf8mb4"],
        ['tabela' => 't', 'linha' => ['b' => '129', 'v' => 'A', 's' => "it's"]],
        ['tabela' => 't', 'linha' => ['b' => null, 'v' => ['$hex' => '00ff'], 's' => '']],
        ['objeto' => 'v', 'tipo' => 'visao', 'criar' => 'CREATE VIEW `v` AS SELECT 1', 'proximo' => null],
    ];

    public function testEveryLineBecomesAStatementThatWritesItsBytes(): void
    {
        $sql = self::sql('');
        self::assertStringContainsString("SET SESSION sql_mode='NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES'", $sql);
        self::assertStringContainsString("UPDATE `paginas` SET `x`=X'e9', `m`=`m` WHERE `id`<=>CONVERT(X'31' USING utf8mb4);", $sql);
        self::assertStringContainsString(bin2hex('ALTER TABLE `paginas` ADD COLUMN `x` varchar(9) CHARACTER SET latin1 DEFAULT NULL'), $sql);
        self::assertStringContainsString('CREATE TABLE IF NOT EXISTS `t` (', $sql);
        self::assertStringContainsString(
            "INSERT IGNORE INTO `t` (`b`, `v`, `s`) VALUES (129, X'41', CONVERT(X'69742773' USING utf8mb4));",
            $sql
        );
        self::assertStringContainsString("VALUES (NULL, X'00ff', CONVERT(X'' USING utf8mb4));", $sql);
        self::assertStringNotContainsString('CREATE VIEW', $sql);
    }

    public function testNamesChooseWhatComesBack(): void
    {
        $sql = self::sql('t v');
        self::assertStringNotContainsString('paginas', $sql);
        self::assertStringContainsString('INSERT IGNORE INTO `t`', $sql);
        self::assertStringContainsString('CREATE VIEW `v` AS SELECT 1', $sql);
    }

    private static function sql(string $names): string
    {
        $file = (string) tempnam(sys_get_temp_dir(), 'copy');
        file_put_contents($file, implode("\n", array_map('json_encode', self::LINES)) . "\n");
        $script = escapeshellarg(dirname(__DIR__, 2) . '/bin/esquema-sql.php');
        $sql = (string) shell_exec(escapeshellarg(PHP_BINARY) . " {$script} {$names} < " . escapeshellarg($file));
        unlink($file);
        return $sql;
    }
}
