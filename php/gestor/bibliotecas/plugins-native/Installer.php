<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * One call of the native installer from a gestor: adds what the host knows, runs it, and does afterwards what only
 * PHP can do. What is installed, and how, is decided by the native library alone.
 */
final class Installer
{
    /** Slug of the operation that is running. */
    private static ?string $running = null;
    private static bool $guarded = false;
    /** @var string[] warnings of this side, which the native report does not have */
    private static array $warnings = [];
    /** @var array<string, mixed>|null report of a call that was wrong */
    private static ?array $wrong = null;
    /** The status that a command line ends with when a fatal error strikes. */
    private static ?int $fatalStatus = null;

    /**
     * Installs a plugin; gives an exit code. A call that is wrong is code 10, told in log and report.
     *
     * @param array<string, mixed> $params as `plugin_install`; null is absent; `id` is `slug`
     */
    public static function process(array $params, ?callable $progress = null): int
    {
        $params = self::complete($params);
        $slug = is_scalar($params['slug'] ?? null) ? (string) $params['slug'] : '';
        self::$warnings = [];
        DropIn::tell($slug, empty($params['dry_run']));
        self::watch($slug);
        try {
            $code = plugin_install($params, $progress);
        } catch (\TypeError | \ValueError $fault) {
            // What a callback threw is its caller's; a wrong call is thrown from here.
            if (strncmp($fault->getFile(), __DIR__ . '/', strlen(__DIR__) + 1) !== 0) {
                throw $fault;
            }
            return self::wrongCall($slug, $fault->getMessage());
        } finally {
            self::$running = null;
        }
        if ($code === PLG_EXIT_OK && empty($params['dry_run'])) {
            AfterInstall::run($slug, (array) plugin_report());
        } elseif ($code !== PLG_EXIT_OK && !self::isNative()) {
            self::tellUnavailable($slug);
        }
        return $code;
    }

    /** The report, with the warnings of this side. */
    public static function report(): ?array
    {
        $report = self::$wrong ?? plugin_report();
        if ($report !== null && self::$warnings !== []) {
            $report['avisos'] = array_merge($report['avisos'] ?? [], self::$warnings);
        }
        return $report;
    }

    public static function warn(string $slug, string $text, bool $withLog = true): void
    {
        self::$warnings[] = $text;
        if ($withLog) {
            Host::log($slug, 'WARNING', 'warn', $text);
        }
    }

    /** Only for a command line: the process status after a fatal error. */
    public static function exitOnFatal(int $status): void
    {
        self::$fatalStatus = $status;
    }

    private static function complete(array $params): array
    {
        self::$wrong = null;
        $params = array_filter($params, static fn ($value): bool => $value !== null);
        if (isset($params['id']) && !isset($params['slug'])) {
            $params['slug'] = $params['id'];
        }
        unset($params['id']);
        $params += Host::parameters();
        if (!array_key_exists('migracoes', $params)) {
            [$root, $database] = [(string) $params['raiz'], (array) ($params['db'] ?? [])];
            // Made when it is called: most packages have no migrations.
            $params['migracoes'] = static fn (array $call): array => (new PhinxRunner($root, $database))($call);
        }
        self::lendToken($params['cred_ref'] ?? null);
        return $params;
    }

    /** A token that the gestor loaded into $_ENV alone is put where the native library reads it. */
    private static function lendToken($name): void
    {
        if (!is_string($name) || !preg_match('/^[A-Za-z0-9_]{1,64}$/', $name)) {
            return;
        }
        $variable = 'PLUGIN_TOKEN_' . strtoupper($name);
        if (getenv($variable, true) === false && is_string($_ENV[$variable] ?? null)) {
            putenv($variable . '=' . $_ENV[$variable]);
        }
    }

    private static function wrongCall(string $slug, string $reason): int
    {
        self::$wrong = Json::failure(PLG_EXIT_PARAMS_OR_FILE, $reason, $slug);
        Host::log($slug, 'ERROR', 'erro', $reason);
        return PLG_EXIT_PARAMS_OR_FILE;
    }

    private static function isNative(): bool
    {
        if (extension_loaded('gestor_plugins')) {
            return true;
        }
        try {
            Library::get();
            return true;
        } catch (Unavailable $fault) {
            return false;
        }
    }

    private static function tellUnavailable(string $slug): void
    {
        foreach (plugin_report()['erros'] ?? [] as $reason) {
            Host::log($slug, 'ERROR', 'erro', $reason);
            if (PHP_SAPI !== 'cli') {
                error_log("gestor-plugins: {$reason}");
            }
        }
    }

    /** A fatal error returns no code: then this tells. */
    private static function watch(string $slug): void
    {
        self::$running = $slug;
        if (self::$guarded) {
            return;
        }
        self::$guarded = true;
        register_shutdown_function(static function (): void {
            $fatal = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;
            $last = error_get_last();
            if (self::$running === null || $last === null || !($last['type'] & $fatal)) {
                return;
            }
            $text = Host::say('erro fatal durante a operação, que foi desfeita: ', 'fatal error during the operation, which was undone: ')
                . "{$last['message']} ({$last['file']}:{$last['line']})";
            Host::log(self::$running, 'ERROR', 'erro', $text);
            if (self::$fatalStatus !== null) {
                exit(self::$fatalStatus);
            }
        });
    }
}
