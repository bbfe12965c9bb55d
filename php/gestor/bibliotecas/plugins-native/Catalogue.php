<?php

declare(strict_types=1);

namespace GestorPlugins;

/**
 * What the native library offers: its operations, their parameters, the settings of the machine.
 *
 * Written by bin/generate from the library's own catalogue, which a test compares: not to be changed by hand.
 *
 * @SuppressWarnings(PHPMD.ExcessiveClassLength) a table grows with what there is
 */
final class Catalogue
{
    /** By function: the library's word, what the function gives, what it takes, what of that must be there. */
    public const OPERATIONS = [
        'plugin_install' => [
            'word' => 'install', 'gives' => 'int', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'origem_tipo', 'arquivo', 'local_path', 'owner', 'repo', 'ref', 'cred_ref', 'download_url',
                'sha256_url', 'indice', 'versao', 'url', 'sha256', 'referencia', 'reprocessar', 'recuperar', 'dry_run',
                'no_resources', 'no_migrations', 'only_migrations', 'only_resources', 'forcar', 'ignorar_dependencias',
                'com_dependencias', 'atualizar_dependencias', 'pasta_indice', 'debug', 'adocao', 'conflitos', 'orfaos',
                'fusao', 'bases', 'confianca', 'scripts', 'php', 'chaves', 'assinatura', 'trocar_assinante', 'ator',
                'raiz', 'db', 'gestor_versao', 'php_versao', 'lang', 'migracoes', 'limites', 'espera_lock',
            ],
        ],
        'plugin_list' => [
            'word' => 'list', 'gives' => 'array', 'requires' => ['raiz'],
            'takes' => [
                'slug', 'confianca', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_history' => [
            'word' => 'history', 'gives' => 'array', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'limite', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_conflicts' => [
            'word' => 'conflicts', 'gives' => 'array', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'confianca', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_resolve' => [
            'word' => 'resolve', 'gives' => 'int', 'requires' => ['slug', 'conflito', 'escolha', 'raiz'],
            'takes' => [
                'slug', 'conflito', 'escolha', 'valor', 'ator', 'raiz', 'db', 'gestor_versao', 'lang', 'espera_lock',
            ],
        ],
        'plugin_verify' => [
            'word' => 'verify', 'gives' => 'int', 'requires' => ['raiz'],
            'takes' => [
                'slug', 'todos', 'estrito', 'reparar', 'bases', 'assinatura', 'confianca', 'ator', 'raiz', 'db',
                'gestor_versao', 'lang', 'migracoes', 'espera_lock',
            ],
        ],
        'plugin_install_many' => [
            'word' => 'batch', 'gives' => 'int', 'requires' => ['raiz'],
            'takes' => [
                'pacotes', 'from_lock', 'conjunto', 'origem_tipo', 'owner', 'cred_ref', 'indice', 'reprocessar',
                'recuperar', 'dry_run', 'no_resources', 'no_migrations', 'only_migrations', 'only_resources', 'forcar',
                'ignorar_dependencias', 'com_dependencias', 'atualizar_dependencias', 'pasta_indice', 'debug', 'adocao',
                'conflitos', 'orfaos', 'fusao', 'bases', 'scripts', 'php', 'assinatura', 'trocar_assinante',
                'confianca', 'chaves', 'ator', 'raiz', 'db', 'gestor_versao', 'php_versao', 'lang', 'migracoes',
                'limites', 'espera_lock',
            ],
        ],
        'plugin_update_all' => [
            'word' => 'update_all', 'gives' => 'int', 'requires' => ['raiz'],
            'takes' => [
                'dry_run', 'no_resources', 'no_migrations', 'only_migrations', 'only_resources', 'forcar',
                'ignorar_dependencias', 'com_dependencias', 'atualizar_dependencias', 'pasta_indice', 'debug', 'adocao',
                'conflitos', 'orfaos', 'fusao', 'bases', 'confianca', 'scripts', 'php', 'chaves', 'assinatura', 'ator',
                'raiz', 'db', 'gestor_versao', 'lang', 'migracoes', 'limites', 'espera_lock',
            ],
        ],
        'plugin_prune' => [
            'word' => 'prune', 'gives' => 'int', 'requires' => ['raiz'],
            'takes' => [
                'slug', 'dry_run', 'alheios', 'guardar_versoes', 'guardar_backups', 'guardar_dias', 'guardar_bytes',
                'guardar_removidos', 'historico_linhas', 'historico_dias', 'raiz', 'db', 'lang', 'espera_lock',
            ],
        ],
        'plugin_metrics' => [
            'word' => 'metrics', 'gives' => 'array', 'requires' => ['raiz'],
            'takes' => [
                'formato', 'arquivo', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_statistics' => [
            'word' => 'statistics', 'gives' => 'array', 'requires' => ['raiz'],
            'takes' => [
                'mes', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_export' => [
            'word' => 'export', 'gives' => 'int', 'requires' => ['raiz', 'conjunto'],
            'takes' => [
                'conjunto', 'raiz', 'db', 'gestor_versao', 'lang',
            ],
        ],
        'plugin_index' => [
            'word' => 'index', 'gives' => 'int', 'requires' => ['raiz', 'acao'],
            'takes' => [
                'acao', 'nome', 'url', 'raiz_indice', 'sha256', 'cred_ref', 'prioridade', 'buscar', 'confianca',
                'chaves', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_index_publish' => [
            'word' => 'index_publish', 'gives' => 'int', 'requires' => ['raiz', 'acao', 'pasta_publicada', 'pasta_chaves'],
            'takes' => [
                'acao', 'pasta_publicada', 'pasta_chaves', 'arquivo', 'url', 'sha256', 'canal', 'seguranca', 'resumo',
                'slug', 'versao', 'retirada', 'revogados', 'confianca', 'raiz', 'db', 'lang', 'limites',
            ],
        ],
        'plugin_updates' => [
            'word' => 'updates', 'gives' => 'array', 'requires' => ['raiz'],
            'takes' => [
                'slug', 'confianca', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_update_policy' => [
            'word' => 'update_policy', 'gives' => 'int', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'politica', 'nivel', 'canal', 'janela', 'carencia_h', 'pular', 'pular_ate', 'endereco',
                'confianca', 'ator', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_update_run' => [
            'word' => 'update_run', 'gives' => 'int', 'requires' => ['raiz'],
            'takes' => [
                'slug', 'agora', 'so_verificar', 'reparar_apos_atualizacao', 'endereco', 'resumo_enviado', 'confianca',
                'scripts', 'php', 'chaves', 'assinatura', 'ator', 'raiz', 'db', 'gestor_versao', 'php_versao', 'lang',
                'migracoes', 'limites', 'espera_lock',
            ],
        ],
        'plugin_rollback' => [
            'word' => 'rollback', 'gives' => 'int', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'version', 'ponto', 'manter_esquema', 'forcar', 'ignorar_dependencias', 'dry_run', 'debug',
                'adocao', 'conflitos', 'fusao', 'bases', 'assinatura', 'confianca', 'ator', 'raiz', 'db',
                'gestor_versao', 'php_versao', 'lang', 'migracoes', 'limites', 'espera_lock',
            ],
        ],
        'plugin_uninstall' => [
            'word' => 'uninstall', 'gives' => 'int', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'modo', 'sem_retorno', 'cascata', 'dry_run', 'forcar', 'ignorar_dependencias', 'debug', 'bases',
                'ator', 'raiz', 'db', 'gestor_versao', 'php_versao', 'lang', 'migracoes', 'espera_lock',
            ],
        ],
        'plugin_restore' => [
            'word' => 'restore', 'gives' => 'int', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'dry_run', 'ignorar_dependencias', 'conflitos', 'debug', 'bases', 'assinatura', 'confianca',
                'ator', 'raiz', 'db', 'gestor_versao', 'php_versao', 'lang', 'migracoes', 'espera_lock',
            ],
        ],
        'plugin_disable' => [
            'word' => 'disable', 'gives' => 'int', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'cascata', 'dry_run', 'forcar', 'ignorar_dependencias', 'debug', 'bases', 'ator', 'raiz', 'db',
                'gestor_versao', 'php_versao', 'lang', 'espera_lock',
            ],
        ],
        'plugin_enable' => [
            'word' => 'enable', 'gives' => 'int', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'dry_run', 'ignorar_dependencias', 'conflitos', 'debug', 'bases', 'assinatura', 'confianca',
                'ator', 'raiz', 'db', 'gestor_versao', 'php_versao', 'lang', 'migracoes', 'espera_lock',
            ],
        ],
        'plugin_recover' => [
            'word' => 'recover', 'gives' => 'array', 'requires' => ['raiz'],
            'takes' => [
                'slug', 'scripts_pendentes', 'php', 'forcar', 'bases', 'raiz', 'db', 'lang', 'migracoes', 'espera_lock',
            ],
        ],
        'plugin_diff' => [
            'word' => 'diff', 'gives' => 'int', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'origem_tipo', 'arquivo', 'local_path', 'owner', 'repo', 'ref', 'cred_ref', 'download_url',
                'sha256_url', 'indice', 'versao', 'url', 'sha256', 'referencia', 'reprocessar', 'recuperar', 'dry_run',
                'no_resources', 'no_migrations', 'only_migrations', 'only_resources', 'forcar', 'ignorar_dependencias',
                'com_dependencias', 'atualizar_dependencias', 'pasta_indice', 'debug', 'adocao', 'conflitos', 'orfaos',
                'fusao', 'bases', 'confianca', 'scripts', 'php', 'chaves', 'assinatura', 'trocar_assinante', 'ator',
                'raiz', 'db', 'gestor_versao', 'php_versao', 'lang', 'migracoes', 'limites', 'espera_lock',
            ],
        ],
        'plugin_sign' => [
            'word' => 'sign', 'gives' => 'array', 'requires' => ['raiz'],
            'takes' => [
                'arquivo', 'pasta', 'chave', 'certificados', 'saida', 'preparar', 'anexar', 'gerar_chave', 'confianca',
                'raiz', 'db', 'lang',
            ],
        ],
        'plugin_signature' => [
            'word' => 'signature', 'gives' => 'array', 'requires' => ['arquivo', 'raiz'],
            'takes' => [
                'slug', 'arquivo', 'assinatura', 'confianca', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_running' => [
            'word' => 'running', 'gives' => 'array', 'requires' => ['raiz'],
            'takes' => [
                'slug', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_cancel' => [
            'word' => 'cancel', 'gives' => 'int', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'operacao', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_credentials' => [
            'word' => 'credentials', 'gives' => 'array', 'requires' => ['acao', 'raiz'],
            'takes' => [
                'acao', 'alias', 'tipo', 'segredo', 'origem', 'slug', 'apagar_literal', 'confianca', 'chaves', 'raiz',
                'db', 'lang',
            ],
        ],
        'plugin_config' => [
            'word' => 'config', 'gives' => 'array', 'requires' => ['slug', 'raiz'],
            'takes' => [
                'slug', 'idioma', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_config_set' => [
            'word' => 'config_set', 'gives' => 'int', 'requires' => ['slug', 'valores', 'raiz'],
            'takes' => [
                'slug', 'valores', 'formulario', 'idioma', 'confianca', 'chaves', 'raiz', 'db', 'lang', 'espera_lock',
            ],
        ],
        'plugin_audit' => [
            'word' => 'audit', 'gives' => 'array', 'requires' => ['acao', 'raiz'],
            'takes' => [
                'acao', 'slug', 'desde', 'ate', 'negados', 'limite', 'formato', 'saida', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_audit_append' => [
            'word' => 'audit_append', 'gives' => 'int', 'requires' => ['registros', 'raiz'],
            'takes' => [
                'registros', 'pedido', 'ator', 'raiz', 'db', 'lang',
            ],
        ],
        'plugin_data_sync' => [
            'word' => 'sync', 'gives' => 'array', 'requires' => ['slug', 'pasta', 'raiz'],
            'takes' => [
                'slug', 'pasta', 'dry_run', 'debug', 'adocao', 'conflitos', 'orfaos', 'fusao', 'ator', 'raiz', 'db',
                'gestor_versao', 'lang', 'espera_lock',
            ],
        ],
        'plugin_status_mark' => [
            'word' => 'mark', 'gives' => 'bool', 'requires' => ['slug', 'status', 'raiz'],
            'takes' => [
                'slug', 'status', 'raiz', 'db', 'lang',
            ],
        ],
    ];
    /** Options of the command line that ask for an operation, and the flags that each stands for. */
    public const COMMANDS = [
        'list' => ['function' => 'plugin_list', 'implies' => []],
        'history' => ['function' => 'plugin_history', 'implies' => []],
        'conflicts' => ['function' => 'plugin_conflicts', 'implies' => []],
        'resolve' => ['function' => 'plugin_resolve', 'implies' => []],
        'verify' => ['function' => 'plugin_verify', 'implies' => []],
        'repair' => ['function' => 'plugin_verify', 'implies' => ['todos', 'reparar']],
        'lote' => ['function' => 'plugin_install_many', 'implies' => []],
        'importar' => ['function' => 'plugin_install_many', 'implies' => []],
        'update-all' => ['function' => 'plugin_update_all', 'implies' => []],
        'prune' => ['function' => 'plugin_prune', 'implies' => []],
        'metricas' => ['function' => 'plugin_metrics', 'implies' => []],
        'estatisticas' => ['function' => 'plugin_statistics', 'implies' => []],
        'exportar' => ['function' => 'plugin_export', 'implies' => []],
        'indice' => ['function' => 'plugin_index', 'implies' => []],
        'buscar' => ['function' => 'plugin_index', 'implies' => []],
        'publicar-indice' => ['function' => 'plugin_index_publish', 'implies' => []],
        'atualizacoes' => ['function' => 'plugin_updates', 'implies' => []],
        'politica' => ['function' => 'plugin_update_policy', 'implies' => []],
        'agendar' => ['function' => 'plugin_update_run', 'implies' => []],
        'rollback' => ['function' => 'plugin_rollback', 'implies' => []],
        'uninstall' => ['function' => 'plugin_uninstall', 'implies' => []],
        'restore' => ['function' => 'plugin_restore', 'implies' => []],
        'disable' => ['function' => 'plugin_disable', 'implies' => []],
        'enable' => ['function' => 'plugin_enable', 'implies' => []],
        'recover' => ['function' => 'plugin_recover', 'implies' => []],
        'diff' => ['function' => 'plugin_diff', 'implies' => []],
        'assinar' => ['function' => 'plugin_sign', 'implies' => []],
        'conferir-assinatura' => ['function' => 'plugin_signature', 'implies' => []],
        'running' => ['function' => 'plugin_running', 'implies' => []],
        'watch' => ['function' => 'plugin_running', 'implies' => []],
        'cancel' => ['function' => 'plugin_cancel', 'implies' => []],
        'credenciais' => ['function' => 'plugin_credentials', 'implies' => []],
        'config' => ['function' => 'plugin_config', 'implies' => []],
        'config-gravar' => ['function' => 'plugin_config_set', 'implies' => []],
        'auditoria' => ['function' => 'plugin_audit', 'implies' => []],
    ];
    /** Options with a value, and their parameters. */
    public const VALUES = [
        'id' => 'slug', 'plugin' => 'slug', 'origem_tipo' => 'origem_tipo', 'arquivo' => 'arquivo',
        'local_path' => 'local_path', 'owner' => 'owner', 'repo' => 'repo', 'ref' => 'ref', 'cred_ref' => 'cred_ref',
        'versao' => 'versao', 'url' => 'url', 'sha256' => 'sha256', 'nome' => 'nome', 'raiz' => 'raiz_indice',
        'prioridade' => 'prioridade', 'pasta-publicada' => 'pasta_publicada', 'pasta-chaves' => 'pasta_chaves',
        'canal' => 'canal', 'retirada' => 'retirada', 'seguranca' => 'seguranca', 'resumo' => 'resumo',
        'revogados' => 'revogados', 'pasta' => 'pasta', 'pasta-indice' => 'pasta_indice', 'from-lock' => 'from_lock',
        'exportar' => 'conjunto', 'importar' => 'conjunto', 'modo' => 'modo', 'version' => 'version',
        'ponto' => 'ponto', 'adocao' => 'adocao', 'conflitos' => 'conflitos', 'orfaos' => 'orfaos', 'fusao' => 'fusao',
        'bases' => 'bases', 'conflito' => 'conflito', 'escolha' => 'escolha', 'valor' => 'valor',
        'valores' => 'valores', 'idioma' => 'idioma', 'limite' => 'limite', 'operacao' => 'operacao', 'ator' => 'ator',
        'confianca' => 'confianca', 'credenciais' => 'acao', 'alias' => 'alias', 'tipo' => 'tipo', 'origem' => 'origem',
        'assinatura' => 'assinatura', 'desde' => 'desde', 'ate' => 'ate', 'metricas' => 'formato',
        'formato' => 'formato', 'chave' => 'chave', 'certificados' => 'certificados', 'saida' => 'saida',
        'anexar' => 'anexar', 'scripts' => 'scripts', 'php' => 'php', 'guardar-versoes' => 'guardar_versoes',
        'guardar-backups' => 'guardar_backups', 'guardar-dias' => 'guardar_dias', 'guardar-bytes' => 'guardar_bytes',
        'guardar-removidos' => 'guardar_removidos', 'historico-linhas' => 'historico_linhas',
        'historico-dias' => 'historico_dias', 'politica' => 'politica', 'nivel' => 'nivel', 'janela' => 'janela',
        'carencia' => 'carencia_h', 'pular' => 'pular', 'pular-ate' => 'pular_ate', 'endereco' => 'endereco',
        'mes' => 'mes',
    ];
    /** Options without one. */
    public const FLAGS = [
        'reprocessar' => 'reprocessar', 'recuperar' => 'recuperar', 'dry-run' => 'dry_run',
        'no-resources' => 'no_resources', 'no-migrations' => 'no_migrations', 'only-migrations' => 'only_migrations',
        'only-resources' => 'only_resources', 'forcar' => 'forcar', 'ignorar-dependencias' => 'ignorar_dependencias',
        'com-dependencias' => 'com_dependencias', 'atualizar-dependencias' => 'atualizar_dependencias',
        'debug' => 'debug', 'sem-retorno' => 'sem_retorno', 'cascata' => 'cascata',
        'manter-esquema' => 'manter_esquema', 'estrito' => 'estrito', 'todos' => 'todos', 'reparar' => 'reparar',
        'apagar-literal' => 'apagar_literal', 'trocar-assinante' => 'trocar_assinante', 'negados' => 'negados',
        'preparar' => 'preparar', 'gerar-chave' => 'gerar_chave', 'scripts-pendentes' => 'scripts_pendentes',
        'agora' => 'agora', 'so-verificar' => 'so_verificar', 'alheios' => 'alheios',
    ];
    /** Parameters that are paths, and have an option. */
    public const PATHS = ['arquivo', 'local_path', 'raiz_indice', 'pasta_publicada', 'pasta_chaves', 'revogados', 'pasta', 'pasta_indice', 'from_lock', 'conjunto', 'confianca', 'chave', 'certificados', 'saida', 'anexar', 'php'];
    /** Words of operations that may run migrations. */
    public const MIGRATING = ['install', 'verify', 'batch', 'update_all', 'update_run', 'rollback', 'uninstall', 'restore', 'enable', 'recover', 'diff'];
    /** The settings that php.ini may hold. */
    public const SETTINGS = [
        'pasta_indice', 'adocao', 'conflitos', 'orfaos', 'fusao', 'bases', 'lang', 'confianca', 'assinatura',
        'auditoria', 'auditoria_dias', 'auditoria_mb', 'scripts', 'php', 'espera_lock', 'blacklist', 'github_api',
        'github_web', 'ca_file', 'http_idle', 'http_total', 'guardar_versoes', 'guardar_backups', 'guardar_dias',
        'guardar_bytes', 'guardar_removidos', 'historico_linhas', 'historico_dias', 'poda', 'reparar_apos_atualizacao',
        'estatisticas', 'log_level', 'entradas', 'bytes_total', 'bytes_entrada', 'razao', 'profundidade', 'bytes_nome',
        'bytes_pacote', 'linhas', 'colunas', 'tabelas', 'modulos', 'recursos', 'bytes_texto',
    ];
    /** What --help says of COMMANDS. */
    public const HELP_PORTUGUESE = <<<'TEXT'
          --list                plugins deste banco de dados, e o que há a saber de cada um
          --history             o que foi feito com o plugin; --limite=<n> operações
          --conflicts           o que espera uma decisão, com os valores dos dois lados
          --resolve             decidir: --conflito=<números|todos> --escolha=minha|pacote|valor [--valor=<texto>]
          --verify              o que difere do que foi instalado; --estrito conta também o que usuários mudaram;
                                --todos verifica todos os plugins; --reparar põe os arquivos de volta, do pacote
                                guardado, e com --estrito também as linhas
          --repair              o mesmo que --verify --todos --reparar
          --lote                instalar ou atualizar vários plugins de uma vez, todos ou nenhum: --lote=<arquivo.json>
                                com {"pacotes": [{"arquivo": …}, …]}, ou --arquivo= repetido, ou
                                --from-lock=<plugins.lock.json> para exatamente o que esse arquivo diz; a ordem é a das
                                dependências, e o id de cada um é o do manifesto
          --importar            instalar o que um conjunto de --exportar diz, com os pacotes que estão nele, todos ou
                                nenhum: --importar=<conjunto.zip>
          --update-all          atualizar cada plugin instalado de onde ele veio; cada um por si: um que falha não
                                desfaz os outros (com --dry-run, só mostrar)
          --prune               remover pacotes guardados, backups, arquivos de desinstalações e histórico além do que
                                as configurações guardam, de um plugin ou de todos; --dry-run mostra nomes e bytes;
                                --alheios remove também o que nenhuma operação do histórico fez
          --metricas            quantas vezes o quê aconteceu com cada plugin, e quanto demorou: --metricas=json ou
                                --metricas=openmetrics; --arquivo=<arquivo.prom> grava num arquivo, trocado por inteiro,
                                para o node_exporter
          --estatisticas        o que este servidor contou neste mês, quando a configuração `estatisticas` é `local`:
                                instalações, atualizações e falhas por plugin; --mes=<aaaa-mm> é outro mês
          --exportar            gravar os plugins deste banco num conjunto, para outro site: --exportar=<conjunto.zip>,
                                com o arquivo de bloqueio e os pacotes
          --indice              índices assinados deste site: --indice=listar; =adicionar --nome= --url=
                                --raiz=<root.json> --sha256=; =atualizar e =remover --nome=
          --buscar              procurar plugins nos índices assinados: --buscar=<palavras>
          --publicar-indice     publicar um índice assinado: --publicar-indice=iniciar|publicar|renovar|assinar-raiz
                                --pasta-publicada= --pasta-chaves= [--arquivo= --url=]
          --atualizacoes        as atualizações de cada plugin: o que há de novo, o que vem sozinho e quando, e por que
                                o resto não vem
          --politica            o que se quer das atualizações de um plugin: --politica=automatica|avisar|manual
                                (`mesma` deixa como está, `padrao` volta ao padrão), com --nivel=patch|minor|major,
                                --canal=estavel|previa, --janela=<dias e horas>, --carencia=<horas>, --pular=<versões>,
                                --pular-ate=<dia>
          --agendar             uma rodada de atualizações automáticas, para o cron a cada 15 minutos (com
                                --id=<plugin>, só dele; --agora consulta as origens já; --so-verificar nada instala;
                                --endereco=<https://…> diz onde é o site); o que pode vir diz a política de cada plugin
          --rollback            voltar ao ponto anterior, à versão guardada de --version=<versão> ou ao ponto de
                                --ponto=<número> (veja --history): linhas, arquivos, e as migrações aplicadas desde
                                então, que são desfeitas; --manter-esquema as deixa, e --forcar também
          --uninstall           tirar a pasta do plugin e o que os pacotes dele trouxeram, tudo guardado antes;
                                --modo=remover (padrão) deixa as linhas criadas em uso, as tabelas do plugin e os
                                usuários, --modo=expurgar tira tudo o que leva o nome dele; --sem-retorno tira no fim
                                também o arquivo, os pacotes guardados e os backups; --dry-run mostra o que sairia;
                                --cascata leva junto os plugins que precisam dele; --forcar deixa usuários sem os perfis
                                que saem, deixa ir junto, para o arquivo, linhas de outros que dependem delas por chaves
                                estrangeiras, e tira um plugin pausado mesmo sem o arquivo da pausa
          --restore             trazer de volta o que --uninstall tirou, como era; --conflitos=pular deixa no arquivo as
                                linhas cuja chave outra linha tem agora ou que a tabela não aceita mais
          --disable             pausar o plugin: sai tudo o que --uninstall tira, e também as permissões sem dono dos
                                módulos dele; pausado, nada mais é feito com ele; --cascata pausa junto os que precisam
                                dele
          --enable              trazer de volta um plugin pausado, como era
          --recover             concluir ou desfazer o que uma execução interrompida deixou, e o que falta do esquema;
                                --scripts-pendentes executa também os scripts que faltam; --forcar desiste das migrações
                                que não podem ser desfeitas: só remove o que se sabe que elas criaram
          --diff                o que instalar um pacote mudaria, sem alterar nada (com --origem_tipo=…)
          --assinar             faz de uma pasta ou de um ZIP um pacote assinado
          --conferir-assinatura o que se pensa da assinatura de um pacote, sem instalar nada
          --running             o que está em execução, ou foi interrompido, e até onde chegou
          --watch               o mesmo, acompanhando até que termine
          --cancel              pedir que a operação em execução pare e seja desfeita, ou que os seus scripts parem;
                                [--operacao=<número>] só se for essa
          --credenciais         as credenciais deste site:
                                --credenciais=listar|gravar|remover|rotacionar|conferir|importar|chave; gravar lê o
                                segredo da entrada padrão: --alias=<nome>
                                [--tipo=github_token|http_bearer|http_basic|site_key] [--origem=https://<servidor>];
                                importar copia os tokens da tabela de plugins, e --apagar-literal os apaga dela; chave
                                imprime uma chave nova para o chaveiro
          --config              as configurações do plugin, com os seus valores; --idioma=<língua> escolhe de qual
          --config-gravar       gravar configurações do plugin, todas ou nenhuma: um objeto JSON da entrada padrão, ou
                                em --valores=; --idioma=<língua> grava só nela
          --auditoria           o registro de auditoria deste servidor: --auditoria=conferir diz se ele é o que foi
                                escrito (código 33 e a primeira diferença, se não for); =listar mostra os últimos
                                registros (--limite=, --id=, --desde=, --ate=, --negados); =exportar --saida=<arquivo>
                                [--formato=jsonl|csv] grava todos, ou os últimos --limite=, num arquivo novo

        TEXT;
    public const HELP_ENGLISH = <<<'TEXT'
          --list                plugins of this database, and what there is to know of each
          --history             what was done to the plugin; --limite=<n> operations
          --conflicts           what waits for a decision, with the values of both sides
          --resolve             decide: --conflito=<numbers|todos> --escolha=minha|pacote|valor [--valor=<text>]
          --verify              what differs from what was installed; --estrito counts what users changed as well;
                                --todos verifies all plugins; --reparar puts files back, from the kept package, and with
                                --estrito rows as well
          --repair              the same as --verify --todos --reparar
          --lote                install or update several plugins at once, all or none: --lote=<file.json> with
                                {"pacotes": [{"arquivo": …}, …]}, or --arquivo= repeated, or
                                --from-lock=<plugins.lock.json> for exactly what that file says; the order is that of
                                their dependencies, and each one's id is its manifest's
          --importar            install what a set of --exportar says, with the packages in it, all or none:
                                --importar=<set.zip>
          --update-all          update each installed plugin from where it came from; each on its own: one that fails
                                undoes none of the others (with --dry-run, only show)
          --prune               remove kept packages, backups, archives of what was uninstalled and history beyond what
                                the settings keep, of one plugin or of all; --dry-run shows names and bytes; --alheios
                                also removes what no operation of the history made
          --metricas            how often what happened to each plugin, and how long it took: --metricas=json or
                                --metricas=openmetrics; --arquivo=<file.prom> writes it to a file, replaced as a whole,
                                for node_exporter
          --estatisticas        what this server counted this month, where the setting `estatisticas` is `local`:
                                installations, updates and failures by plugin; --mes=<yyyy-mm> is another month
          --exportar            write the plugins of this database to a set, for another site: --exportar=<set.zip>,
                                with the lock file and the packages
          --indice              signed indices of this site: --indice=listar; =adicionar --nome= --url=
                                --raiz=<root.json> --sha256=; =atualizar and =remover --nome=
          --buscar              find plugins in the signed indices: --buscar=<words>
          --publicar-indice     publish a signed index: --publicar-indice=iniciar|publicar|renovar|assinar-raiz
                                --pasta-publicada= --pasta-chaves= [--arquivo= --url=]
          --atualizacoes        the updates of each plugin: what is new, what comes by itself and when, and why the rest
                                does not
          --politica            what is wanted of the updates of a plugin: --politica=automatica|avisar|manual (`mesma`
                                leaves it as it is, `padrao` goes back to the default), with --nivel=patch|minor|major,
                                --canal=estavel|previa, --janela=<days and hours>, --carencia=<hours>,
                                --pular=<versions>, --pular-ate=<day>
          --agendar             one run of automatic updates, for cron every 15 minutes (with --id=<plugin>, of that one
                                alone; --agora asks sources at once; --so-verificar installs nothing;
                                --endereco=<https://…> says where the site is); what may come is said by each plugin's
                                policy
          --rollback            go back to the previous point, to the kept version of --version=<version>, or to the
                                point of --ponto=<number> (see --history): rows, files, and the migrations applied
                                since, which are undone; --manter-esquema leaves them, and so does --forcar
          --uninstall           take away the plugin's folder and what its packages brought, all of it kept before;
                                --modo=remover (default) leaves rows made in use, the plugin's tables and users,
                                --modo=expurgar takes all that bears its name; --sem-retorno takes the archive, kept
                                packages and backups as well in the end; --dry-run shows what would go; --cascata takes
                                along the plugins that need it; --forcar leaves users without the profiles that go, lets
                                rows of others go along that hang on them by foreign keys, into the archive, and takes a
                                paused plugin away without the archive of its pause as well
          --restore             bring back what --uninstall took away, as it was; --conflitos=pular leaves rows in the
                                archive whose key another row has now, or that their table does not take any more
          --disable             pause the plugin: all that --uninstall takes goes, and also the permissions of its
                                modules that nobody owns; nothing else is done with it while it is paused; --cascata
                                pauses those along that need it
          --enable              bring a paused plugin back, as it was
          --recover             finish or undo what an interrupted run left, and what is left of the schema;
                                --scripts-pendentes also runs the scripts that are left; --forcar gives up migrations
                                that cannot be undone: it only drops what they are known to have made
          --diff                what installing a package would change, changing nothing (with --origem_tipo=…)
          --assinar             makes a signed package of a folder or a ZIP
          --conferir-assinatura what is thought of a package's signature, without installing anything
          --running             what is running, or was interrupted, and how far it is
          --watch               the same, watching until it has ended
          --cancel              ask the operation that is running to stop and be undone, or its scripts to stop;
                                [--operacao=<number>] only if it is that one
          --credenciais         the credentials of this site:
                                --credenciais=listar|gravar|remover|rotacionar|conferir|importar|chave; gravar reads the
                                secret from standard input: --alias=<name>
                                [--tipo=github_token|http_bearer|http_basic|site_key] [--origem=https://<server>];
                                importar copies the tokens of the table of plugins, and --apagar-literal erases them
                                there; chave prints a fresh key for the key ring
          --config              the settings of the plugin, with their values; --idioma=<language> chooses of which
          --config-gravar       save settings of the plugin, all of them or none: a JSON object from standard input, or
                                in --valores=; --idioma=<language> saves in that one alone
          --auditoria           the audit log of this server: --auditoria=conferir tells whether it is what was written
                                (code 33 and the first difference where it is not); =listar shows the last records
                                (--limite=, --id=, --desde=, --ate=, --negados); =exportar --saida=<file>
                                [--formato=jsonl|csv] writes all, or the last --limite=, to a new file

        TEXT;
}
