<?php

declare(strict_types=1);

namespace GestorPlugins;

/** A report of what is installed, as a person reads it: one line an entry. */
final class LookText
{
    /** What is told of what was done with credentials, or with the audit log. */
    private const FACTS = [
        'alias', 'origem', 'chave_id', 'rotacionadas', 'ja_atuais', 'chave',
        'servidor', 'primeiro', 'tamanho', 'raiz', 'segmentos', 'pontos', 'lidos', 'exportados',
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
        $lines = ["{$this->report['codigo']} {$this->report['rotulo']}"];
        foreach (['plugins', 'execucoes', 'historico', 'conflitos', 'resolvidos', 'verificados', 'indices', 'encontrados', 'credenciais', 'importadas', 'metricas', 'registros', 'atualizacoes', 'repostos', 'aplicadas', 'revertidas', 'falhas'] as $list) {
            foreach ($this->report[$list] ?? [] as $entry) {
                if (array_key_exists('versao_anterior', $entry)) {
                    // The report of an installation of its own.
                    $lines = array_merge($lines, explode("\n", rtrim((new ReportText($entry))->text())));
                } else {
                    $lines[] = '  ' . self::entry($entry);
                }
            }
        }
        foreach ($this->ofSettings() as $line) {
            $lines[] = $line;
        }
        foreach (self::FACTS as $fact) {
            if (isset($this->report['acao'], $this->report[$fact])) {
                $lines[] = "  {$fact}={$this->report[$fact]}";
            }
        }
        foreach ($this->report['estatisticas']['plugins'] ?? [] as $plugin => $counts) {
            $lines[] = "  {$plugin}: " . self::entry(array_filter($counts));
        }
        if (isset($this->report['formato'], $this->report['arquivo'])) {
            $lines[] = "  {$this->report['arquivo']} ({$this->report['bytes']} bytes)";
        }
        foreach ($this->report['chaves_ausentes'] ?? [] as $key => $count) {
            $lines[] = "  chaves_ausentes: {$key}={$count}";
        }
        foreach ($this->ofSignature() as $line) {
            $lines[] = $line;
        }
        foreach (['arquivos', 'linhas'] as $group) {
            foreach ($this->report[$group] ?? [] as $what => $found) {
                foreach ($found as $entry) {
                    $lines[] = "  {$group}.{$what}: " . (is_array($entry) ? self::entry($entry) : (string) $entry);
                }
            }
        }
        foreach (['esquema', 'guardados', 'ganchos', 'dependencias', 'contradicoes'] as $list) {
            foreach ($this->report[$list] ?? [] as $entry) {
                $lines[] = "  {$list}: " . (is_array($entry) ? self::entry($entry) : (string) $entry);
            }
        }
        foreach ($this->report['avisos'] ?? [] as $warning) {
            $lines[] = Host::say('  aviso: ', '  warning: ') . $warning;
        }
        return implode("\n", array_map([Host::class, 'plain'], $lines)) . "\n";
    }

    /**
     * Settings: each with its value, and what is wrong with what is kept.
     *
     * @return list<string>
     */
    private function ofSettings(): array
    {
        $lines = [];
        foreach ($this->report['gravadas'] ?? [] as $id) {
            $lines[] = "  {$id}";
        }
        foreach ($this->report['configuracao']['campos'] ?? [] as $field) {
            $value = $field['segredo'] && $field['guardado'] ? '***' : '-';
            if ($field['valor'] !== null) {
                $value = json_encode($field['valor'], JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
            }
            $lines[] = "  {$field['id']} = {$value}" . ($field['erro'] === null ? '' : " ({$field['erro']})");
        }
        return $lines;
    }

    /**
     * A signature that was made, or judged.
     *
     * @return list<string>
     */
    private function ofSignature(): array
    {
        $lines = [];
        if (array_intersect_key($this->report, ['assinatura' => 1, 'preparado' => 1, 'publica' => 1]) !== []) {
            foreach (['versao', 'desenvolvedor', 'assinados', 'assinado_em', 'nivel', 'arquivo', 'preparado', 'chave', 'publica', 'checksum'] as $name) {
                if (is_scalar($this->report[$name] ?? null)) {
                    $lines[] = "  {$name}: {$this->report[$name]}";
                }
            }
        }
        if (is_array($this->report['assinatura'] ?? null)) {
            $lines[] = '  assinatura: ' . self::entry($this->report['assinatura']);
        }
        return $lines;
    }

    /**
     * What a diff shows besides a dry run.
     *
     * @param array<string, mixed> $differences
     */
    public static function differences(array $differences): string
    {
        $lines = [];
        foreach ($differences['arquivos'] ?? [] as $what => $names) {
            foreach ($names as $name) {
                $lines[] = "  arquivos.{$what}: {$name}";
            }
        }
        foreach (['manifest', 'campos'] as $list) {
            foreach ($differences[$list] ?? [] as $entry) {
                $lines[] = "  {$list}: " . self::entry($entry);
            }
        }
        return implode('', array_map(static fn (string $line): string => Host::plain($line) . "\n", $lines));
    }

    /** Names and values that there are. */
    private static function entry(array $entry): string
    {
        $parts = [];
        foreach ($entry as $name => $value) {
            if ($value === null || $value === [] || $value === '') {
                continue;
            }
            $flags = JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE | JSON_INVALID_UTF8_SUBSTITUTE;
            $parts[] = "{$name}=" . (is_scalar($value) && !is_bool($value) ? (string) $value : (string) json_encode($value, $flags));
        }
        return implode(' ', $parts);
    }
}
