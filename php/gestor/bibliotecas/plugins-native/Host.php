<?php

declare(strict_types=1);

namespace GestorPlugins;

/** What only the gestor around us knows: its root, its database, its language, its version. */
final class Host
{
    private const SOCKETS = ['/run/mysqld/mysqld.sock', '/var/run/mysqld/mysqld.sock', '/tmp/mysql.sock'];

    /** The folder with config.php, without a slash at its end. */
    public static function root(): string
    {
        $root = $GLOBALS['_GESTOR']['ROOT_PATH'] ?? null;
        $root = is_string($root) && $root !== '' ? $root : dirname(__DIR__, 2);
        return rtrim($root, '/') ?: '/';
    }

    /** The gestor's database as `db` of a call; null when the gestor says none. */
    public static function database(): ?array
    {
        $bank = $GLOBALS['_BANCO'] ?? null;
        if (!is_array($bank) || !isset($bank['nome'])) {
            return null;
        }
        return self::address((string) ($bank['host'] ?? '')) + [
            'nome' => (string) $bank['nome'],
            'usuario' => (string) ($bank['usuario'] ?? ''),
            'senha' => (string) ($bank['senha'] ?? ''),
        ] + self::encryption($bank);
    }

    /**
     * Whether the way to the database is encrypted, and by whose word its server is believed: the gestor has no setting
     * of its own for that. What stands in `$_BANCO` counts, else `DB_TLS` and `DB_CA` of the domain's .env.
     *
     * @return array{tls?: string, ca?: string}
     */
    private static function encryption(array $bank): array
    {
        $said = ['tls' => $bank['tls'] ?? $_ENV['DB_TLS'] ?? null, 'ca' => $bank['ca'] ?? $_ENV['DB_CA'] ?? null];
        return array_filter($said, static fn ($value): bool => is_string($value) && $value !== '');
    }

    /**
     * The forms of a host: `localhost` (the socket), `host`, `host:port`, `host:/socket`.
     *
     * @return array{host?: string, port?: int, socket?: string}
     */
    public static function address(string $host): array
    {
        $host = strncmp($host, 'p:', 2) === 0 ? substr($host, 2) : $host;
        if ($host === '' || strcasecmp($host, 'localhost') === 0) {
            return ['socket' => self::defaultSocket()];
        }
        if ($host[0] === '/') {
            return ['socket' => $host];
        }
        if (preg_match('~^[^/]*:(/.+)$~', $host, $found)) {
            return ['socket' => $found[1]];
        }
        if (preg_match('~^\[(.+)\](?::(\d+))?$~', $host, $found) || preg_match('~^([^:]+):(\d+)$~', $host, $found)) {
            return ['host' => $found[1], 'port' => (int) ($found[2] ?? 3306)];
        }
        return ['host' => $host, 'port' => 3306];
    }

    private static function defaultSocket(): string
    {
        foreach (['mysqli.default_socket', 'pdo_mysql.default_socket'] as $setting) {
            $socket = ini_get($setting);
            if (is_string($socket) && $socket !== '') {
                return $socket;
            }
        }
        foreach (self::SOCKETS as $socket) {
            if (file_exists($socket)) {
                return $socket;
            }
        }
        return self::SOCKETS[0];
    }

    /**
     * Sockets that PHP's configuration names, or where its clients look: open_basedir does not keep PHP's own clients
     * from them. What a script has set since does not count.
     *
     * @return list<string>
     */
    public static function configuredSockets(): array
    {
        $configured = [];
        foreach (['mysqli.default_socket', 'pdo_mysql.default_socket'] as $setting) {
            $socket = get_cfg_var($setting);
            if (is_string($socket) && $socket !== '') {
                $configured[] = $socket;
            }
        }
        return $configured === [] ? self::SOCKETS : $configured;
    }

    /** `pt-br` or `en`; null when the gestor speaks neither. */
    public static function lang(): ?string
    {
        $code = strtolower((string) ($GLOBALS['_GESTOR']['linguagem-codigo'] ?? ''));
        if (strncmp($code, 'pt', 2) === 0) {
            return 'pt-br';
        }
        return strncmp($code, 'en', 2) === 0 ? 'en' : null;
    }

    public static function version(): ?string
    {
        $version = $GLOBALS['_GESTOR']['versao'] ?? null;
        return is_scalar($version) && (string) $version !== '' ? (string) $version : null;
    }

    /** The folder of what this site believes, where the gestor says its domain and no setting says another folder. */
    private static function trustFolder(): ?string
    {
        $domain = $GLOBALS['_GESTOR']['AUTH_PATH_SERVER'] ?? null;
        if (!is_string($domain) || trim($domain, '/') === '' || self::isSet('confianca')) {
            return null;
        }
        return self::absolute(rtrim($domain, '/'), self::root()) . '/plugins';
    }

    /** The site's address, where the gestor says its domain: by it is told whether the site is well. */
    private static function site(): ?string
    {
        $domain = $GLOBALS['_GESTOR']['AUTH_PATH_SERVER'] ?? null;
        $name = is_string($domain) ? basename(rtrim($domain, '/')) : '';
        if (!preg_match('/^[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$/', $name)) {
            return null;
        }
        $path = trim((string) ($GLOBALS['_GESTOR']['url-raiz'] ?? ''), '/');
        return "https://{$name}/" . ($path === '' ? '' : "{$path}/");
    }

    /** The keys of credentials that the gestor has loaded from the domain's .env: they reach `$_ENV` alone. */
    private static function keys(): ?string
    {
        $keys = $_ENV['GESTOR_PLUGINS_CHAVES'] ?? null;
        return is_string($keys) && trim($keys) !== '' ? $keys : null;
    }

    /** Whether php.ini or the environment says a setting of the library. */
    private static function isSet(string $setting): bool
    {
        $said = (string) (ini_get("gestor_plugins.{$setting}") ?: get_cfg_var("gestor_plugins.{$setting}"));
        return trim($said) !== '' || trim((string) getenv('GESTOR_PLUGINS_' . strtoupper($setting))) !== '';
    }

    /** All that an operation wants of the host; what is not known is absent. */
    public static function parameters(): array
    {
        return array_filter(
            [
                'raiz' => self::root(),
                'db' => self::database(),
                'lang' => self::lang(),
                'gestor_versao' => self::version(),
                'php_versao' => PHP_VERSION,
                'confianca' => self::trustFolder(),
                'chaves' => self::keys(),
                'endereco' => self::site(),
            ],
            static fn ($value): bool => $value !== null
        );
    }

    /** A path as a call has it, below the folder that it was said in; an empty one says none. */
    public static function absolute(string $path, string $folder): string
    {
        return $path === '' || $path[0] === '/' ? $path : "{$folder}/{$path}";
    }

    /** Says a thing in the gestor's language; where it speaks neither, or is not loaded yet, in that of the settings. */
    public static function say(string $pt, string $en): string
    {
        return (self::lang() ?? self::configuredLang()) === 'en' ? $en : $pt;
    }

    /** What `gestor_plugins.lang` or GESTOR_PLUGINS_LANG says, as the core reads them; Portuguese where neither does. */
    private static function configuredLang(): string
    {
        $said = (string) (ini_get('gestor_plugins.lang') ?: get_cfg_var('gestor_plugins.lang'));
        $said = trim($said) !== '' ? $said : (string) getenv('GESTOR_PLUGINS_LANG');
        return in_array(strtolower(trim($said)), ['en', 'en-us', 'en-gb', 'en_us'], true) ? 'en' : 'pt-br';
    }

    /**
     * A text of others as people may read it: what is not seen, moves other letters or looks like the mark of a plugin's
     * line is shown as `\n` or `\u{202e}`. The core does the same for its own lines.
     */
    public static function plain(string $text): string
    {
        if (!preg_match('//u', $text)) {
            $text = (string) preg_replace('/[\x80-\xff]/', '?', $text);
        }
        $hidden = '/[\x{0}-\x{1f}\x{7f}-\x{9f}\x{ad}\x{34f}\x{61c}\x{115f}\x{1160}\x{17b4}\x{17b5}\x{180b}-\x{180f}'
            . '\x{200b}-\x{200f}\x{2028}-\x{202e}\x{2060}-\x{206f}\x{3164}\x{fe00}-\x{fe0f}\x{feff}\x{ffa0}\x{fff0}-\x{fffb}'
            . '\x{1bca0}-\x{1bca3}\x{1d173}-\x{1d17a}\x{e0000}-\x{e0fff}]|\[(?=[Pp][Ll][Uu][Gg][Ii][Nn]:)/u';
        return (string) preg_replace_callback($hidden, static function (array $found): string {
            $known = ["\n" => '\n', "\r" => '\r', "\t" => '\t'];
            return $known[$found[0]] ?? sprintf('\u{%x}', self::number($found[0]));
        }, $text);
    }

    /** The number of a letter; mbstring may be missing. */
    private static function number(string $letter): int
    {
        $bytes = array_values((array) unpack('C*', $letter));
        $number = count($bytes) === 1 ? $bytes[0] : $bytes[0] & (0xff >> (count($bytes) + 1));
        foreach (array_slice($bytes, 1) as $byte) {
            $number = $number << 6 | $byte & 0x3f;
        }
        return $number;
    }

    /**
     * One line of logs/plugins/installer.log, in the core's format; where that cannot be written, of PHP's own log.
     *
     * What outlives a call belongs to the owner of plugins/. PHP cannot give a file away but by its path, which somebody
     * may have replaced: root appends to the log that the core has made, and makes none.
     */
    public static function log(string $slug, string $level, string $tag, string $text): void
    {
        $slug = plugin_normalize_slug($slug);
        $text = self::plain($text);
        $line = '[' . date('c') . "] [{$level}] [PLUGIN:{$slug}] [{$tag}] {$text}\n";
        $file = self::openLog(self::root() . '/logs/plugins');
        if ($file === null) {
            error_log("gestor-plugins: {$slug}: {$text}");
            return;
        }
        fseek($file, 0, SEEK_END);
        fwrite($file, $line);
        fclose($file);
    }

    /** @return resource|null the log, open for writing; null when there is none that is the site's */
    private static function openLog(string $folder)
    {
        $path = $folder . '/installer.log';
        $isRoot = @fileowner('/proc/self') === 0 || (function_exists('posix_geteuid') && posix_geteuid() === 0);
        $owner = @fileowner(self::root() . '/plugins');
        if ((!$isRoot || $owner === 0) && !file_exists($path)) {
            self::makeLog($folder, $path);
        }
        // Neither makes nor empties it, and does not wait at a pipe.
        $file = is_link($folder) || is_link($path) || !is_file($path) ? false : @fopen($path, 'r+');
        $found = $file === false ? false : fstat($file);
        // What was opened is looked at, not what stood there before.
        $isOurs = $found !== false && ($found['mode'] & 0170000) === 0100000 && $found['nlink'] === 1
            && (!$isRoot || $found['uid'] === $owner);
        return $isOurs ? $file : null;
    }

    /** Only for a user who can harm none but himself, or to whom the site belongs. The group of plugins/ writes where it may write there. */
    private static function makeLog(string $folder, string $path): void
    {
        $shared = (int) @fileperms(self::root() . '/plugins') & 0020;
        if (!is_dir($folder) && @mkdir($folder, 0755, true) && $shared) {
            @chmod($folder, 0775);
        }
        if (@touch($path) && $shared) {
            @chmod($path, 0664);
        }
    }
}
