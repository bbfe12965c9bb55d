<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Package.php';

/**
 * Como um teste quebra: sem uma das linhas, a falta é apontada. Apague uma linha em inglês de db/data/ e
 * LanguagesTest falha com este mesmo texto.
 * How a test breaks: without one of the rows, the gap is named. Delete an English row of db/data/, and
 * LanguagesTest fails with this very text.
 */
final class BrokenTest extends TestCase
{
    public function testAMissingLanguageIsNamed(): void
    {
        $rows = array_values(array_filter(Package::rows(), static fn (array $row): bool => $row[2] === 'pt-br'));
        self::assertNotSame([], $rows);
        [$table, $id] = $rows[0];
        self::assertContains("{$table} {$id}: en", Package::missing($rows));
    }
}
