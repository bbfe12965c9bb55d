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
    /** What was counted last in this step. */
    private string $unit = '';
    private int $done = 0;
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
            $this->draw($this->onwards($event));
        } elseif ($event['indice'] > $this->step) {
            fwrite($this->stream, "[{$event['indice']}/{$event['total']}] " . Host::plain((string) $event['mensagem']) . "\n");
        }
        $this->step = max($this->step, (int) $event['indice']);
    }

    /** @param array<string, mixed> $event */
    private function draw(array $event): void
    {
        $this->filled = max($this->filled, self::filled($event));
        fwrite($this->stream, "\r\033[K" . self::fitting(self::line($event, $this->filled), $this->columns - 1));
    }

    /**
     * What was done once stays done, whatever a later event says: some steps come twice, such as the plan after migrations.
     *
     * @param array<string, mixed> $event
     * @return array<string, mixed>
     */
    private function onwards(array $event): array
    {
        if ($event['indice'] < $this->step) {
            return ['indice' => $this->step, 'feito' => 0, 'de' => 0] + $event;
        }
        $goesOn = $event['indice'] === $this->step && $event['unidade'] === $this->unit;
        $this->done = $goesOn ? max($this->done, (int) $event['feito']) : (int) $event['feito'];
        $this->unit = (string) $event['unidade'];
        return ['feito' => $this->done] + $event;
    }

    /** Of the terminal; 80 where nobody knows. Where two say it, a line must fit both. */
    private static function columns(): int
    {
        $said = [(int) getenv('COLUMNS')];
        if (function_exists('shell_exec')) {
            $size = (string) @shell_exec('stty size <&2 2>/dev/null || (stty size </dev/tty) 2>/dev/null');
            $said[] = (int) substr((string) strrchr($size, ' '), 1);
        }
        $known = array_filter($said, static fn (int $columns): bool => $columns > 0);
        return $known === [] ? 80 : min($known);
    }

    /** The start of a line, so long that it stays on one row. Letters of East Asia take two places. */
    public static function fitting(string $line, int $width): string
    {
        if (function_exists('mb_strimwidth')) {
            return mb_strimwidth($line, 0, max(1, $width), '', 'UTF-8');
        }
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
