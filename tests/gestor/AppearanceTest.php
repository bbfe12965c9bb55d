<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Real\Browser;
use Tests\Real\Panel;
use Tests\Real\OnSite;
use Tests\Real\Site;

/** What an administrator sees of a plugin that goes and comes back: menu, cards of the dashboard, its page, its hooks. */
final class AppearanceTest extends TestCase
{
    use OnSite;

    /** The gestor's own synchronization registers the hooks of what stands in `plugins/`. */
    private function synchronizeHooks(): void
    {
        $script = 'chdir($argv[1]); require "config.php"; require_once "bibliotecas/banco.php"; require_once "bibliotecas/gestor.php";'
            . ' require_once "bibliotecas/hooks.php"; require_once "controladores/atualizacoes/atualizacoes-hooks.php";'
            . ' atualizacoes_hooks_sincronizar();';
        [$status, $out, $err] = $this->site->php(['-r', $script, '--', $this->site->root]);
        self::assertSame(0, $status, $out . $err);
    }

    /** @return array<string, int|bool> what is seen of it */
    private function seen(Browser $browser): array
    {
        $browser->signedIn();
        $dashboard = $browser->get('dashboard/');
        $page = $browser->get(Panel::MODULE . '/');
        return [
            'menu and cards' => substr_count($dashboard, Panel::MODULE . '/'),
            'named' => substr_count($dashboard, Panel::TITLE),
            'page' => str_contains($page, Panel::TEXT),
            'hooks' => (int) $this->site->column('SELECT COUNT(*) FROM hooks WHERE plugin = ?', [Panel::SLUG])[0],
        ];
    }

    public function testMenuCardsRouteAndHooksAreGoneAndBack(): void
    {
        $this->site = $site = Site::make();
        $browser = $site->browse();
        $never = $this->seen($browser);
        self::assertSame(['menu and cards' => 0, 'named' => 0, 'page' => false, 'hooks' => 0], $never);
        self::assertDone($site->install(Panel::SLUG, Panel::write($site)), 'install: ');
        $this->synchronizeHooks();
        $there = $this->seen($browser);
        self::assertGreaterThanOrEqual(2, $there['menu and cards'], 'in the menu, and a card');
        self::assertTrue($there['page']);
        self::assertSame(1, $there['hooks']);
        foreach ([['--disable', '--enable'], ['--uninstall', '--restore'], ['--uninstall --modo=expurgar', '--restore']] as [$away, $back]) {
            self::assertDone($site->look(...explode(' ', $away), ...['--plugin=' . Panel::SLUG]), "{$away}: ");
            $this->synchronizeHooks();
            self::assertSame($never, $this->seen($browser), $away);
            self::assertDone($site->look($back, '--plugin=' . Panel::SLUG), "{$back} after {$away}: ");
            self::assertSame($there, $this->seen($browser), "{$back} after {$away}");
        }
    }
}
