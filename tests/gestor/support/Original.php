<?php

declare(strict_types=1);

namespace Tests\Real;

use Tests\Database;
use Tests\Project;

/**
 * The gestor that GESTOR_TEST_GESTOR names: a checkout of Conn2Flow's `gestor/` as it is published, with its `vendor/`.
 * It is read only. Its database is brought up once, in a copy, by its own migrations and its own data.
 */
final class Original
{
    public const USER = 'admin';
    public const PASSWORD = 'Open-2-the-door';

    private static ?self $one = null;

    public string $folder;
    /** A copy of the gestor, set up as its own installer does it. */
    public string $template;
    /** Its database. */
    public Database $database;
    /** What its own scripts printed. */
    public string $said = '';

    public static function get(): self
    {
        return self::$one ??= new self();
    }

    private function __construct()
    {
        $this->folder = rtrim((string) getenv('GESTOR_TEST_GESTOR'), '/');
        $this->look();
        $work = Project::temporaryFolder();
        $this->template = "{$work}/gestor";
        register_shutdown_function(function () use ($work): void {
            Project::run(['rm', '-rf', $work]);
            isset($this->database) && $this->database->drop();
        });
        $this->copy();
        $this->prepare();
    }

    private function look(): void
    {
        foreach (['config.php', 'phinx.php', 'vendor/autoload.php', 'db/migrations', 'autenticacoes.exemplo/dominio/.env'] as $path) {
            if (!file_exists("{$this->folder}/{$path}")) {
                throw new \RuntimeException("GESTOR_TEST_GESTOR names {$this->folder}, which has no {$path}:"
                    . ' name the folder gestor/ of a checkout of Conn2Flow');
            }
        }
        if (is_dir("{$this->folder}/bibliotecas/plugins-native")) {
            throw new \RuntimeException("{$this->folder} has our files in it already: name a checkout as it is published,"
                . ' for its own installer is tried as well');
        }
    }

    private function copy(): void
    {
        Site::must(['cp', '-R', $this->folder, $this->template]);
        foreach (['autenticacoes', 'plugins', 'logs', 'backups', 'temp'] as $made) {
            Site::must(['rm', '-rf', "{$this->template}/{$made}"]);
            mkdir("{$this->template}/{$made}", 0755);
        }
        // Its installer does the same for the domain that it was given.
        Site::must(['cp', '-R', "{$this->template}/autenticacoes.exemplo/dominio", "{$this->template}/autenticacoes/localhost"]);
    }

    private function prepare(): void
    {
        $site = new Site($this->template, null);
        $this->database = $site->database;
        $this->said = $site->update();
        $hash = password_hash(self::PASSWORD, PASSWORD_DEFAULT);
        $site->execute("UPDATE usuarios SET usuario = ?, senha = ? WHERE id = 'administrador'", [self::USER, $hash]);
        $site->removeFiles();
    }
}
