<?php

declare(strict_types=1);

/**
 * O que o plugin traz, lido dos seus arquivos.
 * What the plugin brings, read from its files.
 */
final class Package
{
    /** Tabelas pelas seções de um descritor. Tables by the sections of a descriptor. */
    private const SECTIONS = ['pages' => 'Paginas', 'layouts' => 'Layouts', 'components' => 'Componentes', 'variables' => 'Variaveis'];

    /** @return list<array{string, string, string}> tabela, id, idioma; table, id, language */
    public static function rows(): array
    {
        $root = dirname(__DIR__);
        $rows = [];
        foreach (glob("{$root}/db/data/*Data.json") as $file) {
            foreach (self::read($file) as $row) {
                if (isset($row['id'], $row['language'])) {
                    $rows[] = [basename($file, 'Data.json'), $row['id'], $row['language']];
                }
            }
        }
        foreach (glob("{$root}/modules/*/*.json") as $file) {
            foreach (self::read($file)['resources'] ?? [] as $language => $sections) {
                foreach (self::SECTIONS as $section => $table) {
                    foreach ($sections[$section] ?? [] as $row) {
                        $rows[] = [$table, $row['id'], $language];
                    }
                }
            }
        }
        return $rows;
    }

    /**
     * @param list<array{string, string, string}> $rows
     * @return list<string> o que falta em um dos idiomas; what one of the languages lacks
     */
    public static function missing(array $rows): array
    {
        $missing = [];
        foreach ($rows as [$table, $id, $language]) {
            $other = $language === 'en' ? 'pt-br' : 'en';
            if (!in_array([$table, $id, $other], $rows, true)) {
                $missing[] = "{$table} {$id}: {$other}";
            }
        }
        return $missing;
    }

    /** @return array<mixed> */
    private static function read(string $file): array
    {
        return json_decode((string) file_get_contents($file), true, 512, JSON_THROW_ON_ERROR);
    }
}
