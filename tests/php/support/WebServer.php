<?php

declare(strict_types=1);

namespace Tests;

/** Asks a page of a gestor through PHP's own web server, or through php-fpm. */
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

    private static function freePort(): int
    {
        $socket = stream_socket_server('tcp://127.0.0.1:0');
        $port = (int) substr((string) strrchr((string) stream_socket_get_name($socket, false), ':'), 1);
        fclose($socket);
        return $port;
    }
}
