<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * The options that ask for something to be done with indices, or with the audit log. Beside a source `--indice` says from which
 * of them.
 */
final class IndexOptions
{
    /** Options that ask for an operation and say what it does. */
    private const NAMES = ['indice', 'buscar', 'publicar-indice', 'auditoria'];

    /** What is done with an index of one's own. */
    private const PUBLISHING = ['iniciar', 'publicar', 'renovar', 'assinar-raiz'];

    /** @var array<string, string> what each that was given says */
    private array $given = [];

    /** Whether an option is one of these. */
    public function takes(string $name): bool
    {
        return in_array($name, self::NAMES, true);
    }

    public function take(string $name, string $value): void
    {
        $this->given[$name] = $value;
    }

    /**
     * The option of the command line that each of them means, with the parameters that it says.
     *
     * @param array<string, mixed> $params what the other options say
     * @return array<string|int, array<string, string>> without a name where an option only says where a plugin comes from
     */
    public function meant(array $params): array
    {
        $meant = [];
        foreach ($this->given as $name => $value) {
            if ($name === 'indice' && ($params['origem_tipo'] ?? '') === 'indice') {
                $meant[] = ['indice' => $value];
            } elseif ($name === 'buscar') {
                $meant[$name] = ['acao' => 'buscar', 'buscar' => $value];
            } else {
                // An index of one's own is published by the same option.
                $name = $name === 'indice' && in_array($value, self::PUBLISHING, true) ? 'publicar-indice' : $name;
                $meant[$name] = ['acao' => $value];
            }
        }
        return $meant;
    }
}
