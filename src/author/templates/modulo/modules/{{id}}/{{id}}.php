<?php

/**
 * Lista, adiciona, edita e exclui o que está em `{{tabela}}`. O gestor carrega este arquivo para as páginas do módulo.
 * Lists, adds, edits and deletes what stands in `{{tabela}}`. The gestor loads this file for the module's pages.
 */

global $_GESTOR;

$_GESTOR['modulo-id'] = '{{id}}';
$_GESTOR['modulo#{{id}}'] = json_decode((string) file_get_contents(__DIR__ . '/{{id}}.json'), true);

/** Um texto da interface do gestor. A text of the gestor's interface. */
function {{funcao}}_rotulo(string $id, string $modulo = 'interface'): string
{
    return (string) gestor_variaveis(['modulo' => $modulo, 'id' => $id]);
}

/** O que um formulário tem que trazer. What a form has to bring. */
function {{funcao}}_obrigatorios(): array
{
    return [[
        'regra' => 'texto-obrigatorio',
        'campo' => 'nome',
        'label' => {{funcao}}_rotulo('form-name-label', '{{id}}'),
    ]];
}

/** Um registro ainda não excluído, no idioma atual. A record that is not deleted, in the present language. */
function {{funcao}}_condicao(string $id): string
{
    global $_GESTOR;

    return "WHERE id='" . banco_escape_field($id) . "' AND status!='D' AND language='" . $_GESTOR['linguagem-codigo'] . "'";
}

/**
 * O texto de alguém, para uma página: nem HTML, nem um marcador que o gestor trocaria, como @[[...]]@ ou #texto#.
 * Somebody's text, for a page: neither HTML nor a mark that the gestor would replace, such as @[[...]]@ or #texto#.
 */
function {{funcao}}_como_texto(string $texto): string
{
    return strtr($texto, [
        '&' => '&amp;', '<' => '&lt;', '>' => '&gt;', '"' => '&quot;', "'" => '&#039;',
        '#' => '&#35;', '@' => '&#64;', '[' => '&#91;', '{' => '&#123;',
    ]);
}

/** O script e o estilo do módulo, numa página. The module's script and style, on a page. */
function {{funcao}}_incluir(): void
{
    gestor_pagina_javascript_incluir();
    gestor_pagina_css_incluir();
}

function {{funcao}}_adicionar(): void
{
    global $_GESTOR;

    if (isset($_GESTOR['adicionar-banco'])) {
        interface_validacao_campos_obrigatorios(['campos' => {{funcao}}_obrigatorios()]);

        // Um nome sem letras latinas nem dígitos não dá um id. A name without Latin letters or digits gives no id.
        $nome = (string) $_REQUEST['nome'];
        $base = preg_match('/[a-z0-9]/i', banco_retirar_acentos($nome)) === 1 ? $nome : '{{id}}';
        $id = banco_identificador([
            'id' => banco_escape_field($base),
            'tabela' => [
                'nome' => '{{tabela}}',
                'campo' => 'id',
                'id_nome' => 'id_{{tabela}}',
                'where' => "language='" . $_GESTOR['linguagem-codigo'] . "'",
            ],
        ]);
        $usuario = gestor_usuario();
        banco_insert_name([
            ['id_usuarios', (int) $usuario['id_usuarios'], true],
            ['nome', banco_escape_field($_REQUEST['nome'])],
            ['id', $id],
            ['texto', banco_escape_field($_REQUEST['texto'] ?? '')],
            ['language', $_GESTOR['linguagem-codigo']],
            ['status', 'A'],
            ['versao', '1', true],
            ['data_criacao', 'NOW()', true],
            ['data_modificacao', 'NOW()', true],
        ], '{{tabela}}');

        gestor_redirecionar('{{id}}/editar/?id=' . $id);
    }

    {{funcao}}_incluir();
    // O que foi configurado: config/schema.json. What was set: config/schema.json.
    $inicial = htmlspecialchars({{funcao}}_rotulo('texto_inicial', '{{id}}'), ENT_QUOTES);
    $_GESTOR['pagina'] = modelo_var_troca_tudo($_GESTOR['pagina'], '#texto#', $inicial);

    $_GESTOR['interface']['adicionar']['finalizar'] = [
        'formulario' => ['validacao' => {{funcao}}_obrigatorios()],
    ];
}

function {{funcao}}_editar(): void
{
    global $_GESTOR;

    $id = (string) $_GESTOR['modulo-registro-id'];
    $condicao = {{funcao}}_condicao($id);

    if (isset($_GESTOR['atualizar-banco'])) {
        interface_validacao_campos_obrigatorios(['campos' => {{funcao}}_obrigatorios()]);
        $dados = [
            "nome='" . banco_escape_field($_REQUEST['nome']) . "'",
            "texto='" . banco_escape_field($_REQUEST['texto'] ?? '') . "'",
            'versao=versao+1',
            'data_modificacao=NOW()',
        ];
        banco_update(banco_campos_virgulas($dados), '{{tabela}}', $condicao);

        gestor_redirecionar('{{id}}/editar/?id=' . $id);
    }

    $registro = banco_select_editar(
        banco_campos_virgulas(['nome', 'texto', 'status', 'versao', 'data_criacao', 'data_modificacao']),
        '{{tabela}}',
        $condicao
    );
    if (!$_GESTOR['banco-resultado']) {
        gestor_redirecionar_raiz();
    }
    {{funcao}}_incluir();
    foreach (['nome', 'texto'] as $campo) {
        $valor = {{funcao}}_como_texto((string) ($registro[$campo] ?? ''));
        $_GESTOR['pagina'] = modelo_var_troca_tudo($_GESTOR['pagina'], "#{$campo}#", $valor);
    }

    $_GESTOR['interface']['editar']['finalizar'] = [
        'id' => $id,
        'metaDados' => [
            ['titulo' => {{funcao}}_rotulo('field-version'), 'dado' => $registro['versao']],
            [
                'titulo' => {{funcao}}_rotulo('field-date-modification'),
                'dado' => interface_formatar_dado(['dado' => $registro['data_modificacao'], 'formato' => 'dataHora']),
            ],
        ],
        'banco' => ['nome' => '{{tabela}}', 'id' => 'id', 'status' => 'status'],
        'botoes' => [
            'adicionar' => [
                'url' => $_GESTOR['url-raiz'] . '{{id}}/adicionar/',
                'rotulo' => {{funcao}}_rotulo('label-button-insert'),
                'tooltip' => {{funcao}}_rotulo('tooltip-button-insert'),
                'icon' => 'plus circle',
                'cor' => 'blue',
            ],
            'excluir' => [
                'url' => $_GESTOR['url-raiz'] . '{{id}}/?opcao=excluir&id=' . $id,
                'rotulo' => {{funcao}}_rotulo('label-button-delete'),
                'tooltip' => {{funcao}}_rotulo('tooltip-button-delete'),
                'icon' => 'trash alternate',
                'cor' => 'red',
            ],
        ],
        'formulario' => ['validacao' => {{funcao}}_obrigatorios()],
    ];
}

/** A lista, que a própria interface do gestor desenha. The list, which the gestor's own interface draws. */
function {{funcao}}_listar(): void
{
    global $_GESTOR;

    $_GESTOR['interface']['listar']['finalizar'] = [
        'banco' => [
            'nome' => '{{tabela}}',
            'campos' => ['nome', 'data_criacao', 'data_modificacao'],
            'id' => 'id',
            'status' => 'status',
            'where' => "language='" . $_GESTOR['linguagem-codigo'] . "'",
        ],
        'tabela' => [
            'rodape' => true,
            'colunas' => [
                ['id' => 'nome', 'nome' => {{funcao}}_rotulo('field-name'), 'ordenar' => 'asc'],
                [
                    'id' => 'data_modificacao',
                    'nome' => {{funcao}}_rotulo('field-date-modification'),
                    'formatar' => 'dataHora',
                    'nao_procurar' => true,
                ],
            ],
        ],
        'opcoes' => [
            'editar' => [
                'url' => 'editar/',
                'tooltip' => {{funcao}}_rotulo('tooltip-button-edit'),
                'icon' => 'edit',
                'cor' => 'basic blue',
            ],
            'excluir' => [
                'opcao' => 'excluir',
                'tooltip' => {{funcao}}_rotulo('tooltip-button-delete'),
                'icon' => 'trash alternate',
                'cor' => 'basic red',
            ],
        ],
        'botoes' => [
            'adicionar' => [
                'url' => 'adicionar/',
                'rotulo' => {{funcao}}_rotulo('label-button-insert'),
                'tooltip' => {{funcao}}_rotulo('tooltip-button-insert'),
                'icon' => 'plus circle',
                'cor' => 'blue',
            ],
        ],
    ];
}

function {{funcao}}_start(): void
{
    global $_GESTOR;

    gestor_incluir_bibliotecas();
    if ($_GESTOR['ajax']) {
        interface_ajax_iniciar();
        interface_ajax_finalizar();
        return;
    }
    if ($_GESTOR['opcao'] === 'listar') {
        {{funcao}}_listar();
    }
    interface_iniciar();
    switch ($_GESTOR['opcao']) {
        case 'adicionar':
            {{funcao}}_adicionar();
            break;
        case 'editar':
            {{funcao}}_editar();
            break;
    }
    interface_finalizar();
}

{{funcao}}_start();
