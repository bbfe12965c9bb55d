<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Real\Browser;
use Tests\Real\OnSite;
use Tests\Real\Panel;
use Tests\Real\Site;

/** What browsers get of a plugin's scripts, styles and pictures, under the addresses that the gestor itself writes into pages. */
final class AssetsTest extends TestCase
{
    use OnSite;

    /** @return array{js: string, css: string} addresses that the plugin's page has, as a browser asks for them */
    private function addresses(Browser $browser): array
    {
        $page = $browser->get(Panel::MODULE . '/');
        $found = [];
        foreach (['js' => '~src="[^"]*?(' . Panel::SLUG . '/' . Panel::MODULE . '/js\.js\?v=[^"]+)"~', 'css' => '~href="[^"]*?(' . Panel::MODULE . '/css\.css\?v=[^"]+)"~'] as $kind => $pattern) {
            self::assertSame(1, preg_match($pattern, $page, $match), "the page names its {$kind}");
            $found[$kind] = html_entity_decode($match[1]);
        }
        return $found;
    }

    private static function picture(string $version): string
    {
        return 'plugins/' . Panel::SLUG . "/{$version}/img/mark.svg";
    }

    /** All three are served as they were packed. */
    private function assertServed(Browser $browser, string $version): void
    {
        $addresses = $this->addresses($browser);
        self::assertStringEndsWith("?v={$version}", $addresses['js']);
        $wanted = [$addresses['js'] => Panel::script($version), $addresses['css'] => Panel::style($version), self::picture($version) => Panel::picture($version)];
        foreach ($wanted as $address => $content) {
            self::assertSame(200, $browser->status($address), $address);
            self::assertSame($content, $browser->get($address), $address);
        }
    }

    /** @return array{Site, Browser} a site with version 1.0.0, whose files are served */
    private function installed(): array
    {
        $this->site = $site = Site::make();
        $browser = $site->browse();
        $browser->signedIn();
        self::assertDone($site->install(Panel::SLUG, Panel::write($site)), 'install: ');
        $this->assertServed($browser, '1.0.0');
        return [$site, $browser];
    }

    public function testPagesGetTheirScriptsStylesAndPictures(): void
    {
        [$site, $browser] = $this->installed();
        $addresses = $this->addresses($browser);
        self::assertDone($site->install(Panel::SLUG, Panel::write($site, '1.1.0')), 'update: ');
        $this->assertServed($browser, '1.1.0');
        self::assertSame(200, $browser->status(self::picture('1.0.0')), 'pages that browsers keep still work');
        self::assertDone($site->look('--rollback', '--plugin=' . Panel::SLUG), 'rollback: ');
        $this->assertServed($browser, '1.0.0');
        foreach ([['--disable', '--enable'], ['--uninstall', '--restore']] as [$away, $back]) {
            self::assertDone($site->look($away, '--plugin=' . Panel::SLUG), "{$away}: ");
            foreach ([...array_values($addresses), self::picture('1.0.0')] as $address) {
                self::assertSame(404, $browser->status($address), "{$away}: {$address}");
            }
            self::assertDone($site->look($back, '--plugin=' . Panel::SLUG), "{$back}: ");
            $this->assertServed($browser, '1.0.0');
        }
    }

    public function testTheFileManagerDoesNotReachThem(): void
    {
        [$site, $browser] = $this->installed();
        $delete = static fn (array $files): array => array_column($browser->ajax('admin-arquivos/', 'excluir', [], ['recursivo' => 'true',
            'itens' => json_encode(array_map(static fn (string $file): array => ['caminho' => $file, 'tipo' => is_dir("{$site->root}/contents/{$file}") ? 'pasta' : 'arquivo'], $files))])['resultados'], 'status');
        mkdir("{$site->root}/contents/files", 0755, true);
        file_put_contents("{$site->root}/contents/files/own.txt", 'own');
        self::assertSame(['Ok'], $delete(['files/own.txt']), 'it deletes what is its own');
        $script = Panel::SLUG . '/' . Panel::MODULE . '/js.js';
        self::assertFileExists("{$site->root}/assets/{$script}");
        $statuses = $delete(["../assets/{$script}", "assets/{$script}", $script, self::picture('1.0.0'), 'files/../../assets', "{$site->root}/assets/{$script}", '../assets']);
        self::assertSame([], array_diff($statuses, ['Invalid', 'NotFound']));
        $this->assertServed($browser, '1.0.0');
    }

    public function testRepairBringsThemBackAfterAWipe(): void
    {
        [$site, $browser] = $this->installed();
        $addresses = $this->addresses($browser);
        // A core update in its mode --wipe leaves nothing of a plugin but its rows and what stands in backups/.
        foreach (['plugins', 'assets/plugins', 'assets/' . Panel::SLUG, 'assets/' . Panel::MODULE] as $folder) {
            exec('rm -rf ' . escapeshellarg("{$site->root}/{$folder}"));
        }
        self::assertSame(404, $browser->status($addresses['js']));
        [$code] = $site->look('--verify', '--plugin=' . Panel::SLUG);
        self::assertSame(33, $code);
        self::assertDone($site->look('--repair'), 'repair: ');
        $this->assertServed($browser, '1.0.0');
    }
}
