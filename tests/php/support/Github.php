<?php

declare(strict_types=1);

namespace Tests;

/** Plays GitHub over HTTPS on loopback: releases of one repository, their assets, and a storage host behind the API. */
final class Github
{
    public const OWNER = 'acme';
    public const REPO = 'agenda';
    public const TOKEN = 'ghp_TheSecretOfThisTest0123456789abcdef';

    private string $folder;
    private Authority $authority;
    /** @var resource */
    private $process;
    /** @var ?resource */
    private $proxy = null;
    /** @var array{api: int, storage: int} */
    private array $ports;
    /** @var list<array<string, mixed>> newest first */
    private array $releases = [];

    public function __construct()
    {
        $this->folder = Project::temporaryFolder();
        mkdir($this->folder . '/answers');
        $this->authority = new Authority($this->folder);
        $log = ['file', $this->folder . '/server.log', 'a'];
        $this->process = proc_open(
            [PHP_BINARY, __DIR__ . '/https-server.php', $this->folder, $this->authority->server],
            [['file', '/dev/null', 'r'], $log, $log],
            $pipes
        );
        for ($try = 0; $try < 200 && !is_file($this->folder . '/ports'); $try++) {
            usleep(50000);
        }
        $this->ports = json_decode((string) file_get_contents($this->folder . '/ports'), true);
        $this->answer('api', $this->list(), 200, '[]');
    }

    public function stop(): void
    {
        if ($this->proxy !== null) {
            proc_terminate($this->proxy, SIGKILL);
            proc_close($this->proxy);
        }
        proc_terminate($this->process, SIGKILL);
        proc_close($this->process);
        Project::remove($this->folder);
    }

    /** What a command line needs to meet this GitHub instead of the real one, and the token `site`. */
    public function environment(array $more = []): array
    {
        return Project::environment($more + [
            'GESTOR_PLUGINS_CA_FILE' => $this->authority->file,
            'GESTOR_PLUGINS_GITHUB_API' => $this->url('/api'),
            'GESTOR_PLUGINS_GITHUB_WEB' => $this->url(''),
            'PLUGIN_TOKEN_SITE' => self::TOKEN,
            'no_proxy' => 'localhost',
        ]);
    }

    public function url(string $path, string $host = 'api'): string
    {
        return "https://localhost:{$this->ports[$host]}{$path}";
    }

    /** The same for a gestor whose own code asks `api.github.com`: a proxy leads it here, and nothing leaves the machine. */
    public function environmentOfAGestor(): array
    {
        if ($this->proxy === null) {
            $this->proxy = proc_open(
                [PHP_BINARY, __DIR__ . '/https-proxy.php', $this->folder, (string) $this->ports['api']],
                [['file', '/dev/null', 'r'], ['file', $this->folder . '/proxy.log', 'a'], ['file', $this->folder . '/proxy.log', 'a']],
                $pipes
            );
            for ($try = 0; $try < 200 && !is_file($this->folder . '/proxy'); $try++) {
                usleep(50000);
            }
        }
        // The site's user trusts it as well.
        chmod($this->folder, 0711);
        chmod($this->authority->file, 0644);
        $environment = $this->environment(['PLUGIN_TOKEN_SITE' => '']);
        $names = ['GESTOR_PLUGINS_CA_FILE', 'GESTOR_PLUGINS_GITHUB_API', 'GESTOR_PLUGINS_GITHUB_WEB', 'PLUGIN_TOKEN_SITE', 'no_proxy'];
        return ['https_proxy' => 'http://127.0.0.1:' . file_get_contents($this->folder . '/proxy')]
            + array_intersect_key($environment, array_flip($names));
    }

    /** Publishes a release with package and checksum, for private and public repositories. */
    public function release(string $tag, string $package, ?string $checksum = null): void
    {
        $repo = self::OWNER . '/' . self::REPO;
        $number = 100 + 10 * count($this->releases);
        $checksum ??= hash('sha256', $package) . "  gestor-plugin.zip\n";
        $asset = fn (int $id, string $name): array => ['id' => $id, 'name' => $name, 'state' => 'uploaded',
            'url' => $this->url("/api/repos/{$repo}/releases/assets/{$id}")];
        array_unshift($this->releases, $release = [
            'tag_name' => $tag, 'draft' => false, 'prerelease' => false, 'published_at' => gmdate('Y-m-d\TH:i:s\Z', 1767225600 + $number),
            'assets' => [$asset($number, 'gestor-plugin.zip'), $asset($number + 1, 'gestor-plugin.zip.sha256')],
        ]);
        $this->answer('api', $this->list(), 200, (string) json_encode($this->releases));
        $this->answer('api', "/api/repos/{$repo}/releases/tags/{$tag}", 200, (string) json_encode($release));
        $signed = "/bucket/{$number}?sig=signed";
        $this->answer('api', "/api/repos/{$repo}/releases/assets/{$number}", 302, '', ['Location' => $this->url($signed, 'storage')]);
        $this->answer('api', "/api/repos/{$repo}/releases/assets/" . ($number + 1), 200, $checksum);
        $this->answer('api', "/{$repo}/releases/download/{$tag}/gestor-plugin.zip", 302, '', ['Location' => $this->url($signed, 'storage')]);
        $this->answer('api', "/{$repo}/releases/download/{$tag}/gestor-plugin.zip.sha256", 200, $checksum);
        $this->answer('storage', $signed, 200, $package);
    }

    /** @param array<string, string> $headers */
    public function answer(string $host, string $path, int $status, string $body, array $headers = []): void
    {
        file_put_contents("{$this->folder}/answers/" . rawurlencode("{$host} {$path}"), serialize([$status, $headers, $body]));
    }

    /** @return list<array{host: string, path: string, head: list<string>}> what was asked since the last call */
    public function asked(): array
    {
        $lines = is_file($this->folder . '/asked') ? file($this->folder . '/asked', FILE_IGNORE_NEW_LINES) : [];
        file_put_contents($this->folder . '/asked', '');
        return array_map(static fn (string $line): array => json_decode($line, true), $lines);
    }

    /** Answers the gestor's own code, which asks GitHub itself for the releases. */
    public function answerTheGestor(): void
    {
        $this->answer('api', '/repos/' . self::OWNER . '/' . self::REPO . '/releases', 200, (string) json_encode($this->releases));
    }

    private function list(): string
    {
        return '/api/repos/' . self::OWNER . '/' . self::REPO . '/releases?per_page=100';
    }
}
