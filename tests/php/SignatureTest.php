<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Package;
use Tests\PackagedSite;
use Tests\Project;
use Tests\Schema;

/** Signed packages, from their author's command line to a gestor that believes the author. */
final class SignatureTest extends TestCase
{
    use PackagedSite;

    private const NAMES = 'subjectAltName=URI:urn:gestor-plugins:dev:%s,URI:urn:gestor-plugins:plugin:*';

    /** @return array{0: int, 1: array<string, mixed>} */
    private function cli(string ...$arguments): array
    {
        [$status, $out, $err] = Project::php([$this->gestor->script(), '--json', ...$arguments]);
        $report = json_decode($out, true);
        self::assertIsArray($report, $out . $err);
        self::assertSame([], (new Schema())->faults($out), $out);
        return [$status, $report];
    }

    private function path(string $name): string
    {
        return $this->gestor->root . '/contents/' . $name;
    }

    /** @param list<string> $arguments */
    private function openssl(array $arguments): void
    {
        exec('openssl ' . implode(' ', array_map('escapeshellarg', $arguments)) . ' 2>&1', $said, $status);
        self::assertSame(0, $status, implode("\n", $said));
    }

    private function authority(): void
    {
        $this->openssl([
            'req', '-x509', '-newkey', 'ed25519', '-nodes', '-keyout', $this->path('ca.key'), '-out', $this->path('ca.pem'), '-days', '30',
            '-subj', '/CN=authority', '-addext', 'basicConstraints=critical,CA:TRUE', '-addext', 'keyUsage=critical,keyCertSign',
        ]);
        mkdir($this->path('trust/raizes'), 0700, true);
        copy($this->path('ca.pem'), $this->path('trust/raizes/ca.pem'));
    }

    private function author(string $name): void
    {
        [$status] = $this->cli('--assinar', '--gerar-chave', '--chave=' . $this->path("{$name}.key"));
        self::assertSame(PLG_EXIT_OK, $status);
        file_put_contents($this->path('ext'), "basicConstraints=critical,CA:FALSE\nkeyUsage=critical,digitalSignature\n"
            . "extendedKeyUsage=codeSigning\n" . sprintf(self::NAMES, $name) . "\n");
        $this->openssl(['req', '-new', '-key', $this->path("{$name}.key"), '-subj', "/CN={$name}", '-out', $this->path('csr')]);
        $this->openssl([
            'x509', '-req', '-in', $this->path('csr'), '-CA', $this->path('ca.pem'), '-CAkey', $this->path('ca.key'), '-set_serial',
            (string) crc32($name), '-days', '20', '-extfile', $this->path('ext'), '-out', $this->path("{$name}.pem"),
        ]);
    }

    /** The signed package of a version. */
    private function signed(string $version, string $by): string
    {
        $unsigned = Package::write($this->path("{$version}.unsigned.zip"), $version);
        $signed = $this->path("{$version}-{$by}.zip");
        [$status, $report] = $this->cli(
            '--assinar',
            "--arquivo={$unsigned}",
            '--chave=' . $this->path("{$by}.key"),
            '--certificados=' . $this->path("{$by}.pem"),
            "--saida={$signed}"
        );
        self::assertSame(PLG_EXIT_OK, $status, json_encode($report));
        self::assertSame($by, $report['desenvolvedor']);
        self::assertStringContainsString(hash_file('sha256', $signed), (string) file_get_contents("{$signed}.sha256"));
        return $signed;
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function install(string $path, string ...$more): array
    {
        $trust = '--confianca=' . $this->path('trust');
        return $this->cli('--id=' . Package::SLUG, '--origem_tipo=upload', "--arquivo={$path}", $trust, ...$more);
    }

    public function testWhoSignsStaysWhoSigns(): void
    {
        $this->authority();
        $this->author('acme');
        $this->author('other');
        $first = $this->signed('1.0.0', 'acme');
        [$status, $report] = $this->cli('--conferir-assinatura', "--arquivo={$first}", '--confianca=' . $this->path('trust'));
        self::assertSame([PLG_EXIT_OK, 'valida'], [$status, $report['assinatura']['veredito']]);
        [$status, $report] = $this->cli('--conferir-assinatura', "--arquivo={$first}", '--assinatura=exigir');
        self::assertSame([PLG_EXIT_SIGNATURE, 'desconhecida'], [$status, $report['assinatura']['veredito']]);
        [$status, $report] = $this->install($first, '--assinatura=exigir');
        self::assertSame([PLG_EXIT_OK, 'valida', 'acme'], [$status, $report['assinatura']['veredito'], $report['assinatura']['desenvolvedor']]);
        $unsigned = Package::write($this->path('1.1.0.zip'), '1.1.0');
        [$status, $report] = $this->install($unsigned, '--forcar');
        self::assertSame(PLG_EXIT_SIGNATURE, $status, json_encode($report));
        [$status, $report] = $this->install($this->signed('1.2.0', 'other'), '--forcar');
        self::assertSame([PLG_EXIT_SIGNATURE, null], [$status, $report['assinatura']['motivo']], json_encode($report));
        [$status] = $this->install($this->path('1.2.0-other.zip'), '--trocar-assinante');
        self::assertSame(PLG_EXIT_OK, $status);
        [$status, $report] = $this->cli('--verify', '--plugin=' . Package::SLUG, '--confianca=' . $this->path('trust'));
        self::assertSame([PLG_EXIT_OK, 'valida'], [$status, $report['assinatura']['veredito']], json_encode($report));
        [$status, $out] = Project::php([$this->gestor->script(), '--conferir-assinatura', "--arquivo={$first}", '--confianca=' . $this->path('trust')]);
        self::assertSame(PLG_EXIT_OK, $status);
        self::assertStringContainsString('desenvolvedor=acme', $out);
    }
}
