<?php

declare(strict_types=1);

namespace Tests;

/** A small plugin package: pages, a layout, variables in two languages, one PHP file, migrations on demand. */
final class Package
{
    public const SLUG = 'agenda-x';
    /** When every entry was packed: the same content is the same package, whenever it is written. */
    private const PACKED = 1767225600;

    /** Writes it; gives its path. */
    public static function write(string $path, string $version = '1.0.0', array $migrations = [], array $extra = []): string
    {
        $zip = new \ZipArchive();
        $zip->open($path, \ZipArchive::CREATE | \ZipArchive::OVERWRITE);
        foreach (self::files($version, $migrations) as $name => $content) {
            $zip->addFromString($name, $content);
            $zip->setMtimeName($name, self::PACKED);
        }
        foreach ($extra as $name => $content) {
            $zip->addFromString($name, $content);
            $zip->setMtimeName($name, self::PACKED);
        }
        $zip->close();
        return $path;
    }

    private static function files(string $version, array $migrations): array
    {
        $json = static fn ($value): string => (string) json_encode($value, JSON_UNESCAPED_UNICODE);
        $pages = $variables = [];
        foreach (['pt-br', 'en'] as $language) {
            $pages[] = ['id' => 'agenda', 'language' => $language, 'nome' => "Agenda {$version}", 'caminho' => 'agenda/',
                'tipo' => 'pagina', 'html' => "<p>Olá {$version}</p>", 'css' => 'p{}', 'layout_id' => 'agenda'];
            $variables[] = ['id' => 'title', 'language' => $language, 'modulo' => 'agenda', 'valor' => "Título {$version}"];
        }
        $files = [
            'manifest.json' => $json(['id' => self::SLUG, 'name' => 'Agenda', 'version' => $version]),
            'db/data/PaginasData.json' => $json($pages),
            'db/data/VariaveisData.json' => $json($variables),
            'modules/agenda/agenda.php' => "<?php\n// {$version}\n",
            'README.txt' => str_repeat('agenda ', 200),
        ];
        foreach ($migrations as $name => $code) {
            $files["db/migrations/{$name}.php"] = $code;
        }
        return $files;
    }

    /** A migration class that creates a table. */
    public static function migration(string $class, string $table, string $end = ''): string
    {
        return "<?php\nfinal class {$class} extends Phinx\\Migration\\AbstractMigration\n{\n"
            . "    public function up(): void { \$this->execute('CREATE TABLE {$table} (a INT)'); {$end} }\n"
            . "    public function down(): void { \$this->execute('DROP TABLE {$table}'); }\n}\n";
    }
}
