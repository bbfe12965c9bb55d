<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * One call of the native installer from a gestor: adds what the host knows, runs it, and does afterwards what only
 * PHP can do. What is installed, and how, is decided by the native library alone.
 */
final class Installer
{
    /** Functions after which a plugin's files are not there any more, or are there again. */
    private const MOVING = ['plugin_uninstall', 'plugin_restore', 'plugin_disable', 'plugin_enable'];

    /** @var string[] warnings of this side, which the native report does not have */
    private static array $warnings = [];

    /**
     * Installs a plugin; gives an exit code. A call that is wrong is code 10, told in log and report
     * (the native library keeps that report).
     *
     * @param array<string, mixed> $params as `plugin_install`; null is absent; `id` is `slug`
     */
    public static function process(array $params, ?callable $progress = null): int
    {
        $params = self::complete($params);
        $slug = is_scalar($params['slug'] ?? null) ? (string) $params['slug'] : '';
        self::$warnings = [];
        DropIn::tell($slug, empty($params['dry_run']));
        Ending::duringOperation($slug, empty($params['dry_run']));
        try {
            $code = plugin_install($params, $progress);
            Ending::afterOperation();
        } catch (\TypeError | \ValueError $fault) {
            // What a callback threw is its caller's; a wrong call is thrown from here.
            Ending::none();
            if (strncmp($fault->getFile(), __DIR__ . '/', strlen(__DIR__) + 1) !== 0) {
                throw $fault;
            }
            return self::wrongCall($slug, $fault->getMessage());
        } catch (\Throwable $fault) {
            Ending::none();
            throw $fault;
        }
        $report = (array) plugin_report();
        if (self::isDone($code, $report) && empty($params['dry_run'])) {
            AfterInstall::run($slug, $report);
        } elseif ($code !== PLG_EXIT_OK && !self::isNative()) {
            self::tellUnavailable($slug);
        }
        Ending::none();
        return $code;
    }

    /**
     * Runs a native function that gives its report: of what is installed, or a decision. A call that is wrong is code 10.
     *
     * @param array<string, mixed> $params as the function's; null is absent; `id` is `slug`
     * @return array<string, mixed>
     */
    public static function look(string $function, array $params, ?callable $progress = null): array
    {
        $offered = Catalogue::OPERATIONS[$function];
        $params = self::complete($params, $function);
        self::$warnings = [];
        if (in_array($function, self::MOVING, true) || $function === 'plugin_install_many') {
            Ending::duringOperation(is_scalar($params['slug'] ?? null) ? (string) $params['slug'] : '', empty($params['dry_run']));
        }
        try {
            $given = $function($params, ...($progress === null || $offered['gives'] !== 'int' ? [] : [$progress]));
        } catch (\TypeError | \ValueError $fault) {
            return plugin_report() ?? Json::failure(PLG_EXIT_PARAMS_OR_FILE, $fault->getMessage());
        } finally {
            Ending::none();
        }
        $report = is_array($given) ? $given : (plugin_report() ?? Json::failure($given, Json::noReport()));
        self::after($function, $params, $report);
        $report['avisos'] = array_merge($report['avisos'] ?? [], self::$warnings);
        return $report;
    }

    /**
     * Whether it is done and stays so: also where something that came after it failed.
     *
     * @param array<string, mixed> $report
     */
    public static function isDone(int $code, array $report): bool
    {
        return $code === PLG_EXIT_OK || ($report['confirmado'] ?? false) === true;
    }

    /**
     * What only PHP can do, of each plugin that was put back or updated.
     *
     * @param array<string, mixed> $params
     * @param array<string, mixed> $report
     */
    private static function after(string $function, array $params, array $report): void
    {
        $parts = [];
        if ($function === 'plugin_install_many' && !empty($report['confirmado'])) {
            $parts = array_filter($report['plugins'] ?? [], static fn (array $part): bool => empty($part['inalterado']));
        } elseif ($function === 'plugin_update_all' && empty($params['dry_run'])) {
            $parts = array_filter($report['plugins'] ?? [], static fn (array $part): bool => self::isDone($part['codigo'], $part));
        } elseif ($function === 'plugin_rollback' && empty($params['dry_run']) && !empty($report['confirmado'])) {
            $parts = [$report];
        } elseif ($function === 'plugin_update_run') {
            $done = array_merge($report['aplicadas'] ?? [], $report['revertidas'] ?? [], $report['repostos'] ?? []);
            $parts = array_filter($done, static fn (array $part): bool => $part['codigo'] === PLG_EXIT_OK);
            Digest::deliver($report, $params);
        } elseif ($function === 'plugin_verify' && !empty($params['reparar'])) {
            $parts = $report['verificados'] ?? [$report];
        } elseif (in_array($function, self::MOVING, true) && ($report['confirmado'] ?? false) === true) {
            foreach ([$report, ...($report['plugins'] ?? [])] as $part) {
                AfterInstall::forgetOpcodes((string) ($part['slug'] ?? ''), $part);
            }
        }
        foreach ($parts as $part) {
            AfterInstall::run((string) ($part['slug'] ?? ''), $part);
        }
    }

    /** What a call says: null is absent, and `id` is `slug`. */
    public static function said(array $params): array
    {
        $params = array_filter($params, static fn ($value): bool => $value !== null);
        $params += isset($params['id']) ? ['slug' => $params['id']] : [];
        unset($params['id']);
        return $params;
    }

    /** The parameters of a call with what the host knows, as far as the function takes it. */
    private static function named(array $params, string $function): array
    {
        $params = self::said($params);
        $takes = Catalogue::OPERATIONS[$function]['takes'];
        $params += array_intersect_key(Host::parameters(), array_flip($takes));
        return in_array('migracoes', $takes, true) ? self::migrating($params) : $params;
    }

    /** The report, with the warnings of this side. */
    public static function report(): ?array
    {
        $report = plugin_report();
        if ($report !== null && self::$warnings !== []) {
            $report['avisos'] = array_merge($report['avisos'] ?? [], self::$warnings);
        }
        return $report;
    }

    public static function warn(string $slug, string $text, bool $withLog = true): void
    {
        self::$warnings[] = Host::plain($text);
        if ($withLog) {
            Host::log($slug, 'WARNING', 'warn', $text);
        }
    }

    private static function complete(array $params, string $function = 'plugin_install'): array
    {
        if ($function === 'plugin_diff') {
            $params['dry_run'] = true;
        }
        $params = self::named($params, $function);
        self::lendToken($params['cred_ref'] ?? null);
        if (strncmp((string) (is_scalar($params['origem_tipo'] ?? null) ? $params['origem_tipo'] : ''), 'github', 6) === 0
            && ($params['cred_ref'] ?? '') === '') {
            self::lendAll();
        }
        if ($function === 'plugin_install_many') {
            $params = Batch::named($params);
            foreach (is_array($params['pacotes'] ?? null) ? $params['pacotes'] : [] as $package) {
                self::lendToken(is_array($package) ? ($package['cred_ref'] ?? null) : null);
            }
        }
        if ($function === 'plugin_update_all') {
            self::lendAll();
        }
        return $params;
    }

    /** The parameters with what runs migrations. */
    private static function migrating(array $params): array
    {
        if (!array_key_exists('migracoes', $params)) {
            [$root, $database] = [(string) $params['raiz'], (array) ($params['db'] ?? [])];
            // Made when it is called: most packages have no migrations.
            $params['migracoes'] = static fn (array $call): array => (new PhinxRunner($root, $database))($call);
        }
        if (is_callable($params['migracoes'] ?? null)) {
            $slug = is_scalar($params['slug'] ?? null) ? (string) $params['slug'] : '';
            $secret = $params['db']['senha'] ?? '';
            $secret = is_string($secret) ? $secret : '';
            $params['migracoes'] = new Migrations($params['migracoes'], $slug, $secret, empty($params['dry_run']));
        }
        return $params;
    }

    /** Which of them is asked for stands in the plugins' rows. */
    private static function lendAll(): void
    {
        foreach (preg_grep('/^PLUGIN_TOKEN_/', array_keys($_ENV)) ?: [] as $variable) {
            self::lendToken(substr((string) $variable, strlen('PLUGIN_TOKEN_')));
        }
    }

    /** A token that the gestor loaded into $_ENV alone is put where the native library reads it. */
    private static function lendToken($name): void
    {
        $name = is_string($name) && strncmp($name, 'env:', 4) === 0 ? substr($name, 4) : $name;
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
}
