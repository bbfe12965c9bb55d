<?php

declare(strict_types=1);

namespace Tests;

/** Where things stand, and how a PHP of the same backend is started. */
final class Project
{
    public static function folder(): string
    {
        return dirname(__DIR__, 3);
    }

    public static function usesExtension(): bool
    {
        return extension_loaded('gestor_plugins');
    }

    /** Options of a PHP with the backend under test. */
    public static function backendOptions(): array
    {
        return self::usesExtension()
            ? ['-d', 'extension=' . self::folder() . '/target/gestor_plugins.so']
            : ['-d', 'ffi.enable=true'];
    }

    public static function environment(array $more = []): array
    {
        $environment = getenv();
        if (!self::usesExtension() && !isset($environment['GESTOR_PLUGINS_LIB'])) {
            $environment['GESTOR_PLUGINS_LIB'] = self::folder() . '/target/libgestor_plugins.so';
        }
        return $more + $environment;
    }

    /**
     * Runs a program to its end.
     *
     * @param list<string> $command
     * @return array{0: int, 1: string, 2: string} status, standard output, standard error
     */
    public static function run(array $command, ?string $folder = null, ?array $environment = null, string $input = ''): array
    {
        [$out, $err] = [tmpfile(), tmpfile()];
        $process = proc_open($command, [['pipe', 'r'], $out, $err], $pipes, $folder, $environment ?? self::environment());
        fwrite($pipes[0], $input);
        fclose($pipes[0]);
        $status = proc_close($process);
        rewind($out);
        rewind($err);
        return [$status, (string) stream_get_contents($out), (string) stream_get_contents($err)];
    }

    /** Runs a PHP of the same backend. */
    public static function php(array $arguments, ?array $environment = null, ?string $folder = null): array
    {
        return self::run([PHP_BINARY, ...self::backendOptions(), ...$arguments], $folder, $environment);
    }

    /**
     * A command of the shell on a terminal of its own. A root that was only just made may have no terminals to give: there
     * root makes some, for this command alone.
     *
     * @return list<string>
     */
    public static function onTerminal(string $command): array
    {
        $script = ['script', '-qec', $command, '/dev/null'];
        return file_exists('/dev/pts/ptmx') || posix_geteuid() !== 0
            ? $script
            : ['unshare', '--mount', '--propagation', 'unchanged', 'sh', '-c',
                'mount --make-private /dev; mount -t devpts -o ptmxmode=0666 devpts /dev/pts && exec "$@"', 'sh', ...$script];
    }

    public static function temporaryFolder(): string
    {
        $folder = sys_get_temp_dir() . '/gp' . bin2hex(random_bytes(6));
        mkdir($folder, 0700);
        return $folder;
    }

    public static function remove(string $path): void
    {
        if (is_dir($path) && !is_link($path)) {
            foreach (array_diff(scandir($path) ?: [], ['.', '..']) as $name) {
                self::remove("{$path}/{$name}");
            }
            rmdir($path);
        } elseif (file_exists($path) || is_link($path)) {
            unlink($path);
        }
    }

    /** Contents of a tree by path; folders are null. */
    public static function tree(string $folder): array
    {
        $found = [];
        $walk = new \RecursiveIteratorIterator(
            new \RecursiveDirectoryIterator($folder, \FilesystemIterator::SKIP_DOTS),
            \RecursiveIteratorIterator::SELF_FIRST
        );
        foreach ($walk as $entry) {
            $path = substr($entry->getPathname(), strlen($folder) + 1);
            $found[$path] = $entry->isDir() ? null : md5_file($entry->getPathname());
        }
        ksort($found);
        return $found;
    }
}
