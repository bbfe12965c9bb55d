<?php

declare(strict_types=1);

use GestorPlugins\MigrationFile;
use PHPUnit\Framework\TestCase;

/** Whether a migration can be undone, told by its tokens. */
final class MigrationFileTest extends TestCase
{
    /** @return iterable<string, array{0: string, 1: bool}> */
    public static function bodies(): iterable
    {
        foreach ([
            ['', false],
            ['function down() { $this->execute("DROP"); }', true],
            ['public function &Down(): void { if (true) { $this->execute("x"); } }', true],
            ['function down(): void { /* nothing */ }', false],
            ['function down(): void { return; }', false],
            ['function down(): void { ; }', false],
            ['function down() { throw new Phinx\Migration\IrreversibleMigrationException(); }', false],
            ['function change() { $this->table("a")->addColumn("b", "string")->create(); }', true],
            ['function change() { $t = $this->table("a", ["id" => false]); $t->addColumn("b", "string",'
                . ' ["default" => Literal::from("x")])->addIndex(["b"])->addForeignKey("b", "c")->update(); }', true],
            ['function change() { $this->table("x")->rename("y")->renameColumn("a", "b")->update(); }', true],
            ['function change() { foreach ([1, 2] as $n) { $this->table("a{$n}")->addTimestamps()->save(); } }', true],
            ['function change() { $this->execute("x"); }', false],
            ['function change() { $this->table("a")->removeColumn("b")->update(); }', false],
            ['function change() { if (!$this->hasTable("a")) { $this->table("a")->create(); } }', false],
            ['function change() { $m = "drop"; $this->$m(); }', false],
            ['function change() { ($this->table("a"))(); }', false],
            ['function change() { foo(1); }', false],
            ['function change() { \foo(1); }', false],
            ['function change() { Other::from(1); }', false],
            ['function change() { include "x"; $this->table("a")->create(); }', false],
            ['function change() {}', false],
            // Phinx runs change() where there is one.
            ['function change() { $this->table("a")->drop(); } function down() { $this->execute("x"); }', false],
            ['function other() { return new class { function down() { x(); } }; }', false],
            ['private $x = ["a" => "{"]; function up() { $f = function () { return 1; }; "{$f}"; } function down() { y(); }', true],
        ] as [$body, $expected]) {
            yield $body => [$body, $expected];
        }
    }

    /** @dataProvider bodies */
    public function testToldByItsTokens(string $body, bool $expected): void
    {
        $code = "<?php\nuse Phinx\\Migration\\AbstractMigration;\nfinal class Known extends AbstractMigration\n{\n{$body}\n}\n";
        self::assertSame($expected, MigrationFile::isReversible($code, 'Known'));
        self::assertFalse(MigrationFile::isReversible($code, 'Another'));
    }

    public function testWhatIsNoCodeHasNoWayBack(): void
    {
        self::assertFalse(MigrationFile::isReversible('<?php class {', 'Known'));
        self::assertFalse(MigrationFile::isReversible('', 'Known'));
    }

    public function testFilesAreNamedAsPhinxNamesThem(): void
    {
        foreach ([
            '20250101000000_create_a_table.php' => ['CreateATable', '20250101000000'],
            '20250101000000.php' => ['V20250101000000', '20250101000000'],
            '2_second.php' => ['Second', '2'],
        ] as $file => [$class, $version]) {
            self::assertSame([$class, $version], [MigrationFile::className($file), MigrationFile::version($file)]);
        }
        foreach (['2025.php', 'x.php', '3_a-b.php', '4_c.txt'] as $file) {
            self::assertNull(MigrationFile::className($file));
        }
    }
}
