<?php

declare(strict_types=1);

/**
 * Makes many calls, most of them wrong, and prints as JSON what became of each: what was given or thrown, and what
 * plugin_report() tells after it. `php calls.php <gestor>`, with whatever backend this PHP has.
 */

require $argv[1] . '/bibliotecas/plugins-installer.php';
$root = $argv[1];

$values = [
    'INF' => INF, '-INF' => -INF, 'NAN' => NAN, 'zero' => 0.0, 'negative zero' => -0.0, 'float' => 1.5, 'tenth' => 0.1, 'third' => 1 / 3,
    'large' => 1e25, 'small' => 1e-7, 'int as float' => 3.0, 'int' => 3, 'max' => PHP_INT_MAX, 'min' => PHP_INT_MIN, 'minus one' => -1,
    'digits' => '5', 'spaced' => ' 5 ', 'lined' => "5\n", 'empty' => '', 'word' => 'x', 'true' => true, 'false' => false, 'null' => null,
    'no array' => [], 'hex' => ['$hex' => '61'], 'no hex' => ['$hex' => 'zz'], 'float sign' => ['$float' => '7ff0000000000000'],
    'map sign' => ['$map' => ['a' => 1]], 'map of map' => ['$map' => ['$hex' => '61']], 'two signs' => ['$hex' => '61', '$map' => []],
    'list' => ['x'], 'numbers as keys' => [5 => 'x'], 'deep hex' => ['a' => ['$hex' => '61']], 'bytes' => "\xff\xfe", 'nul' => "a\0b",
    'accents' => 'ação', 'an odd key' => ["\xff" => 1], 'object' => new stdClass(), 'resource' => STDIN, 'closure' => static fn (): array => [],
    'function' => 'strlen', 'lines' => "a\n[PLUGIN:b] \u{202e}c",
];
for ($levels = 14; $levels <= 18; $levels++) {
    $values["{$levels} levels"] = array_reduce(range(1, $levels), static fn ($inner) => [$inner], 'x');
}
$values['itself'] = [1];
$values['itself'][] = &$values['itself'];

$keys = [
    'install' => ['slug', 'raiz', 'arquivo', 'origem_tipo', 'dry_run', 'espera_lock', 'adocao', 'lang', 'migracoes', 'limites', 'limites.entradas',
        'db', 'db.port', 'db.senha', 'db.pass', 'sluug', '$hex', ''],
    'sync' => ['pasta', 'migracoes', 'espera_lock', 'db.socket'],
    'recover' => ['slug', 'espera_lock', 'migracoes', 'limites'],
    'mark' => ['status', 'slug', 'migracoes'],
];
$functions = [
    'install' => static fn (array $params) => plugin_install($params), 'sync' => static fn (array $params) => plugin_data_sync($params),
    'recover' => static fn (array $params) => plugin_recover($params), 'mark' => static fn (array $params) => plugin_status_mark($params),
];
$base = [
    'install' => ['slug' => 'demo', 'raiz' => $root, 'arquivo' => '/none.zip', 'lang' => 'en'],
    'sync' => ['slug' => 'demo', 'raiz' => $root, 'pasta' => '/none', 'lang' => 'en'],
    'recover' => ['raiz' => $root, 'lang' => 'en'], 'mark' => ['slug' => 'demo', 'status' => 'ok', 'raiz' => $root],
];

/** What became of a call. */
$try = static function (callable $call): array {
    try {
        $given = $call();
    } catch (Throwable $fault) {
        // What PHP itself says of a signature differs between functions of an extension and others.
        $given = get_class($fault) . ': ' . preg_replace('/(Argument #\d+ \(\$\w+\)) must be .*/s', '$1', $fault->getMessage());
    }
    $report = plugin_report();
    foreach ([&$given, &$report] as &$one) {
        if (is_array($one)) {
            $one['duracao_ms'] = array_keys($one['duracao_ms'] ?? []);
        }
    }
    return [$given, $report];
};

$found = [];
foreach ($keys as $function => $names) {
    foreach ($names as $name) {
        foreach ($values as $what => $value) {
            $params = $base[$function];
            [$outer, $inner] = explode('.', $name) + [1 => null];
            $params[$outer] = $inner === null ? $value : [$inner => $value];
            $found["{$function}: {$name} = {$what}"] = $try(static fn () => $functions[$function]($params));
        }
    }
    $found["{$function}: nothing"] = $try(static fn () => $functions[$function]([]));
    $found["{$function}: a list"] = $try(static fn () => $functions[$function](['x']));
    $found["{$function}: a sign alone"] = $try(static fn () => $functions[$function](['$hex' => '61']));
}
foreach (['install' => ['plugin_install', $base['install']], 'label' => ['plg_exit_code_label', 5], 'table' => ['plugin_data_table', "x\xff"],
    'table of bytes' => ['plugin_data_table', "\xffData.json"], 'checksum' => ['plugin_checksum', '/none'], 'folder' => ['plugin_checksum', $root],
    'nul' => ['plugin_checksum', "a\0b"], 'nul in a table' => ['plugin_data_table', "a\0Data.json"]] as $name => [$function, $argument]) {
    $found["function: {$name}"] = $try(static fn () => $function($argument));
}
$found['callback: not one'] = $try(static fn () => plugin_install($base['install'], 5));
$found['callback: throws'] = $try(static fn () => plugin_install($base['install'], static function (): void {
    throw new DomainException('mine');
}));
$found['callback: calls'] = $try(static fn () => plugin_install($base['install'], static fn (): bool => plugin_data_sync($base['sync'])['codigo'] !== 10));
echo json_encode($found, JSON_THROW_ON_ERROR | JSON_INVALID_UTF8_SUBSTITUTE | JSON_PRESERVE_ZERO_FRACTION);
