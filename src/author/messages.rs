//! What authors are told, in Portuguese; the English stands beside each variant. What the lints look for, in both.

use super::{AuthorError, Lint, Observation};
use crate::model::{Bilingual, Phrase};

pub(super) fn not_json(fault: &str) -> Phrase {
    Phrase::made(
        format!(
            "o arquivo diz em JSON `negar`, `permitir` (nomes de avisos), `arquivo_grande` (bytes) e `fora` (caminhos), e nada mais; {fault}"
        ),
        format!(
            "the file says in JSON `negar`, `permitir` (names of lints), `arquivo_grande` (bytes) and `fora` (paths), and nothing else; {fault}"
        ),
    )
}

pub(super) fn no_path(path: &str) -> Phrase {
    Phrase::made(
        format!("`fora`: {path:?} não é um caminho abaixo da pasta do plugin"),
        format!("`fora`: {path:?} is no path below the plugin's folder"),
    )
}

pub(super) fn no_id() -> Phrase {
    Phrase::new(
        "o id (--id) de um plugin tem letras minúsculas sem acento, dígitos, `-` e `_`, e começa com letra ou dígito",
        "the id (--id) of a plugin has small letters, digits, `-` and `_`, and begins with a letter or a digit",
    )
}

/// A table of a new plugin that every gestor has.
pub(super) fn taken_table(table: &str) -> Phrase {
    Phrase::made(
        format!("a tabela do plugin seria `{table}`, que todo gestor já tem: escolha outro id (--id)"),
        format!("the plugin's table would be `{table}`, which every gestor has: choose another id (--id)"),
    )
}

pub(super) fn no_name() -> Phrase {
    Phrase::new(
        "o nome (--name) é uma linha de até 255 letras, e não pode faltar",
        "the name (--name) is a line of at most 255 letters, and has to be there",
    )
}

pub(super) fn no_text() -> Phrase {
    Phrase::new(
        "há caracteres de controle no texto",
        "there are control characters in the text",
    )
}

pub(super) fn no_right() -> Phrase {
    Phrase::new(
        "permissões são arquivos.ler, arquivos.gravar, tabelas.ler, tabelas.gravar, rede, ganchos, executar, cada uma com `=` e uma lista, e correio, eval, ambiente, sessao",
        "permissions are arquivos.ler, arquivos.gravar, tabelas.ler, tabelas.gravar, rede, ganchos, executar, each with `=` and a list, and correio, eval, ambiente, sessao",
    )
}

/// What a lint looks for.
pub(super) fn about(lint: Lint) -> Phrase {
    let (pt, en) = match lint {
        Lint::Installer => ("o que uma instalação avisaria", "what an installation would warn of"),
        Lint::Language => (
            "linhas que faltam num dos idiomas do pacote",
            "rows that one of the package's languages lacks",
        ),
        Lint::Placeholders => (
            "textos cujos marcadores diferem entre idiomas",
            "texts whose placeholders differ between languages",
        ),
        Lint::Title => ("páginas sem título", "pages without a title"),
        Lint::Path => ("um caminho de duas páginas", "a path of two pages"),
        Lint::CoreRow => ("linhas que o próprio gestor tem", "rows that the gestor has itself"),
        Lint::Column => (
            "tabelas e colunas que nenhum gestor conhecido tem",
            "tables and columns that no known gestor has",
        ),
        Lint::Unused => (
            "arquivos de recursos que nenhuma linha usa",
            "files of resources that no row uses",
        ),
        Lint::Version => (
            "versão que não é maior que a do pacote anterior (--against)",
            "a version that is not higher than that of the package before (--against)",
        ),
        Lint::MigrationName => (
            "migrações que quem as executa não encontra, ou não pode usar",
            "migrations that their runner does not find, or cannot use",
        ),
        Lint::Syntax => (
            "PHP que o PHP não aceita, quando há um PHP nesta máquina",
            "PHP that PHP does not take, where this machine has a PHP",
        ),
        Lint::WayBack => ("migrações sem volta", "migrations without a way back"),
        Lint::Leftover => (
            "sobras de depuração, como var_dump",
            "what was left of looking for a mistake, such as var_dump",
        ),
        Lint::Secret => ("o que parece um segredo de verdade", "what looks like a real secret"),
        Lint::Large => ("arquivos grandes", "large files"),
        Lint::SystemFile => (
            "arquivos de um sistema operacional ou editor",
            "files of an operating system or an editor",
        ),
        Lint::Mark => (
            "PHP que começa com uma marca de ordem de bytes",
            "PHP that begins with a byte order mark",
        ),
    };
    Phrase::new(pt, en)
}

impl Bilingual for Observation {
    fn portuguese(&self) -> String {
        match self {
            Self::Installer(said) | Self::Column(said) => said.portuguese(),
            Self::Language {
                table,
                id,
                found,
                missing,
            } => format!(
                "`{table}` {id:?} existe em {found} e não em {missing}, que outras linhas do pacote têm: quem lê nesse idioma não o recebe"
            ),
            Self::Placeholders {
                table,
                id,
                column,
                placeholder,
                with,
                without,
            } => format!(
                "`{table}` {id:?}: `{column}` tem o marcador {placeholder} em {with} e não em {without}: um dos dois mostra uma lacuna, ou nunca recebe o valor"
            ),
            Self::Title { id, language } => format!(
                "a página {id:?} ({language}) não tem título: dê a ela um `name` (`nome`), que navegadores e menus mostram"
            ),
            Self::Path {
                path,
                language,
                first,
                second,
            } => format!(
                "o caminho {path:?} é de duas páginas em {language}, {first:?} e {second:?}: uma delas nunca é mostrada"
            ),
            Self::CoreRow { table, key, release } => format!(
                "`{table}` {key}: o próprio gestor {release} tem esta linha, e a instalação num site se recusa a tomá-la: escolha outro `id`, de preferência começando com o do plugin"
            ),
            other => of_files(other),
        }
    }
}

fn of_files(what: &Observation) -> String {
    match what {
        Observation::Unused { id } => format!(
            "nenhum recurso do módulo se chama {id:?}, por isso este arquivo não aparece em lugar nenhum: cite-o no descritor, ou apague-o"
        ),
        Observation::Version { version, before } => format!(
            "a versão {version} não é maior que a {before} do pacote anterior, e o conteúdo difere: um site que tem aquela nunca recebe esta"
        ),
        Observation::MigrationName => {
            "quem executa migrações só aceita arquivos chamados <14 dígitos>_<nome>.php: renomeie-o, ou ele nunca será executado".to_owned()
        }
        Observation::MigrationTwice { version } => {
            format!("outra migração também tem a versão {version}: quem as executa recusa as duas")
        }
        Observation::MigrationClass { class } => {
            format!("quem executa migrações procura a classe {class} neste arquivo, e ele não declara nenhuma com esse nome")
        }
        Observation::MigrationClassTwice { class, other } => {
            format!("{other} também tem a classe {class}, e o PHP recusa a segunda: renomeie este arquivo e a classe dele")
        }
        Observation::MigrationReserved { class } => format!(
            "a classe deste arquivo seria {class}, um nome que é do próprio PHP: renomeie o arquivo, por exemplo para <14 dígitos>_create_….php"
        ),
        Observation::MigrationNamespace { class, namespace } => {
            format!("quem executa migrações procura a classe {class} sem namespace: tire `namespace {namespace}`")
        }
        Observation::MigrationParent { class } => {
            format!("a classe {class} não é uma migração: faça-a estender Phinx\\Migration\\AbstractMigration")
        }
        Observation::MigrationTable { table } => {
            format!("cria a tabela `{table}`, que todo gestor já tem: dê outro nome a ela, de preferência o do plugin")
        }
        Observation::Syntax { said } => format!("o PHP não aceita este arquivo: {said}"),
        Observation::WayBack => {
            "esta migração não tem volta: um site que a instalou não consegue voltar à versão anterior. Escreva um `down()`, ou um `change()` com o que pode ser desfeito".to_owned()
        }
        Observation::Leftover { word } => {
            format!("`{word}` é chamada: mostra o que recebe, ou encerra a página, no meio dela")
        }
        Observation::Secret(kind) => format!(
            "isto parece {}: um pacote é lido por todos que o recebem. Tire-o daqui e mande trocá-lo, pois já é conhecido",
            kind.portuguese()
        ),
        Observation::Large { bytes, most } => {
            format!("{bytes} bytes, mais que {most}: cada visitante e cada backup do plugin os carrega")
        }
        Observation::SystemFile => {
            "arquivo de um sistema operacional ou editor, de que nenhum site precisa: apague-o".to_owned()
        }
        Observation::Mark => {
            "começa com uma marca de ordem de bytes, que o PHP envia ao navegador antes de tudo: salve em UTF-8 sem ela".to_owned()
        }
        other => other.to_string(),
    }
}

impl Bilingual for AuthorError {
    fn portuguese(&self) -> String {
        match self {
            Self::UnknownLint { name, known } => format!("não há aviso chamado {name:?}; os que há: {known}"),
            Self::Rules { path, reason } => format!("{}: {}", path.display(), reason.portuguese()),
            Self::UnknownRelease { version, known } => {
                format!("as tabelas do gestor {version:?} não são conhecidas aqui; conhecidas: {known}")
            }
            Self::OtherPlugin { path, found, wanted } => format!(
                "{} é um pacote do plugin {found:?}, não de {wanted:?}: informe um pacote anterior do mesmo plugin",
                path.display()
            ),
            Self::NoFolder { path } => format!(
                "{} não é uma pasta: um pacote é feito da pasta do plugin",
                path.display()
            ),
            Self::IsFolder { path } => format!("{} é uma pasta: informe o arquivo que o pacote será", path.display()),
            Self::Inside { path } => format!(
                "{} fica na própria pasta do plugin, e o próximo pacote conteria este: grave-o em outro lugar, ou cite a pasta dele em `fora` de gestor-plugins.json",
                path.display()
            ),
            Self::NoKey { path } => format!(
                "{} não contém uma chave: uma chave Ed25519 ou RSA de 3072 ou 4096 bits, PKCS#8 em PEM",
                path.display()
            ),
            Self::Wish { what, reason } => format!("{what:?}: {}", reason.portuguese()),
            Self::UnknownTemplate { name, known } => format!("não há modelo chamado {name:?}; os que há: {known}"),
            Self::NotEmpty { path } => format!(
                "{} não está vazia: informe uma pasta que ainda não existe, ou uma vazia",
                path.display()
            ),
        }
    }
}
