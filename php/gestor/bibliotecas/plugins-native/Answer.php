<?php

declare(strict_types=1);

namespace GestorPlugins;

/** An operation of the C library from its call to what its function gives; where there is no library, that is what is told. */
final class Answer
{
    /**
     * Of an operation that gives a code; its report is kept.
     *
     * @param array<array-key, mixed> $params
     */
    public static function code(string $operation, array $params, ?callable $progress): int
    {
        [$code, $report] = self::run($operation, $params, $progress);
        Library::keepReport($report);
        return $code;
    }

    /**
     * Of an operation that gives its report, which is kept as well.
     *
     * @param array<array-key, mixed> $params
     * @return array<string, mixed>
     */
    public static function report(string $operation, array $params): array
    {
        $report = self::run($operation, $params)[1];
        Library::keepReport($report);
        return $report;
    }

    /**
     * Of an operation that says whether it did its work. The last report stays, but for saying why it did nothing.
     *
     * @param array<array-key, mixed> $params
     */
    public static function truth(string $operation, array $params): bool
    {
        [$code, $report] = self::run($operation, $params);
        if ($code !== PLG_EXIT_OK) {
            Library::keepReport($report);
        }
        return $code === PLG_EXIT_OK;
    }

    /**
     * @param array<array-key, mixed> $params
     * @return array{0: int, 1: array<string, mixed>}
     */
    private static function run(string $operation, array $params, ?callable $progress = null): array
    {
        try {
            return Library::get()->run($operation, $params, $progress);
        } catch (Unavailable $fault) {
            return [PLG_EXIT_PARAMS_OR_FILE, $fault->report($params)];
        }
    }
}
