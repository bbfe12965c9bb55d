<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * The domain that a command line chooses (`--dominio=`): from a shell config.php takes `localhost`, or the first folder of
 * autenticacoes/. What stands in the `.env` of a domain counts before what config.php would read: it never replaces what
 * the environment has already.
 */
final class Domain
{
    private string $name;
    private string $folder;

    public function __construct(string $name)
    {
        $this->name = $name;
        $this->folder = Host::root() . '/autenticacoes/' . $name . '/';
    }

    /** Why it cannot be chosen; null when it can. */
    public function fault(): ?string
    {
        if (preg_match('/^[A-Za-z0-9._-]+$/', $this->name) && trim($this->name, '.') !== '' && is_file($this->folder . '.env')) {
            return null;
        }
        $known = implode(', ', self::known()) ?: '-';
        return Host::say(
            "não há autenticacoes/{$this->name}/.env; domínios deste gestor: {$known}",
            "there is no autenticacoes/{$this->name}/.env; domains of this gestor: {$known}"
        );
    }

    /** @return list<string> the domains of this gestor */
    public static function known(): array
    {
        $files = glob(Host::root() . '/autenticacoes/*/.env') ?: [];
        return array_map(static fn (string $file): string => basename(dirname($file)), $files);
    }

    public function name(): string
    {
        return $this->name;
    }

    /** Before config.php: all that it reads of the environment is the domain's. */
    public function load(): void
    {
        $autoload = Host::root() . '/vendor/autoload.php';
        if (is_file($autoload)) {
            require_once $autoload;
        }
        foreach ($this->values() as $key => $value) {
            $_ENV[$key] = $_SERVER[$key] = $value;
        }
    }

    /** After config.php, which may have its own way to the settings: the database is the domain's. */
    public function apply(): void
    {
        $values = $this->values();
        $bank = is_array($GLOBALS['_BANCO'] ?? null) ? $GLOBALS['_BANCO'] : [];
        $of = ['host' => 'DB_HOST', 'nome' => 'DB_DATABASE', 'usuario' => 'DB_USERNAME', 'senha' => 'DB_PASSWORD'];
        foreach ($of as $key => $name) {
            $bank[$key] = $values[$name] ?? $bank[$key] ?? '';
        }
        $GLOBALS['_BANCO'] = $bank;
        if (is_array($GLOBALS['_GESTOR'] ?? null)) {
            $GLOBALS['_GESTOR']['AUTH_PATH_SERVER'] = $this->folder;
            $lang = $values['LANGUAGE_DEFAULT'] ?? null;
            $GLOBALS['_GESTOR']['linguagem-codigo'] = $lang ?? $GLOBALS['_GESTOR']['linguagem-codigo'] ?? null;
        }
    }

    /** @return array<string, string> the settings, read as the gestor reads them; plainly where it has no reader */
    private function values(): array
    {
        $text = (string) @file_get_contents($this->folder . '.env');
        if (class_exists(\Dotenv\Dotenv::class) && method_exists(\Dotenv\Dotenv::class, 'parse')) {
            try {
                return array_map('strval', \Dotenv\Dotenv::parse($text));
            } catch (\Throwable $fault) {
                // What it cannot read as a whole is read line by line.
            }
        }
        $values = [];
        foreach (preg_split('/\R/', $text) ?: [] as $line) {
            if (preg_match('/^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=\s*(?:"([^"]*)"|\'([^\']*)\'|([^#]*))/', $line, $part)) {
                $values[$part[1]] = trim(($part[2] ?? '') . ($part[3] ?? '') . ($part[4] ?? ''));
            }
        }
        return $values;
    }
}
