<?php

declare(strict_types=1);

namespace GestorPlugins;

/** The message of a day that a run of updates gives (`resumo`), sent by the gestor's own mail. */
final class Digest
{
    /** What the gestor's mail needs besides its settings. */
    private const LIBRARIES = ['banco', 'modelo', 'gestor', 'comunicacao'];

    /**
     * Sends it.
     *
     * @param array<string, mixed> $digest `para`, `assunto`, `linhas`
     * @return string why it could not be sent; empty where it was
     */
    public static function send(array $digest): string
    {
        try {
            // The gestor's files may print; what they print is no part of a report.
            $output = Output::begin();
            try {
                if (!function_exists('comunicacao_email') && !self::load()) {
                    return Host::say('o gestor não tem bibliotecas/comunicacao.php', 'the gestor has no bibliotecas/comunicacao.php');
                }
                if (empty($GLOBALS['_CONFIG']['email']['ativo'])) {
                    return Host::say('o envio de e-mails do gestor está desligado (EMAIL_ACTIVE)', "the gestor's mail is off (EMAIL_ACTIVE)");
                }
                $sent = \comunicacao_email([
                    'destinatarios' => [['email' => (string) $digest['para']]],
                    'mensagem' => ['assunto' => (string) $digest['assunto'], 'html' => self::html($digest)],
                ]);
            } finally {
                $output->end();
            }
        } catch (\Throwable $fault) {
            return get_class($fault) . ': ' . $fault->getMessage();
        }
        if ($sent === true) {
            return '';
        }
        if (is_string($sent) && $sent !== '') {
            return $sent;
        }
        return Host::say(
            'o gestor não conseguiu enviá-lo; o log dele (logs/email-*.log) diz por quê',
            'the gestor could not send it; its log (logs/email-*.log) says why'
        );
    }

    /**
     * Sends the one that a report holds, and has it noted; of what fails a warning.
     *
     * @param array<string, mixed> $report of `plugin_update_run`
     * @param array<string, mixed> $params of that call
     */
    public static function deliver(array $report, array $params): void
    {
        $digest = $report['resumo'] ?? null;
        if (!is_array($digest)) {
            return;
        }
        $why = self::send($digest);
        if ($why !== '') {
            Installer::warn('', self::unsent($why));
            return;
        }
        $params = array_diff_key($params, ['migracoes' => 0]) + ['resumo_enviado' => (int) $digest['numero']];
        if (plugin_update_run($params) !== PLG_EXIT_OK) {
            $errors = plugin_report()['erros'] ?? [];
            Installer::warn('', self::unnoted((string) ($errors[0] ?? '')));
        }
    }

    private static function unsent(string $why): string
    {
        return Host::say('o resumo para `aviso_email` não pôde ser enviado: ', 'the message to `aviso_email` could not be sent: ') . $why;
    }

    private static function unnoted(string $why): string
    {
        return Host::say(
            'o resumo para `aviso_email` foi enviado, e virá de novo, porque isso não pôde ser anotado: ',
            'the message to `aviso_email` was sent, and comes again, because that could not be noted: '
        ) . $why;
    }

    /** @param array<string, mixed> $digest */
    private static function html(array $digest): string
    {
        $shown = static function ($line): string {
            // Neither HTML nor one of the marks that the gestor fills in what it sends, such as @[[...]]@ and #text#.
            $encode = static fn (array $found): string => '&#' . ord($found[0]) . ';';
            return (string) preg_replace_callback('/[&<>"\'#@\[]/', $encode, (string) $line);
        };
        return '<p>' . $shown($digest['assunto']) . "</p>\n<ul>\n<li>"
            . implode("</li>\n<li>", array_map($shown, (array) $digest['linhas'])) . "</li>\n</ul>\n";
    }

    /** From a command line the gestor has not loaded its mail. */
    private static function load(): bool
    {
        foreach (self::LIBRARIES as $library) {
            $file = Host::root() . "/bibliotecas/{$library}.php";
            if (!is_file($file)) {
                return false;
            }
            require_once $file;
        }
        return function_exists('comunicacao_email');
    }
}
