<?php

declare(strict_types=1);

namespace Tests\Real;

use Tests\Database;
use Tests\Project;

/**
 * A site: a gestor of its own with a database of its own, reached as most hosts have it (`localhost`, the socket that
 * PHP's configuration names), owned and run by the web server's user where the tests are root's.
 */
final class Site
{
    public Database $database;
    /** What holds the gestor, PHP's settings and the folder that is served. */
    public string $folder;
    public string $root;
    /** @var array<string, string> what every program of it finds in its environment besides */
    public array $environment = [];
    /** @var ?resource */
    private $server = null;

    /** A site made from the prepared gestor, without our files. */
    public static function published(): self
    {
        $original = Original::get();
        return new self($original->template, $original->database);
    }

    /** A site with our files in it. */
    public static function make(): self
    {
        $site = self::published();
        $site->installOurs();
        return $site;
    }

    public function __construct(string $template, ?Database $like)
    {
        $this->folder = Project::temporaryFolder();
        chmod($this->folder, 0755);
        $this->root = "{$this->folder}/gestor";
        self::must(['cp', '-R', $template, $this->root]);
        $this->database = new Database(false);
        $like === null || $this->fill($like);
        $this->database->connection->exec("CREATE USER IF NOT EXISTS 'gestor'@'localhost' IDENTIFIED BY 'secret'");
        $this->database->connection->exec("GRANT ALL ON {$this->database->name}.* TO 'gestor'@'localhost'");
        $this->settings();
        $this->environment();
        $this->own($this->root);
    }

    private function fill(Database $like): void
    {
        foreach (array_map('current', $like->rows("SHOW TABLES")) as $table) {
            $this->database->connection->exec("CREATE TABLE {$this->database->name}.{$table} LIKE {$like->name}.{$table}");
            $this->database->connection->exec("INSERT INTO {$this->database->name}.{$table} SELECT * FROM {$like->name}.{$table}");
        }
    }

    /** PHP's settings, for every PHP that runs here and those that it starts. */
    private function settings(): void
    {
        mkdir("{$this->folder}/php");
        mkdir("{$this->folder}/tmp");
        $this->own("{$this->folder}/tmp");
        $lines = ['mysqli.default_socket=' . Database::socket(), 'pdo_mysql.default_socket=' . Database::socket(),
            "sys_temp_dir={$this->folder}/tmp", "session.save_path={$this->folder}/tmp", 'ffi.enable=true', 'memory_limit=1536M'];
        if (Project::usesExtension()) {
            // The folder of the project may be closed to the web server's user.
            copy(Project::folder() . '/target/gestor_plugins.so', "{$this->folder}/php/gestor_plugins.so");
            $lines[] = "extension={$this->folder}/php/gestor_plugins.so";
        }
        file_put_contents("{$this->folder}/php/site.ini", implode("\n", $lines) . "\n");
        chmod(dirname((string) Database::socket()), 0711);
    }

    /** What the gestor's installer writes into the settings of the domain: the database, passwords, keys. */
    private function environment(): void
    {
        $domain = "{$this->root}/autenticacoes/localhost";
        $values = ['DB_HOST' => 'localhost', 'DB_DATABASE' => $this->database->name, 'DB_USERNAME' => 'gestor', 'DB_PASSWORD' => 'secret',
            'COOKIE_DOMAIN' => 'localhost', 'COOKIE_SECURE' => 'false', 'OPENSSL_PASSWORD' => 'keys', 'USUARIO_HASH_PASSWORD' => 'hash',
            'URL_RAIZ' => '/', 'LANGUAGE_DEFAULT' => 'pt-br', 'EMAIL_ACTIVE' => 'false', 'USUARIO_RECAPTCHA_ACTIVE' => 'false'];
        $text = (string) file_get_contents("{$domain}/.env");
        foreach ($values as $name => $value) {
            $text = (string) preg_replace("/^{$name}=.*$/m", "{$name}={$value}", $text, -1, $count);
            $text .= $count === 0 ? "\n{$name}={$value}\n" : '';
        }
        file_put_contents("{$domain}/.env", $text);
        $key = openssl_pkey_new(['private_key_bits' => 2048, 'private_key_type' => OPENSSL_KEYTYPE_RSA]);
        openssl_pkey_export($key, $private, 'keys');
        @mkdir("{$domain}/chaves/gestor", 0755, true);
        file_put_contents("{$domain}/chaves/gestor/privada.key", $private);
        file_put_contents("{$domain}/chaves/gestor/publica.key", openssl_pkey_get_details($key)['key']);
    }

    /** Gives a path to the site's user. */
    public function own(string $path): void
    {
        if (posix_getuid() === 0) {
            self::must(['chown', '-R', 'www-data:www-data', $path]);
        }
    }

    /** @return list<string> a command as the site's user runs it */
    private static function asUser(array $command): array
    {
        return posix_getuid() === 0
            ? ['setpriv', '--reuid=www-data', '--regid=www-data', '--clear-groups', '--', ...$command]
            : $command;
    }

    private function variables(): array
    {
        $folder = "{$this->folder}/tmp";
        $own = ['PHP_INI_SCAN_DIR' => ":{$this->folder}/php", 'TMPDIR' => $folder, 'HOME' => $folder];
        $variables = $own + $this->environment + getenv();
        // As installed: our library stands in the gestor.
        unset($variables['GESTOR_PLUGINS_LIB'], $variables['GESTOR_PLUGINS_LANG']);
        return $variables;
    }

    /** @return array{0: int, 1: string, 2: string} of a PHP of the site's user */
    public function php(array $arguments): array
    {
        return Project::run(self::asUser([PHP_BINARY, ...$arguments]), $this->root, $this->variables());
    }

    /**
     * The command line's script, as it stands in this gestor.
     *
     * @return array{0: int, 1: string, 2: string}
     */
    public function cli(array $arguments): array
    {
        return $this->php(["{$this->root}/controladores/plugins/atualizacao-plugin.php", ...$arguments]);
    }

    /**
     * Installs a package; gives the exit code and the report.
     *
     * @return array{0: int, 1: array}
     */
    public function install(string $slug, string $package, string ...$more): array
    {
        return $this->look("--id={$slug}", '--origem_tipo=upload', "--arquivo={$package}", ...$more);
    }

    /**
     * Runs the command line; gives the exit code and the report.
     *
     * @return array{0: int, 1: array}
     */
    public function look(string ...$arguments): array
    {
        [$status, $out, $err] = $this->cli([...$arguments, '--json']);
        $report = json_decode($out, true);
        if (!is_array($report)) {
            throw new \RuntimeException("no report ({$status}): {$out}{$err}");
        }
        return [$status, $report];
    }

    /**
     * Presses the button of its page of plugins, whichever installer stands behind it; gives what the page is answered.
     */
    public function installByPage(Browser $browser, string $slug, string $package): array
    {
        $known = $this->rows('SELECT id FROM plugins WHERE id = ?', [$slug]) !== [];
        // What the page writes when a file is given to it (admin_plugins_adicionar, admin_plugins_editar).
        $known || $this->execute("INSERT INTO plugins (id, nome, status, versao, data_criacao, data_modificacao)"
            . " VALUES (?, ?, 'A', 1, NOW(), NOW())", [$slug, $slug]);
        $this->execute("UPDATE plugins SET origem_tipo = 'arquivo', origem_referencia = ? WHERE id = ?", [basename($package), $slug]);
        return $this->pressOnPage($browser, $slug, $known ? 'atualizar' : 'instalar');
    }

    /** Presses a button of the row of a plugin on its page of plugins; gives what the page is answered. */
    public function pressOnPage(Browser $browser, string $slug, string $button): array
    {
        $browser->signedIn();
        return $browser->ajax('admin-plugins/', 'update', ['acao' => $button, 'id' => $slug]);
    }

    /** The gestor's own update of its database: its migrations and its data. Gives what it printed. */
    public function update(string ...$options): string
    {
        [$status, $out, $err] = $this->php(["{$this->root}/controladores/atualizacoes/atualizacoes-banco-de-dados.php", '--env-dir=localhost', ...$options]);
        if ($status !== 0) {
            throw new \RuntimeException("the gestor's own update ended with {$status}: " . substr($out, -2000) . $err);
        }
        return $out;
    }

    /**
     * A release of the gestor comes in its default mode: its files over those that stand here, its migrations, its data
     * once more over every table (atualizacoes-sistema.php).
     */
    public function updateCore(): void
    {
        $template = Original::get()->template;
        self::must(['sh', '-c', 'cd "$1" && find . -mindepth 1 -maxdepth 1 ! -name autenticacoes -exec cp -R {} "$2" \;', 'sh', $template, $this->root]);
        $this->own($this->root);
        $this->update('--force-all');
    }

    public function installOurs(): void
    {
        $this->ours();
    }

    public function checkOurs(): void
    {
        $this->ours('--check');
    }

    public function undoOurs(): void
    {
        $this->ours('--undo');
    }

    /** The machine's PHP is left alone: this site's settings name the extension. */
    private function ours(string ...$options): string
    {
        [$status, $out, $err] = Project::run(
            [Project::folder() . '/bin/install', $this->root, '--no-extension', ...$options],
            null,
            ['GESTOR_PLUGINS_RECORDS' => "{$this->folder}/records"] + getenv()
        );
        if ($status !== 0) {
            throw new \RuntimeException("bin/install ended with {$status}: {$out}{$err}");
        }
        return $out;
    }

    public function rows(string $sql, array $values = []): array
    {
        $statement = $this->database->connection->prepare($sql);
        $statement->execute($values);
        return $statement->fetchAll(\PDO::FETCH_ASSOC);
    }

    /** @return list<mixed> */
    public function column(string $sql, array $values = []): array
    {
        return array_map(static fn (array $row) => reset($row), $this->rows($sql, $values));
    }

    public function execute(string $sql, array $values = []): int
    {
        $statement = $this->database->connection->prepare($sql);
        $statement->execute($values);
        return $statement->rowCount();
    }

    /**
     * All that a user would miss: the gestor's tree without logs, and every row of every table.
     *
     * @return array{tree: array, rows: array<string, string>}
     */
    public function everything(): array
    {
        $tables = $this->column('SHOW TABLES');
        $rows = [];
        foreach ($tables as $table) {
            $rows[$table] = md5((string) json_encode($this->rows("SELECT * FROM `{$table}` ORDER BY 1"), JSON_PARTIAL_OUTPUT_ON_ERROR));
        }
        $counts = static fn (string $path): bool => !preg_match('~^(logs|temp|backups|plugins/_backups)(/|$)~', $path);
        return ['tree' => array_filter(Project::tree($this->root), $counts, ARRAY_FILTER_USE_KEY), 'rows' => $rows];
    }

    public function log(): string
    {
        return (string) @file_get_contents("{$this->root}/logs/plugins/installer.log");
    }

    /** Serves the gestor on a port of its own. Gives somebody with a browser. */
    public function browse(): Browser
    {
        $public = "{$this->folder}/public";
        mkdir($public);
        $at = var_export("{$this->root}/", true);
        // What its .htaccess and its index.php say.
        file_put_contents("{$public}/index.php", <<<PHP
            <?php
            \$path = ltrim((string) parse_url(\$_SERVER['REQUEST_URI'], PHP_URL_PATH), '/');
            \$_GET['_gestor-caminho'] = \$_REQUEST['_gestor-caminho'] = rawurldecode(\$path);
            \$_SERVER['SERVER_NAME'] = 'localhost';
            \$_INDEX = ['sistemas-dir' => {$at}];
            require {$at} . 'gestor.php';
            PHP);
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr((string) strrchr((string) stream_socket_get_name($socket, false), ':'), 1);
        fclose($socket);
        $log = "{$this->folder}/server.log";
        $command = self::asUser([PHP_BINARY, '-S', "127.0.0.1:{$port}", '-t', $public, "{$public}/index.php"]);
        $streams = [['file', '/dev/null', 'r'], ['file', $log, 'a'], ['file', $log, 'a']];
        $this->server = proc_open($command, $streams, $pipes, $public, $this->variables());
        for ($try = 0; ($connection = @fsockopen('127.0.0.1', $port)) === false; $try++) {
            if ($try === 200) {
                throw new \RuntimeException('the server did not start: ' . @file_get_contents($log));
            }
            usleep(50000);
        }
        fclose($connection);
        return new Browser("http://127.0.0.1:{$port}/", $log);
    }

    public function remove(): void
    {
        if ($this->server !== null) {
            proc_terminate($this->server, SIGTERM);
            proc_close($this->server);
            $this->server = null;
        }
        $this->database->drop();
        $this->removeFiles();
    }

    public function removeFiles(): void
    {
        self::must(['rm', '-rf', $this->folder]);
    }

    /** Runs what must work. */
    public static function must(array $command): string
    {
        [$status, $out, $err] = Project::run($command, null, getenv());
        if ($status !== 0) {
            throw new \RuntimeException(implode(' ', $command) . " ended with {$status}: {$out}{$err}");
        }
        return $out;
    }
}
