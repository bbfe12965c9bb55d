<?php

declare(strict_types=1);

use GestorPlugins\Host;
use PHPUnit\Framework\TestCase;

/** What a gestor says of itself, in all the forms that it may say it. */
final class HostTest extends TestCase
{
    protected function tearDown(): void
    {
        unset($GLOBALS['_GESTOR'], $GLOBALS['_BANCO'], $_ENV['DB_TLS'], $_ENV['DB_CA']);
    }

    /** @return iterable<array{string, array}> */
    public static function hosts(): iterable
    {
        yield ['db.example', ['host' => 'db.example', 'port' => 3306]];
        yield ['db.example:3307', ['host' => 'db.example', 'port' => 3307]];
        yield ['127.0.0.1:3307', ['host' => '127.0.0.1', 'port' => 3307]];
        yield ['localhost:3307', ['host' => 'localhost', 'port' => 3307]];
        yield ['localhost:/run/m.sock', ['socket' => '/run/m.sock']];
        yield ['db:/run/a:b/m.sock', ['socket' => '/run/a:b/m.sock']];
        yield [':/run/m.sock', ['socket' => '/run/m.sock']];
        yield ['/run/m.sock', ['socket' => '/run/m.sock']];
        yield ['p:db.example', ['host' => 'db.example', 'port' => 3306]];
        yield ['[::1]:3307', ['host' => '::1', 'port' => 3307]];
        yield ['::1', ['host' => '::1', 'port' => 3306]];
    }

    /** @dataProvider hosts */
    public function testForms(string $host, array $address): void
    {
        self::assertSame($address, Host::address($host));
    }

    public function testLocalhostIsASocket(): void
    {
        foreach (['localhost', 'LOCALHOST', ''] as $host) {
            self::assertSame(['socket'], array_keys(Host::address($host)));
        }
        $before = ini_get('mysqli.default_socket');
        if ($before !== false && ini_set('mysqli.default_socket', '/x/y.sock') !== false) {
            self::assertSame(['socket' => '/x/y.sock'], Host::address('localhost'));
            ini_set('mysqli.default_socket', $before);
        }
    }

    /** What the core's `escape` does; its test reads the same file. */
    private static function escapes(): array
    {
        return json_decode((string) file_get_contents(__DIR__ . '/../fixtures/escape.json'), true, 8, JSON_THROW_ON_ERROR);
    }

    public function testTextsOfOthersAreShownAsTheCoreShowsThem(): void
    {
        foreach (self::escapes()['texts'] as [$text, $shown]) {
            self::assertSame($shown, Host::plain($text));
            self::assertSame($shown, Host::plain($shown));
        }
        self::assertSame('a??b', Host::plain("a\xff\xfeb"));
    }

    public function testTheSameLettersAreHiddenAsInTheCore(): void
    {
        $hidden = array_map(static fn (array $range): array => array_map('hexdec', $range), self::escapes()['hidden']);
        $wrong = [];
        for ($number = 0; $number <= 0x10ffff; $number++) {
            if ($number === 0xd800) {
                $number = 0xe000;
            }
            while ($hidden !== [] && $hidden[0][1] < $number) {
                array_shift($hidden);
            }
            $letter = mb_chr($number, 'UTF-8');
            if ((Host::plain($letter) !== $letter) !== ($hidden !== [] && $hidden[0][0] <= $number)) {
                $wrong[] = dechex($number);
            }
        }
        self::assertSame([], $wrong);
    }

    public function testParameters(): void
    {
        $GLOBALS['_GESTOR'] = ['ROOT_PATH' => '/g/', 'versao' => '2.9', 'linguagem-codigo' => 'pt-BR'];
        $GLOBALS['_BANCO'] = ['host' => 'h:1', 'nome' => 'n', 'usuario' => 'u', 'senha' => 's'];
        self::assertSame([
            'raiz' => '/g',
            'db' => ['host' => 'h', 'port' => 1, 'nome' => 'n', 'usuario' => 'u', 'senha' => 's'],
            'lang' => 'pt-br',
            'gestor_versao' => '2.9',
            'php_versao' => PHP_VERSION,
        ], Host::parameters());
    }

    public function testEncryptionIsSaidByTheDomainsEnvironment(): void
    {
        $GLOBALS['_BANCO'] = ['host' => 'h:1', 'nome' => 'n', 'usuario' => 'u', 'senha' => 's'];
        $plain = ['host' => 'h', 'port' => 1, 'nome' => 'n', 'usuario' => 'u', 'senha' => 's'];
        $_ENV['DB_TLS'] = 'verify';
        self::assertSame($plain + ['tls' => 'verify'], Host::database());
        $_ENV['DB_CA'] = '/ca.pem';
        self::assertSame($plain + ['tls' => 'verify', 'ca' => '/ca.pem'], Host::database());
        $GLOBALS['_BANCO'] += ['tls' => 'required', 'ca' => ''];
        self::assertSame($plain + ['tls' => 'required'], Host::database());
    }

    public function testWithoutAGestor(): void
    {
        $library = dirname(__DIR__, 2) . '/php/gestor';
        self::assertSame(['raiz' => $library, 'php_versao' => PHP_VERSION], Host::parameters());
        $GLOBALS['_GESTOR'] = ['linguagem-codigo' => 'es'];
        self::assertNull(Host::lang());
    }
}
