<?php

declare(strict_types=1);

namespace Tests\Real;

/** Somebody at the gestor's own pages: keeps cookies, fills in forms as they stand in the page and sends them. */
final class Browser
{
    private const HOPS = 8;

    private string $base;
    private string $log;
    /** @var array<string, string> */
    private array $cookies = [];
    private string $token = '';
    /** Where the last answer came from: path and query. */
    public string $at = '';
    public string $page = '';

    public function __construct(string $base, string $log)
    {
        $this->base = $base;
        $this->log = $log;
    }

    /** Signs the administrator in, unless this browser is. */
    public function signedIn(): void
    {
        $this->get('dashboard/');
        if (strncmp($this->at, 'dashboard', 9) !== 0) {
            $this->signIn();
        }
    }

    public function signIn(): void
    {
        $this->submit('signin/', ['usuario' => Original::USER, 'senha' => Original::PASSWORD], '_gestor-logar');
        if (strncmp($this->at, 'dashboard', 9) !== 0) {
            $this->fail('the administrator could not sign in');
        }
    }

    public function get(string $path): string
    {
        return $this->ask('GET', $path, null);
    }

    /**
     * Opens a page and sends its form with some fields changed; null unticks or leaves out.
     *
     * @param array<string, string|list<string>|null> $changes
     * @param string $with the name of a field by which the form is known
     */
    public function submit(string $path, array $changes, string $with): string
    {
        $this->get($path);
        [$action, $fields] = $this->form($with);
        return $this->ask('POST', $action, array_filter($changes + $fields, static fn ($value): bool => $value !== null));
    }

    /**
     * What a button of a page asks in the background.
     *
     * @param array<string, string> $params
     * @param array<string, string> $fields what a page sends beside them
     */
    public function ajax(string $path, string $option, array $params, array $fields = []): array
    {
        $this->get($path);
        $answer = $this->ask('POST', $path, ['ajax' => 'sim', 'ajaxOpcao' => $option, 'params' => $params] + $fields);
        $decoded = json_decode($answer, true);
        return is_array($decoded) ? $decoded : $this->fail("{$path} does not answer {$option} in JSON");
    }

    /** @return array{0: string, 1: array<string, string>} where the form with that field goes, and its fields */
    public function form(string $with): array
    {
        $document = new \DOMDocument();
        @$document->loadHTML('<?xml encoding="utf-8"?>' . $this->page);
        $path = new \DOMXPath($document);
        $form = $path->query("//form[.//*[@name='{$with}']]")->item(0);
        if (!$form instanceof \DOMElement) {
            $this->fail("the page has no form with the field {$with}");
        }
        $fields = [];
        foreach ($path->query('.//input[@name] | .//textarea[@name] | .//select[@name]', $form) as $field) {
            $value = self::value($path, $field);
            if ($value !== null) {
                $fields[$field->getAttribute('name')] = $value;
            }
        }
        return [$form->getAttribute('action') ?: $this->at, $fields];
    }

    private static function value(\DOMXPath $path, \DOMElement $field): ?string
    {
        if ($field->tagName === 'textarea') {
            return $field->textContent;
        }
        if ($field->tagName === 'select') {
            $chosen = $path->query('.//option[@selected]', $field)->item(0) ?? $path->query('.//option', $field)->item(0);
            return $chosen instanceof \DOMElement ? $chosen->getAttribute('value') : null;
        }
        if (in_array($field->getAttribute('type'), ['checkbox', 'radio'], true)) {
            // The gestor's script ticks those that say so.
            return $field->hasAttribute('checked') || $field->getAttribute('data-checked') === 'checked' ? ($field->getAttribute('value') ?: 'on') : null;
        }
        return in_array($field->getAttribute('type'), ['file', 'submit', 'button'], true) ? null : $field->getAttribute('value');
    }

    /** How a path is answered, wherever that leads. */
    public function status(string $path): int
    {
        return $this->send('GET', $path, null)[0];
    }

    /** @param ?array<string, mixed> $fields */
    private function ask(string $method, string $path, ?array $fields): string
    {
        for ($hop = 0; $hop < self::HOPS; $hop++) {
            $path = ltrim((string) preg_replace('~^https?://[^/]+~', '', $path), '/');
            $this->at = $path;
            [$status, $next] = $this->send($method, $path, $fields);
            if ($status < 300 || $status > 399 || $next === null) {
                if ($status >= 400) {
                    $this->fail("{$method} {$path} answers {$status}");
                }
                return $this->page;
            }
            [$method, $path, $fields] = ['GET', $next, null];
        }
        $this->fail("{$path} leads on and on");
    }

    /**
     * @param ?array<string, mixed> $fields
     * @return array{0: int, 1: ?string} status, and where it leads
     */
    private function send(string $method, string $path, ?array $fields): array
    {
        $cookies = implode('; ', array_map(static fn (string $name, string $value): string => "{$name}={$value}", array_keys($this->cookies), $this->cookies));
        $headers = ['Host: localhost', 'User-Agent: Mozilla/5.0 (X11; Linux x86_64) gestor-plugins', 'Connection: close', "Cookie: {$cookies}"];
        if ($fields !== null) {
            $headers[] = 'Content-Type: application/x-www-form-urlencoded';
            $headers[] = "X-CSRF-Token: {$this->token}";
        }
        $options = ['method' => $method, 'header' => implode("\r\n", $headers), 'content' => http_build_query($fields ?? []),
            'follow_location' => 0, 'ignore_errors' => true, 'timeout' => 60];
        $this->page = (string) file_get_contents($this->base . $path, false, stream_context_create(['http' => $options]));
        [$status, $next] = [0, null];
        foreach ($http_response_header ?? [] as $line) {
            if (preg_match('~^HTTP/\S+ (\d+)~', $line, $found)) {
                $status = (int) $found[1];
            } elseif (preg_match('~^Set-Cookie: ([^=]+)=([^;]*)~i', $line, $found)) {
                $this->cookies[$found[1]] = $found[2];
            } elseif (preg_match('~^Location: (.+)$~i', $line, $found)) {
                $next = trim($found[1]);
            }
        }
        // The script of every page puts it into the header of what is sent.
        $this->token = preg_match('~name="csrf-token" content="([^"]+)"~', $this->page, $found) ? $found[1] : $this->token;
        return [$status, $next];
    }

    /** @return never */
    private function fail(string $why): void
    {
        $text = trim((string) preg_replace('/\s+/', ' ', strip_tags((string) preg_replace('~<(script|style)\b.*?</\1>~s', '', $this->page))));
        throw new \RuntimeException("{$why} (at {$this->at}): " . substr($text, 0, 600) . "\n" . substr((string) @file_get_contents($this->log), -1500));
    }
}
