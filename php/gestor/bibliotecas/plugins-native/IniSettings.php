<?php

declare(strict_types=1);

namespace GestorPlugins;

/** What php.ini says of us where the extension is not loaded, so that nobody registers it. */
final class IniSettings
{
    /** @return array<string, string> */
    public static function given(): array
    {
        $found = [];
        foreach (Catalogue::SETTINGS as $key) {
            $value = get_cfg_var("gestor_plugins.{$key}");
            if (is_string($value) && $value !== '') {
                $found[$key] = $value;
            }
        }
        return $found;
    }
}
