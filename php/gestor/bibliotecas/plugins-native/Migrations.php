<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * Calls a migration runner. Migrations are a plugin's own code in our process: what they print goes to the log, what
 * they change of the process is put back, and one that ends the process is remembered.
 */
final class Migrations
{
    /** Lines of one call that the log takes, and characters of each. */
    private const LINES = 40;
    private const LENGTH = 300;

    /** @var callable */
    private $runner;
    private string $slug;
    private string $secret;
    private bool $tells;

    /**
     * @param callable(array<string, mixed>): mixed $runner
     * @param string $secret a text that must not come into the log
     * @param bool $tells whether the log may be written
     */
    public function __construct(callable $runner, string $slug, string $secret, bool $tells)
    {
        [$this->runner, $this->slug, $this->secret, $this->tells] = [$runner, $slug, $secret, $tells];
    }

    /**
     * @param array<string, mixed> $call
     * @return mixed what the runner answers
     */
    public function __invoke(array $call)
    {
        // Of several plugins each call names its own.
        $this->slug = is_string($call['slug'] ?? null) ? $call['slug'] : $this->slug;
        self::forgetOpcodes((string) ($call['pasta'] ?? ''));
        Ending::migrating($this, true);
        $surroundings = new Surroundings();
        $output = Output::begin();
        // `exit` and fatal errors pass by what stands here: then Ending goes on.
        try {
            return ($this->runner)($call);
        } finally {
            $text = $output->end();
            $surroundings->restore();
            Ending::migrating($this, false);
            $this->tell($text);
        }
    }

    /** Writes what was printed to the log. */
    public function tell(string $text): void
    {
        if (!$this->tells) {
            return;
        }
        if ($this->secret !== '') {
            $text = str_replace($this->secret, '***', $text);
        }
        $text = (string) json_decode((string) json_encode($text, JSON_INVALID_UTF8_SUBSTITUTE));
        $lines = array_values(array_filter(array_map('trim', preg_split('/\R/u', $text) ?: []), 'strlen'));
        foreach (array_slice($lines, 0, self::LINES) as $line) {
            $line = (string) preg_replace('/^(.{' . self::LENGTH . '}).+$/u', '$1…', $line);
            Host::log($this->slug, 'INFO', 'info', Host::say('saída da migração: ', 'output of the migration: ') . $line);
        }
        $more = count($lines) - self::LINES;
        if ($more > 0) {
            Host::log($this->slug, 'INFO', 'info', Host::say("saída da migração: e mais {$more} linhas", "output of the migration: and {$more} more lines"));
        }
    }

    /** The staged files of every run have the same paths: what a cache remembers of one is of an earlier version. */
    private static function forgetOpcodes(string $folder): void
    {
        clearstatcache(true);
        if (!function_exists('opcache_invalidate')) {
            return;
        }
        foreach (glob(addcslashes($folder, '*?[]\\') . '/*.php') ?: [] as $file) {
            // Fails only where `opcache.restrict_api` forbids it or the cache is off for this script.
            @opcache_invalidate($file, true);
        }
    }
}
