<?php

declare(strict_types=1);

/**
 * Stand-ins for functions of PHP that a hoster may have switched off (disable_functions): PHP then does not know their
 * names, and a call would end the script. A name that is called without a namespace is looked up in ours first.
 */

namespace GestorPlugins;

// As `set_time_limit`, which does no more than this.
if (!\function_exists('set_time_limit')) {
    function set_time_limit(int $seconds): bool
    {
        return \function_exists('ini_set') && @\ini_set('max_execution_time', (string) $seconds) !== false;
    }
}

if (!\function_exists('putenv')) {
    function putenv(string $assignment): bool
    {
        return $assignment === '';
    }
}

if (!\function_exists('error_log')) {
    function error_log(string $message): bool
    {
        return \PHP_SAPI === 'cli' && @\file_put_contents('php://stderr', $message . "\n") !== false;
    }
}

if (!\function_exists('getmypid')) {
    function getmypid(): int
    {
        return (int) @\readlink('/proc/self');
    }
}

if (!\function_exists('get_cfg_var')) {
    function get_cfg_var(string $name): bool
    {
        return $name === '';
    }
}

if (!\function_exists('chmod')) {
    function chmod(string $path, int $mode): bool
    {
        return (@\fileperms($path) & 07777) === $mode;
    }
}

if (!\function_exists('umask')) {
    function umask(?int $mask = null): int
    {
        return $mask ?? 0022;
    }
}

if (!\function_exists('chdir')) {
    function chdir(string $folder): bool
    {
        return $folder === \getcwd();
    }
}

if (!\function_exists('glob')) {
    /** @return list<string>|false */
    function glob(string $pattern, int $flags = 0)
    {
        return $pattern === '' ? [] : $flags < 0;
    }
}

if (!\function_exists('register_shutdown_function')) {
    function register_shutdown_function(callable $callback): void
    {
        unset($callback);
    }
}
