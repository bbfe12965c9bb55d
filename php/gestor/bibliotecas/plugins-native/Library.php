<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * The C library through PHP's FFI: the backend where the extension is not loaded.
 *
 * Takes the events of an operation one by one and answers each (see include/gestor_plugins.h). PHP is never called
 * from C, so callbacks may throw.
 */
final class Library
{
    /** What we use of gestor_plugins.h. */
    public const DECLARATIONS = <<<'C'
        typedef struct gestor_plugins_operation gestor_plugins_operation;
        const char *gestor_plugins_version(void);
        gestor_plugins_operation *gestor_plugins_start(const char *request_json);
        char *gestor_plugins_next(gestor_plugins_operation *operation);
        int gestor_plugins_answer(gestor_plugins_operation *operation, const char *answer_json);
        int gestor_plugins_finish(gestor_plugins_operation *operation, char **report_json);
        void gestor_plugins_free(char *text);
        const char *gestor_plugins_last_error(void);
        int gestor_plugins_last_error_kind(void);
        const char *gestor_plugins_exit_code_label(int64_t code);
        char *gestor_plugins_checksum(const char *file);
        char *gestor_plugins_resource_checksum(const char *html, const char *css);
        char *gestor_plugins_data_table(const char *file);
        C;

    private const ERROR_TYPE = 2;
    private const ERROR_VALUE = 3;
    private const ERROR_NESTED = 4;

    private static ?self $instance = null;
    /** @var array<string, mixed>|null */
    private static ?array $report = null;

    private \FFI $c;
    /** The operation that has not been finished; a shutdown function ends it when the script dies. */
    private ?\FFI\CData $open = null;
    /** The event that waits for an answer. */
    private ?string $asked = null;
    /** @var callable|null the runner of the open operation */
    private $migrations = null;
    private bool $guarded = false;

    /** @throws Unavailable */
    public static function get(): self
    {
        return self::$instance ??= new self(self::path());
    }

    /** The report of this request's last operation. */
    public static function report(): ?array
    {
        return self::$report;
    }

    /** @param array<string, mixed>|null $report */
    public static function keepReport(?array $report): void
    {
        self::$report = $report;
    }

    /** @throws Unavailable */
    private static function path(): string
    {
        $named = getenv('GESTOR_PLUGINS_LIB');
        $places = is_string($named) && $named !== '' ? [$named] : [
            __DIR__ . '/libgestor_plugins.so.0',
            __DIR__ . '/libgestor_plugins.so',
            dirname(__DIR__) . '/libgestor_plugins.so.0',
            dirname(__DIR__) . '/libgestor_plugins.so',
        ];
        foreach ($places as $place) {
            if (is_file($place)) {
                return $place;
            }
        }
        $named = implode(', ', $places);
        throw new Unavailable(Host::say(
            "a extensão PHP gestor_plugins não está carregada e a biblioteca C não foi encontrada ({$named}): carregue a"
            . ' extensão, ou indique a biblioteca na variável de ambiente GESTOR_PLUGINS_LIB',
            "the PHP extension gestor_plugins is not loaded and the C library was not found ({$named}): load the"
            . ' extension, or name the library in the environment variable GESTOR_PLUGINS_LIB'
        ));
    }

    /** @throws Unavailable */
    private function __construct(string $path)
    {
        if (!class_exists(\FFI::class)) {
            throw new Unavailable(Host::say(
                'a extensão PHP gestor_plugins não está carregada, e a biblioteca C precisa da extensão PHP ffi, que também'
                . ' não está: carregue uma das duas',
                'the PHP extension gestor_plugins is not loaded, and the C library needs the PHP extension ffi, which is'
                . ' not loaded either: load one of the two'
            ));
        }
        try {
            $this->c = \FFI::cdef(self::DECLARATIONS, $path);
        } catch (\Error $fault) {
            // FFI's own exceptions are errors; so is what PHP says of a class that is switched off.
            throw Unavailable::of($fault, $path);
        }
    }

    /**
     * Runs an operation to its end.
     *
     * @param array<array-key, mixed> $params
     * @return array{0: int, 1: array<string, mixed>} exit code and report
     */
    public function run(string $operation, array $params, ?callable $progress = null): array
    {
        $migrations = is_callable($params['migracoes'] ?? null) ? $params['migracoes'] : null;
        try {
            $handle = $this->c->gestor_plugins_start(Json::encode($this->request($operation, $params, $progress !== null)));
            if ($handle === null || \FFI::isNull($handle)) {
                return $this->refused();
            }
        } catch (\TypeError | \ValueError $fault) {
            $slug = is_string($params['slug'] ?? null) ? $params['slug'] : '';
            self::$report = Json::failure(PLG_EXIT_PARAMS_OR_FILE, $fault->getMessage(), $slug);
            throw $fault;
        }
        $this->hold($handle, $migrations);
        $thrown = null;
        try {
            $thrown = $this->serve($handle, $progress, $migrations);
        } finally {
            $result = $this->finish();
            if (isset($result[1]['log_falhou'])) {
                error_log('gestor-plugins: ' . $result[1]['log_falhou']);
            }
        }
        if ($thrown !== null) {
            self::$report = $result[1];
            throw $thrown;
        }
        return $result;
    }

    /**
     * @param array<array-key, mixed> $params
     * @return array<string, mixed>
     */
    private function request(string $operation, array $params, bool $tellsProgress): array
    {
        $runner = $params['migracoes'] ?? null;
        $runs = is_callable($runner) && in_array($operation, Catalogue::MIGRATING, true);
        if ($runs) {
            unset($params['migracoes']);
        } elseif (is_callable($runner)) {
            // No parameter of this operation: refused by its name, whatever it is.
            $params['migracoes'] = true;
        } elseif ($runner === true) {
            throw new \TypeError('parameter `migracoes` must be of type callable, bool given');
        }
        return [
            'operacao' => $operation,
            'params' => Json::portable($params, null),
            'progresso' => $tellsProgress,
            'migracoes' => $runs,
            'ini' => (object) IniSettings::given(),
            'open_basedir' => Json::portable((string) ini_get('open_basedir'), 'open_basedir'),
            'php_cli' => Json::portable(PHP_BINDIR . '/php', 'php_cli'),
            'sockets' => Json::portable(Host::configuredSockets(), 'sockets'),
        ];
    }

    /** Serves events until the end; gives what the progress callback threw. */
    private function serve(\FFI\CData $handle, ?callable $progress, ?callable $migrations): ?\Throwable
    {
        $thrown = null;
        while (true) {
            $event = $this->nextEvent($handle);
            $answer = null;
            $this->asked = $event['evento'];
            if ($event['evento'] === 'progresso') {
                try {
                    $go = $thrown === null && ($progress === null || $progress($event['progresso']) !== false);
                } catch (\Throwable $fault) {
                    $thrown = $fault;
                    $go = false;
                }
                $answer = ['resposta' => $go ? 'continuar' : 'cancelar'];
            } elseif ($event['evento'] === 'migracoes') {
                $answer = $this->migrate($migrations, Json::native($event['chamada']));
            }
            if ($answer === null) {
                return $thrown;
            }
            $this->answer($handle, $answer);
        }
    }

    /** @param array<string, mixed> $answer */
    private function answer(\FFI\CData $handle, array $answer): void
    {
        $this->asked = null;
        $this->c->gestor_plugins_answer($handle, Json::encode($answer));
    }

    /** @return array<string, mixed> */
    private function nextEvent(\FFI\CData $handle): array
    {
        $limit = (int) ini_get('max_execution_time');
        if ($limit > 0) {
            set_time_limit(0);
        }
        $text = $this->take($this->c->gestor_plugins_next($handle));
        if ($limit > 0) {
            set_time_limit($limit);
        }
        $event = json_decode((string) $text, true);
        return is_array($event) ? $event : ['evento' => 'fim'];
    }

    /**
     * @param array<string, mixed> $call
     * @return array<string, mixed>
     */
    private function migrate(?callable $migrations, array $call): array
    {
        if ($migrations === null) {
            $why = Host::say('a chamada não informou o callable `migracoes`', 'the call gave no `migracoes` callable');
            return ['erro' => $why, 'migracoes' => []];
        }
        try {
            $said = $migrations($call);
        } catch (\Throwable $fault) {
            return ['erro' => get_class($fault) . ': ' . $fault->getMessage(), 'migracoes' => []];
        }
        if (is_array($said) && ($said === [] || !array_is_list($said))) {
            return Json::portable($said, 'migracoes');
        }
        $found = is_array($said) ? 'array' : get_debug_type($said);
        return ['erro' => Host::say(
            "o executor de migrações respondeu {$found}; ele deve responder um array com `migracoes`, uma lista de arrays"
            . ' com `versao` e `nome`',
            "the migration runner answered {$found}; it must answer an array with `migracoes`, a list of arrays with"
            . ' `versao` and `nome`'
        ), 'migracoes' => []];
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function refused(): array
    {
        $text = $this->c->gestor_plugins_last_error();
        $kind = $this->c->gestor_plugins_last_error_kind();
        if ($kind === self::ERROR_TYPE) {
            throw new \TypeError($text);
        }
        if ($kind === self::ERROR_VALUE) {
            throw new \ValueError($text);
        }
        $code = $kind === self::ERROR_NESTED ? PLG_EXIT_PARAMS_OR_FILE : PLG_EXIT_INTERNAL;
        return [$code, Json::failure($code, $text)];
    }

    private function hold(\FFI\CData $handle, ?callable $migrations): void
    {
        [$this->open, $this->asked, $this->migrations] = [$handle, null, $migrations];
        if (!$this->guarded) {
            $this->guarded = true;
            register_shutdown_function(static function (): void {
                self::endOpen(false);
            });
        }
    }

    /**
     * Ends an operation that the end of the script has left open, and keeps its report. Where PHP can still be called,
     * what is asked on the way, such as undoing migrations, is done.
     */
    public static function endOpen(bool $mayCall): void
    {
        $self = self::$instance;
        if ($self === null || $self->open === null) {
            return;
        }
        if ($mayCall) {
            $answers = [
                'progresso' => ['resposta' => 'cancelar'],
                'migracoes' => ['erro' => Host::say(
                    'o script terminou dentro do callable `migracoes`',
                    'the script ended inside the `migracoes` callable'
                ), 'migracoes' => []],
            ];
            if (isset($answers[$self->asked])) {
                $self->answer($self->open, $answers[$self->asked]);
            }
            $self->serve($self->open, static fn (): bool => false, $self->migrations);
        }
        self::$report = $self->finish()[1];
    }

    /** @return array{0: int, 1: array<string, mixed>} */
    private function finish(): array
    {
        $handle = $this->open;
        [$this->open, $this->asked, $this->migrations] = [null, null, null];
        if ($handle === null) {
            $why = Host::say('nenhuma operação está aberta', 'no operation is open');
            return [PLG_EXIT_INTERNAL, Json::failure(PLG_EXIT_INTERNAL, $why)];
        }
        $place = $this->c->new('char *');
        $code = $this->c->gestor_plugins_finish($handle, \FFI::addr($place));
        $report = json_decode((string) $this->take($place), true);
        return [$code, is_array($report) ? $report : Json::failure($code, Json::noReport())];
    }

    /** A text of ours, copied and freed. */
    private function take(?\FFI\CData $text): ?string
    {
        if ($text === null || \FFI::isNull($text)) {
            return null;
        }
        $copy = \FFI::string($text);
        $this->c->gestor_plugins_free($text);
        return $copy;
    }

    public function version(): string
    {
        return $this->c->gestor_plugins_version();
    }

    public function label(int $code): string
    {
        return $this->c->gestor_plugins_exit_code_label($code);
    }

    public function checksum(string $file): ?string
    {
        if (!FileArgument::mayOpen($file)) {
            return null;
        }
        return $this->take($this->c->gestor_plugins_checksum(FileArgument::withoutNul($file, 'plugin_checksum', 1, 'file')));
    }

    /** @return array{html: ?string, css: ?string, combined: string}|null */
    public function resourceChecksum(?string $html, ?string $css): ?array
    {
        $html = $html === null ? null : FileArgument::withoutNul($html, 'plugin_resource_checksum', 1, 'html');
        $css = $css === null ? null : FileArgument::withoutNul($css, 'plugin_resource_checksum', 2, 'css');
        $html = $html !== null && FileArgument::mayOpen($html) ? $html : null;
        $css = $css !== null && FileArgument::mayOpen($css) ? $css : null;
        $found = $this->take($this->c->gestor_plugins_resource_checksum($html, $css));
        return $found === null ? null : json_decode($found, true);
    }

    public function dataTable(string $file): string
    {
        $found = $this->take($this->c->gestor_plugins_data_table(FileArgument::withoutNul($file, 'plugin_data_table', 1, 'file')));
        if ($found === null) {
            throw new \ValueError('plugin_data_table(): ' . $this->c->gestor_plugins_last_error());
        }
        return $found;
    }
}
