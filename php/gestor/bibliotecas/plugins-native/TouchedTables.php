<?php

declare(strict_types=1);

namespace GestorPlugins;

/** Which tables a statement reaches: those that it names, and those to which foreign keys, triggers and views lead from them. */
final class TouchedTables
{
    private const FOLLOWING = "SELECT TABLE_NAME, REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS WHERE"
        . " CONSTRAINT_SCHEMA = DATABASE() AND NOT (DELETE_RULE IN ('RESTRICT', 'NO ACTION') AND UPDATE_RULE IN ('RESTRICT', 'NO ACTION'))";
    private const TEXTS = "SELECT EVENT_OBJECT_TABLE, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()"
        . " UNION ALL SELECT TABLE_NAME, VIEW_DEFINITION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()";

    /**
     * @param array<string, string> $all tables and views of the database, with their types
     * @return list<string> tables and views
     */
    public static function of(WatchedConnection $database, string $statement, array $all): array
    {
        $touched = self::named($statement, $all);
        $following = iterator_to_array($database->rows(self::FOLLOWING), false);
        $texts = iterator_to_array($database->rows(self::TEXTS), false);
        for ($at = 0; isset($touched[$at]); $at++) {
            foreach ($following as [$table, $parent]) {
                if (strcasecmp((string) $parent, $touched[$at]) === 0) {
                    $touched = self::with($touched, [(string) $table]);
                }
            }
            foreach ($texts as [$of, $text]) {
                if (strcasecmp((string) $of, $touched[$at]) === 0) {
                    // Whoever may not read it is given none.
                    $isKnown = (string) $text !== '' && preg_match('/\b(CALL|EXECUTE)\b/i', (string) $text) !== 1;
                    $touched = self::with($touched, $isKnown ? self::named((string) $text, $all) : array_map('strval', array_keys($all)));
                }
            }
        }
        return $touched;
    }

    /**
     * @param array<string, string> $all
     * @return list<string>
     */
    private static function named(string $text, array $all): array
    {
        $names = array_map('strval', array_keys($all));
        return array_values(array_filter($names, static fn(string $name): bool => LateRows::isNamed($name, $text)));
    }

    /**
     * @param list<string> $tables
     * @param list<string> $more
     * @return list<string>
     */
    private static function with(array $tables, array $more): array
    {
        foreach ($more as $table) {
            if (!in_array($table, $tables, true)) {
                $tables[] = $table;
            }
        }
        return $tables;
    }
}
