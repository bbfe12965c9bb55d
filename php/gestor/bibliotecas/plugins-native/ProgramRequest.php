<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * A request of the native program, and its answer: `chamada` is a call of the migrations' runner, `ganchos` a plugin whose
 * hooks the gestor is to find, `resumo` a message that it is to send, `configuracao` asks whether the gestor's settings can be
 * read. `raiz`, `db`, `dominio`, `lang` say where; `registra` whether the operator's log may be written.
 */
final class ProgramRequest
{
    /** What only reads files or a log of migrations. */
    private const QUESTIONS = ['pendentes', 'reversiveis'];

    /** @var array<string, mixed> */
    private array $request;
    private ?Domain $domain = null;
    /** What a fatal error or an `exit` ends. */
    private string $phase = '';
    private bool $answered = false;

    /** @param array<string, mixed> $request */
    public function __construct(array $request)
    {
        $this->request = $request;
        $GLOBALS['_GESTOR']['ROOT_PATH'] = $this->root() . '/';
        $GLOBALS['_GESTOR']['linguagem-codigo'] = (string) ($request['lang'] ?? '');
        ini_set('display_errors', 'stderr');
        register_shutdown_function(function (): void {
            $this->atShutdown();
        });
    }

    public function root(): string
    {
        return rtrim((string) $this->request['raiz'], '/');
    }

    /** Whether the gestor's settings are wanted: what only asks does without, unless there is something to run. */
    public function wantsGestor(): bool
    {
        if (!isset($this->request['chamada'])) {
            return true;
        }
        if (!in_array($this->request['chamada']['acao'], self::QUESTIONS, true)) {
            return true;
        }
        // Whether it could be run is told before anything is changed.
        return ($this->migrations()['migracoes'] ?? []) !== [];
    }

    public function beforeConfig(): void
    {
        $this->phase = 'config.php';
        ob_start(static function (string $printed): string {
            fwrite(STDERR, $printed);
            return '';
        }, 1);
        $name = (string) ($this->request['dominio'] ?? '');
        if ($name !== '') {
            $this->domain = new Domain($name);
            $this->domain->load();
        }
    }

    public function afterConfig(): void
    {
        if ($this->domain !== null) {
            $this->domain->apply();
        }
        $GLOBALS['_GESTOR']['ROOT_PATH'] = $this->root() . '/';
        $GLOBALS['_GESTOR']['linguagem-codigo'] = (string) ($this->request['lang'] ?? '');
        $this->phase = '';
    }

    public function answer(): void
    {
        if (isset($this->request['configuracao'])) {
            $this->say(['avisos' => []]);
            return;
        }
        if (isset($this->request['ganchos'])) {
            $this->phase = Host::say('a sincronização dos ganchos', 'the synchronization of hooks');
            $this->say(['avisos' => AfterInstall::hooks()]);
            return;
        }
        if (isset($this->request['resumo'])) {
            $this->phase = Host::say('o envio do e-mail', 'the sending of mail');
            $why = Digest::send((array) $this->request['resumo']);
            $this->say($why === '' ? ['enviado' => true] : ['avisos' => [$why]]);
            return;
        }
        $this->phase = Host::say('a migração', 'the migration');
        $this->say($this->migrations(true));
    }

    /**
     * @param bool $isReady the gestor's settings are there
     * @return array<string, mixed>
     */
    private function migrations(bool $isReady = false): array
    {
        $call = $this->request['chamada'];
        $database = (array) ($this->request['db'] ?? []);
        $runner = new PhinxRunner($this->root(), $database);
        $tells = !empty($this->request['registra']);
        $migrations = new Migrations($runner, (string) $call['slug'], (string) ($database['senha'] ?? ''), $tells);
        try {
            if ($isReady && in_array($call['acao'], self::QUESTIONS, true)) {
                $runner->loadPhinx();
            }
            return $migrations($call);
        } catch (\Throwable $fault) {
            return ['erro' => get_class($fault) . ': ' . $fault->getMessage(), 'migracoes' => []];
        }
    }

    /** @param array<string, mixed> $answer */
    private function say(array $answer): void
    {
        $this->answered = true;
        while (ob_get_level() > 0 && @ob_end_flush()) {
            // What was printed is no answer.
        }
        fwrite(STDOUT, "\n" . Json::encode($answer) . "\n");
    }

    /** The process ended inside of what others wrote. */
    private function atShutdown(): void
    {
        if ($this->answered) {
            return;
        }
        $last = error_get_last();
        $isFatal = $last !== null && ($last['type'] & (E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR));
        $why = $isFatal ? "{$last['message']} ({$last['file']}:{$last['line']})" : Host::say('o script terminou (exit)', 'the script ended (exit)');
        $why = ($this->phase === '' ? '' : "{$this->phase}: ") . $why;
        $this->say(isset($this->request['chamada']) ? ['erro' => $why, 'migracoes' => []] : ['avisos' => [$why]]);
    }
}
