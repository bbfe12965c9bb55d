<?php

declare(strict_types=1);

namespace Tests;

/** A gestor as our files meet it: config.php, the usual folders, our files copied in, a stand-in for Phinx. */
final class GestorTree
{
    public string $root;

    public function __construct(?Database $database = null, string $lang = 'en', bool $ours = true)
    {
        $this->root = Project::temporaryFolder() . '/gestor';
        foreach (['bibliotecas', 'controladores/plugins', 'modulos', 'plugins', 'logs', 'temp', 'backups', 'contents/plugins'] as $folder) {
            mkdir("{$this->root}/{$folder}", 0755, true);
        }
        $host = 'localhost:' . (Database::socket() ?? '/nowhere');
        $name = $database->name ?? 'none';
        file_put_contents("{$this->root}/config.php", <<<PHP
            <?php
            \$_GESTOR = ['ROOT_PATH' => __DIR__ . '/', 'versao' => '2.9.43', 'linguagem-codigo' => '{$lang}',
                'modulos-path' => __DIR__ . '/modulos/', 'plugins-path' => __DIR__ . '/plugins/'];
            \$_BANCO = ['tipo' => 'mysqli', 'host' => '{$host}', 'nome' => '{$name}', 'usuario' => 'root', 'senha' => ''];
            PHP);
        if ($ours) {
            self::copy(Project::folder() . '/php/gestor', $this->root);
        }
    }

    /** Gives the gestor a Phinx (a stand-in with its names) and its phinx.php. */
    public function withPhinx(): self
    {
        self::copy(__DIR__ . '/vendor', $this->root . '/vendor');
        file_put_contents($this->root . '/phinx.php', <<<'PHP'
            <?php
            require_once __DIR__ . '/config.php';
            return [
                'paths' => ['migrations' => '%%PHINX_CONFIG_DIR%%/db/migrations', 'seeds' => '%%PHINX_CONFIG_DIR%%/db/seeds'],
                'environments' => [
                    'default_migration_table' => 'phinxlog', 'default_environment' => 'gestor',
                    'gestor' => ['adapter' => 'mysql', 'host' => $_BANCO['host'] ?? 'localhost', 'name' => $_BANCO['nome'] ?? '',
                        'user' => $_BANCO['usuario'] ?? '', 'pass' => $_BANCO['senha'] ?? '', 'port' => 3306, 'charset' => 'utf8mb4'],
                ],
                'version_order' => 'creation',
            ];
            PHP);
        return $this;
    }

    public function script(): string
    {
        return $this->root . '/controladores/plugins/atualizacao-plugin.php';
    }

    public function log(): string
    {
        $file = $this->root . '/logs/plugins/installer.log';
        return is_file($file) ? (string) file_get_contents($file) : '';
    }

    /** The log without times and durations. */
    public function plainLog(): string
    {
        $text = (string) preg_replace('/^\[[^\]]*\] /m', '', $this->log());
        $text = (string) preg_replace('/\d+ ms\b/', 'N ms', $text);
        return str_replace($this->root, 'ROOT', (string) preg_replace('/-\d{8}-\d{6}/', '-TIME', $text));
    }

    public function remove(): void
    {
        Project::remove(dirname($this->root));
    }

    public static function copy(string $from, string $to): void
    {
        if (!is_dir($to)) {
            mkdir($to, 0755, true);
        }
        foreach (array_diff(scandir($from) ?: [], ['.', '..']) as $name) {
            is_dir("{$from}/{$name}") ? self::copy("{$from}/{$name}", "{$to}/{$name}") : copy("{$from}/{$name}", "{$to}/{$name}");
        }
    }
}
