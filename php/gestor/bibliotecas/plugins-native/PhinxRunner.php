<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * Runs a plugin's Phinx migrations with the gestor's own Phinx (`vendor/`) and its `phinx.php`.
 *
 * Each plugin has a log table of its own, so that equal versions of two plugins do not collide. What a call applied is
 * told, and undone exactly when asked.
 */
final class PhinxRunner
{
    private const ENVIRONMENT = 'gestor';
    private const TABLE_LENGTH = 64;
    /** Installers of before recorded a migration within these minutes of the plugin's installation. */
    private const GRACE_MINUTES = 10;
    /** Seconds for which a migration waits for who uses a table: those who come after it wait as well. */
    private const LOCK_SECONDS = 10;

    private string $root;
    /** @var array<string, mixed> `db` of the call */
    private array $database;
    /** @var array<string, mixed> what PDO is told of encryption, by Phinx's names */
    private array $encryption;

    /** @param array<string, mixed> $database */
    public function __construct(string $root, array $database)
    {
        $this->root = rtrim($root, '/');
        $this->database = $database;
        $this->encryption = self::encryption($database);
    }

    /**
     * @param array{acao: string, slug: string, pasta: string, migracoes: list<array{versao: string, nome: string}>,
     *     registro?: array{tabela: string, de: ?string, versoes: list<string>}} $call
     * @return array{migracoes: list<array{versao: string, nome: string}>, erro?: string}
     */
    public function __invoke(array $call): array
    {
        $log = new PhinxLog($this->connect(), $call['registro']['tabela'] ?? self::table($call['slug']));
        switch ($call['acao']) {
            case 'pendentes':
                return ['migracoes' => $this->pending($log, $call)];
            case 'migrar':
                return $this->migrate($log, $call);
            case 'desfazer':
                return $this->rollback($log, $call);
            case 'reversiveis':
                return ['migracoes' => self::reversible($call)];
            default:
                $why = Host::say("ação desconhecida {$call['acao']}", "unknown action {$call['acao']}");
                return ['erro' => $why, 'migracoes' => []];
        }
    }

    /** The log table of a plugin, where the library names none: no other plugin's has that name, then. */
    public static function table(string $slug): string
    {
        $table = 'phinxlog_' . str_replace('-', '_', $slug);
        if (strlen($table) <= self::TABLE_LENGTH) {
            return $table;
        }
        return substr($table, 0, self::TABLE_LENGTH - 9) . '_' . substr(sha1($slug), 0, 8);
    }

    /**
     * Migrations of a folder, by version: names as Phinx makes them of file names.
     *
     * @return array<string, string>
     */
    public static function files(string $folder): array
    {
        $found = [];
        foreach (scandir($folder) ?: [] as $file) {
            $class = MigrationFile::className($file);
            if ($class !== null) {
                $found[MigrationFile::version($file)] = $class;
            }
        }
        ksort($found, SORT_NUMERIC);
        return $found;
    }

    /** Those of the migrations named that can be undone, told by their files alone. */
    private static function reversible(array $call): array
    {
        $can = [];
        foreach (scandir($call['pasta']) ?: [] as $file) {
            $class = MigrationFile::className($file);
            if ($class !== null && MigrationFile::isReversible((string) file_get_contents("{$call['pasta']}/{$file}"), $class)) {
                $can[MigrationFile::version($file)] = $class;
            }
        }
        return self::listed(array_intersect_key($can, array_column($call['migracoes'], 'nome', 'versao')));
    }

    private function pending(PhinxLog $log, array $call): array
    {
        $files = self::files($call['pasta']);
        $earlier = $log->recordedByEarlierInstaller($call['slug'], $files, self::GRACE_MINUTES);
        $others = array_fill_keys($call['registro']['versoes'] ?? [], '');
        return self::listed(array_diff_key($files, $log->versions(), $earlier, $others));
    }

    private function migrate(PhinxLog $log, array $call): array
    {
        $files = self::files($call['pasta']);
        $log->takeOver($log->recordedByEarlierInstaller($call['slug'], $files, self::GRACE_MINUTES));
        self::takeOver($log, $call);
        $before = $log->versions();
        $loaders = new MigrationLoaders($this->root, $call['pasta'], array_diff_key($files, $before));
        try {
            $this->manager($loaders->folder(), $log->table())->migrate(self::ENVIRONMENT);
        } catch (\Throwable $fault) {
            $applied = self::listed(array_diff_key($log->versions(), $before));
            return ['erro' => self::describe($fault, $call['pasta']), 'migracoes' => $applied];
        } finally {
            $loaders->remove();
        }
        return ['migracoes' => self::listed(array_diff_key($log->versions(), $before))];
    }

    /**
     * Phinx rolls back to a version, which may be more than this call applied; so it is given a log table that holds
     * nothing else, and rolls back to the beginning.
     */
    private function rollback(PhinxLog $log, array $call): array
    {
        $versions = array_column($call['migracoes'], 'nome', 'versao');
        if ($versions === []) {
            return ['migracoes' => []];
        }
        self::takeOver($log, $call);
        $only = $log->beside();
        try {
            $only->fillFrom($log, $versions);
            return $this->rollbackAll($log, $only, $call, $versions);
        } finally {
            $only->drop();
        }
    }

    /**
     * Rolls back all that a log holds, and strikes it out of the plugin's own.
     *
     * @param array<array-key, string> $versions names by version
     */
    private function rollbackAll(PhinxLog $log, PhinxLog $only, array $call, array $versions): array
    {
        [$failure, $folder] = [null, $call['pasta']];
        $loaders = new MigrationLoaders($this->root, $folder, $versions);
        $watched = isset($call['guardar']) ? $this->watched($call['guardar']) : null;
        try {
            $this->manager($loaders->folder(), $only->table(), $watched)->rollback(self::ENVIRONMENT, 0);
        } catch (\Throwable $fault) {
            $failure = self::describe($fault, $folder);
        } finally {
            $loaders->remove();
        }
        $left = $only->versions();
        $undone = array_diff_key($versions, $left);
        $log->forget(array_map('strval', array_keys($undone)));
        if ($failure === null && $left !== []) {
            $failure = Host::say('o Phinx não desfez ', 'Phinx did not roll back ') . implode(', ', array_keys($left));
        }
        return ['migracoes' => self::listed($undone)] + ($failure === null ? [] : ['erro' => $failure]);
    }

    /** What an earlier release logged in another plugin's table comes into the plugin's own. */
    private static function takeOver(PhinxLog $log, array $call): void
    {
        $from = $call['registro']['de'] ?? null;
        if ($from !== null) {
            $log->moveFrom($from, $call['registro']['versoes']);
        }
    }

    /** @return object a Phinx\Migration\Manager */
    private function manager(string $folder, string $table, ?\PDO $connection = null): object
    {
        $this->loadPhinx();
        $config = $this->configuration();
        $config['paths'] = ['migrations' => $folder] + (array) ($config['paths'] ?? []);
        $environments = (array) ($config['environments'] ?? []);
        $environments['default_migration_table'] = $table;
        $environments['default_environment'] = self::ENVIRONMENT;
        $environments[self::ENVIRONMENT] = ['migration_table' => $table] + $this->environment()
            + (array) ($environments[self::ENVIRONMENT] ?? [])
            + ['mysql_attr_init_command' => 'SET SESSION lock_wait_timeout=' . self::LOCK_SECONDS];
        if ($connection !== null) {
            $environments[self::ENVIRONMENT]['connection'] = $connection;
        }
        if (isset($this->database['socket'])) {
            unset($environments[self::ENVIRONMENT]['port']);
        } else {
            unset($environments[self::ENVIRONMENT]['unix_socket']);
        }
        $config['environments'] = $environments;
        return new \Phinx\Migration\Manager(
            new \Phinx\Config\Config($config, $this->root . '/phinx.php'),
            new \Symfony\Component\Console\Input\ArrayInput([]),
            new \Symfony\Component\Console\Output\BufferedOutput()
        );
    }

    /** Throws where there is none. */
    public function loadPhinx(): void
    {
        $loader = $this->root . '/vendor/autoload.php';
        if (!class_exists(\Phinx\Migration\Manager::class) && is_file($loader)) {
            require_once $loader;
        }
        if (!class_exists(\Phinx\Migration\Manager::class)) {
            throw new \RuntimeException(Host::say(
                "o Phinx não foi encontrado em {$this->root}/vendor: instale robmorgan/phinx ali, ou instale o plugin sem"
                . ' as migrações dele (--no-migrations, `no_migrations`)',
                "Phinx was not found in {$this->root}/vendor: install robmorgan/phinx there, or install the plugin"
                . ' without its migrations (--no-migrations, `no_migrations`)'
            ));
        }
    }

    /**
     * What the gestor's phinx.php says; it reads the globals of config.php.
     *
     * @SuppressWarnings(PHPMD.UnusedLocalVariable)
     */
    private function configuration(): array
    {
        global $_GESTOR, $_BANCO, $_CONFIG;

        $file = $this->root . '/phinx.php';
        $config = is_file($file) ? include $file : [];
        return is_array($config) ? $config : [];
    }

    /** @return array<string, mixed> */
    private function environment(): array
    {
        $database = $this->database;
        $environment = [
            'adapter' => 'mysql',
            'host' => (string) ($database['host'] ?? 'localhost'),
            'name' => (string) ($database['nome'] ?? ''),
            'user' => (string) ($database['usuario'] ?? ''),
            'pass' => (string) ($database['senha'] ?? ''),
            'charset' => 'utf8mb4',
        ];
        return isset($database['socket'])
            ? $environment + ['unix_socket' => (string) $database['socket']]
            : $environment + ['port' => (int) ($database['port'] ?? 3306) ?: 3306] + $this->encryption;
    }

    /**
     * `db.tls` and `db.ca` of a call, as PDO is told of them. It encrypts where it is given anything that TLS needs: the
     * ciphers stand for that alone.
     *
     * @param array<string, mixed> $database
     * @return array<string, mixed>
     */
    private static function encryption(array $database): array
    {
        $authorities = (string) ($database['ca'] ?? '');
        $word = (string) ($database['tls'] ?? '') ?: ($authorities === '' ? 'off' : 'verify');
        if (isset($database['socket']) || $word === 'off') {
            return [];
        }
        $told = ['mysql_attr_ssl_cipher' => 'DEFAULT', 'mysql_attr_ssl_verify_server_cert' => $word === 'verify'];
        return $authorities === '' ? $told : $told + ['mysql_attr_ssl_ca' => $authorities];
    }

    /** PDO knows no `preferred`: what cannot be had encrypted is tried without, and Phinx is told what came of it. */
    private function connect(): \PDO
    {
        try {
            return $this->open();
        } catch (\PDOException $fault) {
            if (($this->database['tls'] ?? '') !== 'preferred' || $this->encryption === []) {
                throw $fault;
            }
            $this->encryption = [];
            return $this->open();
        }
    }

    /** @param array{pasta: string, partes: list<array<string, mixed>>} $tables */
    private function watched(array $tables): WatchedConnection
    {
        /** @var WatchedConnection $connection */
        $connection = $this->open(WatchedConnection::class);
        $connection->exec('SET SESSION lock_wait_timeout=' . self::LOCK_SECONDS);
        $connection->watch(new LateRows($tables));
        return $connection;
    }

    /** @param class-string<\PDO> $class */
    private function open(string $class = \PDO::class): \PDO
    {
        $database = $this->environment();
        $place = isset($database['unix_socket'])
            ? "unix_socket={$database['unix_socket']}"
            : "host={$database['host']};port={$database['port']}";
        return new $class(
            "mysql:{$place};dbname={$database['name']};charset=utf8mb4",
            $database['user'],
            $database['pass'],
            [\PDO::ATTR_ERRMODE => \PDO::ERRMODE_EXCEPTION] + $this->attributes()
        );
    }

    /**
     * What PDO is told of encryption, by its own numbers, which have other names from PHP 8.4 on.
     *
     * @return array<int, mixed>
     */
    private function attributes(): array
    {
        $attributes = [];
        foreach ($this->encryption as $name => $value) {
            $name = strtoupper($name);
            $name = class_exists('Pdo\Mysql', false) ? 'Pdo\Mysql::' . substr($name, strlen('MYSQL_')) : "PDO::{$name}";
            $attributes[(int) constant($name)] = $value;
        }
        return $attributes;
    }

    /**
     * @param array<array-key, string> $migrations names by version
     * @return list<array{versao: string, nome: string}>
     */
    private static function listed(array $migrations): array
    {
        ksort($migrations, SORT_NUMERIC);
        $listed = [];
        foreach ($migrations as $version => $name) {
            $listed[] = ['versao' => (string) $version, 'nome' => $name];
        }
        return $listed;
    }

    /** What went wrong, and the line of the migration that asked for it. */
    private static function describe(\Throwable $fault, string $folder): string
    {
        $place = '';
        foreach ([['file' => $fault->getFile(), 'line' => $fault->getLine()], ...$fault->getTrace()] as $step) {
            if (dirname($step['file'] ?? '') === $folder) {
                $place = ' (' . basename($step['file']) . ':' . ($step['line'] ?? 0) . ')';
                break;
            }
        }
        return get_class($fault) . ': ' . $fault->getMessage() . $place;
    }
}
