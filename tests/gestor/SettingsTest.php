<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Real\Administrator;
use Tests\Real\Agenda;
use Tests\Real\OnSite;
use Tests\Real\Site;

/** Settings of a plugin: what is saved here the gestor's own editor and functions see, and the reverse. */
final class SettingsTest extends TestCase
{
    use OnSite;

    private const SCHEMA = [
        'x-gestor' => ['modulo' => 'agenda'],
        'properties' => [
            'nome' => ['type' => 'string', 'minLength' => 2],
            'por_pagina' => ['type' => 'integer', 'maximum' => 100, 'default' => 20],
            'aberta' => ['type' => 'boolean', 'default' => true],
            'preco' => ['type' => 'number', 'x-gestor' => ['widget' => 'dinheiro']],
            'lugares' => ['type' => 'integer', 'x-gestor' => ['widget' => 'quantidade']],
            'dia' => ['type' => 'string', 'format' => 'date'],
            'dias' => ['type' => 'array', 'items' => ['type' => 'string', 'format' => 'date']],
            'inicio' => ['type' => 'string', 'x-gestor' => ['widget' => 'data-hora']],
            'estilo' => ['type' => 'string', 'x-gestor' => ['widget' => 'css']],
            'ordem' => ['enum' => ['data', 'nome']],
        ],
    ];
    private const VALUES = [
        'nome' => "Agenda \"da\" 'Ana' & cia", 'por_pagina' => 50, 'aberta' => false, 'preco' => 1234.5, 'lugares' => 12345,
        'dia' => '2026-12-31', 'dias' => ['2026-12-31', '2027-01-01'], 'inicio' => '2026-12-31T23:59', 'estilo' => 'p{color:red}',
        'ordem' => 'nome',
    ];
    /** As the gestor's editor writes them. */
    private const WRITTEN = [
        'nome' => "Agenda \"da\" 'Ana' & cia", 'por_pagina' => '50', 'aberta' => '', 'preco' => '1.234,50', 'lugares' => '12.345',
        'dia' => '31/12/2026', 'dias' => '31/12/2026|01/01/2027', 'inicio' => '31/12/2026 23:59', 'estilo' => 'p{color:red}',
        'ordem' => 'nome',
    ];

    protected function setUp(): void
    {
        $this->site = Site::make();
        $package = Agenda::write($this->site, '1.0.0');
        $zip = new \ZipArchive();
        $zip->open($package);
        $zip->addFromString('config/schema.json', (string) json_encode(self::SCHEMA));
        $zip->close();
        self::assertDone($this->site->install(Agenda::SLUG, $package));
    }

    private function save(array $values): array
    {
        return $this->site->look('--id=' . Agenda::SLUG, '--config-gravar', '--valores=' . json_encode($values));
    }

    private function values(): array
    {
        return self::assertDone($this->site->look('--id=' . Agenda::SLUG, '--config'))['configuracao']['valores'];
    }

    /** What a plugin's own code reads, by the gestor's own function. */
    private function ofTheGestor(): array
    {
        $code = "require 'config.php'; require_once 'bibliotecas/banco.php'; require_once 'bibliotecas/gestor.php';"
            . " echo PHP_EOL . json_encode(gestor_variaveis(['modulo' => 'agenda', 'conjunto' => true]));";
        [$status, $out, $err] = $this->site->php(['-r', "chdir('{$this->site->root}'); {$code}"]);
        self::assertSame(0, $status, $out . $err);
        return json_decode((string) strrchr($out, "\n"), true);
    }

    /** The number of a variable in Portuguese. */
    private function number(string $id): int
    {
        return (int) $this->site->column("SELECT id_variaveis FROM variaveis WHERE modulo = 'agenda' AND language = 'pt-br' AND id = ?", [$id])[0];
    }

    public function testWhatIsSavedIsSeenByTheGestorAndTheReverse(): void
    {
        self::assertDone($this->save(self::VALUES));
        self::assertEquals(self::VALUES, $this->values());
        $read = $this->ofTheGestor();
        self::assertSame(self::WRITTEN, array_replace(self::WRITTEN, array_intersect_key($read, self::WRITTEN)));
        // Its editor shows each by the field of its type, and with its value.
        $browser = $this->site->browse();
        $browser->signedIn();
        $browser->get('modulos/variaveis/?id=agenda');
        $fields = $browser->form('ref-0')[1];
        foreach (self::WRITTEN as $id => $text) {
            $field = array_search((string) $this->number($id), $fields, true);
            self::assertIsString($field, $id);
            $shown = $fields[str_replace('ref-', 'valor-', $field)] ?? '';
            self::assertSame($text, $shown, $id);
        }
        // What it saves is read here.
        $administrator = new Administrator($browser);
        foreach (['por_pagina' => '30', 'preco' => '2.000,00', 'lugares' => '7', 'dia' => '01/02/2027', 'aberta' => '1', 'dias' => ''] as $id => $text) {
            $administrator->changeVariable('agenda', $this->number($id), $text);
        }
        $expected = ['por_pagina' => 30, 'preco' => 2000, 'lugares' => 7, 'dia' => '2027-02-01', 'aberta' => true, 'dias' => []];
        self::assertEquals(array_replace(self::VALUES, $expected), $this->values());
        // An update leaves them as they are.
        $package = Agenda::write($this->site, '2.0.0');
        $zip = new \ZipArchive();
        $zip->open($package);
        $zip->addFromString('config/schema.json', (string) json_encode(self::SCHEMA));
        $zip->close();
        self::assertDone($this->site->install(Agenda::SLUG, $package));
        self::assertEquals(array_replace(self::VALUES, $expected), $this->values());
    }

    public function testWhatIsNotTakenIsNamedAndNothingIsSaved(): void
    {
        self::assertDone($this->save(self::VALUES));
        [$code, $report] = $this->save(['nome' => 'x', 'por_pagina' => 500, 'aberta' => true]);
        self::assertSame(10, $code);
        self::assertSame(['/nome', '/por_pagina'], array_column($report['falhas'], 'ponteiro'));
        self::assertEquals(self::VALUES, $this->values());
    }
}
