<?php

declare(strict_types=1);

namespace GestorPlugins;

/** Takes what foreign code prints, up to a bound, however many buffers that code opens and leaves open, or closes. */
final class Output
{
    private const LIMIT = 65536;
    private const CHUNK = 4096;

    /** @var list<self> those that have not ended, the outermost first */
    private static array $open = [];

    private int $level;
    private string $text = '';

    private function __construct()
    {
        $this->level = ob_get_level();
        ob_start(function (string $part): string {
            $this->text .= substr($part, 0, max(0, self::LIMIT - strlen($this->text)));
            return '';
        }, self::CHUNK);
    }

    public static function begin(): self
    {
        return self::$open[] = new self();
    }

    /** What was printed. */
    public function end(): string
    {
        self::$open = array_values(array_filter(self::$open, fn (self $one): bool => $one !== $this));
        while (ob_get_level() > $this->level && @ob_end_flush()) {
            // What stands in an inner buffer goes to the one around it, and so to ours.
        }
        return $this->text;
    }

    /** Ends all that were left open when the process was ended. */
    public static function endAll(): string
    {
        $text = '';
        while (self::$open !== []) {
            $text = end(self::$open)->end() . $text;
        }
        return $text;
    }
}
