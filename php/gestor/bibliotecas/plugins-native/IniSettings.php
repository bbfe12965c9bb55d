<?php

declare(strict_types=1);

namespace GestorPlugins;

/** What php.ini says of us where the extension is not loaded, so that nobody registers it. */
final class IniSettings
{
    /** The settings that php.ini may hold. */
    private const SETTINGS = [
        'adocao', 'conflitos', 'orfaos', 'fusao', 'bases', 'lang', 'espera_lock', 'blacklist', 'github_api', 'github_web', 'ca_file',
        'http_idle', 'http_total', 'log_level', 'entradas', 'bytes_total', 'bytes_entrada', 'razao', 'profundidade',
        'bytes_nome', 'bytes_pacote',
        'linhas', 'colunas', 'tabelas', 'modulos', 'recursos', 'bytes_texto',
    ];

    /** @return array<string, string> */
    public static function given(): array
    {
        $found = [];
        foreach (self::SETTINGS as $key) {
            $value = get_cfg_var("gestor_plugins.{$key}");
            if (is_string($value) && $value !== '') {
                $found[$key] = $value;
            }
        }
        return $found;
    }
}
