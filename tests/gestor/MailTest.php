<?php

declare(strict_types=1);

use PHPUnit\Framework\TestCase;
use Tests\Authority;
use Tests\Github;
use Tests\Project;
use Tests\Real\Agenda;
use Tests\Real\OnSite;
use Tests\Real\Site;

/** The message of a day, as the gestor's own mail sends it: its layout, its settings, a mail server that asks who is there. */
final class MailTest extends TestCase
{
    use OnSite {
        tearDown as private removeSite;
    }

    private const SENT = 'Atualizações dos plugins';

    private Github $github;
    private string $folder;
    /** @var resource */
    private $server;

    protected function setUp(): void
    {
        $this->github = new Github();
        $this->site = Site::make();
        $this->site->environment = $this->github->environmentOfAGestor();
        $this->folder = Project::temporaryFolder();
        $authority = new Authority($this->folder);
        $log = ['file', "{$this->folder}/log", 'a'];
        $command = [PHP_BINARY, __DIR__ . '/support/smtp-server.php', $this->folder, $authority->server];
        $this->server = proc_open($command, [['file', '/dev/null', 'r'], $log, $log], $pipes);
        for ($try = 0; $try < 200 && !is_file("{$this->folder}/port"); $try++) {
            usleep(50000);
        }
        file_put_contents("{$this->site->folder}/php/mail.ini", "openssl.cafile={$authority->file}\n");
        chmod($this->folder, 0755);
        chmod($authority->file, 0644);
    }

    protected function tearDown(): void
    {
        $this->removeSite();
        isset($this->github) && $this->github->stop();
        if (isset($this->server)) {
            proc_terminate($this->server, SIGKILL);
            proc_close($this->server);
            Project::remove($this->folder);
        }
    }

    private function settings(array $values): void
    {
        $file = "{$this->site->root}/autenticacoes/localhost/.env";
        $text = (string) file_get_contents($file);
        foreach ($values as $name => $value) {
            $text = preg_replace("/^{$name}=.*\n?/m", '', $text) . "\n{$name}={$value}\n";
        }
        file_put_contents($file, $text);
    }

    private function tells(string $address): void
    {
        $folder = "{$this->site->root}/autenticacoes/localhost/plugins";
        is_dir($folder) || mkdir($folder, 0700);
        file_put_contents("{$folder}/politica.json", json_encode(['aviso_email' => $address]));
        $this->site->own($folder);
    }

    private function release(string $version): string
    {
        $path = Agenda::write($this->site, $version, $version === '1.0.0' ? Agenda::MIGRATION_CREATE : Agenda::MIGRATION_EXTEND);
        $tag = 'plugin-' . Agenda::SLUG . "-v{$version}";
        $this->github->release($tag, (string) file_get_contents($path));
        unlink($path);
        return $tag;
    }

    /** @return array{0: list<string>, 1: ?array} what a run warns of the message, and what it holds of it */
    private function runs(): array
    {
        $report = self::assertDone($this->site->look('--agendar', '--agora'));
        $warnings = array_values(preg_grep('/aviso_email/', $report['avisos']));
        return [$warnings, $report['resumo']];
    }

    /** As if half an hour had gone by since it was given. */
    private function later(): void
    {
        $this->site->execute("UPDATE gestor_plugins_ajustes SET valor = REPLACE(valor, 'entregue_em\":', 'entregue_em\":null,\"x\":') WHERE chave = 'resumo'");
    }

    public function testTheGestorSendsWhatHasHappened(): void
    {
        $tag = $this->release('1.0.0');
        self::assertDone($this->site->look('--id=' . Agenda::SLUG, '--origem_tipo=github_publico', '--owner=' . Github::OWNER,
            '--repo=' . Github::REPO, "--ref={$tag}"));
        $this->tells('refused@example.org');
        $this->release('2.0.0');
        [$warnings, $digest] = $this->runs();
        self::assertStringContainsString('EMAIL_ACTIVE', $warnings[0] ?? '', 'the mail of this gestor is off');
        self::assertSame('refused@example.org', $digest['para']);

        $port = file_get_contents("{$this->folder}/port");
        $this->settings(['EMAIL_ACTIVE' => 'true', 'EMAIL_HOST' => 'localhost', 'EMAIL_PORT' => $port, 'EMAIL_SECURE' => 'true',
            'EMAIL_USER' => 'site', 'EMAIL_PASS' => 'secret', 'EMAIL_FROM' => 'site@example.org', 'EMAIL_FROM_NAME' => 'Site', 'EMAIL_REPLY_TO' => 'ana@example.org']);
        $this->later();
        [$warnings] = $this->runs();
        self::assertStringContainsString('não pôde ser enviado', $warnings[0] ?? '', 'the server knows no such mail box');

        $this->later();
        $this->tells('ana@example.org');
        [$warnings, $digest] = $this->runs();
        self::assertSame([], $warnings, (string) file_get_contents("{$this->folder}/log") . implode(array_map('file_get_contents', glob("{$this->site->root}/logs/*mail*") ?: [])));
        self::assertCount(1, $digest['linhas']);
        $message = (string) file_get_contents("{$this->folder}/message-1");
        self::assertStringContainsString('To: ana@example.org', $message);
        self::assertStringContainsString(self::SENT, (string) iconv_mime_decode_headers($message, 2, 'UTF-8')['Subject']);
        $body = quoted_printable_decode($message) . base64_decode((string) preg_replace('/^.*?base64\s+/s', '', $message));
        self::assertStringContainsString(Agenda::SLUG . ': há a versão 2.0.0', $body);

        // It was noted, and nothing is left to tell.
        $this->later();
        self::assertSame([[], null], $this->runs());
        self::assertFileDoesNotExist("{$this->folder}/message-2");
    }
}
