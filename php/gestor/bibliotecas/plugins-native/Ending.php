<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * What happens when the process is ended inside our work: by `exit`, a fatal error or a time limit, in config.php, a
 * migration, a callback or a hook. Success is never what is left over: status and report say what became of the operation.
 */
final class Ending
{
    private const CONFIG = 'config';
    private const OPERATION = 'operation';
    private const AFTER = 'after';

    private static ?string $phase = null;
    private static string $slug = '';
    private static bool $tells = true;
    /** Migrations that have not come back. @var Migrations[] */
    private static array $migrations = [];
    /** A child that a callback forked has a copy of all this, and no part in it. */
    private static int $process = 0;
    private static bool $guarded = false;
    /** @var (callable(int, array<string, mixed>): void)|null prints the report of a command line */
    private static $report = null;

    /** @param callable(int, array<string, mixed>): void $report */
    public static function duringConfig(string $slug, callable $report): void
    {
        self::$report = $report;
        self::enter(self::CONFIG, $slug, false);
    }

    public static function duringOperation(string $slug, bool $tells): void
    {
        self::$migrations = [];
        self::enter(self::OPERATION, $slug, $tells);
    }

    public static function afterOperation(): void
    {
        self::$phase = self::AFTER;
    }

    public static function none(): void
    {
        self::$phase = null;
    }

    public static function migrating(Migrations $call, bool $begins): void
    {
        if ($begins) {
            self::$migrations[] = $call;
        } else {
            array_pop(self::$migrations);
        }
    }

    private static function enter(string $phase, string $slug, bool $tells): void
    {
        [self::$phase, self::$slug, self::$tells, self::$process] = [$phase, $slug, $tells, (int) getmypid()];
        if (!self::$guarded) {
            self::$guarded = true;
            register_shutdown_function([self::class, 'atShutdown']);
        }
    }

    /** @internal */
    public static function atShutdown(): void
    {
        $phase = self::$phase;
        if ($phase === null || self::$process !== getmypid()) {
            return;
        }
        self::$phase = null;
        $last = error_get_last();
        $fatal = $last !== null && ($last['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR
            | E_RECOVERABLE_ERROR)) ? "{$last['message']} ({$last['file']}:{$last['line']})" : null;
        $printed = Output::endAll();
        if (self::$migrations !== []) {
            end(self::$migrations)->tell($printed);
        }
        [$code, $report] = self::outcome($phase, $fatal);
        if (self::$report !== null) {
            (self::$report)($code, $report);
        } elseif ($fatal !== null && self::$migrations === []) {
            // A fatal error in a script's own callback ends with PHP's own status, which is no success either.
            return;
        }
        self::leave($code);
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private static function outcome(string $phase, ?string $fatal): array
    {
        $why = $fatal ?? Host::say('o script terminou (exit)', 'the script ended (exit)');
        if ($phase === self::CONFIG) {
            $text = Host::root() . '/config.php: ' . $why . Host::say(
                '; nada foi instalado: verifique o domínio e o seu .env em autenticacoes/',
                '; nothing was installed: check the domain and its .env in autenticacoes/'
            );
            return [PLG_EXIT_PARAMS_OR_FILE, Json::failure(PLG_EXIT_PARAMS_OR_FILE, $text, self::$slug)];
        }
        if ($phase === self::AFTER) {
            Installer::warn(self::$slug, Host::say('depois da instalação, na sincronização dos hooks: ', 'after the installation, while hooks were synchronized: ') . $why);
            $report = (array) Installer::report();
            return [(int) ($report['codigo'] ?? PLG_EXIT_OK), $report];
        }
        if (!extension_loaded('gestor_plugins')) {
            Library::endOpen($fatal === null);
        }
        return self::ofOperation($why, $fatal !== null);
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private static function ofOperation(string $why, bool $isFatal): array
    {
        $report = Installer::report();
        $code = $report['codigo'] ?? ($isFatal ? PLG_EXIT_INTERNAL : PLG_EXIT_CANCELLED);
        $isDone = Installer::isDone($code, (array) $report);
        if (self::$migrations !== [] && !$isDone) {
            $code = PLG_EXIT_MIGRATE;
        } elseif ($isFatal && $code === PLG_EXIT_CANCELLED) {
            $code = PLG_EXIT_INTERNAL;
        }
        $text = $isDone
            ? Host::say('o processo terminou depois da confirmação: ', 'the process ended after the commit: ')
            : ($isFatal
                ? Host::say('erro fatal durante a operação, que foi desfeita: ', 'fatal error during the operation, which was undone: ')
                : Host::say('fim do processo durante a operação, que foi desfeita: ', 'end of the process during the operation, which was undone: '));
        if (self::$migrations !== [] && !$isDone) {
            // A process that ends cannot run them back.
            $why .= Host::say(
                '; as migrações já aplicadas ficam registradas e não serão repetidas',
                '; migrations that had been applied stay recorded and will not run again'
            );
        }
        if (self::$tells) {
            Host::log(self::$slug, $code === PLG_EXIT_OK ? 'WARNING' : 'ERROR', $code === PLG_EXIT_OK ? 'warn' : 'erro', $text . $why);
        }
        if ($isDone && !$isFatal) {
            AfterInstall::run(self::$slug, (array) $report);
        }
        $report = $report ?? Json::failure($code, '', self::$slug);
        $report['codigo'] = $code;
        $report['rotulo'] = plg_exit_code_label($code);
        $report['erros'] = array_values(array_filter($report['erros'], 'strlen'));
        $report[$code === PLG_EXIT_OK ? 'avisos' : 'erros'][] = Host::plain($text . $why);
        return [$code, $report];
    }

    /** `exit` in a shutdown function ends the others: ours comes after all that stand there now. */
    private static function leave(int $code): void
    {
        if (PHP_SAPI === 'cli') {
            register_shutdown_function(static function () use ($code): void {
                exit($code);
            });
        } elseif ($code !== PLG_EXIT_OK && !headers_sent()) {
            http_response_code(500);
        }
    }
}
