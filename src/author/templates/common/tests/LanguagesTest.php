<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;

require_once __DIR__ . '/Package.php';

/**
 * Tudo o que o plugin traz existe nos dois idiomas.
 * All that the plugin brings is there in both languages.
 */
final class LanguagesTest extends TestCase
{
    public function testBothLanguagesHaveTheSame(): void
    {
        self::assertSame([], Package::missing(Package::rows()));
    }
}
