<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Database;
use Tests\GestorTree;
use Tests\Package;
use Tests\Project;

/** What the README says can be typed as it stands; only the places are those of the test. */
final class ReadmeTest extends TestCase
{
    private Database $database;
    private GestorTree $gestor;

    protected function setUp(): void
    {
        if (Database::socket() === null) {
            self::markTestSkipped('GESTOR_TEST_SOCKET names no server');
        }
        $this->database = new Database();
        $this->gestor = new GestorTree($this->database);
        $manifest = (string) json_encode(['id' => 'agenda', 'name' => 'Agenda', 'version' => '1.1.0']);
        foreach (['agenda', 'agenda-1.1.0'] as $name) {
            Package::write("{$this->gestor->root}/{$name}.zip", '1.1.0', [], ['manifest.json' => $manifest]);
        }
    }

    protected function tearDown(): void
    {
        isset($this->gestor) && $this->gestor->remove();
        isset($this->database) && $this->database->drop();
    }

    /** @return list<string> the README's examples of a language, with the places of this test */
    private function examples(string $language): array
    {
        $readme = (string) file_get_contents(Project::folder() . '/README.md');
        self::assertGreaterThan(0, preg_match_all("/^```{$language}\n(.*?)^```$/ms", $readme, $found));
        $database = $this->database->parameters();
        return array_map(fn (string $example): string => strtr($example, [
            '/srv/uploads' => $this->gestor->root, '/var/www/gestor' => $this->gestor->root,
            '/run/mysqld/mysqld.sock' => $database['socket'], "'nome' => 'gestor'" => "'nome' => '{$database['nome']}'",
            "'usuario' => 'gestor'" => "'usuario' => 'root'", "'senha' => '…'" => "'senha' => ''",
        ]), $found[1]);
    }

    /** Runs an example as a script of the gestor. */
    private function script(string $example, string $before = ''): string
    {
        $script = dirname($this->gestor->root) . '/example.php';
        file_put_contents($script, "<?php {$before}\n{$example}");
        [$status, $out, $err] = Project::php([$script]);
        self::assertSame([0, ''], [$status, $err], $out);
        return $out;
    }

    public function testTheExamplesInPhp(): void
    {
        [$dropIn, $alone] = $this->examples('php');
        $config = var_export($this->gestor->root . '/config.php', true);
        self::assertSame('', $this->script($dropIn, "require {$config};"));
        self::assertCount(2, $this->database->rows("SELECT 1 FROM paginas WHERE plugin = 'agenda'"));
        $this->database->connection->exec("UPDATE paginas SET nome = 'damaged' WHERE plugin = 'agenda' LIMIT 1");
        $again = str_replace("'dry_run' => true", "'dry_run' => true, 'reprocessar' => true", $alone, $count);
        self::assertSame(1, $count);
        // Without the extension the functions are brought by the drop-in.
        $library = Project::usesExtension() ? '' : 'require ' . var_export($this->gestor->root . '/bibliotecas/plugins-installer.php', true) . ';';
        $out = $this->script($again, $library);
        self::assertStringContainsString("paginas: 0 new, 1 changed, 1 as they were\n", $out);
        self::assertMatchesRegularExpression('/^preparar \d+\/\d+$/m', $out);
        self::assertCount(1, $this->database->rows("SELECT 1 FROM paginas WHERE nome = 'damaged'"));
    }

    public function testTheCommandLines(): void
    {
        $lines = preg_grep('/^php controladores.*--origem_tipo=upload/', explode("\n", implode("\n", $this->examples('sh'))));
        self::assertNotEmpty($lines);
        foreach ($lines as $line) {
            $words = explode(' ', (string) preg_replace('/\s+#.*/', '', $line));
            [$status, $out, $err] = Project::php(array_slice($words, 1), null, $this->gestor->root);
            self::assertSame(PLG_EXIT_OK, $status, "{$line}\n{$out}{$err}");
        }
    }
}
