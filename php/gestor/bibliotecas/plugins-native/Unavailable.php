<?php

declare(strict_types=1);

namespace GestorPlugins;

/** Neither the extension nor the C library can be used; the message says what to do. */
final class Unavailable extends \RuntimeException
{
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
