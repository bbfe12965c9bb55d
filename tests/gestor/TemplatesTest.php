<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Project;
use Tests\Real\OnSite;
use Tests\Real\Site;

/** What `gestor-plugins new` makes, untouched, in a real gestor: it installs, its pages answer, it updates, goes back, and leaves nothing. */
final class TemplatesTest extends TestCase
{
    use OnSite;

    private const ID = 'minha-loja';

    private string $folder;

    protected function setUp(): void
    {
        $this->site = Site::make();
        $this->folder = Project::temporaryFolder();
        chmod($this->folder, 0755);
    }

    private function program(string ...$words): string
    {
        [$status, $out, $err] = Project::run([Project::folder() . '/target/gestor-plugins', ...$words], $this->folder, ['GESTOR_PLUGINS_LANG' => 'en'] + getenv());
        self::assertSame(0, $status, implode(' ', $words) . ": {$out}{$err}");
        return $out;
    }

    /** The plugin as it is made, and with one change; gives both packages. */
    private function packages(string $template): array
    {
        $this->program('new', 'loja', '--id=' . self::ID, '--name=Minha loja', '--author=Ana', '--description=Vende.', "--template={$template}");
        $this->program('validate', 'loja', '--deny=tudo');
        $this->program('pack', 'loja', '--out=1.zip');
        $manifest = "{$this->folder}/loja/manifest.json";
        file_put_contents($manifest, str_replace('0.1.0', '0.2.0', (string) file_get_contents($manifest)));
        foreach (glob("{$this->folder}/loja/modules/*/*.js") ?: [] as $script) {
            file_put_contents($script, "// 0.2.0\n", FILE_APPEND);
        }
        $this->program('validate', 'loja', '--against=1.zip', '--deny=tudo');
        $this->program('pack', 'loja', '--out=2.zip');
        return ["{$this->folder}/1.zip", "{$this->folder}/2.zip"];
    }

    /** @return array<string, int> rows of each of the gestor's tables */
    private function rows(): array
    {
        $found = [];
        foreach ($this->site->column('SHOW TABLES') as $table) {
            if (preg_match('/^(gestor_plugins_|plugins_credenciais|phinxlog|hooks$|sessoes|tokens|acessos|historico|usuarios_tokens)/', $table) !== 1) {
                $found[$table] = (int) $this->site->column("SELECT COUNT(*) FROM `{$table}`")[0];
            }
        }
        return $found;
    }

    /** @dataProvider templates */
    public function testATemplateLivesItsWholeLife(string $template, array $pages): void
    {
        [$first, $second] = $this->packages($template);
        $browser = $this->site->browse();
        $browser->signedIn();
        $before = $this->rows();
        self::assertDone($this->site->install(self::ID, $first), "{$template}: ");
        foreach ($pages as $page => $text) {
            self::assertSame(200, $browser->status($page), $page);
            self::assertStringContainsString($text, $browser->get($page), $page);
        }
        if ($template === 'modulo') {
            $page = $browser->get(self::ID . '/adicionar/');
            foreach (['~src="[^"]*?(minha-loja/minha-loja/js\.js\?v=[^"]+)"~' => 'data-contador', '~href="[^"]*?(minha-loja/css\.css\?v=[^"]+)"~' => 'text-align'] as $pattern => $part) {
                self::assertSame(1, preg_match($pattern, $page, $match), "{$pattern} in the page");
                self::assertStringContainsString($part, $browser->get(html_entity_decode($match[1])), $match[1]);
            }
            self::assertSame(['minha_loja_limpar'], $this->site->column("SELECT callback FROM hooks WHERE plugin = ? AND namespace = 'cron'", [self::ID]));
        }
        self::assertDone($this->site->install(self::ID, $second), "{$template}, update: ");
        if ($template === 'modulo') {
            self::assertStringContainsString('// 0.2.0', $browser->get(self::ID . '/' . self::ID . '/js.js'));
        }
        self::assertDone($this->site->look('--rollback', '--plugin=' . self::ID), "{$template}, rollback: ");
        self::assertDone($this->site->look('--uninstall', '--plugin=' . self::ID, '--modo=expurgar'), "{$template}, purge: ");
        self::assertSame($before, $this->rows(), $template);
        self::assertDirectoryDoesNotExist("{$this->site->root}/plugins/" . self::ID);
        self::assertSame([], $this->site->column('SELECT callback FROM hooks WHERE plugin = ?', [self::ID]));
        Project::remove($this->folder);
    }

    public static function templates(): array
    {
        return [
            'minimo' => ['minimo', ['minha-loja/' => 'Minha loja']],
            'paginas' => ['paginas', ['minha-loja/' => 'Minha loja']],
            'modulo' => ['modulo', ['minha-loja/' => 'Minha loja', 'minha-loja/adicionar/' => 'name="nome"']],
        ];
    }
}
