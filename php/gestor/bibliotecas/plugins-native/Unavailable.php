<?php

declare(strict_types=1);

namespace GestorPlugins;

/** Neither the extension nor the C library can be used; the message says what to do. */
final class Unavailable extends \RuntimeException
{
    /** The C library at this path could not be loaded. */
    public static function of(\Error $fault, string $path): self
    {
        $said = $fault->getMessage();
        if (strpos($said, 'ffi.enable') !== false) {
            $text = Host::say(
                'o PHP não permite FFI aqui (' . PHP_SAPI . '): use ffi.enable=true no php.ini, ou carregue a extensão'
                . ' gestor_plugins',
                'PHP does not allow FFI here (' . PHP_SAPI . '): set ffi.enable=true in php.ini, or load the'
                . ' extension gestor_plugins'
            );
        } else {
            $text = Host::say(
                "não foi possível carregar a biblioteca C {$path} ({$said}): compile-a de novo para esta máquina, ou carregue"
                . ' a extensão gestor_plugins',
                "the C library {$path} could not be loaded ({$said}): rebuild it for this machine, or load the"
                . ' extension gestor_plugins'
            );
        }
        return new self($text, 0, $fault);
    }

    /**
     * What an operation reports that could not begin.
     *
     * @param array<array-key, mixed> $params of the call
     * @return array<string, mixed>
     */
    public function report(array $params): array
    {
        $slug = is_string($params['slug'] ?? null) ? $params['slug'] : '';
        return Json::failure(PLG_EXIT_PARAMS_OR_FILE, $this->getMessage(), $slug);
    }

    /**
     * What a question gets that nobody can answer: a warning of PHP, and the answer for "there is none".
     *
     * @template T
     * @param T $none
     * @return T
     */
    public function warn($none)
    {
        trigger_error($this->getMessage(), E_USER_WARNING);
        return $none;
    }
}
