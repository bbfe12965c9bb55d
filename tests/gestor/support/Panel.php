<?php

declare(strict_types=1);

namespace Tests\Real;

/** A plugin with a page of its own in the menu and among the cards of the dashboard, and with a hook. */
final class Panel
{
    public const SLUG = 'painel-real';
    /** When every entry was packed: the same content is the same package, whenever it is written. */
    private const PACKED = 1767225600;
    public const MODULE = 'painel-real-modulo';
    public const TITLE = 'Painel de Provas';
    public const TEXT = 'o painel responde';

    /** Writes it into the site's folder of packages; gives its path. */
    public static function write(Site $site, string $version = '1.0.0'): string
    {
        $folder = "{$site->root}/contents/plugins";
        is_dir($folder) || mkdir($folder, 0755);
        $path = "{$folder}/painel.zip";
        $zip = new \ZipArchive();
        $zip->open($path, \ZipArchive::CREATE | \ZipArchive::OVERWRITE);
        foreach (self::files($version) as $name => $content) {
            $zip->addFromString($name, $content);
            $zip->setMtimeName($name, self::PACKED);
        }
        $zip->close();
        $site->own($folder);
        return $path;
    }

    public static function script(string $version): string
    {
        return "// painel {$version}\n";
    }

    public static function style(string $version): string
    {
        return "/* painel {$version} */\n";
    }

    public static function picture(string $version): string
    {
        return "<svg xmlns=\"http://www.w3.org/2000/svg\"><title>{$version}</title></svg>";
    }

    /** @return array<string, string> */
    private static function files(string $version): array
    {
        $json = static fn (array $value): string => (string) json_encode($value, JSON_UNESCAPED_UNICODE | JSON_PRETTY_PRINT);
        $module = self::MODULE;
        $both = static fn (array $row): array => array_map(
            static fn (string $language): array => ['language' => $language] + $row,
            Agenda::LANGUAGES
        );
        return [
            'manifest.json' => $json(['id' => self::SLUG, 'name' => 'Painel', 'version' => $version, 'description' => 'Uma página no menu']),
            "modules/{$module}/{$module}.json" => $json(['versao' => $version, 'plugin' => self::SLUG, 'bibliotecas' => ['interface', 'html'],
                'hooks' => ['actions' => ['cron' => ['diario' => 'painel_real_diario']]]]),
            "modules/{$module}/{$module}.php" => <<<PHP
                <?php
                global \$_GESTOR;
                \$_GESTOR['modulo-id'] = '{$module}';
                \$_GESTOR['modulo#{$module}'] = json_decode(file_get_contents(__DIR__ . '/{$module}.json'), true);
                gestor_pagina_javascript_incluir();
                gestor_pagina_css_incluir();
                PHP,
            "modules/{$module}/{$module}.js" => self::script($version),
            "modules/{$module}/{$module}.css" => self::style($version),
            "assets/{$version}/img/mark.svg" => self::picture($version),
            'db/data/PaginasData.json' => $json($both(['id' => $module, 'nome' => self::TITLE, 'caminho' => "{$module}/", 'tipo' => 'system',
                'modulo' => $module, 'opcao' => 'painel', 'raiz' => 1, 'layout_id' => 'layout-administrativo-do-gestor',
                'framework_css' => 'fomantic-ui', 'status' => 'A', 'html' => '<p>' . self::TEXT . '</p>'])),
            'db/data/ModulosData.json' => $json($both(['id' => $module, 'nome' => self::TITLE, 'titulo' => self::TITLE,
                'modulo_grupo_id' => 'administracao-sistema', 'icone' => 'calendar', 'status' => 'A', 'plugin' => self::SLUG])),
            'db/data/UsuariosPerfisModulosData.json' => $json([['perfil' => 'administradores', 'modulo' => $module]]),
        ];
    }
}
