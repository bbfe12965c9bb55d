<?php

declare(strict_types=1);

namespace GestorPlugins;

/** After what is done: the opcode cache forgets the files that changed, and the gestor finds the plugin's hooks. */
final class AfterInstall
{
    /** @param array<string, mixed> $report */
    public static function run(string $slug, array $report): void
    {
        self::forgetOpcodes($slug, $report);
        self::findHooks($slug);
    }

    /** @param array<string, mixed> $report */
    public static function forgetOpcodes(string $slug, array $report): void
    {
        if (!function_exists('opcache_invalidate') || !filter_var(ini_get('opcache.enable'), FILTER_VALIDATE_BOOL)) {
            return;
        }
        $folder = Host::root() . '/plugins/' . ($report['slug'] ?? plugin_normalize_slug($slug)) . '/';
        foreach ($report['php_alterados'] ?? [] as $file) {
            // Fails only where `opcache.restrict_api` forbids it or the cache is off for this script.
            @opcache_invalidate($file[0] === '/' ? $file : $folder . $file, true);
        }
    }

    private static function findHooks(string $slug): void
    {
        foreach (self::hooks() as $warning) {
            Installer::warn($slug, $warning);
        }
    }

    /**
     * Has the gestor find hooks.
     *
     * @return list<string> why it could not
     */
    public static function hooks(): array
    {
        try {
            // The gestor's files may print; what they print is no part of a report.
            $output = Output::begin();
            try {
                if (function_exists('atualizacoes_hooks_sincronizar') || self::loadHooks()) {
                    \atualizacoes_hooks_sincronizar(['apenas_modulos' => true]);
                }
            } finally {
                $output->end();
            }
        } catch (\Throwable $fault) {
            return [Host::say('hooks não sincronizados: ', 'hooks not synchronized: ') . $fault->getMessage()];
        }
        return [];
    }

    /** From a command line the gestor has not loaded its controller of hooks. */
    private static function loadHooks(): bool
    {
        $root = Host::root();
        $controller = $root . '/controladores/atualizacoes/atualizacoes-hooks.php';
        $libraries = [$root . '/bibliotecas/banco.php', $root . '/bibliotecas/hooks.php'];
        foreach ([$controller, ...$libraries] as $file) {
            if (!is_file($file)) {
                return false;
            }
        }
        foreach ([...$libraries, $controller] as $file) {
            require_once $file;
        }
        return function_exists('atualizacoes_hooks_sincronizar');
    }
}
