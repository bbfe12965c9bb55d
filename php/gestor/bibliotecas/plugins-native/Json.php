<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * Values across the C boundary. What JSON cannot say travels as {"$hex": "…"} (a text that is no UTF-8), {"$float": "…"}
 * (the bytes of a number), and {"$map": {…}} (an array that only looks like one of these).
 */
final class Json
{
    private const DEPTH = 16;
    private const SIGNS = ['$hex', '$float', '$map'];
    /** What is a map in a report, also when it is empty. */
    private const MAPS = ['tabelas', 'duracao_ms'];

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
     * @param ?string $key its name in an error; null for the parameters themselves
     * @param mixed $value
     * @return mixed
     */
    public static function portable($value, ?string $key, int $depth = self::DEPTH)
    {
        if (is_string($value)) {
            return preg_match('//u', $value) ? $value : ['$hex' => bin2hex($value)];
        }
        if (is_float($value)) {
            // Every bit of it, INF and NAN too, whatever `serialize_precision` says.
            return ['$float' => bin2hex(pack('E', $value))];
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
            $name = is_string($name) ? self::utf8($name) : $name;
            $path = $key === null ? (string) $name : "{$key}.{$name}";
            $portable[$name] = self::portable($item, $path, $depth - 1);
        }
        return count($value) === 1 && in_array(key($value), self::SIGNS, true) ? ['$map' => $portable] : $portable;
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
     * A report to be written as JSON.
     *
     * @param array<string, mixed> $report
     * @return array<string, mixed>
     */
    public static function report(array $report): array
    {
        foreach (self::MAPS as $key) {
            if (is_array($report[$key] ?? null)) {
                $report[$key] = (object) $report[$key];
            }
        }
        foreach ($report['plugins'] ?? [] as $at => $part) {
            $report['plugins'][$at] = self::report($part);
        }
        foreach ($report['metricas'] ?? [] as $at => $plugin) {
            $report['metricas'][$at]['eventos'] = (object) $plugin['eventos'];
        }
        if (is_array($report['estatisticas'] ?? null)) {
            $report['estatisticas']['plugins'] = (object) array_map(
                static fn (array $month): array => ['falhas' => (object) $month['falhas']] + $month,
                $report['estatisticas']['plugins']
            );
        }
        foreach ($report['historico'] ?? [] as $at => $entry) {
            if (is_array($entry['tabelas'] ?? null)) {
                $report['historico'][$at]['tabelas'] = (object) $entry['tabelas'];
            }
        }
        return $report;
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
            'migracoes' => [], 'avisos' => [], 'erros' => [Host::plain($reason)], 'backup' => null, 'duracao_ms' => [],
        ];
    }

    private static function utf8(string $text): string
    {
        return preg_match('//u', $text) ? $text : (string) json_decode(
            json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE) ?: '""'
        );
    }
}
