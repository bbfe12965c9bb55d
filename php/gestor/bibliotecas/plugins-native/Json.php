<?php

declare(strict_types=1);

namespace GestorPlugins;

/** Values across the C boundary. Texts that are no UTF-8 travel as {"$hex": "…"}. */
final class Json
{
    private const DEPTH = 16;

    /** @param array<string, mixed> $value */
    public static function encode(array $value): string
    {
        return json_encode(
            $value,
            JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_PRESERVE_ZERO_FRACTION
            | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PARTIAL_OUTPUT_ON_ERROR
        ) ?: '{}';
    }

    /**
     * A value that JSON can hold.
     *
     * @param mixed $value
     * @return mixed
     */
    public static function portable($value, string $key, int $depth = self::DEPTH)
    {
        if (is_string($value)) {
            return preg_match('//u', $value) ? $value : ['$hex' => bin2hex($value)];
        }
        if (is_object($value) || is_resource($value)) {
            $found = is_object($value) ? 'object' : 'resource';
            throw new \TypeError(Host::say(
                "o parâmetro `{$key}` deve ser do tipo array|string|int|float|bool|null, e veio {$found}",
                "parameter `{$key}` must be of type array|string|int|float|bool|null, {$found} given"
            ));
        }
        if (!is_array($value)) {
            return $value;
        }
        if ($depth < 0) {
            throw new \ValueError(Host::say(
                "o parâmetro `{$key}` é \"array\"; permitido: no máximo " . self::DEPTH . ' níveis',
                "parameter `{$key}` is \"array\"; allowed: at most " . self::DEPTH . ' levels'
            ));
        }
        $portable = [];
        foreach ($value as $name => $item) {
            $path = $key === '' ? (string) $name : "{$key}.{$name}";
            $portable[is_string($name) ? self::utf8($name) : $name] = self::portable($item, $path, $depth - 1);
        }
        return $portable;
    }

    /**
     * The way back: `{"$hex": "…"}` becomes a text.
     *
     * @param mixed $value
     * @return mixed
     */
    public static function native($value)
    {
        if (!is_array($value)) {
            return $value;
        }
        if (array_keys($value) === ['$hex'] && is_string($value['$hex'])) {
            return (string) hex2bin($value['$hex']);
        }
        return array_map([self::class, 'native'], $value);
    }

    /** Why an operation without a report is told as one. */
    public static function noReport(): string
    {
        return Host::say('a operação não deu relatório', 'the operation gave no report');
    }

    /**
     * The report of an operation that could not begin.
     *
     * @return array<string, mixed>
     */
    public static function failure(int $code, string $reason, string $slug = ''): array
    {
        return [
            'codigo' => $code, 'rotulo' => plg_exit_code_label($code), 'slug' => $slug, 'versao_anterior' => null,
            'versao' => null, 'origem' => null, 'checksum' => null, 'inalterado' => false, 'dry_run' => false,
            'tabelas' => [], 'arquivos' => ['novos' => 0, 'alterados' => 0, 'removidos' => 0], 'modulos' => [],
            'migracoes' => [], 'avisos' => [], 'erros' => [$reason], 'backup' => null, 'duracao_ms' => [],
        ];
    }

    private static function utf8(string $text): string
    {
        return preg_match('//u', $text) ? $text : (string) json_decode(
            json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE) ?: '""'
        );
    }
}
