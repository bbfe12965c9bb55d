<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * The command line of the installer: reads options, shows progress, prints the report. Process status = exit code.
 */
final class CommandLine
{
    private const VALUES = [
        'id' => 'slug', 'plugin' => 'slug', 'origem_tipo' => 'origem_tipo', 'arquivo' => 'arquivo', 'local_path' => 'local_path',
        'owner' => 'owner', 'repo' => 'repo', 'ref' => 'ref', 'cred_ref' => 'cred_ref', 'url' => 'url',
        'sha256' => 'sha256', 'adocao' => 'adocao', 'conflitos' => 'conflitos', 'orfaos' => 'orfaos',
        'fusao' => 'fusao', 'ator' => 'ator',
        'modo' => 'modo', 'conflito' => 'conflito', 'escolha' => 'escolha', 'valor' => 'valor', 'limite' => 'limite',
    ];
    private const FLAGS = [
        'reprocessar' => 'reprocessar', 'dry-run' => 'dry_run', 'no-resources' => 'no_resources',
        'no-migrations' => 'no_migrations', 'only-migrations' => 'only_migrations',
        'only-resources' => 'only_resources', 'forcar' => 'forcar', 'debug' => 'debug',
        'estrito' => 'estrito', 'todos' => 'todos',
    ];
    /** Options that ask for something else than an installation, and the functions that do it. */
    private const OPERATIONS = [
        'list' => 'plugin_list', 'history' => 'plugin_history', 'conflicts' => 'plugin_conflicts',
        'resolve' => 'plugin_resolve', 'verify' => 'plugin_verify', 'diff' => 'plugin_diff',
        'uninstall' => 'plugin_uninstall',
    ];
    private const HELD = 65536;
    private const PATHS = ['arquivo', 'local_path'];
    private const HELP_PORTUGUESE = <<<'TEXT'
        Instala ou atualiza um plugin deste gestor.

          php atualizacao-plugin.php --id=<plugin> --origem_tipo=<tipo> [opções]

        De onde vem o pacote (--origem_tipo):
          upload, arquivo   --arquivo=<pacote.zip>
          local_path        --local_path=<pacote.zip ou pasta>
          github_publico    --owner=<dono> --repo=<repositório> [--ref=<tag>]
          github_privado    o mesmo, e --cred_ref=<nome>: o token é lido de PLUGIN_TOKEN_<NOME>
          url               --url=<https://…> [--sha256=<hex>]

        Ver e decidir o que está instalado (--plugin=<plugin>):
          --list                plugins deste banco de dados, e o que há a saber de cada um
          --history             o que foi feito com o plugin; --limite=<n> operações
          --conflicts           o que espera uma decisão, com os valores dos dois lados
          --resolve             decidir: --conflito=<números|todos> --escolha=minha|pacote|valor [--valor=<texto>]
          --verify              o que difere do que foi instalado; --estrito conta também o que usuários mudaram;
                                --todos verifica todos os plugins
          --diff                o que instalar um pacote mudaria, sem alterar nada (com --origem_tipo=…)

        Desinstalar (--plugin=<plugin>):
          --uninstall           tirar a pasta do plugin e o que os pacotes dele trouxeram, tudo guardado antes; --dry-run
                                mostra o que sairia; --forcar deixa usuários sem os perfis que saem
          --modo=remover|expurgar         ficam as linhas criadas em uso, as tabelas do plugin e os usuários (padrão), ou
                                          sai tudo o que leva o nome dele

        Opções:
          --reprocessar         fazer tudo de novo, consertando o que foi danificado
          --dry-run             mostrar o que seria feito, sem alterar nada
          --no-resources, --only-migrations    arquivos e migrações, sem linhas
          --no-migrations, --only-resources    arquivos e linhas, sem migrações
          --forcar              deixar passar versões mais antigas e incompatíveis
          --adocao=orfaos|nunca|sempre    linhas sem dono: as que não são do gestor (padrão), nenhuma, todas
          --conflitos=abortar|pular       parar (padrão), ou deixar como estão as linhas em conflito
          --orfaos=log|export|ignore|inativar|remover
                                          linhas que o pacote não traz mais: ficam, ou, as que ninguém editou, ficam
                                          inativas ou são removidas (guardadas antes)
          --fusao=minha|pacote|abortar    valores que o site e o pacote alteraram: fica o do site e o do pacote espera
                                          (padrão), entra o do pacote e o do site é guardado, ou nada é feito
          --ator=<quem>                   quem pediu, para o histórico
          --quiet               imprimir só os erros, e o relatório quando --json o pede
          --json                imprimir na saída padrão o relatório em JSON, e nada mais
          --debug               registrar no log cada linha do banco
          --version             imprimir a versão da biblioteca nativa
          --help                este texto

        O código de saída é o resultado: 0 feito, 10 parâmetros, 11 pacote inválido, 12 arquivos, 13 migrações, 14 banco de
        dados, 15 travado, 16 cancelado, 20 download, 21 arquivo compactado, 22 checksum, 31 incompatível, 32 versão mais
        antiga, 33 difere do instalado, 34 sem caminho de volta, 35 não instalado, 99 erro interno.

        TEXT;
    private const HELP = <<<'TEXT'
        Installs or updates a plugin of this gestor.

          php atualizacao-plugin.php --id=<plugin> --origem_tipo=<type> [options]

        Where the package comes from (--origem_tipo):
          upload, arquivo   --arquivo=<package.zip>
          local_path        --local_path=<package.zip or folder>
          github_publico    --owner=<owner> --repo=<repository> [--ref=<tag>]
          github_privado    the same, and --cred_ref=<name>: the token is read from PLUGIN_TOKEN_<NAME>
          url               --url=<https://…> [--sha256=<hex>]

        Looking at what is installed, and deciding (--plugin=<plugin>):
          --list                plugins of this database, and what there is to know of each
          --history             what was done to the plugin; --limite=<n> operations
          --conflicts           what waits for a decision, with the values of both sides
          --resolve             decide: --conflito=<numbers|todos> --escolha=minha|pacote|valor [--valor=<text>]
          --verify              what differs from what was installed; --estrito counts what users changed as well;
                                --todos verifies all plugins
          --diff                what installing a package would change, changing nothing (with --origem_tipo=…)

        Uninstalling (--plugin=<plugin>):
          --uninstall           takes away the plugin's folder and what its packages brought, all of it kept before;
                                --dry-run shows what would go; --forcar leaves users without the profiles that go
          --modo=remover|expurgar         rows made in use, the plugin's own tables and users stay (default), or
                                          everything that bears its name goes

        Options:
          --reprocessar         do everything again, repairing what was damaged
          --dry-run             show what would be done; change nothing
          --no-resources, --only-migrations    files and migrations, no rows
          --no-migrations, --only-resources    files and rows, no migrations
          --forcar              let older and incompatible versions pass
          --adocao=orfaos|nunca|sempre    rows without owner: those not of the core (default), none, all
          --conflitos=abortar|pular       stop (default), or leave rows in conflict alone
          --orfaos=log|export|ignore|inativar|remover
                                          rows that the package no longer brings: they stay, or, those that nobody
                                          edited, become inactive or are removed (saved before)
          --fusao=minha|pacote|abortar    values that both the site and the package changed: the site's stays and the
                                          package's waits (default), the package's goes in and the site's is saved, or
                                          nothing is done
          --ator=<who>                    who asked for it, for the history
          --quiet               print nothing but errors, and the report where --json asks for it
          --json                print the report as JSON, and nothing else, on standard output
          --debug               log single rows
          --version             print the version of the native library
          --help                this text

        The exit status is the result: 0 done, 10 parameters, 11 invalid package, 12 files, 13 migrations, 14 database,
        15 locked, 16 cancelled, 20 download, 21 archive, 22 checksum, 31 incompatible, 32 older version, 33 not as
        installed, 34 no way there, 35 not installed, 99 internal.

        TEXT;

    /** @var array<string, mixed> */
    private array $params = [];
    private ?string $operation = null;
    private bool $json = false;
    private bool $help = false;
    private bool $version = false;
    private bool $quiet = false;
    private ?string $fault = null;
    private string $folder;
    private bool $cancelled = false;
    /** What others printed although --quiet was asked for: told when the operation fails. */
    private string $held = '';

    /** @param list<string> $arguments */
    public function __construct(array $arguments, string $folder)
    {
        $this->folder = $folder;
        // To the last one: --help answers wherever it stands. The first fault is the one that is told.
        while ($arguments !== []) {
            $first = $this->fault;
            $this->read($arguments);
            $this->fault = $first ?? $this->fault;
        }
        foreach (self::PATHS as $key) {
            $path = $this->params[$key] ?? '';
            if ($path !== '' && $path[0] !== '/') {
                $this->params[$key] = $this->folder . '/' . $path;
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
        if (in_array($name, ['json', 'help', 'quiet', 'version'], true)) {
            $this->{$name} = true;
            $this->fault = $value === null ? $this->fault : "option `--{$name}` takes no value; see --help";
        } elseif (isset(self::OPERATIONS[$name])) {
            $this->chooseOperation($name, $value);
        } elseif (isset(self::FLAGS[$name])) {
            $this->params[self::FLAGS[$name]] = $value ?? true;
        } elseif (!isset(self::VALUES[$name])) {
            $this->fault = Host::say("opção desconhecida `--{$name}`; veja --help", "unknown option `--{$name}`; see --help");
        } elseif ($value === null && ($arguments === [] || strncmp($arguments[0], '--', 2) === 0)) {
            $this->fault = Host::say(
                "a opção `--{$name}` precisa de um valor: --{$name}=…",
                "option `--{$name}` wants a value: --{$name}=…"
            );
        } else {
            $this->params[self::VALUES[$name]] = $value ?? array_shift($arguments);
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
    }

    /** A plugin must be named, but where all of them can be meant. */
    private function lacksPlugin(): bool
    {
        $all = $this->operation === 'list' || ($this->operation === 'verify' && !empty($this->params['todos']));
        return !$all && ($this->params['slug'] ?? '') === '';
    }

    /** Ends at once for --help and for options that are wrong: config.php is not needed then. */
    public function exitIfAnswered(): void
    {
        if ($this->help) {
            fwrite(STDOUT, Host::say(self::HELP_PORTUGUESE, self::HELP));
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
    }

    public function afterConfig(): void
    {
        Ending::none();
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
        if ($this->operation === 'uninstall') {
            return $this->change(static function (array $params, callable $progress): int {
                return Installer::uninstall($params, $progress);
            });
        }
        if ($this->operation !== null) {
            $report = Installer::look(self::OPERATIONS[$this->operation], $this->params);
            $this->keepOutputClean();
            return $this->end((int) $report['codigo'], $report);
        }
        return $this->change(static function (array $params, callable $progress): int {
            return Installer::process($params, $progress);
        });
    }

    /** @param callable(array<string, mixed>, callable): int $operation */
    private function change(callable $operation): int
    {
        $bar = new ProgressBar(!$this->json && !$this->quiet, STDERR);
        $code = $operation($this->params, function (array $event) use ($bar): bool {
            $bar->show($event);
            return !$this->cancelled;
        });
        $bar->clear();
        $this->keepOutputClean();
        return $this->end($code, Installer::report() ?? Json::failure($code, Json::noReport()));
    }

    /** @param array<string, mixed> $report */
    private function end(int $code, array $report): int
    {
        if ($this->json) {
            $flags = JSON_PRETTY_PRINT | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE;
            fwrite(STDOUT, json_encode(Json::report($report), $flags) . "\n");
        } elseif (!$this->quiet) {
            fwrite(STDOUT, isset($report['versao_anterior']) || array_key_exists('dry_run', $report)
                ? (new ReportText($report))->text()
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
        if (count($domains) > 1) {
            fwrite(STDERR, Host::say(
                'Aviso: há vários domínios (' . implode(', ', $domains) . '); este é o banco do que config.php escolheu.',
                'Warning: there are several domains (' . implode(', ', $domains) . '); this is the database of the one that'
                . ' config.php chose.'
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
