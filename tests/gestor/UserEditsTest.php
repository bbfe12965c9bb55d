<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Real\Administrator;
use Tests\Real\Agenda;
use Tests\Real\Browser;
use Tests\Real\OnSite;
use Tests\Real\Site;

/**
 * What an administrator did to a plugin's records at the gestor's own pages stays through updates, and everything else is
 * as the new version brings it.
 */
final class UserEditsTest extends TestCase
{
    use OnSite;

    private Browser $browser;

    protected function setUp(): void
    {
        $this->site = Site::make();
        $this->browser = $this->site->browse();
    }

    private function install(string $version, array $migrations = Agenda::MIGRATION_CREATE): array
    {
        return self::assertDone($this->site->install(Agenda::SLUG, Agenda::write($this->site, $version, $migrations)));
    }

    private function page(string $id, string $language = 'pt-br'): ?array
    {
        return $this->site->rows('SELECT * FROM paginas WHERE id = ? AND language = ? AND plugin = ?', [$id, $language, Agenda::SLUG])[0] ?? null;
    }

    private function variable(string $id, string $language = 'pt-br'): array
    {
        return $this->site->rows("SELECT * FROM variaveis WHERE id = ? AND language = ? AND modulo = 'agenda'", [$id, $language])[0];
    }

    private function module(string $id, string $language = 'pt-br'): array
    {
        return $this->site->rows('SELECT * FROM modulos WHERE id = ? AND language = ?', [$id, $language])[0];
    }

    /** @return list<string> */
    private function grants(): array
    {
        return $this->site->column("SELECT CONCAT(perfil, ' ', modulo) FROM usuarios_perfis_modulos WHERE modulo LIKE 'agenda%' ORDER BY 1");
    }

    /** Everything that the issue names, done by hand; each is looked at, so that a form that changed nothing is seen. */
    private function edit(string $version): void
    {
        $administrator = new Administrator($this->browser);
        $administrator->editPage('agenda', ['html' => '<p>minha agenda é outra</p>']);
        $page = $this->page('agenda');
        self::assertSame(['<p>minha agenda é outra</p>', "p{/*{$version}*/}", '1'], [$page['html'], $page['css'], (string) $page['user_modified']]);
        $administrator->deactivatePage('agenda-contato');
        self::assertSame(['I', null], [$this->page('agenda-contato')['status'], $this->page('agenda-contato')['user_modified'] ?: null]);
        $administrator->deletePage('agenda-antiga');
        self::assertSame('D', $this->page('agenda-antiga')['status']);
        $administrator->renamePage('agenda-eventos', 'Nossos Encontros');
        self::assertSame('Nossos Encontros', $this->page('nossos-encontros')['nome'] ?? null);
        self::assertNull($this->page('agenda-eventos'));
        $administrator->revoke('administradores', 'agenda-relatorios');
        self::assertNotContains('administradores agenda-relatorios', $this->grants());
        $administrator->changeVariable('agenda', (int) $this->variable('titulo')['id_variaveis'], 'Meu título');
        self::assertSame(['Meu título', "titulo {$version}"], [$this->variable('titulo')['valor'], $this->variable('titulo', 'en')['valor']]);
        $administrator->changeIcon('agenda', 'paw');
        self::assertSame(['paw', Agenda::SLUG], [$this->module('agenda')['icone'], $this->module('agenda')['plugin']]);
    }

    /** Nothing of it is undone. */
    private function assertEditsStand(): void
    {
        self::assertSame('<p>minha agenda é outra</p>', $this->page('agenda')['html']);
        self::assertSame('I', $this->page('agenda-contato')['status'], 'a deactivated page is active again');
        self::assertSame('D', $this->page('agenda-antiga')['status'] ?? null, 'a deleted page is back');
        self::assertNull($this->page('agenda-eventos'), 'a renamed page came a second time');
        self::assertSame('Nossos Encontros', $this->page('nossos-encontros')['nome'] ?? null);
        self::assertNotContains('administradores agenda-relatorios', $this->grants(), 'a revoked permission is granted again');
        self::assertSame('Meu título', $this->variable('titulo')['valor']);
        self::assertSame('paw', $this->module('agenda')['icone'], 'the icon of a module is the old one again');
        self::assertStringContainsString('minha agenda é outra', $this->browser->get('agenda/'));
        self::assertStringNotContainsString('é nossa', $this->browser->get('agenda-contato/'));
        self::assertStringNotContainsString('é nossa', $this->browser->get('agenda-antiga/'));
    }

    /** Everything else is the new version's. */
    private function assertTheRestIsNew(string $version): void
    {
        foreach (Agenda::LANGUAGES as $language) {
            $mine = $language === 'pt-br' ? ['agenda-antiga', 'agenda-eventos'] : [];
            foreach (array_diff([...Agenda::PAGES, 'agenda-nova'], $mine) as $id) {
                $page = $this->page($id, $language);
                self::assertSame("ver-{$version}", $page['opcao'] ?? null, "{$id} {$language}");
                if ($id !== 'agenda' || $language !== 'pt-br') {
                    self::assertSame("<p>{$id} {$version} é nossa</p>", $page['html'], "{$id} {$language}");
                }
            }
            foreach (['agenda', 'agenda-relatorios'] as $id) {
                $module = $this->module($id, $language);
                self::assertSame(["Título {$version}", "sobre {$version}", 'A'], [$module['titulo'], $module['icone2'], $module['status']]);
            }
            self::assertSame("rodape {$version}", $this->variable('rodape', $language)['valor']);
        }
        self::assertSame("titulo {$version}", $this->variable('titulo', 'en')['valor']);
        self::assertSame("ver-{$version}", $this->page('nossos-encontros')['opcao']);
        self::assertSame(['administradores agenda', 'consumidores agenda'], $this->grants());
        self::assertSame(12, (int) $this->site->column('SELECT COUNT(*) FROM paginas WHERE plugin = ?', [Agenda::SLUG])[0]);
        self::assertStringContainsString("agenda-livre {$version} é nossa", $this->browser->get('agenda-livre/'));
        self::assertStringContainsString("agenda-nova {$version} é nossa", $this->browser->get('agenda-nova/'));
    }

    public function testAnUpdateUndoesNothing(): void
    {
        $this->install('1.0.0');
        $this->edit('1.0.0');
        $this->install('2.0.0');
        $this->assertEditsStand();
        $this->assertTheRestIsNew('2.0.0');
        $this->install('3.0.0');
        $this->assertEditsStand();
        $this->assertTheRestIsNew('3.0.0');
    }

    public function testACoreUpdateInBetween(): void
    {
        $this->install('1.0.0');
        $this->edit('1.0.0');
        $this->site->updateCore();
        $this->assertEditsStand();
        $this->site->installOurs();
        $this->install('2.0.0');
        $this->assertEditsStand();
        $this->assertTheRestIsNew('2.0.0');
    }

    private function installByTheOldOne(string $version, array $migrations): void
    {
        $this->site->undoOurs();
        $answer = $this->site->installByPage($this->browser, Agenda::SLUG, Agenda::write($this->site, $version, $migrations));
        self::assertSame(['ok', 0], [$answer['status'], $answer['data']['codigo_saida']], json_encode($answer, JSON_UNESCAPED_UNICODE));
        $this->site->installOurs();
    }

    public function testTheOldInstallerInBetween(): void
    {
        $this->install('1.0.0', []);
        $this->installByTheOldOne('2.0.0', []);
        self::assertSame('ver-2.0.0', $this->page('agenda-livre')['opcao']);
        $this->edit('2.0.0');
        $this->install('3.0.0', []);
        $this->assertEditsStand();
        $this->assertTheRestIsNew('3.0.0');
    }

    public function testTheOldInstallerInBetweenWhosePackageIsGone(): void
    {
        $this->install('1.0.0', []);
        $this->installByTheOldOne('2.0.0', []);
        unlink("{$this->site->root}/contents/plugins/agenda-2.0.0.zip");
        $this->edit('2.0.0');
        $this->install('3.0.0', []);
        // Nobody can tell the old one's values from a user's: they give way to the package's, and are saved.
        $this->assertTheRestIsNew('3.0.0');
        self::assertNotSame(['0'], $this->site->column("SELECT COUNT(*) FROM gestor_plugins_guardados WHERE motivo = 'substituida'"));
    }

    /** It knows nothing of migrations that ours applied, runs them again, and says "ok" although no row was brought. */
    public function testTheOldInstallerThatFailedInBetween(): void
    {
        $this->install('1.0.0');
        $this->installByTheOldOne('2.0.0', Agenda::MIGRATION_CREATE);
        $listed = $this->site->column('SELECT versao_instalada FROM plugins WHERE id = ?', [Agenda::SLUG])[0];
        self::assertSame(['2.0.0', 'ver-1.0.0'], [$listed, $this->page('agenda-livre')['opcao']]);
        $this->edit('1.0.0');
        $this->install('3.0.0');
        $this->assertEditsStand();
        $this->assertTheRestIsNew('3.0.0');
    }
}
