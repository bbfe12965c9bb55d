<?php

declare(strict_types=1);

namespace Tests\Real;

/** A test in a gestor of its own, which goes with it. */
trait OnSite
{
    private ?Site $site = null;

    protected function tearDown(): void
    {
        $this->site !== null && $this->site->remove();
        $this->site = null;
    }

    /** @return array the report of an operation that is done */
    private static function assertDone(array $result, string $why = ''): array
    {
        self::assertSame(0, $result[0], $why . json_encode($result[1], JSON_UNESCAPED_UNICODE));
        return $result[1];
    }
}
