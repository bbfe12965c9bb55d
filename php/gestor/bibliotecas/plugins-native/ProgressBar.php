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

    /** @param resource $stream */
    public function __construct(bool $wanted, $stream)
    {
        $this->wanted = $wanted;
        $this->stream = $stream;
        $this->terminal = $wanted && stream_isatty($stream);
    }

    /** @param array<string, mixed> $event */
    public function show(array $event): void
    {
        if (!$this->wanted) {
            return;
        }
        $line = self::line($event);
        if ($this->terminal) {
            fwrite($this->stream, "\r\033[K{$line}");
        } elseif ($event['indice'] !== $this->step) {
            fwrite($this->stream, "[{$event['indice']}/{$event['total']}] " . Host::plain((string) $event['mensagem']) . "\n");
        }
        $this->step = (int) $event['indice'];
    }

    public function clear(): void
    {
        if ($this->terminal && $this->step >= 0) {
            fwrite($this->stream, "\r\033[K");
        }
    }

    /** @param array<string, mixed> $event */
    public static function line(array $event): string
    {
        $part = $event['de'] > 0 ? min(1.0, $event['feito'] / $event['de']) : 0.0;
        $whole = max(1, (int) $event['total']);
        $filled = (int) floor(self::WIDTH * min(1.0, ($event['indice'] - 1 + $part) / $whole));
        $bar = str_repeat('#', $filled) . str_repeat('.', self::WIDTH - $filled);
        $count = $event['de'] > 0 ? " {$event['feito']}/{$event['de']} {$event['unidade']}" : '';
        return Host::plain("[{$bar}] {$event['indice']}/{$event['total']} {$event['mensagem']}" . rtrim($count));
    }
}
