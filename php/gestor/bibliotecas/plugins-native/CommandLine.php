<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * The command line of the installer: reads options, shows progress, prints the report. Process status = exit code.
 */
final class CommandLine
{
    private const HELD = 65536;
    /** Microseconds between two looks at what runs. */
    private const WATCHED_EVERY = 500000;
    /** Options with a value that are no parameter of the library. */
    private const OWN_VALUES = ['dominio' => 'dominio'];

    private IndexOptions $indices;
    /** @var array<string, mixed> */
    private array $params = [];
    private ?string $operation = null;
    private bool $json = false;
    private bool $help = false;
    private bool $version = false;
    private bool $quiet = false;
    private ?string $fault = null;
    /** @var list<string> each --arquivo */
    private array $files = [];
    private string $folder;
    private ?Domain $domain = null;
    private bool $cancelled = false;
    /** What others printed although --quiet was asked for: told when the operation fails. */
    private string $held = '';

    /** @param list<string> $arguments */
    public function __construct(array $arguments, string $folder)
    {
        $this->folder = $folder;
        $this->indices = new IndexOptions();
        // To the last one: --help answers wherever it stands. The first fault is the one that is told.
        while ($arguments !== []) {
            $first = $this->fault;
            $this->read($arguments);
            $this->fault = $first ?? $this->fault;
        }
        if (($this->params['dominio'] ?? '') !== '') {
            $this->domain = new Domain((string) $this->params['dominio']);
        }
        unset($this->params['dominio']);
        if (isset($this->params['version']) && $this->operation !== 'rollback') {
            $this->fault = $this->fault ?? Host::say(
                'a opção `--version` só aceita valor com --rollback; veja --help',
                'option `--version` takes a value with --rollback alone; see --help'
            );
        }
        $this->chooseOfIndices();
        $this->gatherBatch();
        // To strike a database out is nothing that is done with a plugin.
        $source = array_intersect_key($this->params, ['origem_tipo' => 1, 'arquivo' => 1, 'local_path' => 1, 'url' => 1]);
        $forgets = strncmp((string) ($this->params['bases'] ?? ''), 'esquecer:', 9) === 0;
        if (isset($this->params['from_lock'])) {
            $this->chooseOperation('lote', null);
        } elseif ($this->operation === null && $source === [] && ($forgets || !empty($this->params['scripts_pendentes']))) {
            $this->operation = 'recover';
        }
        foreach (Catalogue::PATHS as $key) {
            if (isset($this->params[$key])) {
                $this->params[$key] = Host::absolute($this->params[$key], $this->folder);
            }
        }
    }

    /** @param list<string> $arguments */
    private function read(array &$arguments): void
    {
        $argument = (string) array_shift($arguments);
        if (!preg_match('/^--([a-z0-9_-]+)(?:=(.*))?$/is', $argument, $part)) {
            $this->fault = $argument === '-h' ? $this->fault : Host::say(
                "argumento inesperado `{$argument}`; veja --help",
                "unexpected argument `{$argument}`; see --help"
            );
            $this->help = $this->help || $argument === '-h';
            return;
        }
        [$name, $value] = [$part[1], $part[2] ?? null];
        $values = Catalogue::VALUES + self::OWN_VALUES;
        if ($name === 'version' && $value !== null) {
            // Of a way back; alone it asks for this program's own.
            $this->params['version'] = $value;
        } elseif (in_array($name, ['json', 'help', 'quiet', 'version'], true)) {
            $this->{$name} = true;
            $this->fault = $value === null ? $this->fault : "option `--{$name}` takes no value; see --help";
        } elseif ($this->indices->takes($name)) {
            $this->indices->take($name, $value ?? (string) array_shift($arguments));
        } elseif ($name === 'lote') {
            $this->readBatch($value ?? (string) array_shift($arguments));
        } elseif (isset(Catalogue::COMMANDS[$name]) && !isset($values[$name])) {
            $this->chooseOperation($name, $value);
        } elseif (isset(Catalogue::FLAGS[$name])) {
            $this->params[Catalogue::FLAGS[$name]] = $value ?? true;
        } elseif (!isset($values[$name])) {
            $this->fault = Host::say("opção desconhecida `--{$name}`; veja --help", "unknown option `--{$name}`; see --help");
        } elseif ($value === null && ($arguments === [] || strncmp($arguments[0], '--', 2) === 0)) {
            $this->fault = Host::say(
                "a opção `--{$name}` precisa de um valor: --{$name}=…",
                "option `--{$name}` wants a value: --{$name}=…"
            );
        } else {
            $this->params[$values[$name]] = $value ?? array_shift($arguments);
            if (isset(Catalogue::COMMANDS[$name])) {
                // It asks for an operation, and says what of it.
                $this->chooseOperation($name, null);
            }
            if ($name === 'arquivo') {
                $this->files[] = (string) $this->params['arquivo'];
            }
        }
    }

    private function chooseOfIndices(): void
    {
        foreach ($this->indices->meant($this->params) as $name => $params) {
            if (is_string($name)) {
                $this->chooseOperation($name, null);
            }
            $this->params = $params + $this->params;
        }
    }

    private function readBatch(string $file): void
    {
        $this->chooseOperation('lote', null);
        $read = Batch::read(Host::absolute($file, $this->folder));
        if (is_string($read)) {
            $this->fault = $read;
        } else {
            // What stands in the file comes after what the command line says.
            $this->params += $read;
        }
    }

    /** Several files are installed together; each says itself which plugin it is. */
    private function gatherBatch(): void
    {
        if (count($this->files) < 2 && $this->operation !== 'lote') {
            return;
        }
        if (isset($this->params['slug']) || ($this->operation !== null && ($this->operation !== 'lote' || $this->files !== []))) {
            $this->fault = $this->fault ?? Host::say(
                'vários pacotes são instalados juntos sem --id e sem outra operação; veja --help',
                'several packages are installed together without --id and without another operation; see --help'
            );
            return;
        }
        $this->operation = 'lote';
        if ($this->files !== []) {
            unset($this->params['arquivo']);
            $this->params['pacotes'] = Batch::of($this->files, $this->folder);
        }
    }

    private function chooseOperation(string $name, ?string $value): void
    {
        if ($value !== null) {
            $this->fault = Host::say("a opção `--{$name}` não aceita valor; veja --help", "option `--{$name}` takes no value; see --help");
        } elseif ($this->operation !== null && $this->operation !== $name) {
            $this->fault = Host::say(
                "`--{$this->operation}` e `--{$name}` se excluem: informe só uma",
                "`--{$this->operation}` and `--{$name}` exclude each other: give only one"
            );
        }
        $this->operation = $name;
        $this->params += array_fill_keys(Catalogue::COMMANDS[$name]['implies'], true);
    }

    /** A plugin must be named, but where all of them can be meant. */
    private function lacksPlugin(): bool
    {
        $offered = Catalogue::OPERATIONS[$this->operation === null ? 'plugin_install' : Catalogue::COMMANDS[$this->operation]['function']];
        $is_wanted = in_array('slug', $offered['requires'], true)
            || (in_array('todos', $offered['takes'], true) && empty($this->params['todos']));
        return $is_wanted && ($this->params['slug'] ?? '') === '';
    }

    /** Ends at once for --help and for options that are wrong: config.php is not needed then. */
    public function exitIfAnswered(): void
    {
        if ($this->help) {
            fwrite(STDOUT, Host::say(Help::PORTUGUESE, Help::ENGLISH));
            exit(PLG_EXIT_OK);
        }
        if ($this->version && $this->fault === null) {
            exit($this->tellVersion());
        }
        if ($this->fault === null && $this->lacksPlugin()) {
            $this->fault = Host::say(
                'falta o plugin: --id=<plugin>; veja --help',
                'the plugin is missing: --id=<plugin>; see --help'
            );
        }
        if ($this->fault === null && !is_file(Host::root() . '/config.php')) {
            $root = Host::root();
            $this->fault = Host::say(
                "não há config.php em {$root}: este script fica em controladores/plugins/ de um gestor; instale-o ali com"
                . ' bin/install',
                "there is no config.php in {$root}: this script stands in controladores/plugins/ of a gestor; install it"
                . ' there with bin/install'
            );
        }
        if ($this->fault === null && $this->domain !== null) {
            $this->fault = $this->domain->fault();
        }
        if ($this->fault !== null) {
            exit($this->end(PLG_EXIT_PARAMS_OR_FILE, Json::failure(
                PLG_EXIT_PARAMS_OR_FILE,
                $this->fault,
                (string) ($this->params['slug'] ?? '')
            )));
        }
    }

    /** Before config.php, which may print, and may end the process: neither is a result. */
    public function beforeConfig(): void
    {
        $this->keepOutputClean();
        Ending::duringConfig((string) ($this->params['slug'] ?? ''), function (int $code, array $report): void {
            $this->end($code, $report);
        });
        if ($this->domain !== null) {
            $this->domain->load();
        }
    }

    public function afterConfig(): void
    {
        Ending::none();
        if ($this->domain !== null) {
            $this->domain->apply();
        }
        $this->keepOutputClean();
    }

    /** What anything prints goes to standard error; the report alone goes to standard output. */
    private function keepOutputClean(): void
    {
        if (ob_get_level() === 0) {
            ob_start(function (string $printed): string {
                if ($this->quiet) {
                    $this->held .= substr($printed, 0, max(0, self::HELD - strlen($this->held)));
                } else {
                    fwrite(STDERR, $printed);
                }
                return '';
            }, 1);
        }
    }

    private function tellVersion(): int
    {
        try {
            $version = extension_loaded('gestor_plugins') ? phpversion('gestor_plugins') . Host::say(' (extensão)', ' (extension)') : Library::get()->version() . ' (FFI)';
        } catch (Unavailable $fault) {
            fwrite(STDERR, $fault->getMessage() . "\n");
            return PLG_EXIT_PARAMS_OR_FILE;
        }
        fwrite(STDOUT, "gestor-plugins {$version}\n");
        return PLG_EXIT_OK;
    }

    public function run(): int
    {
        if (!$this->quiet) {
            $this->tellDatabase();
        }
        $this->cancelOnSignals();
        if ($this->operation === 'credenciais' && ($this->params['acao'] ?? '') === 'gravar') {
            $this->params['segredo'] = SecretInput::read(STDIN, STDERR);
        } elseif ($this->operation === 'config-gravar' && !isset($this->params['valores'])) {
            $this->params['valores'] = SecretInput::read(STDIN, STDERR, true);
        }
        if ($this->cancelled) {
            return $this->end(PLG_EXIT_CANCELLED, Json::failure(PLG_EXIT_CANCELLED, Host::say('cancelado', 'cancelled')));
        }
        if ($this->operation === 'watch') {
            $report = $this->watch();
            return $this->end((int) $report['codigo'], $report);
        }
        if ($this->operation !== null) {
            $bar = new ProgressBar(!$this->json && !$this->quiet, STDERR);
            $report = Installer::look(Catalogue::COMMANDS[$this->operation]['function'], $this->params, function (array $event) use ($bar): bool {
                $bar->show($event);
                return !$this->cancelled;
            });
            $bar->clear();
            $this->keepOutputClean();
            return $this->end((int) $report['codigo'], $report);
        }
        $bar = new ProgressBar(!$this->json && !$this->quiet, STDERR);
        $code = Installer::process($this->params, function (array $event) use ($bar): bool {
            $bar->show($event);
            return !$this->cancelled;
        });
        $bar->clear();
        $this->keepOutputClean();
        return $this->end($code, Installer::report() ?? Json::failure($code, Json::noReport()));
    }

    /**
     * Shows what runs until nothing does, and gives the last report.
     *
     * @return array<string, mixed>
     */
    private function watch(): array
    {
        $bar = new ProgressBar(!$this->json && !$this->quiet, STDERR);
        do {
            $report = Installer::look('plugin_running', $this->params);
            $running = array_filter($report['execucoes'] ?? [], static fn (array $one): bool => $one['situacao'] === 'executando');
            foreach ($running as $one) {
                if ($one['etapa'] !== null) {
                    $bar->show($one);
                }
            }
            if ($running !== []) {
                usleep(self::WATCHED_EVERY);
            }
        } while ($running !== [] && !$this->cancelled);
        $bar->clear();
        $this->keepOutputClean();
        return $report;
    }

    /** @param array<string, mixed> $report */
    private function end(int $code, array $report): int
    {
        if ($this->json) {
            $flags = JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE;
            fwrite(STDOUT, json_encode(Json::report($report), $flags) . "\n");
        } elseif (isset($report['openmetrics'])) {
            // Programs read it.
            fwrite(STDOUT, (string) $report['openmetrics']);
        } elseif (!$this->quiet) {
            fwrite(STDOUT, isset($report['versao_anterior']) || array_key_exists('dry_run', $report)
                && !isset($report['plugins'])
                ? (new ReportText($report))->text() . LookText::differences($report['diferencas'] ?? [])
                : (new LookText($report))->text());
        }
        if ($code !== PLG_EXIT_OK) {
            fwrite(STDERR, $this->held);
        }
        foreach ($report['erros'] ?? [] as $reason) {
            fwrite(STDERR, ReportText::plain((string) $reason) . "\n");
        }
        return $code;
    }

    private function tellDatabase(): void
    {
        $database = Host::database();
        if ($database === null) {
            fwrite(STDERR, Host::say("Banco de dados: config.php não define um\n", "Database: config.php defines none\n"));
            return;
        }
        $place = $database['socket'] ?? $database['host'] . ':' . $database['port'];
        fwrite(STDERR, Host::say('Banco de dados: ', 'Database: ') . ReportText::plain("{$database['nome']} ({$place})") . "\n");
        $domains = array_map('basename', glob(Host::root() . '/autenticacoes/*', GLOB_ONLYDIR) ?: []);
        if ($this->domain === null && count($domains) > 1) {
            fwrite(STDERR, Host::say(
                'Aviso: há vários domínios (' . implode(', ', $domains) . '); este é o banco do que config.php escolheu;'
                . ' --dominio=<domínio> escolhe outro.',
                'Warning: there are several domains (' . implode(', ', $domains) . '); this is the database of the one that'
                . ' config.php chose; --dominio=<domain> chooses another.'
            ) . "\n");
        }
    }

    /** Ctrl-C: the next step is told to stop, and the library undoes what was begun. */
    private function cancelOnSignals(): void
    {
        if (!function_exists('pcntl_async_signals') || !function_exists('pcntl_signal')) {
            return;
        }
        pcntl_async_signals(true);
        foreach ([SIGINT, SIGTERM, SIGHUP] as $signal) {
            pcntl_signal($signal, function () use ($signal): void {
                $this->cancelled = true;
            });
        }
    }
}
