<?php

declare(strict_types=1);

namespace GestorPlugins;

/** Progress for people: a bar on a terminal, one plain line a step elsewhere. */
final class ProgressBar
{
    private const WIDTH = 24;

    private bool $wanted;
    /** @var resource */
    private $stream;
    private bool $terminal;
    private int $step = -1;
    private int $filled = 0;
    private int $columns;

    /** @param resource $stream */
    public function __construct(bool $wanted, $stream)
    {
        $this->wanted = $wanted;
        $this->stream = $stream;
        $this->terminal = $wanted && stream_isatty($stream) && !in_array(getenv('TERM'), [false, '', 'dumb'], true);
        $this->columns = $this->terminal ? self::columns() : 80;
    }

    /** @param array<string, mixed> $event */
    public function show(array $event): void
    {
        if (!$this->wanted) {
            return;
        }
        if ($this->terminal) {
            // What was done once stays done, whatever a later event says.
            $this->filled = max($this->filled, self::filled($event));
            fwrite($this->stream, "\r\033[K" . self::fitting(self::line($event, $this->filled), $this->columns - 1));
        } elseif ($event['indice'] > $this->step) {
            fwrite($this->stream, "[{$event['indice']}/{$event['total']}] " . Host::plain((string) $event['mensagem']) . "\n");
        }
        $this->step = max($this->step, (int) $event['indice']);
    }

    /** Of the terminal; 80 where nobody knows. */
    private static function columns(): int
    {
        $said = (int) getenv('COLUMNS');
        if ($said <= 0 && function_exists('shell_exec')) {
            $said = (int) substr((string) strrchr((string) @shell_exec('stty size </dev/tty 2>/dev/null'), ' '), 1);
        }
        return $said > 0 ? $said : 80;
    }

    /** The start of a line, so long that it stays on one row. */
    public static function fitting(string $line, int $width): string
    {
        return preg_match('/^.{0,' . max(1, min($width, 60000)) . '}/us', $line, $start) ? $start[0] : substr($line, 0, max(1, $width));
    }

    public function clear(): void
    {
        if ($this->terminal && $this->step >= 0) {
            fwrite($this->stream, "\r\033[K");
        }
    }

    /** @param array<string, mixed> $event */
    private static function filled(array $event): int
    {
        $part = $event['de'] > 0 ? min(1.0, $event['feito'] / $event['de']) : 0.0;
        $whole = max(1, (int) $event['total']);
        return (int) floor(self::WIDTH * min(1.0, ($event['indice'] - 1 + $part) / $whole));
    }

    /**
     * @param array<string, mixed> $event
     * @param ?int $filled so many parts of the bar, where earlier events filled more than this one does
     */
    public static function line(array $event, ?int $filled = null): string
    {
        $filled ??= self::filled($event);
        $bar = str_repeat('#', $filled) . str_repeat('.', self::WIDTH - $filled);
        $count = $event['de'] > 0 ? " {$event['feito']}/{$event['de']} {$event['unidade']}" : '';
        return Host::plain("[{$bar}] {$event['indice']}/{$event['total']} {$event['mensagem']}" . rtrim($count));
    }
}
