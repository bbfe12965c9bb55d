<?php

declare(strict_types=1);

namespace GestorPlugins;

/** What a statement of a migration does, as far as its text tells; what it does not tell counts as everything. */
final class SqlStatement
{
    /** Nothing; it looks, or is about the session. */
    public const HARMLESS = 'harmless';
    /** Something comes into the schema. */
    public const ADDS = 'adds';
    /** Something of the schema is changed or goes. */
    public const CHANGES = 'changes';
    /** Rows are written or removed. */
    public const WRITES = 'writes';
    /** Something that stands elsewhere is run, or several statements are. */
    public const UNKNOWN = 'unknown';

    /** Texts and names, and comments; what stands in `/*!` and in MariaDB's `/*M!` is run. */
    private const PARTS = '~(\'(?:[^\'\\\\]|\\\\.|\'\')*\'|"(?:[^"\\\\]|\\\\.|"")*"|`(?:[^`]|``)*`)|/\*M?!\d*(.*?)\*/|/\*.*?\*/|--(?=\s|$)[^\n]*|#[^\n]*~s';
    private const WORDS = [
        'SELECT' => self::HARMLESS, 'SHOW' => self::HARMLESS, 'DESC' => self::HARMLESS, 'DESCRIBE' => self::HARMLESS,
        'EXPLAIN' => self::HARMLESS, 'SET' => self::HARMLESS, 'USE' => self::HARMLESS, 'VALUES' => self::HARMLESS,
        'TABLE' => self::HARMLESS, 'START' => self::HARMLESS, 'BEGIN' => self::HARMLESS, 'COMMIT' => self::HARMLESS,
        'ROLLBACK' => self::HARMLESS, 'SAVEPOINT' => self::HARMLESS, 'RELEASE' => self::HARMLESS,
        'PREPARE' => self::HARMLESS, 'DEALLOCATE' => self::HARMLESS, 'UNLOCK' => self::HARMLESS,
        'CREATE' => self::CHANGES, 'DROP' => self::CHANGES, 'ALTER' => self::CHANGES, 'TRUNCATE' => self::CHANGES,
        'RENAME' => self::CHANGES, 'DELETE' => self::WRITES, 'UPDATE' => self::WRITES, 'REPLACE' => self::WRITES,
        'INSERT' => self::WRITES, 'LOAD' => self::WRITES,
    ];

    public string $kind;
    /** The text without comments. */
    public string $text;

    /** @param list<string> $functions those that are stored in the database: nobody knows what they do */
    public function __construct(string $statement, array $functions = [])
    {
        $kept = static fn(array $part): string => ($part[1] ?? '') !== '' ? $part[1] : ' ' . ($part[2] ?? '') . ' ';
        $this->text = trim((string) preg_replace_callback(self::PARTS, $kept, $statement), "; \t\n\r\0\x0B");
        $bare = (string) preg_replace(self::PARTS, "''", $this->text);
        $this->kind = str_contains($bare, ';') ? self::UNKNOWN : $this->kindOf($bare, $functions);
    }

    /** @param list<string> $functions */
    private function kindOf(string $bare, array $functions): string
    {
        $word = preg_match('/^[\s(]*(\w+)/', $bare, $match) === 1 ? strtoupper($match[1]) : '';
        if ($word === 'WITH' && preg_match('/\b(DELETE|UPDATE|INSERT|REPLACE)\b/i', $bare) !== 1) {
            $word = 'SELECT';
        } elseif ($word === 'WITH') {
            $word = 'DELETE';
        }
        $kind = self::WORDS[$word] ?? self::UNKNOWN;
        if ($word === 'CREATE' && preg_match('/^\W*CREATE\s+OR\s+REPLACE\b/i', $bare) !== 1) {
            return self::ADDS;
        }
        if ($word === 'BEGIN' && preg_match('/^BEGIN(\s+WORK)?$/i', trim($bare)) !== 1) {
            return self::UNKNOWN;
        }
        if ($word === 'SET' && preg_match('/^SET\s+STATEMENT\b/i', $bare) === 1) {
            return self::UNKNOWN;
        }
        foreach ($kind === self::CHANGES ? [] : $functions as $name) {
            if (preg_match('/(?<![\w$])' . preg_quote($name, '/') . '`?\s*\(/i', $this->text) === 1) {
                return self::UNKNOWN;
            }
        }
        return $kind;
    }

    /** @return ?bool whether a transaction is open after it; null where it changes nothing of that */
    public function transaction(): ?bool
    {
        if ($this->kind === self::HARMLESS && preg_match('/^(START\s+TRANSACTION|BEGIN)\b/i', $this->text) === 1) {
            return true;
        }
        // A change of the schema commits.
        $ends = in_array($this->kind, [self::CHANGES, self::ADDS], true) || preg_match('/^(COMMIT|ROLLBACK(?!\s+(WORK\s+)?TO\b)|UNLOCK)\b/i', $this->text) === 1;
        return $ends ? false : null;
    }

    /** @return ?array{string, string} of a statement that prepares one: its name, and what gives its text */
    public function prepares(): ?array
    {
        $isOne = preg_match('/^PREPARE\s+`?([^\s`]+)`?\s+FROM\s+(.+)$/is', $this->text, $match) === 1;
        return $isOne ? [strtolower($match[1]), $match[2]] : null;
    }

    /** @return ?string the name of a prepared statement that is run */
    public function executes(): ?string
    {
        $isOne = preg_match('/^EXECUTE\s+(?!IMMEDIATE\b)`?([^\s`]+)`?/i', $this->text, $match) === 1;
        return $isOne ? strtolower($match[1]) : null;
    }

    /** @return ?string what gives the text of a statement that is run at once */
    public function immediate(): ?string
    {
        $isOne = preg_match('/^EXECUTE\s+IMMEDIATE\s+(.+?)(\s+USING\b.*)?$/is', $this->text, $match) === 1;
        return $isOne ? $match[1] : null;
    }
}
