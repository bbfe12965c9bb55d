<?php

declare(strict_types=1);

namespace Tests;

/** Asks a page of a gestor through PHP's own web server, through php-fpm, or through Apache with PHP in it. */
final class WebServer
{
    /** @return array<string, mixed> the page's JSON */
    public static function builtIn(GestorTree $gestor, string $page): array
    {
        file_put_contents($gestor->root . '/page.php', $page);
        $port = self::freePort();
        $server = self::start([PHP_BINARY, ...Project::backendOptions(), '-S', "127.0.0.1:{$port}", '-t', $gestor->root], $gestor);
        try {
            self::waitFor(static fn (): bool => ($socket = @fsockopen('127.0.0.1', $port)) !== false && fclose($socket), $gestor);
            $answer = (string) file_get_contents("http://127.0.0.1:{$port}/page.php");
        } finally {
            self::stop($server);
        }
        return self::decoded($answer, $gestor);
    }

    /** @return array<string, mixed> the page's JSON */
    public static function fpm(GestorTree $gestor, string $page): array
    {
        $answers = self::fpmAnswers($gestor, $page, 1);
        return self::decoded($answers[0], $gestor);
    }

    /**
     * Asks the page several times of workers that end after three requests each.
     *
     * @param list<string> $options of php-fpm
     * @param ?list<string> $backend options that bring a backend; those of the one under test unless they are given
     * @return list<string> bodies
     */
    public static function fpmAnswers(GestorTree $gestor, string $page, int $times, array $options = [], ?array $backend = null): array
    {
        file_put_contents($gestor->root . '/page.php', $page);
        $folder = dirname($gestor->root);
        $socket = "{$folder}/fpm.sock";
        if (file_exists($socket)) {
            unlink($socket); // of the server before: this one is there when it has made its own
        }
        file_put_contents("{$folder}/fpm.conf", "[global]\nerror_log = {$folder}/server.log\n[www]\nlisten = {$socket}\npm = static\n"
            . "pm.max_children = 1\npm.max_requests = 3\nclear_env = no\ncatch_workers_output = yes\n"
            . (posix_getuid() === 0 ? "user = root\ngroup = root\n" : ''));
        $program = self::fpmProgram();
        $root = posix_getuid() === 0 ? ['-R'] : [];
        $server = self::start([$program, '-F', ...$root, '-y', "{$folder}/fpm.conf", ...($backend ?? Project::backendOptions()), ...$options], $gestor);
        try {
            self::waitFor(static fn (): bool => file_exists($socket), $gestor);
            $bodies = [];
            for ($number = 0; $number < $times; $number++) {
                [, $out] = Project::run(['cgi-fcgi', '-bind', '-connect', $socket], null, [
                    'SCRIPT_FILENAME' => $gestor->root . '/page.php', 'REQUEST_METHOD' => 'GET', 'QUERY_STRING' => "n={$number}",
                    'PATH' => (string) getenv('PATH'),
                ]);
                $bodies[] = explode("\r\n\r\n", $out, 2)[1] ?? $out;
            }
            return $bodies;
        } finally {
            self::stop($server);
        }
    }

    /** @return array<string, mixed> the page's JSON */
    public static function apache(GestorTree $gestor, string $page): array
    {
        return self::decoded(self::apacheAnswers($gestor, $page, 1)[0], $gestor);
    }

    /**
     * Asks the page several times of an Apache with one worker, which ends after three requests. As root the site is its
     * own user's, as Apache has it.
     *
     * @return list<string> bodies; empty where the worker died
     */
    public static function apacheAnswers(GestorTree $gestor, string $page, int $times, bool $backend = true): array
    {
        file_put_contents($gestor->root . '/page.php', $page);
        $folder = dirname($gestor->root);
        $port = self::freePort();
        $user = posix_getuid() === 0 ? "User www-data\nGroup www-data\n" : '';
        $modules = '/usr/lib/apache2/modules';
        file_put_contents("{$folder}/apache.conf", "ServerRoot {$folder}\nServerName localhost\nListen 127.0.0.1:{$port}\nPidFile {$folder}/apache.pid\n"
            . "ErrorLog {$folder}/server.log\n{$user}LoadModule mpm_prefork_module {$modules}/mod_mpm_prefork.so\n"
            . "LoadModule authz_core_module {$modules}/mod_authz_core.so\nLoadModule php_module " . self::apacheModule() . "\n"
            . "PHPIniDir {$folder}/apache-php\nDefaultRuntimeDir {$folder}\nStartServers 1\nMinSpareServers 1\nMaxSpareServers 1\n"
            . "MaxRequestWorkers 1\nMaxConnectionsPerChild 3\nKeepAlive Off\nDocumentRoot {$gestor->root}\n"
            . "<Directory {$gestor->root}>\nRequire all granted\n</Directory>\n<FilesMatch \\.php$>\nSetHandler application/x-httpd-php\n</FilesMatch>\n");
        self::openToApache($gestor, $backend);
        $program = array_values(array_filter(['/usr/sbin/apache2', '/usr/sbin/httpd'], 'is_executable'))[0] ?? throw new \RuntimeException('Apache is not installed');
        // Apache ends its whole process group when it ends: it gets one of its own.
        $server = self::start(['setsid', $program, '-d', $folder, '-f', "{$folder}/apache.conf", '-D', 'FOREGROUND'], $gestor);
        try {
            self::waitFor(static fn (): bool => ($socket = @fsockopen('127.0.0.1', $port)) !== false && fclose($socket), $gestor);
            return array_map(
                static fn (int $number): string => (string) @file_get_contents("http://127.0.0.1:{$port}/page.php?n={$number}", false, stream_context_create(['http' => ['ignore_errors' => true]])),
                range(0, $times - 1)
            );
        } finally {
            self::stop($server);
        }
    }

    /** PHP's settings for Apache, and the rights that a site has: its files and its way to the database are its user's. */
    private static function openToApache(GestorTree $gestor, bool $backend): void
    {
        $folder = dirname($gestor->root);
        mkdir("{$folder}/apache-php");
        [, $value] = Project::backendOptions();
        file_put_contents("{$folder}/apache-php/php.ini", $backend ? "{$value}\n" : '');
        if (!Project::usesExtension()) {
            copy(Project::environment()['GESTOR_PLUGINS_LIB'], "{$gestor->root}/bibliotecas/plugins-native/libgestor_plugins.so.0");
        }
        if (posix_getuid() === 0) {
            chmod($folder, 0755);
            chmod(dirname((string) Database::socket()), 0711);
            Project::run(['chown', '-R', 'www-data:www-data', $gestor->root]);
        }
    }

    private static function apacheModule(): string
    {
        $version = PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        foreach (["/usr/lib/apache2/modules/libphp{$version}.so", '/usr/lib/apache2/modules/libphp.so'] as $file) {
            if (is_file($file)) {
                return $file;
            }
        }
        throw new \RuntimeException('PHP for Apache is not installed');
    }

    public static function fpmProgram(): string
    {
        $version = PHP_MAJOR_VERSION . '.' . PHP_MINOR_VERSION;
        foreach (["/usr/sbin/php-fpm{$version}", '/usr/sbin/php-fpm', dirname(PHP_BINARY) . '/../sbin/php-fpm'] as $program) {
            if (is_executable($program)) {
                return $program;
            }
        }
        throw new \RuntimeException('php-fpm is not installed');
    }

    /** @return resource */
    private static function start(array $command, GestorTree $gestor)
    {
        $log = dirname($gestor->root) . '/server.log';
        return proc_open($command, [['file', '/dev/null', 'r'], ['file', $log, 'a'], ['file', $log, 'a']], $pipes, $gestor->root, Project::environment());
    }

    /** @param resource $server */
    private static function stop($server): void
    {
        proc_terminate($server, SIGTERM);
        proc_close($server);
    }

    private static function waitFor(callable $ready, GestorTree $gestor): void
    {
        for ($try = 0; $try < 200; $try++) {
            if ($ready()) {
                return;
            }
            usleep(50000);
        }
        throw new \RuntimeException('the server did not start: ' . self::log($gestor));
    }

    private static function decoded(string $answer, GestorTree $gestor): array
    {
        $decoded = json_decode($answer, true);
        if (!is_array($decoded)) {
            throw new \RuntimeException("no JSON: {$answer} " . self::log($gestor));
        }
        return $decoded;
    }

    private static function log(GestorTree $gestor): string
    {
        return (string) @file_get_contents(dirname($gestor->root) . '/server.log');
    }

    public static function freePort(): int
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr((string) strrchr((string) stream_socket_get_name($socket, false), ':'), 1);
        fclose($socket);
        return $port;
    }
}
