<?php

declare(strict_types=1);

namespace GestorPlugins;

/** A report as a person reads it. */
final class ReportText
{
    private const COUNTERS = [
        'inseridos' => 'new', 'adotados' => 'adopted', 'alterados' => 'changed', 'iguais' => 'same',
        'preservados' => 'kept from users', 'orfaos' => 'orphans', 'ignorados' => 'left alone',
        'mantidos' => 'kept as edited', 'conflitos' => 'in conflict', 'apagados' => 'left deleted', 'removidos' => 'removed',
        'devolvidos' => 'given back',
    ];
    private const PORTUGUESE = [
        'inseridos' => 'inseridos', 'adotados' => 'adotados', 'alterados' => 'alterados', 'iguais' => 'iguais',
        'preservados' => 'preservados', 'orfaos' => 'órfãos', 'ignorados' => 'ignorados',
        'mantidos' => 'mantidos como editados', 'conflitos' => 'em conflito', 'apagados' => 'deixados apagados',
        'removidos' => 'removidos', 'devolvidos' => 'devolvidos',
    ];

    /** @var array<string, mixed> */
    private array $report;

    /** @param array<string, mixed> $report */
    public function __construct(array $report)
    {
        $this->report = $report;
    }

    public function text(): string
    {
        $lines = array_merge([$this->headline()], $this->files(), $this->tables(), $this->migrations(), $this->scripts(), $this->rest());
        return implode("\n", array_map([self::class, 'plain'], $lines)) . "\n";
    }

    /** Nothing that a text quotes pretends to be another line. */
    public static function plain(string $text): string
    {
        return Host::plain($text);
    }

    private function headline(): string
    {
        $report = $this->report;
        $note = '';
        if (!empty($report['dry_run'])) {
            $note = Host::say(' (simulação: nada foi alterado)', ' (dry run: nothing was changed)');
        } elseif (!empty($report['inalterado'])) {
            $note = Host::say(' (inalterado)', ' (unchanged)');
        }
        $subject = trim("{$report['slug']} {$this->versions()}");
        return ($subject === '' ? '' : "{$subject}: ") . "{$report['codigo']} {$report['rotulo']}{$note}";
    }

    /** From which version to which; a failure went nowhere. */
    private function versions(): string
    {
        [$before, $version] = [(string) ($this->report['versao_anterior'] ?? ''), (string) ($this->report['versao'] ?? '')];
        if ($before === '' || $version === '' || $before === $version) {
            return $version === '' ? $before : $version;
        }
        $went = $this->report['codigo'] === PLG_EXIT_OK || !empty($this->report['confirmado']);
        return $went ? "{$before} → {$version}" : "{$before} (" . Host::say('pacote', 'package') . ": {$version})";
    }

    /** @return list<string> */
    private function files(): array
    {
        $files = $this->report['arquivos'] ?? [];
        if (array_sum($files) === 0) {
            return [];
        }
        return [Host::say(
            "  arquivos: {$files['novos']} novos, {$files['alterados']} alterados, {$files['removidos']} removidos",
            "  files: {$files['novos']} new, {$files['alterados']} changed, {$files['removidos']} removed"
        )];
    }

    /** @return list<string> */
    private function tables(): array
    {
        $lines = [];
        foreach ($this->report['tabelas'] ?? [] as $table => $counts) {
            $parts = [];
            foreach (self::COUNTERS as $key => $english) {
                if (($counts[$key] ?? 0) > 0) {
                    $parts[] = $counts[$key] . ' ' . Host::say(self::PORTUGUESE[$key], $english);
                }
            }
            $lines[] = "  {$table}: " . ($parts === [] ? '0' : implode(', ', $parts));
        }
        return $lines;
    }

    /** @return list<string> */
    private function migrations(): array
    {
        $lines = [];
        foreach ([
            'migracoes' => Host::say('  migrações: ', '  migrations: '),
            'migracoes_desfeitas' => Host::say('  migrações desfeitas: ', '  migrations undone: '),
        ] as $key => $mark) {
            $names = $this->report[$key] ?? [];
            if ($names !== []) {
                $lines[] = $mark . implode(', ', $names);
            }
        }
        return $lines;
    }

    /** @return list<string> each with the code that it ended with, where it ran */
    private function scripts(): array
    {
        $told = static fn (array $script): string => $script['nome'] . ($script['codigo'] === null ? '' : " ({$script['codigo']})");
        $names = array_map($told, $this->report['scripts'] ?? []);
        return $names === [] ? [] : ['  scripts: ' . implode(', ', $names)];
    }

    /** @return list<string> */
    private function rest(): array
    {
        $lines = [];
        if (!empty($this->report['backup'])) {
            $lines[] = "  backup: {$this->report['backup']}";
        }
        if (!empty($this->report['removido'])) {
            $lines[] = Host::say('  o que saiu: ', '  what went: ') . $this->report['removido'];
        }
        foreach ($this->report['restantes'] ?? [] as $row) {
            $lines[] = Host::say('  fica: ', '  stays: ') . "{$row['tabela']} {$row['linha']} ({$row['motivo']})";
        }
        foreach ($this->report['referencias'] ?? [] as $named) {
            $lines[] = Host::say('  ainda nomeia: ', '  still names: ')
                . "{$named['tabela']}.{$named['coluna']} → {$named['nomeia']} ({$named['linhas']})";
        }
        foreach ($this->report['plugins'] ?? [] as $part) {
            $lines = array_merge($lines, explode("\n", '  ' . rtrim((new self($part))->text())));
        }
        foreach ($this->report['avisos'] ?? [] as $warning) {
            $lines[] = Host::say('  aviso: ', '  warning: ') . $warning;
        }
        if (!empty($this->report['php_alterados'])) {
            $lines[] = Host::say(
                '  dica: com opcache.validate_timestamps=0, recarregue o php-fpm',
                '  hint: with opcache.validate_timestamps=0, reload php-fpm'
            );
        }
        return $lines;
    }
}
