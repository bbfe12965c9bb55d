<?php

declare(strict_types=1);

namespace Tests\Real;

/** A plugin of ours in several versions: pages, variables, modules and grants, each with the version in its texts. */
final class Agenda
{
    public const SLUG = 'agenda-real';
    /** When every entry was packed: the same content is the same package, whenever it is written. */
    private const PACKED = 1767225600;
    public const LANGUAGES = ['pt-br', 'en'];
    /** Pages that every version brings. */
    public const PAGES = ['agenda', 'agenda-contato', 'agenda-antiga', 'agenda-eventos', 'agenda-livre'];
    private const CREATE = <<<'PHP'
        <?php
        declare(strict_types=1);
        use Phinx\Migration\AbstractMigration;
        final class CreateAgendaEventos extends AbstractMigration
        {
            public function change(): void
            {
                $this->table('agenda_eventos', ['id' => 'id_agenda_eventos'])
                    ->addColumn('titulo', 'string', ['limit' => 90])
                    ->addColumn('dia', 'date', ['null' => true])
                    ->addIndex(['dia'])
                    ->create();
            }
        }
        PHP;
    private const EXTEND = <<<'PHP'
        <?php
        declare(strict_types=1);
        use Phinx\Migration\AbstractMigration;
        final class AddLocalToAgendaEventos extends AbstractMigration
        {
            public function change(): void
            {
                $this->table('agenda_eventos')->addColumn('local', 'string', ['limit' => 90, 'null' => true])->update();
            }
        }
        PHP;
    private const FAIL = <<<'PHP'
        <?php
        declare(strict_types=1);
        use Phinx\Migration\AbstractMigration;
        final class FillAgendaEventos extends AbstractMigration
        {
            public function up(): void
            {
                $this->execute("INSERT INTO agenda_eventos (titulo, nowhere) VALUES ('a', 'b')");
            }

            public function down(): void
            {
            }
        }
        PHP;
    public const MIGRATION_CREATE = ['20260101000000_create_agenda_eventos' => self::CREATE];
    public const MIGRATION_EXTEND = self::MIGRATION_CREATE + ['20260201000000_add_local_to_agenda_eventos' => self::EXTEND];
    public const MIGRATION_FAIL = self::MIGRATION_EXTEND + ['20260301000000_fill_agenda_eventos' => self::FAIL];

    /**
     * Writes it into the site's folder of packages, as an upload does; gives its path.
     *
     * @param array<string, string> $migrations
     */
    public static function write(Site $site, string $version, array $migrations = []): string
    {
        $folder = "{$site->root}/contents/plugins";
        is_dir($folder) || mkdir($folder, 0755);
        $path = "{$folder}/agenda-{$version}.zip";
        $zip = new \ZipArchive();
        $zip->open($path, \ZipArchive::CREATE | \ZipArchive::OVERWRITE);
        foreach (self::files($version) as $name => $content) {
            $zip->addFromString($name, $content);
            $zip->setMtimeName($name, self::PACKED);
        }
        foreach ($migrations as $name => $code) {
            $zip->addFromString("db/migrations/{$name}.php", $code . "\n");
            $zip->setMtimeName("db/migrations/{$name}.php", self::PACKED);
        }
        $zip->close();
        $site->own($folder);
        return $path;
    }

    /** The text of a migration of that class, with these lines in its `up`. */
    public static function migration(string $class, string $up): string
    {
        return "<?php\nfinal class {$class} extends Phinx\\Migration\\AbstractMigration\n{\n    public function up(): void\n    {\n        {$up}\n    }\n}";
    }

    /** @return array<string, string> */
    private static function files(string $version): array
    {
        $json = static fn (array $value): string => (string) json_encode($value, JSON_UNESCAPED_UNICODE | JSON_PRETTY_PRINT);
        return [
            'manifest.json' => $json(['id' => self::SLUG, 'name' => 'Agenda', 'version' => $version, 'description' => 'Agenda de eventos']),
            'modules/agenda/agenda.php' => "<?php\n// {$version}\n",
            'modules/agenda-relatorios/agenda-relatorios.php' => "<?php\n// {$version}\n",
            'db/data/PaginasData.json' => $json(self::pages($version)),
            'db/data/VariaveisData.json' => $json(self::variables($version)),
            'db/data/ModulosData.json' => $json(self::modules($version)),
            'db/data/UsuariosPerfisModulosData.json' => $json(self::grants($version)),
        ];
    }

    private static function pages(string $version): array
    {
        $pages = [];
        foreach (self::LANGUAGES as $language) {
            foreach ([...self::PAGES, ...($version === '1.0.0' ? [] : ['agenda-nova'])] as $id) {
                $pages[] = ['id' => $id, 'language' => $language, 'nome' => ucwords(strtr($id, '-', ' ')), 'caminho' => "{$id}/",
                    'tipo' => 'page', 'modulo' => 'agenda', 'opcao' => "ver-{$version}", 'layout_id' => 'layout-pagina-sem-permissao',
                    'framework_css' => 'fomantic-ui', 'sem_permissao' => 1, 'status' => 'A',
                    'html' => "<p>{$id} {$version} é nossa</p>", 'css' => "p{/*{$version}*/}"];
            }
        }
        return $pages;
    }

    private static function variables(string $version): array
    {
        $variables = [];
        foreach (self::LANGUAGES as $language) {
            foreach (['titulo', 'rodape'] as $id) {
                $variables[] = ['id' => $id, 'language' => $language, 'modulo' => 'agenda', 'valor' => "{$id} {$version}", 'tipo' => 'string'];
            }
        }
        return $variables;
    }

    private static function modules(string $version): array
    {
        $modules = [];
        foreach (self::LANGUAGES as $language) {
            foreach (['agenda' => 'calendar', 'agenda-relatorios' => 'chart bar'] as $id => $icon) {
                $modules[] = ['id' => $id, 'language' => $language, 'modulo_grupo_id' => 'administracao-sistema', 'nome' => ucwords(strtr($id, '-', ' ')),
                    'titulo' => "Título {$version}", 'icone' => $icon, 'icone2' => "sobre {$version}", 'status' => 'A'];
            }
        }
        return $modules;
    }

    private static function grants(string $version): array
    {
        $grants = [
            ['perfil' => 'administradores', 'modulo' => 'agenda'],
            ['perfil' => 'administradores', 'modulo' => 'agenda-relatorios'],
        ];
        return $version === '1.0.0' ? $grants : [...$grants, ['perfil' => 'consumidores', 'modulo' => 'agenda']];
    }
}
