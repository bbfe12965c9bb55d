<?php

/**
 * IDE stubs of the extension `gestor_plugins`. Not to be loaded: tests compare them with the extension, and the shapes of
 * reports with schemas/report.schema.json.
 *
 * @phpstan-type PluginDatabase array{host?: ?string, port?: ?int, socket?: ?string, nome?: ?string, usuario?: ?string, senha?: ?string,
 *     tls?: 'off'|'preferred'|'required'|'verify'|''|null, ca?: ?string}
 * @phpstan-type PluginLimits array{
 *     entradas?: int, bytes_total?: int, bytes_entrada?: int, razao?: int, profundidade?: int, bytes_nome?: int, bytes_pacote?: int,
 *     linhas?: int, colunas?: int, tabelas?: int, modulos?: int, recursos?: int, bytes_texto?: int
 * }
 * @phpstan-type PluginProgress array{etapa: string, indice: int, total: int, feito: int, de: int, unidade: string, mensagem: string}
 * @phpstan-type PluginTableCounts array{
 *     inseridos: int, adotados: int, alterados: int, iguais: int, preservados: int, orfaos: int, ignorados: int,
 *     mantidos?: int, conflitos?: int, apagados?: int, removidos?: int, devolvidos?: int
 * }
 * @phpstan-type PluginDependencies array{
 *     plano: list<array{slug: string, versao_anterior: string|null, versao: string, sha256: string, origem: string}>,
 *     explicacao: array{linhas: list<string>, fatos: list<array{tipo: string, id: string, versoes: string|null, precisa: string|null, faixa: string|null}>}|null
 * }
 * @phpstan-type PluginSignature array{
 *     veredito: 'valida'|'expirada'|'desconhecida'|'ausente'|'malformada'|'invalida'|'difere'|'fora_do_escopo'|'revogada'|'nao_conferida',
 *     tipo: 'x509'|null, desenvolvedor: ?string, chave: ?string, ate: ?string, motivo: ?string
 * }
 * @phpstan-type PluginInstallReport array{
 *     codigo: int, rotulo: string, slug: string, versao_anterior: ?string, versao: ?string, origem: ?string, checksum: ?string,
 *     assinatura?: PluginSignature, inalterado: bool, dry_run: bool, tabelas: array<string, PluginTableCounts>,
 *     conflitos?: list<array{tabela: string, linha: string, coluna: string, motivo: 'ambos'|'contrato'|'movida'|'apagada'|'nucleo'}>,
 *     acao?: 'desinstalar'|'restaurar'|'pausar'|'ativar'|'reverter', confirmado?: bool, ponto?: int, ponto_anterior?: int,
 *     restantes?: list<array{tabela: string, linha: string, motivo: 'execucao'|'somente_insercao'|'conta_do_gestor'|'projeto'|'desconhecida'}>,
 *     referencias?: list<array{tabela: string, coluna: string, nomeia: string, linhas: int}>,
 *     dependencias?: PluginDependencies,
 *     sobras?: array{linhas: int, arquivos: int, tabelas: list<string>}, removido?: string,
 *     arquivos: array{novos: int, alterados: int, removidos: int}, modulos: list<string>, migracoes: list<string>,
 *     migracoes_desfeitas?: list<string>, scripts?: list<array{nome: string, codigo: ?int, ms: int, saida: string}>,
 *     pendencias?: list<array<string, mixed>>,
 *     avisos: list<string>, log_falhou?: string, erros: list<string>, backup: ?string, php_alterados?: list<string>,
 *     plugins?: list<array<string, mixed>>,
 *     diferencas?: array{
 *         manifest: list<array{chave: string, antes: ?string, depois: ?string}>,
 *         arquivos: array{novos: list<string>, alterados: list<string>, removidos: list<string>},
 *         linhas: list<array{tabela: string, linha: string, acao: 'inserir'|'remover'|'inativar'}>,
 *         campos: list<array{
 *             tabela: string, linha: string, coluna: string, motivo: 'ambos'|'contrato'|'movida'|'apagada'|'nucleo'|null,
 *             base: ?string, meu: ?string, pacote: ?string
 *         }>,
 *         mais: int
 *     },
 *     duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginRecoverReport array{
 *     codigo: int, rotulo: string,
 *     plugins: list<array{
 *         slug: string, resultado: 'nada'|'concluida'|'desfeita'|'status'|null, migracoes_desfeitas?: list<string>,
 *         scripts?: list<array{nome: string, codigo: ?int, ms: int, saida: string}>,
 *         pendencias?: list<array<string, mixed>>, erro: ?string
 *     }>,
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginMarkReport array{codigo: int, rotulo: string, ok: bool, erros: list<string>}
 * @phpstan-type PluginListReport array{
 *     codigo: int, rotulo: string, plugins: list<array<string, mixed>>, avisos: list<string>, erros: list<string>,
 *     log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginHistoryReport array{
 *     codigo: int, rotulo: string, historico: list<array<string, mixed>>, avisos: list<string>, erros: list<string>,
 *     log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginConflictsReport array{
 *     codigo: int, rotulo: string, conflitos: list<array<string, mixed>>, avisos: list<string>, erros: list<string>,
 *     log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginSignReport array{
 *     codigo: int, rotulo: string, chave?: string, publica?: string, slug?: string, versao?: string, desenvolvedor?: string,
 *     assinados?: int, preparado?: string, arquivo?: string, checksum?: string, assinatura?: PluginSignature,
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginSignatureReport array{
 *     codigo: int, rotulo: string, slug?: string, versao?: string, checksum?: string, assinatura?: PluginSignature,
 *     assinados?: int, assinado_em?: string, nivel?: 'desligada'|'avisar'|'exigir',
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginRunningReport array{
 *     codigo: int, rotulo: string, execucoes: list<array<string, mixed>>, avisos: list<string>, erros: list<string>,
 *     log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginCancelReport array{
 *     codigo: int, rotulo: string, cancelamento: ?string, avisos: list<string>, erros: list<string>, log_falhou?: string,
 *     duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginPruneReport array{
 *     codigo: int, rotulo: string, slug: ?string, dry_run: bool, podados: list<array<string, mixed>>, bytes: int,
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginExportReport array{
 *     codigo: int, rotulo: string, conjunto: ?string, plugins: list<array<string, mixed>>, avisos: list<string>,
 *     erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginMetricsReport array{
 *     codigo: int, rotulo: string, formato: 'json'|'openmetrics', metricas?: list<array<string, mixed>>, openmetrics?: string,
 *     auditoria?: array{permitidos: int, negados: int}|null, arquivo?: string, bytes?: int, avisos: list<string>,
 *     erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginStatisticsReport array{
 *     codigo: int, rotulo: string, modo: 'nao'|'local', mes: string, arquivo: ?string, estatisticas: ?array<string, mixed>,
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginIndexReport array{
 *     codigo: int, rotulo: string, acao: string, indices?: list<array<string, mixed>>, encontrados?: list<array<string, mixed>>,
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginIndexPublishReport array{
 *     codigo: int, rotulo: string, publicado?: array<string, mixed>, assinatura?: PluginSignature, avisos: list<string>,
 *     erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginCredentialsReport array{
 *     codigo: int, rotulo: string, acao: 'listar'|'gravar'|'remover'|'rotacionar'|'conferir'|'importar'|'chave',
 *     credenciais?: list<array{
 *         alias: string, tipo: string, origem: ?string, chave_id: ?string, chave_atual: bool,
 *         situacao: 'legivel'|'chave_ausente'|'alterada', usada_por: list<string>, criada_em: string, atualizada_em: string
 *     }>,
 *     chaves_ausentes?: array<string, int>, rotacionadas?: int, ja_atuais?: int, chave_id?: string, alias?: string,
 *     nova?: bool, origem?: ?string,
 *     importadas?: list<array{slug: string, alias: string, nova: bool, igual: bool, apagado: bool}>, chave?: string,
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginConfigReport array{
 *     codigo: int, rotulo: string, slug?: string,
 *     configuracao?: ?array{
 *         titulo: ?string, descricao: ?string, modulo: string, idioma: string, idiomas: list<string>,
 *         campos: list<array{
 *             id: string, ponteiro: string, esquema: string, grupo: ?string, rotulo: string, ajuda: ?string, tipo: ?string,
 *             variavel: string, widget: string, obrigatorio: bool, segredo: bool, guardado: bool, valor: mixed, padrao: mixed,
 *             limites: array<string, mixed>, opcoes: list<array{valor: string|int|float, rotulo: string}>, motivo: ?string,
 *             erro: ?string, texto_guardado: ?string, difere_em: list<string>
 *         }>,
 *         partes: list<array{ponteiro: string, motivo: string}>, valores: mixed, nao_cabem: list<string>,
 *         sobras: list<array{id: string, tipo: ?string}>
 *     },
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginConfigSetReport array{
 *     codigo: int, rotulo: string, slug?: string, modulo?: string, idiomas?: list<string>, gravadas?: list<string>,
 *     falhas?: list<array{ponteiro: string, id: ?string, erro: string}>,
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginAuditEntry array{
 *     acao: string, permitido?: bool, plugin?: ?string, recurso?: ?string, motivo?: ?string, vezes?: int, ctx?: array<string, mixed>
 * }
 * @phpstan-type PluginAuditReport array{
 *     codigo: int, rotulo: string, acao: 'conferir'|'listar'|'exportar', servidor?: ?string, primeiro?: int, tamanho?: int,
 *     raiz?: string, segmentos?: int, pontos?: int, lidos?: int,
 *     registros?: list<array{
 *         n: int, em: string, plugin: ?string, acao: string, recurso: ?string, permitido: bool, motivo: ?string, vezes: int,
 *         pedido: string, ator: ?string, ctx: array<string, mixed>
 *     }>,
 *     arquivo?: string, exportados?: int, avisos: list<string>, erros: list<string>, log_falhou?: string,
 *     duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginAuditAppendReport array{
 *     codigo: int, rotulo: string, gravados: ?int, ultimo?: int, avisos: list<string>, erros: list<string>, log_falhou?: string,
 *     duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginResolveReport array{
 *     codigo: int, rotulo: string, resolvidos: list<array<string, mixed>>, avisos: list<string>, erros: list<string>,
 *     log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginVerifyReport array{
 *     codigo: int, rotulo: string, slug: string, assinatura?: array<string, mixed>, arquivos: array<string, list<string>>,
 *     linhas: array<string, list<array<string, mixed>>>, esquema: list<mixed>, guardados: list<mixed>, ganchos: list<mixed>,
 *     dependencias: list<mixed>, contradicoes: list<string>, instalador?: list<string>, avisos: list<string>,
 *     erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginVerifyAllReport array{
 *     codigo: int, rotulo: string, verificados: list<array<string, mixed>>, ganchos: list<string>,
 *     instalador?: list<string>, avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginUpdateAllReport array{
 *     codigo: int, rotulo: string, plugins: list<PluginInstallReport>, dry_run: bool, avisos: list<string>,
 *     erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginUpdateState array{
 *     slug: string, instalada: ?string, estado: 'em_dia'|'disponivel'|'carencia'|'agendada'|'aplicando'|'observando'|'revertida'|'falhou'|'pulada',
 *     motivo: ?string, texto: ?string, versao: ?string, sha256: ?string, publicada_em: ?string, vista_em: ?string,
 *     verificada_em: ?string, observar_ate: ?string,
 *     falha: ?array{versao: string, codigo: int, tentativas: int, em: ?string, proxima: ?string},
 *     politica: 'automatica'|'avisar'|'manual', nivel: 'patch'|'minor'|'major', canal: 'estavel'|'previa', janela: ?string,
 *     carencia_h: int, pular: ?string, pular_ate: ?string
 * }
 * @phpstan-type PluginUpdatesReport array{
 *     codigo: int, rotulo: string, atualizacoes?: list<PluginUpdateState>, avisos: list<string>, erros: list<string>,
 *     log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginUpdateRunReport array{
 *     codigo: int, rotulo: string, atualizacoes: list<PluginUpdateState>,
 *     aplicadas: list<array{slug: string, versao: string, codigo: int, rotulo: string, erros: list<string>}>,
 *     revertidas: list<array{slug: string, versao: string, codigo: int, rotulo: string, erros: list<string>, motivo: ?string}>,
 *     repostos: list<array{slug: string, como: 'reposto'|'trazido'|'recuperado', reposto: bool, codigo: int, rotulo: string}>,
 *     consultas: array{feitas: int, inalteradas: int, falhas: int}, instalador?: list<string>, outra_rodada: bool,
 *     resumo: ?array{para: string, assunto: string, linhas: list<string>, numero: int},
 *     avisos: list<string>, erros: list<string>, log_falhou?: string, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginInstallManyReport array{
 *     codigo: int, rotulo: string, lote: ?string, dry_run: bool, confirmado: bool, plugins: list<PluginInstallReport>,
 *     avisos: list<string>, erros: list<string>, duracao_ms: array<string, int>
 * }
 * @phpstan-type PluginPackage array{
 *     slug?: ?string, origem_tipo?: ?string, arquivo?: ?string, local_path?: ?string, owner?: ?string, repo?: ?string,
 *     ref?: ?string, cred_ref?: ?string, download_url?: ?string, sha256_url?: ?string, url?: ?string, sha256?: ?string,
 *     indice?: ?string, versao?: ?string,
 *     referencia?: ?string, reprocessar?: ?bool, no_resources?: ?bool, no_migrations?: ?bool, only_migrations?: ?bool,
 *     only_resources?: ?bool, forcar?: ?bool, ignorar_dependencias?: ?bool, adocao?: ?string, conflitos?: ?string,
 *     orfaos?: ?string, fusao?: ?string
 * }
 */

/**
 * What the last operation of this request did, or why the last call was wrong; null when there was none.
 *
 * @return PluginInstallReport|PluginRecoverReport|PluginMarkReport|PluginListReport|PluginHistoryReport|PluginConflictsReport|PluginRunningReport|PluginCancelReport|PluginPruneReport|PluginMetricsReport|PluginStatisticsReport|PluginAuditReport|PluginAuditAppendReport|PluginExportReport|PluginIndexReport|PluginIndexPublishReport|PluginCredentialsReport|PluginConfigReport|PluginConfigSetReport|PluginSignReport|PluginSignatureReport|PluginResolveReport|PluginVerifyReport|PluginVerifyAllReport|PluginUpdateAllReport|PluginUpdatesReport|PluginUpdateRunReport|PluginInstallManyReport|null
 */
function plugin_report(): ?array {}

/** Label of an exit code, `UNKNOWN` when there is none. */
function plg_exit_code_label(int $code): string {}

/** SHA-256 of a file, hexadecimal; null when there is no such file. */
function plugin_checksum(string $file): ?string {}

/**
 * Checksum of a page's files; null when neither exists.
 *
 * @return array{html: ?string, css: ?string, combined: string}|null
 */
function plugin_resource_checksum(?string $html, ?string $css): ?array {}

/** Table of a data file, by its name. @throws ValueError when it is none */
function plugin_data_table(string $file): string {}

// The operations, as bin/generate writes them from the catalogue.

/**
 * Installs or updates a plugin, all or nothing.
 *
 * @param array{
 *     slug: string, origem_tipo?: ?string, arquivo?: ?string, local_path?: ?string, owner?: ?string, repo?: ?string,
 *     ref?: ?string, cred_ref?: ?string, download_url?: ?string, sha256_url?: ?string, indice?: ?string,
 *     versao?: ?string, url?: ?string, sha256?: ?string, referencia?: ?string, reprocessar?: ?bool, recuperar?: ?bool,
 *     dry_run?: ?bool, no_resources?: ?bool, no_migrations?: ?bool, only_migrations?: ?bool, only_resources?: ?bool,
 *     forcar?: ?bool, ignorar_dependencias?: ?bool, com_dependencias?: ?bool, atualizar_dependencias?: ?bool,
 *     pasta_indice?: ?string, debug?: ?bool, adocao?: ?string, conflitos?: ?string, orfaos?: ?string, fusao?: ?string,
 *     bases?: ?string, confianca?: ?string, scripts?: ?string, php?: ?string, chaves?: ?string, assinatura?: ?string,
 *     trocar_assinante?: ?bool, ator?: ?string, raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string,
 *     php_versao?: ?string, lang?: ?string, migracoes?: ?callable, limites?: ?PluginLimits, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_install(array $params, ?callable $progress = null): int {}

/**
 * The plugins of a gestor, and what there is to know of each.
 *
 * @param array{
 *     slug?: ?string, confianca?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginListReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_list(array $params): array {}

/**
 * What was done to a plugin, the newest first (`limite` is 50 unless it is given).
 *
 * @param array{
 *     slug: string, limite?: ?int, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginHistoryReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_history(array $params): array {}

/**
 * What waits for a decision, with the values of all three sides.
 *
 * @param array{
 *     slug: string, confianca?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginConflictsReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_conflicts(array $params): array {}

/**
 * Decides conflicts: `conflito` is a number, several, or `todos`; `escolha` is `minha`, `pacote`, or `valor` with
 * `valor`.
 *
 * @param array{
 *     slug: string, conflito: int|string|list<int|string>, escolha: string, valor?: ?string, ator?: ?string,
 *     raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string, lang?: ?string, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginResolveReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_resolve(array $params, ?callable $progress = null): int {}

/**
 * What differs from what was installed: code 33 for damage, with `estrito` for what users changed as well. `todos` is
 * all plugins. `reparar` puts back what was found: files, hooks and migrations from the kept package, with `estrito`
 * rows as `reprocessar` does; then 0 where nothing is left.
 *
 * @param array{
 *     slug?: ?string, todos?: ?bool, estrito?: ?bool, reparar?: ?bool, bases?: ?string, assinatura?: ?string,
 *     confianca?: ?string, ator?: ?string, raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string, lang?: ?string,
 *     migracoes?: ?callable, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginVerifyReport|PluginVerifyAllReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_verify(array $params, ?callable $progress = null): int {}

/**
 * Installs or updates several plugins in one transition, all or none. `pacotes` is a list of what plugin_install()
 * takes for each; what holds for all stands beside it. `slug` may be left out where the package is a file of this
 * machine: the id of its manifest counts. In place of `pacotes`, `from_lock` names a plugins.lock.json: installs
 * exactly what it says, from kept packages or the folder of `pasta_indice`; and `conjunto` a file that plugin_export()
 * wrote, with the packages in it.
 *
 * @param array{
 *     pacotes?: ?list<PluginPackage>, from_lock?: ?string, conjunto?: ?string, origem_tipo?: ?string, owner?: ?string,
 *     cred_ref?: ?string, indice?: ?string, reprocessar?: ?bool, recuperar?: ?bool, dry_run?: ?bool,
 *     no_resources?: ?bool, no_migrations?: ?bool, only_migrations?: ?bool, only_resources?: ?bool, forcar?: ?bool,
 *     ignorar_dependencias?: ?bool, com_dependencias?: ?bool, atualizar_dependencias?: ?bool, pasta_indice?: ?string,
 *     debug?: ?bool, adocao?: ?string, conflitos?: ?string, orfaos?: ?string, fusao?: ?string, bases?: ?string,
 *     scripts?: ?string, php?: ?string, assinatura?: ?string, trocar_assinante?: ?bool, confianca?: ?string,
 *     chaves?: ?string, ator?: ?string, raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string,
 *     php_versao?: ?string, lang?: ?string, migracoes?: ?callable, limites?: ?PluginLimits, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginInstallManyReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_install_many(array $params, ?callable $progress = null): int {}

/**
 * Updates every installed plugin from where it came from, one after the other, each as an operation of its own: one
 * that fails undoes none of the others. Takes what plugin_install() takes, but for the plugin and where it comes from.
 * Gives the worst code.
 *
 * @param array{
 *     dry_run?: ?bool, no_resources?: ?bool, no_migrations?: ?bool, only_migrations?: ?bool, only_resources?: ?bool,
 *     forcar?: ?bool, ignorar_dependencias?: ?bool, com_dependencias?: ?bool, atualizar_dependencias?: ?bool,
 *     pasta_indice?: ?string, debug?: ?bool, adocao?: ?string, conflitos?: ?string, orfaos?: ?string, fusao?: ?string,
 *     bases?: ?string, confianca?: ?string, scripts?: ?string, php?: ?string, chaves?: ?string, assinatura?: ?string,
 *     ator?: ?string, raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string, lang?: ?string,
 *     migracoes?: ?callable, limites?: ?PluginLimits, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginUpdateAllReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_update_all(array $params, ?callable $progress = null): int {}

/**
 * Removes what is kept beyond what the settings keep; with `dry_run` only shows it. Never goes what the installed
 * version, the one before, a pinned package, another database of the same folder or what is left to do still need, nor
 * anything younger than an hour.
 *
 * @param array{
 *     slug?: ?string, dry_run?: ?bool, alheios?: ?bool, guardar_versoes?: ?int, guardar_backups?: ?int,
 *     guardar_dias?: ?int, guardar_bytes?: ?int, guardar_removidos?: ?int, historico_linhas?: ?int,
 *     historico_dias?: ?int, raiz: string, db?: ?PluginDatabase, lang?: ?string, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginPruneReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_prune(array $params, ?callable $progress = null): int {}

/**
 * How often what happened to each plugin, and how long it took. `formato` is `json` (the default) or `openmetrics`;
 * with `arquivo` it goes to that file, replaced as a whole, in place of the report.
 *
 * @param array{
 *     formato?: ?string, arquivo?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginMetricsReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_metrics(array $params): array {}

/**
 * What this server counted in a month (`mes`, as `2026-11`; without it the current one), where the setting
 * `estatisticas` is `local`.
 *
 * @param array{
 *     mes?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginStatisticsReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_statistics(array $params): array {}

/**
 * Writes the plugins that are installed and active to a new file: what plugins.lock.json says, and the package of each.
 * No data of the site, no credentials. plugin_install_many() with `conjunto` installs them on another site.
 *
 * @param array{
 *     conjunto: string, raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginExportReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_export(array $params, ?callable $progress = null): int {}

/**
 * The signed indices that a site knows: `listar`, `adicionar`, `atualizar`, `remover`, `buscar`. Trust in an index
 * begins with its root.json and the SHA-256 of that, which its publisher gives by another way.
 *
 * @param array{
 *     acao: string, nome?: ?string, url?: ?string, raiz_indice?: ?string, sha256?: ?string, cred_ref?: ?string,
 *     prioridade?: ?int, buscar?: ?string, confianca?: ?string, chaves?: ?string, raiz: string, db?: ?PluginDatabase,
 *     lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginIndexReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_index(array $params, ?callable $progress = null): int {}

/**
 * Publishes a signed index in a folder that a web server shows: `iniciar` makes keys and an empty index, `publicar`
 * adds or withdraws a version or replaces the list of what is revoked, `renovar` signs again what ends within days,
 * `assinar-raiz` the root. The package is looked at as in an installation before it is signed.
 *
 * @param array{
 *     acao: string, pasta_publicada: string, pasta_chaves: string, arquivo?: ?string, url?: ?string, sha256?: ?string,
 *     canal?: ?string, seguranca?: ?string, resumo?: ?string, slug?: ?string, versao?: ?string, retirada?: ?string,
 *     revogados?: ?string, confianca?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string,
 *     limites?: ?PluginLimits
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginIndexPublishReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_index_publish(array $params, ?callable $progress = null): int {}

/**
 * What is known of the updates of each installed plugin: state, reason, the version that would come, and the policy
 * that counts. Asks nobody.
 *
 * @param array{
 *     slug?: ?string, confianca?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginUpdatesReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_updates(array $params): array {}

/**
 * What is wanted of the updates of a plugin: `politica`, `nivel`, `canal`, `janela`, `carencia_h`, `pular`,
 * `pular_ate`; `padrao` in any of them goes back to the default. `automatica` is refused where no page of the site
 * answers with 2xx. What failed may be tried again.
 *
 * @param array{
 *     slug: string, politica?: ?string, nivel?: ?string, canal?: ?string, janela?: ?string, carencia_h?: ?int,
 *     pular?: ?string, pular_ate?: ?string, endereco?: ?string, confianca?: ?string, ator?: ?string, raiz: string,
 *     db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginUpdatesReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_update_policy(array $params, ?callable $progress = null): int {}

/**
 * One run of automatic updates: puts back files that are gone, asks sources where that is due, decides each plugin's
 * next step, watches the site after an update (and goes back: code 37), and installs one at most. Made to be called
 * every quarter of an hour.
 *
 * @param array{
 *     slug?: ?string, agora?: ?bool, so_verificar?: ?bool, reparar_apos_atualizacao?: ?string, endereco?: ?string,
 *     resumo_enviado?: ?int, confianca?: ?string, scripts?: ?string, php?: ?string, chaves?: ?string,
 *     assinatura?: ?string, ator?: ?string, raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string,
 *     php_versao?: ?string, lang?: ?string, migracoes?: ?callable, limites?: ?PluginLimits, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginUpdateRunReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_update_run(array $params, ?callable $progress = null): int {}

/**
 * Goes back to an earlier point of a plugin, or to any kept version (`version`, `ponto`; none: the last good point
 * before). Migrations that were applied since are undone, unless `manter_esquema` or `forcar` leaves them.
 *
 * @param array{
 *     slug: string, version?: ?string, ponto?: ?int, manter_esquema?: ?bool, forcar?: ?bool,
 *     ignorar_dependencias?: ?bool, dry_run?: ?bool, debug?: ?bool, adocao?: ?string, conflitos?: ?string,
 *     fusao?: ?string, bases?: ?string, assinatura?: ?string, confianca?: ?string, ator?: ?string, raiz: string,
 *     db?: ?PluginDatabase, gestor_versao?: ?string, php_versao?: ?string, lang?: ?string, migracoes?: ?callable,
 *     limites?: ?PluginLimits, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_rollback(array $params, ?callable $progress = null): int {}

/**
 * Uninstalls a plugin, all or nothing: with `remover` (the default) its tree and what its packages brought, with
 * `expurgar` everything that bears its name. What goes stands in an archive before it does.
 *
 * @param array{
 *     slug: string, modo?: ?string, sem_retorno?: ?bool, cascata?: ?bool, dry_run?: ?bool, forcar?: ?bool,
 *     ignorar_dependencias?: ?bool, debug?: ?bool, bases?: ?string, ator?: ?string, raiz: string, db?: ?PluginDatabase,
 *     gestor_versao?: ?string, php_versao?: ?string, lang?: ?string, migracoes?: ?callable, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_uninstall(array $params, ?callable $progress = null): int {}

/**
 * Brings back what `plugin_uninstall` took away, out of its archive, as it was.
 *
 * @param array{
 *     slug: string, dry_run?: ?bool, ignorar_dependencias?: ?bool, conflitos?: ?string, debug?: ?bool, bases?: ?string,
 *     assinatura?: ?string, confianca?: ?string, ator?: ?string, raiz: string, db?: ?PluginDatabase,
 *     gestor_versao?: ?string, php_versao?: ?string, lang?: ?string, migracoes?: ?callable, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_restore(array $params, ?callable $progress = null): int {}

/**
 * Pauses a plugin: all of it goes, permissions too, until `plugin_enable`.
 *
 * @param array{
 *     slug: string, cascata?: ?bool, dry_run?: ?bool, forcar?: ?bool, ignorar_dependencias?: ?bool, debug?: ?bool,
 *     bases?: ?string, ator?: ?string, raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string,
 *     php_versao?: ?string, lang?: ?string, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_disable(array $params, ?callable $progress = null): int {}

/**
 * Brings a paused plugin back, as it was.
 *
 * @param array{
 *     slug: string, dry_run?: ?bool, ignorar_dependencias?: ?bool, conflitos?: ?string, debug?: ?bool, bases?: ?string,
 *     assinatura?: ?string, confianca?: ?string, ator?: ?string, raiz: string, db?: ?PluginDatabase,
 *     gestor_versao?: ?string, php_versao?: ?string, lang?: ?string, migracoes?: ?callable, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_enable(array $params, ?callable $progress = null): int {}

/**
 * Finishes or undoes what a killed run left (`espera_lock` is 10 seconds unless it is given). Migrations that are left
 * to be undone are undone; with `forcar`, of those that cannot be, only what they are known to have made is dropped.
 * With `scripts_pendentes` the scripts that an operation left are run.
 *
 * @param array{
 *     slug?: ?string, scripts_pendentes?: ?bool, php?: ?string, forcar?: ?bool, bases?: ?string, raiz: string,
 *     db?: ?PluginDatabase, lang?: ?string, migracoes?: ?callable, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginRecoverReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_recover(array $params): array {}

/**
 * What installing a package would change; takes what plugin_install() takes, and changes nothing.
 *
 * @param array{
 *     slug: string, origem_tipo?: ?string, arquivo?: ?string, local_path?: ?string, owner?: ?string, repo?: ?string,
 *     ref?: ?string, cred_ref?: ?string, download_url?: ?string, sha256_url?: ?string, indice?: ?string,
 *     versao?: ?string, url?: ?string, sha256?: ?string, referencia?: ?string, reprocessar?: ?bool, recuperar?: ?bool,
 *     dry_run?: ?bool, no_resources?: ?bool, no_migrations?: ?bool, only_migrations?: ?bool, only_resources?: ?bool,
 *     forcar?: ?bool, ignorar_dependencias?: ?bool, com_dependencias?: ?bool, atualizar_dependencias?: ?bool,
 *     pasta_indice?: ?string, debug?: ?bool, adocao?: ?string, conflitos?: ?string, orfaos?: ?string, fusao?: ?string,
 *     bases?: ?string, confianca?: ?string, scripts?: ?string, php?: ?string, chaves?: ?string, assinatura?: ?string,
 *     trocar_assinante?: ?bool, ator?: ?string, raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string,
 *     php_versao?: ?string, lang?: ?string, migracoes?: ?callable, limites?: ?PluginLimits, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_diff(array $params, ?callable $progress = null): int {}

/**
 * Makes a signed package of a folder or a ZIP; or a fresh key.
 *
 * @param array{
 *     arquivo?: ?string, pasta?: ?string, chave?: ?string, certificados?: ?string, saida?: ?string, preparar?: ?bool,
 *     anexar?: ?string, gerar_chave?: ?bool, confianca?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginSignReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_sign(array $params): array {}

/**
 * What is thought of a package's signature: whose it is, and whether the package is what was signed. Nothing is
 * installed.
 *
 * @param array{
 *     slug?: ?string, arquivo: string, assinatura?: ?string, confianca?: ?string, raiz: string, db?: ?PluginDatabase,
 *     lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginSignatureReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_signature(array $params): array {}

/**
 * The operations that are running, and those that were interrupted, and how far each is. Waits for none of them.
 *
 * @param array{
 *     slug?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginRunningReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_running(array $params): array {}

/**
 * Asks the operation that is running on a plugin to stop and be undone, before it commits; after that, its scripts to
 * stop. Does not wait for that: plugin_running() shows when it has ended.
 *
 * @param array{
 *     slug: string, operacao?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginCancelReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_cancel(array $params, ?callable $progress = null): int {}

/**
 * The credentials of the site: `listar`, `gravar`, `remover`, `rotacionar`, `conferir`, `importar`, `chave`. A secret
 * goes in and is never given back.
 *
 * @param array{
 *     acao: string, alias?: ?string, tipo?: ?string, segredo?: ?string, origem?: ?string, slug?: ?string,
 *     apagar_literal?: ?bool, confianca?: ?string, chaves?: ?string, raiz: string, db?: ?PluginDatabase,
 *     lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginCredentialsReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_credentials(array $params): array {}

/**
 * The settings of a plugin as a form: the fields of its schema (`config/schema.json`), in order, with type, widget,
 * value and limits; `valores` is what `plugin_config_set` takes back. Secrets are never given back.
 *
 * @param array{
 *     slug: string, idioma?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginConfigReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_config(array $params): array {}

/**
 * Saves settings of a plugin, all of them or none, in the variables of its module: `valores` is an object, or its JSON
 * text; `null` goes back to the default. `formulario` reads texts as a form sends them. Each value that is not taken is
 * in `falhas`, with its pointer.
 *
 * @param array{
 *     slug: string, valores: array<string, mixed>|string, formulario?: ?bool, idioma?: ?string, confianca?: ?string,
 *     chaves?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginConfigSetReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_config_set(array $params, ?callable $progress = null): int {}

/**
 * The audit log: `conferir` tells whether it is what was written, by the checkpoints of the database as well where `db`
 * is given; `listar` gives the last records, `exportar` writes them to `saida`.
 *
 * @param array{
 *     acao: string, slug?: ?string, desde?: ?string, ate?: ?string, negados?: ?bool, limite?: ?int, formato?: ?string,
 *     saida?: ?string, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginAuditReport|PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_audit(array $params): array {}

/**
 * Writes records to the audit log, at once: what plugins were allowed or refused. What repeats is counted (`vezes`).
 * Refusals are on the disk when the function returns. Actions that begin with `operacao.`, `credencial.`, `indice.`,
 * `auditoria.` or `confianca.` are this library's alone.
 *
 * @param array{
 *     registros: list<PluginAuditEntry>, pedido?: ?string, ator?: ?string, raiz: string, db?: ?PluginDatabase,
 *     lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @param (callable(PluginProgress): mixed)|null $progress returns false to cancel before the commit
 * @return int one of PLG_EXIT_*; plugin_report() gives PluginAuditAppendReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_audit_append(array $params, ?callable $progress = null): int {}

/**
 * Synchronizes one folder of data files (`pasta`); gives the report.
 *
 * @param array{
 *     slug: string, pasta: string, dry_run?: ?bool, debug?: ?bool, adocao?: ?string, conflitos?: ?string,
 *     orfaos?: ?string, fusao?: ?string, ator?: ?string, raiz: string, db?: ?PluginDatabase, gestor_versao?: ?string,
 *     lang?: ?string, espera_lock?: ?int
 * } $params null is absent; an unknown key is a ValueError
 * @return PluginInstallReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_data_sync(array $params): array {}

/**
 * Moves a plugin's status; false when that is not allowed now, and plugin_report() says why.
 *
 * @param array{
 *     slug: string, status: PLG_STATUS_*, raiz: string, db?: ?PluginDatabase, lang?: ?string
 * } $params null is absent; an unknown key is a ValueError
 * @return bool where it is false, plugin_report() gives PluginMarkReport
 * @throws TypeError|ValueError for a call that is wrong; never for an operation that failed
 */
function plugin_status_mark(array $params): bool {}

const PLG_EXIT_OK = 0;
const PLG_EXIT_PARAMS_OR_FILE = 10;
const PLG_EXIT_VALIDATE = 11;
const PLG_EXIT_MOVE = 12;
const PLG_EXIT_MIGRATE = 13;
const PLG_EXIT_SYNC = 14;
const PLG_EXIT_LOCKED = 15;
const PLG_EXIT_CANCELLED = 16;
const PLG_EXIT_CREDENTIAL = 17;
const PLG_EXIT_DOWNLOAD = 20;
const PLG_EXIT_ZIP_INVALID = 21;
const PLG_EXIT_CHECKSUM = 22;
const PLG_EXIT_SIGNATURE = 23;
const PLG_EXIT_STALE = 24;
const PLG_EXIT_DEPENDENCY = 30;
const PLG_EXIT_INCOMPATIBLE = 31;
const PLG_EXIT_ALREADY_INSTALLED = 32;
const PLG_EXIT_DRIFT = 33;
const PLG_EXIT_IRREVERSIBLE = 34;
const PLG_EXIT_NOT_INSTALLED = 35;
const PLG_EXIT_SCRIPT = 36;
const PLG_EXIT_ROLLED_BACK = 37;
const PLG_EXIT_INTERNAL = 99;
const PLG_STATUS_IDLE = 'idle';
const PLG_STATUS_INSTALANDO = 'instalando';
const PLG_STATUS_ATUALIZANDO = 'atualizando';
const PLG_STATUS_ERRO = 'erro';
const PLG_STATUS_OK = 'ok';
const PLG_STATUS_DESINSTALANDO = 'desinstalando';
const PLG_STATUS_PAUSADO = 'pausado';
const PLG_STATUS_AGUARDANDO = 'aguardando_dependencia';
