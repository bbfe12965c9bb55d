<?php

declare(strict_types=1);

namespace GestorPlugins;

/** Our files beside the gestor's: a core update puts its old ones back, one by one or all. */
final class DropIn
{
    /** Files that a gestor has as well, below its root. */
    private const SHARED = [
        'bibliotecas/plugins-consts.php', 'bibliotecas/plugins-installer.php', 'controladores/plugins/atualizacao-plugin.php',
    ];
    /** Stands at the head of each of ours. */
    private const MARK = '@package gestor-plugins';

    /** @return list<string> those that stand there and are not ours */
    public static function replaced(string $root): array
    {
        return array_values(array_filter(self::SHARED, static function (string $path) use ($root): bool {
            $head = is_file("{$root}/{$path}") ? @file_get_contents("{$root}/{$path}", false, null, 0, 2000) : false;
            return is_string($head) && strpos($head, self::MARK) === false;
        }));
    }

    /** Warns of them in the report, and in the log where a trace may be left. */
    public static function tell(string $slug, bool $withLog): void
    {
        $replaced = self::replaced(Host::root());
        if ($replaced !== []) {
            Installer::warn($slug, self::text($replaced), $withLog);
        }
    }

    /** @param list<string> $replaced */
    public static function text(array $replaced): string
    {
        $files = implode(', ', $replaced);
        return Host::say(
            "uma atualização do gestor repôs os arquivos antigos ({$files}): execute bin/install de novo",
            "an update of the gestor has put its old files back ({$files}): run bin/install again"
        );
    }
}
