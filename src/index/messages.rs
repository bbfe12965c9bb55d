//! Why an index cannot be used, in Portuguese; the English stands beside each error. Parts of texts in both.

use super::IndexFault;
use crate::model::{Bilingual, Phrase};

/// A version without a place.
pub(super) const NO_URL: Phrase = Phrase::new("não há nenhum endereço em `urls`", "there is no address in `urls`");

/// What a parser said.
pub(super) fn quoted(fault: &dyn std::fmt::Display) -> Phrase {
    Phrase::of_others(format!("\"{fault}\""))
}

pub(super) fn other_format(found: u64) -> Phrase {
    Phrase::made(
        format!("está no formato {found}, e só o 1 é conhecido: atualize o gestor-plugins"),
        format!("it is of format {found}, and only 1 is known: update gestor-plugins"),
    )
}

pub(super) fn other_plugin(found: &str) -> Phrase {
    let found: String = found.chars().take(80).collect();
    Phrase::made(
        format!("fala do plugin {found:?}"),
        format!("it is about the plugin {found:?}"),
    )
}

pub(super) fn of_version(version: &str, reason: &Phrase) -> Phrase {
    Phrase::made(
        format!("versão {version:?}: {}", reason.portuguese()),
        format!("version {version:?}: {reason}"),
    )
}

pub(super) fn twice(version: &str) -> Phrase {
    Phrase::made(
        format!("a versão {version} está lá duas vezes"),
        format!("version {version} stands there twice"),
    )
}

pub(super) fn no_plugin(id: &str) -> Phrase {
    let id: String = id.chars().take(80).collect();
    Phrase::made(
        format!("{id:?} não é o nome de um plugin"),
        format!("{id:?} is no name of a plugin"),
    )
}

pub(super) fn why_withdrawn(version: &str, why: &str) -> Phrase {
    let why: String = why.chars().take(200).collect();
    Phrase::made(
        format!("a versão {version} foi retirada por quem a publica: \"{why}\""),
        format!("version {version} was withdrawn by its publisher: \"{why}\""),
    )
}

/// What a fault is about, and the fault.
fn of(what: &str, fault: &impl Bilingual) -> String {
    format!("{what}: {}", fault.portuguese())
}

fn other_root(path: &str, expected: &str, found: &str) -> String {
    format!(
        "{path} tem o SHA-256 {found}, e {expected} foi informado: pergunte a quem publica o índice, por outro caminho que não o próprio índice"
    )
}

impl Bilingual for IndexFault {
    fn portuguese(&self) -> String {
        match self {
            Self::Name { given } => format!(
                "{given:?} não serve como nome de índice: letras minúsculas, dígitos, `.`, `_` e `-`, no máximo 64, começando com letra ou dígito"
            ),
            Self::NoTrust => "nenhuma pasta de confiança está configurada, então este site não confia em nenhum índice: informe uma na configuração ou no parâmetro `confianca`".to_owned(),
            Self::Unknown { name } => format!(
                "este site não conhece o índice {name:?}: `--indice=listar` mostra os que ele conhece, `--indice=adicionar` acrescenta um"
            ),
            Self::Exists { name } => format!(
                "já existe um índice {name:?}: remova-o antes (`--indice=remover`), ou dê outro nome ao novo"
            ),
            Self::Folder(fault) => of("a pasta de confiança", fault),
            Self::Settings { path, source } => format!(
                "{} não está como deveria: \"{source}\"; ele tem `url`, e pode ter `credencial` e `prioridade`",
                path.display()
            ),
            Self::Root { path, fault } => of(&path.display().to_string(), fault),
            Self::RootHash { path, expected, found } => other_root(&path.display().to_string(), expected, found),
            Self::Address(fault) => of("o endereço do índice", fault),
            Self::Refused { index, fault } => format!("índice {index}: {}", fault.portuguese()),
            Self::Unreachable { index, source } => format!("índice {index}: {}", source.portuguese()),
            Self::Silent { index, reason } => format!(
                "índice {index}: {} (há um momento; ele é consultado de novo depois de um minuto, ou por `--indice=atualizar`)",
                reason.portuguese()
            ),
            Self::Stale { index, reason, days } => format!(
                "índice {index}: {}; o que este site guarda dele venceu há mais de {days} dias, ou não há nada guardado: fale com quem o publica, ou espere que ele seja renovado",
                reason.portuguese()
            ),
            Self::Entry { index, file, reason } => format!(
                "índice {index}, {file}: {}; fale com quem publica o índice",
                reason.portuguese()
            ),
            Self::NoPlugin { slug, indices } => format!(
                "nenhum índice tem o plugin {slug} (consultados: {}): confira como foi escrito; `--buscar=` encontra o que há",
                indices.portuguese()
            ),
            Self::NoVersion { index, slug, reason } => format!(
                "o índice {index} não tem o plugin {slug} em nenhuma versão que possa ser instalada ({})",
                reason.portuguese()
            ),
            Self::Busy { index, seconds } => format!(
                "índice {index}: outro processo o está atualizando há mais de {seconds} s: tente de novo mais tarde"
            ),
            Self::Changing { index, folder } => format!(
                "índice {index}: outro processo está mudando o que há em {}: tente de novo",
                folder.display()
            ),
            Self::OtherVersion { index, slug, said, found } => format!(
                "o índice {index} diz que o pacote é a versão {said} do plugin {slug}, e o manifesto dele diz {found}: fale com quem publica o índice"
            ),
            Self::OtherSigner { index, slug, version, wanted, found } => format!(
                "o índice {index} diz que a versão {version} do plugin {slug} foi assinada por {}, e o pacote {}: ele não é o que foi publicado; fale com quem publica o índice",
                wanted.portuguese(),
                found.portuguese()
            ),
            Self::Database(fault) => of("a tabela gestor_plugins_indices", fault),
        }
    }
}
