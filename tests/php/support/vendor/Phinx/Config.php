<?php

declare(strict_types=1);

namespace Phinx\Config;

/** Stand-in: holds the array, with the folder of its file put in for the placeholder. */
class Config
{
    private array $values;

    public function __construct(array $values, ?string $file = null)
    {
        array_walk_recursive($values, static function (&$value) use ($file): void {
            $value = is_string($value) ? str_replace('%%PHINX_CONFIG_DIR%%', dirname((string) $file), $value) : $value;
        });
        $this->values = $values;
    }

    public function folder(): string
    {
        return $this->values['paths']['migrations'];
    }

    public function environment(string $name): array
    {
        $all = $this->values['environments'];
        return $all[$name] + ['migration_table' => $all['default_migration_table']];
    }
}
