<?php

declare(strict_types=1);

/**
 * Exit codes and statuses of the plugin installer.
 *
 * Works without the native library. Every definition is guarded: the extension `gestor_plugins` brings the same
 * names with the same values.
 *
 * @package gestor-plugins
 */

foreach ([
    'PLG_EXIT_OK' => 0,
    'PLG_EXIT_PARAMS_OR_FILE' => 10,
    'PLG_EXIT_VALIDATE' => 11,
    'PLG_EXIT_MOVE' => 12,
    'PLG_EXIT_MIGRATE' => 13,
    'PLG_EXIT_SYNC' => 14,
    'PLG_EXIT_LOCKED' => 15,
    'PLG_EXIT_CANCELLED' => 16,
    'PLG_EXIT_CREDENTIAL' => 17,
    'PLG_EXIT_DOWNLOAD' => 20,
    'PLG_EXIT_ZIP_INVALID' => 21,
    'PLG_EXIT_CHECKSUM' => 22,
    'PLG_EXIT_SIGNATURE' => 23,
    'PLG_EXIT_STALE' => 24,
    'PLG_EXIT_DEPENDENCY' => 30,
    'PLG_EXIT_INCOMPATIBLE' => 31,
    'PLG_EXIT_ALREADY_INSTALLED' => 32,
    'PLG_EXIT_DRIFT' => 33,
    'PLG_EXIT_IRREVERSIBLE' => 34,
    'PLG_EXIT_NOT_INSTALLED' => 35,
    'PLG_EXIT_SCRIPT' => 36,
    'PLG_EXIT_ROLLED_BACK' => 37,
    'PLG_EXIT_INTERNAL' => 99,
    'PLG_STATUS_IDLE' => 'idle',
    'PLG_STATUS_INSTALANDO' => 'instalando',
    'PLG_STATUS_ATUALIZANDO' => 'atualizando',
    'PLG_STATUS_ERRO' => 'erro',
    'PLG_STATUS_OK' => 'ok',
    'PLG_STATUS_DESINSTALANDO' => 'desinstalando',
    'PLG_STATUS_PAUSADO' => 'pausado',
    'PLG_STATUS_AGUARDANDO' => 'aguardando_dependencia',
] as $plg_const_name => $plg_const_value) {
    if (!defined($plg_const_name)) {
        define($plg_const_name, $plg_const_value);
    }
}
unset($plg_const_name, $plg_const_value);

if (!function_exists('plg_exit_code_label')) {
    /** Label of an exit code; `UNKNOWN` when there is none. */
    function plg_exit_code_label(int $code): string
    {
        foreach (get_defined_constants(true)['user'] ?? [] as $name => $value) {
            if ($value === $code && strncmp($name, 'PLG_EXIT_', 9) === 0) {
                return substr($name, 9);
            }
        }
        return 'UNKNOWN';
    }
}
