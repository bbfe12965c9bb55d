<?php

declare(strict_types=1);

namespace Tests;

/** For a TestCase: a page whose every second request dies within an operation; what the next one finds. */
trait DyingPage
{
    private static function dyingPage(): string
    {
        return <<<'PHP'
            <?php
            require __DIR__ . '/config.php';
            require __DIR__ . '/bibliotecas/plugins-installer.php';
            $before = plugin_report();
            $death = (int) $_GET['n'] % 2 === 0;
            $code = plugin_process(['slug' => 'demo', 'arquivo' => '/none.zip'], function () use ($death) {
                if ($death) { exit('died'); }
            });
            echo json_encode([$before, $code, plugin_report()['codigo']]);
            PHP;
    }

    /** @param list<string> $answers of the page */
    private static function assertNothingIsLeft(array $answers): void
    {
        foreach (array_diff($answers, ['died']) as $answer) {
            [$before, $code, $reported] = json_decode($answer, true) ?? [0, $answer, null];
            self::assertNull($before);
            self::assertSame($code, $reported);
            self::assertNotSame(PLG_EXIT_OK, $code);
        }
    }
}
