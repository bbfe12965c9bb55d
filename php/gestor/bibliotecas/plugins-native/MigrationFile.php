<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * A migration's file, told by its name and its tokens; nothing of it is loaded.
 *
 * It can be undone where it has a `down()` with a body, or a `change()` that only creates and renames. Phinx runs
 * `change()` where there is one, whatever else there is.
 */
final class MigrationFile
{
    /** What a `change()` may call; all others depend on what stands in the database, or cannot be turned round. */
    private const TURNABLE = [
        'table', 'create', 'save', 'update', 'addcolumn', 'addindex', 'addforeignkey', 'addforeignkeywithname',
        'addtimestamps', 'addtimestampswithtimezone', 'renamecolumn', 'rename', 'renametable',
    ];
    /** What makes a body more than a list of calls. */
    private const REFUSED = [
        T_EVAL, T_INCLUDE, T_INCLUDE_ONCE, T_REQUIRE, T_REQUIRE_ONCE, T_EXIT, T_THROW, T_NEW, T_YIELD, T_GOTO,
    ];
    private const BLANK = [T_WHITESPACE, T_COMMENT, T_DOC_COMMENT];

    /** The class of a migration file, as Phinx makes it of the name; null when the file is none. */
    public static function className(string $file): ?string
    {
        if (preg_match('/^[0-9]{14}\.php$/', $file)) {
            return 'V' . substr($file, 0, 14);
        }
        return preg_match('/^\d+_([a-z][a-z\d]*(?:_[a-z\d]+)*)\.php$/i', $file, $part)
            ? str_replace(' ', '', ucwords(str_replace('_', ' ', $part[1])))
            : null;
    }

    /** The version of a migration file. */
    public static function version(string $file): string
    {
        return (string) preg_replace('/\D.*$/', '', $file);
    }

    /** Whether the migration of some code can be undone. */
    public static function isReversible(string $code, string $class): bool
    {
        try {
            $tokens = self::tokens($code);
        } catch (\ParseError $fault) {
            return false;
        }
        $methods = self::methods($tokens, $class);
        return isset($methods['change']) ? self::isTurnable($methods['change']) : self::isBody($methods['down'] ?? []);
    }

    /** @return list<array{0: int|string, 1: string}> kind and text, without what says nothing */
    private static function tokens(string $code): array
    {
        $tokens = [];
        foreach (token_get_all($code, TOKEN_PARSE) as $token) {
            [$kind, $text] = is_array($token) ? [$token[0], $token[1]] : [$token, $token];
            if (!in_array($kind, self::BLANK, true)) {
                $tokens[] = [$kind, $text];
            }
        }
        return $tokens;
    }

    /**
     * The bodies of a class's methods, by name in lower case.
     *
     * @param list<array{0: int|string, 1: string}> $tokens
     * @return array<string, list<array{0: int|string, 1: string}>>
     */
    private static function methods(array $tokens, string $class): array
    {
        $at = self::classBegins($tokens, $class);
        if ($at === null) {
            return [];
        }
        [$methods, $depth, $name] = [[], 0, null];
        for ($count = count($tokens); $at < $count; $at++) {
            [$kind, $text] = $tokens[$at];
            if ($kind === T_FUNCTION && $depth === 1) {
                $name = self::nameAfter($tokens, $at);
            }
            $opens = in_array($kind, ['{', T_CURLY_OPEN, T_DOLLAR_OPEN_CURLY_BRACES], true);
            if ($depth >= 2 && $name !== null && !($text === '}' && $depth === 2)) {
                $methods[$name][] = $tokens[$at];
            }
            $depth += $opens ? 1 : ($text === '}' ? -1 : 0);
            if ($opens && $depth === 2 && $name !== null) {
                $methods[$name] = [];
            } elseif ($text === '}' && $depth === 1) {
                $name = null;
            }
            if ($depth === 0 && $text === '}') {
                break;
            }
        }
        return $methods;
    }

    /** @param list<array{0: int|string, 1: string}> $tokens */
    private static function classBegins(array $tokens, string $class): ?int
    {
        foreach ($tokens as $at => [$kind]) {
            $named = $tokens[$at + 1] ?? ['', ''];
            if ($kind === T_CLASS && $named[0] === T_STRING && strcasecmp($named[1], $class) === 0) {
                for ($brace = $at; isset($tokens[$brace]); $brace++) {
                    if ($tokens[$brace][1] === '{') {
                        return $brace;
                    }
                }
            }
        }
        return null;
    }

    /** @param list<array{0: int|string, 1: string}> $tokens */
    private static function nameAfter(array $tokens, int $at): string
    {
        $next = $tokens[$at + 1] ?? ['', ''];
        // A function may give a reference.
        return strtolower($next[1] === '&' ? ($tokens[$at + 2][1] ?? '') : $next[1]);
    }

    /**
     * A body that does something, and does not begin by saying that it cannot.
     *
     * @param list<array{0: int|string, 1: string}> $body
     */
    private static function isBody(array $body): bool
    {
        $said = array_values(array_filter($body, static fn (array $token): bool => $token[1] !== ';'));
        $first = $said[0][0] ?? null;
        return $said !== [] && $first !== T_THROW && $first !== T_EXIT && !($first === T_RETURN && count($said) <= 2);
    }

    /**
     * A list of calls that Phinx can turn round.
     *
     * @param list<array{0: int|string, 1: string}> $body
     */
    private static function isTurnable(array $body): bool
    {
        $calls = 0;
        foreach ($body as $at => [$kind, $text]) {
            if (in_array($kind, self::REFUSED, true)) {
                return false;
            }
            if ($text !== '(' || $at === 0) {
                continue;
            }
            [$before, $name] = $body[$at - 1];
            if ($before === T_STRING) {
                if (!self::mayCall($body, $at - 1, strtolower($name))) {
                    return false;
                }
                $calls++;
            } elseif ($before === T_VARIABLE || in_array($name, [')', ']', '}'], true) || self::isQualified($before)) {
                // Nobody knows what is called.
                return false;
            }
        }
        return $calls > 0;
    }

    /** @param list<array{0: int|string, 1: string}> $body */
    private static function mayCall(array $body, int $at, string $name): bool
    {
        $of = $body[$at - 1][0] ?? null;
        if ($of === T_DOUBLE_COLON) {
            // A value that the database computes.
            return $name === 'from' && preg_match('/(^|\\\\)Literal$/', $body[$at - 2][1] ?? '') === 1;
        }
        return $of === T_OBJECT_OPERATOR && in_array($name, self::TURNABLE, true);
    }

    /** @param int|string $kind */
    private static function isQualified($kind): bool
    {
        // Names with `\` are tokens of their own from PHP 8 on.
        $kinds = [T_NS_SEPARATOR];
        foreach (['T_NAME_QUALIFIED', 'T_NAME_FULLY_QUALIFIED', 'T_NAME_RELATIVE'] as $constant) {
            if (defined($constant)) {
                $kinds[] = constant($constant);
            }
        }
        return in_array($kind, $kinds, true);
    }
}
