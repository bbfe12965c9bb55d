"""Makes the packages that the benchmark installs. The same numbers give the same bytes.

A package of N pages has N/5 components, N/100 layouts, 2N variables, 6 module rows, and the HTML and CSS files of pages
and components. Version 2 differs from 1 in one row (and its files) out of twenty, version 3 from 2 in all of them.
"""
import json
import os
import random
import zipfile

SLUG = 'bench'
VERSIONS = (1, 2, 3)
WORDS = ('a agenda algum ano antes aqui area arquivo artigo as até bem boa cada caminho campo casa cidade com como '
         'conta conteúdo dados de depois dia do editor ela ele em entre era escola essa esta evento exemplo falar fazer '
         'fim foi forma gente grupo hoje hora imagem início item janela já lado lista livro lugar mais mapa menu mesmo '
         'mundo muito nada não noite nome nova nunca o obra onde os outra página para parte pela pessoa plano pode '
         'ponto por porta primeiro produto quando que quem resultado rua se seção sem serviço sobre sua tabela também '
         'tempo tema texto título todo trabalho um uma usuário valor ver vez vida você').split()
COLOURS = tuple(f'{number:06x}' for number in range(0x102030, 0xffffff, 0x0f1e2d))[:16]


def words(rng, count):
    return ' '.join(rng.choices(WORDS, k=count))


def html(rng, revision, size):
    """HTML of about `size` bytes, as an editor would have written it."""
    parts = [f'<section class="section s-{rng.randrange(1000)}" data-revision="{revision}">\n']
    length = 0
    while length < size:
        part = (f'    <div class="card card-{rng.randrange(100)}">\n        <h3>{words(rng, 4).capitalize()}</h3>\n'
                f'        <p>{words(rng, 30)}. <a href="/{rng.choice(WORDS)}/{rng.randrange(500)}/">{words(rng, 2)}</a></p>\n    </div>\n')
        parts.append(part)
        length += len(part.encode())
    parts.append('</section>\n')
    return ''.join(parts)


def css(rng, revision, size):
    parts = [f'/* revision {revision} */\n']
    length = 0
    while length < size:
        part = (f'.card-{rng.randrange(100)} > .{rng.choice("abcdefgh")}-{rng.randrange(40)} {{ margin: {rng.randrange(64)}px; '
                f'color: #{rng.choice(COLOURS)}; padding: {rng.randrange(9)}.{rng.randrange(4) * 25:02}rem; }}\n')
        parts.append(part)
        length += len(part)
    return ''.join(parts)


def revision_of(number, version):
    """The version in which row `number` was last changed, seen from `version`."""
    if version == 3:
        return 3
    return 2 if version == 2 and number % 20 == 0 else 1


def rows_of(pages, version):
    """Rows by data file, and the files that go with them."""
    data, files = {}, {}

    def add(name, row): data.setdefault(name, []).append(row)

    def content(kind, number, sizes):
        revision = revision_of(number, version)
        rng = random.Random(f'{kind}-{number}-{revision}')
        return revision, html(rng, revision, sizes[0]), css(rng, revision, sizes[1]) if sizes[1] else None

    for number in range(pages):
        revision, text, style = content('page', number, (3000, 1400))
        language = ('pt-br', 'en')[number % 2]
        add('Paginas', {'layout_id': f'bench-layout-{number % max(pages // 100, 1)}', 'nome': f'Página {number}', 'id': f'bench-page-{number}',
                        'language': language, 'caminho': f'bench/{number}/', 'tipo': 'page', 'modulo': f'bench-{number % 3}', 'opcao': None,
                        'raiz': None, 'sem_permissao': True, 'html': text, 'css': style, 'framework_css': 'tailwindcss', 'status': 'A',
                        'file_version': f'1.{revision}', 'checksum': json.dumps({'html': f'{number:032x}', 'css': f'{revision:032x}', 'combined': f'{number:024x}{revision:08x}'})})
        folder = f'resources/{language}/pages/bench-page-{number}/bench-page-{number}'
        files[folder + '.html'], files[folder + '.css'] = text, style
    for number in range(pages // 5):
        revision, text, _ = content('component', number, (2000, 0))
        language = ('pt-br', 'en')[number % 2]
        add('Componentes', {'nome': f'Componente {number}', 'id': f'bench-component-{number}', 'language': language, 'modulo': f'bench-{number % 3}',
                            'html': text, 'css': None, 'framework_css': 'tailwindcss', 'status': 'A', 'file_version': f'1.{revision}'})
        files[f'resources/{language}/components/bench-component-{number}/bench-component-{number}.html'] = text
    for number in range(max(pages // 100, 1)):
        revision, text, style = content('layout', number, (4000, 2000))
        add('Layouts', {'nome': f'Layout {number}', 'id': f'bench-layout-{number}', 'language': ('pt-br', 'en')[number % 2], 'html': text, 'css': style,
                        'framework_css': 'tailwindcss', 'status': 'A', 'file_version': f'1.{revision}'})
    for number in range(2 * pages):
        revision = revision_of(number, version)
        add('Variaveis', {'language': ('pt-br', 'en')[number % 2], 'modulo': f'bench-{number % 3}', 'id': f'bench-variable-{number}',
                          'valor': f'{words(random.Random(f"v{number}-{revision}"), 5)} {revision}', 'tipo': 'string', 'grupo': None, 'descricao': None})
    for number in range(6):
        add('Modulos', {'modulo_grupo_id': 'conteudos', 'nome': f'Bench {number // 2}.{revision_of(number, version)}', 'id': f'bench-{number // 2}', 'icone': 'cog',
                        'language': ('pt-br', 'en')[number % 2], 'status': 'A'})
    return data, files


def write(folder, pages, version):
    """Writes a package unless it is there; returns its path."""
    path = f'{folder}/bench-{pages}-{version}.zip'
    if os.path.exists(path):
        return path
    data, files = rows_of(pages, version)
    members = {'manifest.json': json.dumps({'id': SLUG, 'name': 'Bench', 'version': f'1.0.{version}'})}
    members |= {f'db/data/{name}Data.json': json.dumps(rows, ensure_ascii=False, indent=1) for name, rows in data.items()}
    members |= {f'modules/bench-{n}/bench-{n}.json': json.dumps({'versao': '1.0.0', 'resources': {}}) for n in range(3)}
    members |= {f'modules/bench-{n}/bench-{n}.php': '<?php\n\n// A controller.\n' for n in range(3)}
    members |= files
    with zipfile.ZipFile(path + '.new', 'w', zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, text in members.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text)
    os.rename(path + '.new', path)
    return path
