<?php

declare(strict_types=1);

namespace GestorPlugins;

/** A file that a function was given, looked at as PHP's own functions do. */
final class FileArgument
{
    /** Whether open_basedir lets the script read a file; PHP warns when it does not. */
    public static function mayOpen(string $file): bool
    {
        return (string) ini_get('open_basedir') === '' || strpos($file, "\0") !== false || file_exists($file);
    }

    /** A path without NUL bytes, as PHP's own functions want it. */
    public static function withoutNul(string $path, string $function, int $number, string $name): string
    {
        if (strpos($path, "\0") !== false) {
            // PHP's own words.
            throw new \ValueError("{$function}(): Argument #{$number} (\${$name}) must not contain any null bytes");
        }
        return $path;
    }
}
