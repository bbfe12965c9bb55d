<?php

declare(strict_types=1);

namespace GestorPlugins;

/** A secret from standard input: other users of the machine see the options of a program, but not what it reads. */
final class SecretInput
{
    /** More is none that the library takes. */
    private const LONGEST = 1048576;

    /**
     * @param resource $input
     * @param resource $screen where a person is asked
     * @param bool $isSettings settings of a plugin, among which there may be secrets
     */
    public static function read($input, $screen, bool $isSettings = false): string
    {
        if (!function_exists('stream_isatty') || !@stream_isatty($input)) {
            return trim((string) stream_get_contents($input, self::LONGEST));
        }
        $before = self::terminal('-g');
        // Before the question: who answers at once is not shown either.
        self::terminal('-echo');
        fwrite($screen, $isSettings
            ? Host::say('Configurações, um objeto JSON numa linha (não aparece ao ser digitado): ', 'Settings, a JSON object on one line (not shown while it is typed): ')
            : Host::say('Segredo (não aparece ao ser digitado): ', 'Secret (not shown while it is typed): '));
        try {
            return trim((string) fgets($input, self::LONGEST));
        } finally {
            self::terminal($before === '' ? 'echo' : $before);
            fwrite($screen, "\n");
        }
    }

    /** What stty says; where it cannot be run the secret is shown, as any other text that is typed. */
    private static function terminal(string $wanted): string
    {
        if (!function_exists('proc_open')) {
            return '';
        }
        $program = @proc_open(['stty', $wanted], [0 => STDIN, 1 => ['pipe', 'w'], 2 => ['file', '/dev/null', 'w']], $pipes);
        if (!is_resource($program)) {
            return '';
        }
        $said = trim((string) stream_get_contents($pipes[1]));
        fclose($pipes[1]);
        proc_close($program);
        return $said;
    }
}
