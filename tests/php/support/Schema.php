<?php

declare(strict_types=1);

namespace Tests;

/**
 * Holds a report against schemas/report.schema.json: so much of JSON Schema as stands there, and no word more, so that
 * nothing there is passed over. The Rust tests do the same with a whole validator.
 */
final class Schema
{
    private const SILENT = ['$schema', '$id', '$defs', 'title', 'description'];

    private \stdClass $whole;

    public function __construct()
    {
        $text = (string) file_get_contents(Project::folder() . '/schemas/report.schema.json');
        $this->whole = json_decode($text, false, 64, JSON_THROW_ON_ERROR);
    }

    /** @return list<string> what is wrong with a report as it was written */
    public function faults(string $json): array
    {
        return $this->look(json_decode($json, false, 64, JSON_THROW_ON_ERROR), $this->whole, '');
    }

    /**
     * @param mixed $value
     * @return list<string>
     */
    private function look($value, \stdClass $schema, string $at): array
    {
        $faults = [];
        foreach ((array) $schema as $word => $said) {
            if (!in_array($word, self::SILENT, true)) {
                $faults[] = $this->{'word_' . ltrim($word, '$')}($value, $said, $at, $schema);
            }
        }
        return array_merge([], ...$faults);
    }

    /** @return list<string> */
    private static function unless(bool $fits, string $at, string $why): array
    {
        return $fits ? [] : ["{$at}: {$why}"];
    }

    private function word_ref($value, string $name, string $at): array
    {
        return $this->look($value, $this->whole->{'$defs'}->{substr($name, 8)}, $at);
    }

    private function word_oneOf($value, array $choices, string $at): array
    {
        $found = array_map(fn (\stdClass $choice): array => $this->look($value, $choice, $at), $choices);
        $fitting = count(array_filter($found, static fn (array $faults): bool => $faults === []));
        return self::unless($fitting === 1, $at, "fits {$fitting} of " . json_encode($found));
    }

    private function word_anyOf($value, array $choices, string $at): array
    {
        $found = array_map(fn (\stdClass $choice): array => $this->look($value, $choice, $at), $choices);
        return self::unless(in_array([], $found, true), $at, 'fits none of ' . json_encode($found));
    }

    private function word_type($value, $types, string $at): array
    {
        $names = ['object' => 'object', 'array' => 'array', 'string' => 'string', 'integer' => 'integer', 'boolean' => 'boolean', 'NULL' => 'null', 'double' => 'number'];
        return self::unless(in_array($names[gettype($value)], (array) $types, true), $at, 'type ' . gettype($value));
    }

    private function word_const($value, $wanted, string $at): array
    {
        return self::unless($value === $wanted, $at, 'is not ' . json_encode($wanted));
    }

    private function word_enum($value, array $wanted, string $at): array
    {
        return self::unless(in_array($value, $wanted, true), $at, json_encode($value) . ' is none of ' . json_encode($wanted));
    }

    private function word_minimum($value, int $least, string $at): array
    {
        return self::unless(!is_int($value) || $value >= $least, $at, 'is too small');
    }

    private function word_pattern($value, string $pattern, string $at): array
    {
        return self::unless(!is_string($value) || preg_match("/{$pattern}/", $value) === 1, $at, 'does not match');
    }

    private function word_minItems($value, int $least, string $at): array
    {
        return self::unless(!is_array($value) || count($value) >= $least, $at, 'has too few');
    }

    private function word_maxItems($value, int $most, string $at): array
    {
        return self::unless(!is_array($value) || count($value) <= $most, $at, 'has too many');
    }

    private function word_items($value, \stdClass $schema, string $at): array
    {
        $faults = [];
        foreach (is_array($value) ? $value : [] as $number => $item) {
            $faults[] = $this->look($item, $schema, "{$at}/{$number}");
        }
        return array_merge([], ...$faults);
    }

    private function word_required($value, array $names, string $at): array
    {
        $missing = is_object($value) ? array_diff($names, array_keys((array) $value)) : [];
        return self::unless($missing === [], $at, 'lacks ' . implode(', ', $missing));
    }

    private function word_properties($value, \stdClass $known, string $at): array
    {
        $faults = [];
        foreach (is_object($value) ? (array) $value : [] as $name => $item) {
            if (property_exists($known, (string) $name)) {
                $faults[] = $this->look($item, $known->{$name}, "{$at}/{$name}");
            }
        }
        return array_merge([], ...$faults);
    }

    private function word_propertyNames($value, \stdClass $schema, string $at): array
    {
        $faults = [];
        foreach (is_object($value) ? array_keys((array) $value) : [] as $name) {
            $faults[] = $this->look((string) $name, $schema, "{$at}/{$name}");
        }
        return array_merge([], ...$faults);
    }

    private function word_additionalProperties($value, $said, string $at, \stdClass $around): array
    {
        $more = is_object($value) ? array_diff_key((array) $value, (array) ($around->properties ?? [])) : [];
        if ($said === false) {
            return self::unless($more === [], $at, 'has ' . implode(', ', array_keys($more)) . ' as well');
        }
        $faults = [];
        foreach ($more as $name => $item) {
            $faults[] = $this->look($item, $said, "{$at}/{$name}");
        }
        return array_merge([], ...$faults);
    }
}
