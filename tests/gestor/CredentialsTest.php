<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Github;
use Tests\Real\Agenda;
use Tests\Real\Browser;
use Tests\Real\OnSite;
use Tests\Real\Site;

/** A private repository by the gestor's own page of plugins: with the token in its table, and with a credential in its place. */
final class CredentialsTest extends TestCase
{
    use OnSite {
        tearDown as private removeSite;
    }

    private const OK = 0;
    private const CREDENTIAL = 17;
    private const DOWNLOAD = 20;

    private Github $github;
    private Browser $browser;

    protected function setUp(): void
    {
        $this->github = new Github();
        $this->site = Site::make();
        $this->site->environment = $this->github->environmentOfAGestor();
        $this->browser = $this->site->browse();
        // What the page writes when the address of a repository and a token are given to it.
        $this->site->execute("INSERT INTO plugins (id, nome, status, versao, data_criacao, data_modificacao, origem_tipo, origem_referencia,"
            . " origem_credencial_ref) VALUES (?, 'Agenda', 'A', 1, NOW(), NOW(), 'github_privado', ?, ?)", [Agenda::SLUG, Github::OWNER . '/' . Github::REPO, Github::TOKEN]);
    }

    protected function tearDown(): void
    {
        $this->removeSite();
        isset($this->github) && $this->github->stop();
    }

    /** Publishes a version; gives its tag. */
    private function release(string $version): string
    {
        $path = Agenda::write($this->site, $version, $version === '1.0.0' ? Agenda::MIGRATION_CREATE : Agenda::MIGRATION_EXTEND);
        $tag = 'plugin-' . Agenda::SLUG . "-v{$version}";
        $this->github->release($tag, (string) file_get_contents($path));
        unlink($path);
        return $tag;
    }

    private function press(string $button, int $code = self::OK): void
    {
        $answer = $this->site->pressOnPage($this->browser, Agenda::SLUG, $button);
        self::assertSame($code, $answer['data']['codigo_saida'] ?? null, json_encode($answer, JSON_UNESCAPED_UNICODE));
    }

    private function row(string $column): ?string
    {
        return $this->site->column("SELECT {$column} FROM plugins WHERE id = ?", [Agenda::SLUG])[0];
    }

    private function write(string $column, ?string $value): void
    {
        $this->site->execute("UPDATE plugins SET {$column} = ? WHERE id = ?", [$value, Agenda::SLUG]);
    }

    /** What we asked for went with the token to the API, and without it to where that leads; what the page asked for is its own. */
    private function assertTheTokenWentToTheApiAlone(): void
    {
        $sent = [];
        foreach ($this->github->asked() as ['host' => $host, 'path' => $path, 'head' => $head]) {
            $isOurs = $host === 'storage' || strncmp($path, '/api/', 5) === 0;
            $token = preg_grep('/^authorization:/i', $head);
            $isOurs && self::assertSame($host === 'api', strpos(implode($token), 'token ' . Github::TOKEN) !== false, "{$host} {$path}");
            $sent[] = $host;
        }
        self::assertContains('storage', $sent);
    }

    private function assertTheTokenStandsNowhere(): void
    {
        $part = substr(Github::TOKEN, 4, 10);
        foreach ($this->site->column('SHOW TABLES') as $table) {
            self::assertFalse(strpos(serialize($this->site->rows("SELECT * FROM `{$table}`")), $part), "the token stands in {$table}");
        }
        foreach (['logs', 'backups', 'temp', 'plugins', 'autenticacoes'] as $folder) {
            $walk = new RecursiveIteratorIterator(new RecursiveDirectoryIterator("{$this->site->root}/{$folder}", FilesystemIterator::SKIP_DOTS));
            foreach ($walk as $file) {
                self::assertFalse(strpos((string) file_get_contents($file->getPathname()), $part), "the token stands in {$file}");
            }
        }
        self::assertFalse(strpos((string) file_get_contents("{$this->site->folder}/server.log"), $part));
    }

    public function testACredentialInstallsAndUpdatesInThePlaceOfTheToken(): void
    {
        $this->release('1.0.0');
        $this->press('instalar');
        self::assertSame('1.0.0', $this->row('versao_instalada'));
        $this->assertTheTokenWentToTheApiAlone();

        $report = self::assertDone($this->site->look('--credenciais=importar', '--apagar-literal'));
        self::assertSame([true, Agenda::SLUG], [$report['importadas'][0]['apagado'], $alias = $report['importadas'][0]['alias']]);
        self::assertNull($this->row('origem_credencial_ref'));

        // The page looks for newer versions by itself, without a token: it finds none, and says so before it calls.
        $tag = $this->release('2.0.0');
        $this->press('atualizar', self::DOWNLOAD);
        self::assertSame('1.0.0', $this->row('versao_instalada'));
        // The version that its form names is installed by what is recorded of the plugin.
        $this->github->asked();
        $this->write('origem_branch_tag', $tag);
        $this->press('instalar');
        self::assertSame('2.0.0', $this->row('versao_instalada'));
        $this->assertTheTokenWentToTheApiAlone();

        // The credential named where the token was.
        $this->write('origem_credencial_ref', "cred:{$alias}");
        $this->write('origem_branch_tag', $this->release('3.0.0'));
        $this->press('instalar');
        self::assertSame('3.0.0', $this->row('versao_instalada'));
        $this->press('reprocessar');
        $this->assertTheTokenWentToTheApiAlone();
        $this->assertTheTokenStandsNowhere();

        // One that does not open is told, and nothing else is tried.
        $this->site->execute("UPDATE plugins_credenciais SET type = 'http_bearer'");
        $this->write('origem_branch_tag', $this->release('4.0.0'));
        $this->press('instalar', self::CREDENTIAL);
        self::assertSame('3.0.0', $this->row('versao_instalada'));
    }

    /** The token stays in the table, so that the page's own search goes on. */
    public function testAnImportedTokenThatStaysServesThePage(): void
    {
        $this->release('1.0.0');
        $this->press('instalar');
        $report = self::assertDone($this->site->look('--credenciais=importar'));
        self::assertFalse($report['importadas'][0]['apagado']);
        $this->release('2.0.0');
        $this->github->answerTheGestor();
        $this->github->asked();
        $this->press('atualizar');
        self::assertSame('2.0.0', $this->row('versao_instalada'));
        $this->assertTheTokenWentToTheApiAlone();
        self::assertSame(self::OK, $this->site->look('--credenciais=conferir')[0]);
    }
}
