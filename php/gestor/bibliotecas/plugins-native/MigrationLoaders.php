<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * A folder with a file for each migration that is to run of another folder, which loads it unless its class is there: this
 * process may have loaded the class from a folder that has been moved since, and PHP takes a class once. One that is there
 * and came from other bytes would run other code than the package's: that is refused. The others are loaded only where one
 * that runs needs their class: they may have been edited since they ran.
 */
final class MigrationLoaders
{
    /** @var array<string, string> what each class was loaded from: SHA-256, by its name */
    private static array $loaded = [];

    private string $folder;
    /** @var array<string, string> files of those that do not run, by their class */
    private array $others = [];

    /** @param array<array-key, string> $wanted those that are to run, by version */
    public function __construct(string $root, string $migrations, array $wanted)
    {
        // Of the site's folder others could move what root has made there, before it is run.
        $isRoot = @fileowner('/proc/self') === 0 || (function_exists('posix_geteuid') && posix_geteuid() === 0);
        $top = !$isRoot && is_writable($root . '/temp') ? $root . '/temp' : sys_get_temp_dir();
        $this->folder = $top . '/migracoes-' . bin2hex(random_bytes(8));
        if (!mkdir($this->folder, 0700)) {
            throw new \RuntimeException(Host::say(
                "não foi possível criar a pasta {$this->folder}: deixe o PHP gravar em {$top}",
                "the folder {$this->folder} could not be made: let PHP write to {$top}"
            ));
        }
        foreach (scandir($migrations) ?: [] as $file) {
            $class = MigrationFile::className($file);
            if ($class !== null && !isset($wanted[MigrationFile::version($file)])) {
                $this->others[strtolower($class)] = $migrations . '/' . $file;
            } elseif ($class !== null) {
                [$name, $path] = [var_export($class, true), var_export($migrations . '/' . $file, true)];
                $code = "<?php if (\\GestorPlugins\\MigrationLoaders::wants({$name}, {$path})) { require {$path}; }\n";
                file_put_contents("{$this->folder}/{$file}", $code);
            }
        }
        spl_autoload_register([$this, 'load']);
    }

    /** Loads a class that stands in the file of a migration that does not run. */
    public function load(string $class): void
    {
        $path = $this->others[strtolower($class)] ?? null;
        if ($path !== null && self::wants($class, $path)) {
            require $path;
        }
    }

    public function folder(): string
    {
        return $this->folder;
    }

    public function remove(): void
    {
        spl_autoload_unregister([$this, 'load']);
        array_map('unlink', glob($this->folder . '/*.php') ?: []);
        rmdir($this->folder);
    }

    /** Whether a class is still to be loaded from a file. */
    public static function wants(string $class, string $path): bool
    {
        $digest = (string) hash_file('sha256', $path);
        if (!class_exists($class, false)) {
            self::$loaded[strtolower($class)] = $digest;
            return true;
        }
        $known = self::$loaded[strtolower($class)] ?? self::digestOf($class);
        if ($known !== $digest) {
            $file = basename($path);
            throw new \RuntimeException(Host::say(
                "a classe {$class} de {$file} já foi carregada neste processo a partir de outro arquivo, e o PHP carrega uma"
                . ' classe uma vez: dê outro nome à migração, ou repita a operação em outro processo (linha de comando)',
                "the class {$class} of {$file} was loaded in this process from another file already, and PHP loads a class"
                . ' once: give the migration another name, or repeat the operation in another process (command line)'
            ));
        }
        return false;
    }

    private static function digestOf(string $class): ?string
    {
        $file = (string) (new \ReflectionClass($class))->getFileName();
        return is_file($file) ? (string) hash_file('sha256', $file) : null;
    }
}
