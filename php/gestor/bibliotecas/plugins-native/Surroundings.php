<?php

declare(strict_types=1);

namespace GestorPlugins;

/** What a migration may change of the process around it, to be put back: the installer works on in the same one. */
final class Surroundings
{
    private string $folder;
    private int $umask;
    private int $reporting;
    private string $limit;
    private string $zone;
    /** @var callable|null */
    private $errors;
    /** @var callable|null */
    private $exceptions;

    public function __construct()
    {
        $this->folder = (string) getcwd();
        $this->umask = umask();
        $this->reporting = error_reporting();
        $this->limit = (string) ini_get('max_execution_time');
        $this->zone = date_default_timezone_get();
        $this->errors = self::errorHandler();
        $this->exceptions = self::exceptionHandler();
    }

    public function restore(): void
    {
        if ($this->folder !== '' && getcwd() !== $this->folder) {
            @chdir($this->folder);
        }
        umask($this->umask);
        error_reporting($this->reporting);
        date_default_timezone_set($this->zone);
        if (ini_get('max_execution_time') !== $this->limit) {
            @set_time_limit((int) $this->limit);
        }
        if (self::errorHandler() !== $this->errors) {
            set_error_handler($this->errors);
        }
        if (self::exceptionHandler() !== $this->exceptions) {
            set_exception_handler($this->exceptions);
        }
    }

    /** @return callable|null */
    private static function errorHandler()
    {
        $found = set_error_handler(null);
        restore_error_handler();
        return $found;
    }

    /** @return callable|null */
    private static function exceptionHandler()
    {
        $found = set_exception_handler(null);
        restore_exception_handler();
        return $found;
    }
}
