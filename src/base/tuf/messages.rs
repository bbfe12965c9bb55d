//! Why a repository is not believed, in Portuguese; the English stands beside each error. What is wrong with a file, in
//! both.

use super::TufError;
use crate::model::{Bilingual, Phrase};

/// A number that nobody can sign.
pub(super) const FRACTION: Phrase = Phrase::new("um número que não é inteiro", "a number that is no integer");
/// A role that anybody could sign.
pub(super) const NO_THRESHOLD: Phrase = Phrase::new(
    "um papel que não exige nenhuma assinatura",
    "a role that needs no signature",
);
/// A timestamp of something else.
pub(super) const NO_SNAPSHOT: Phrase = Phrase::new(
    "`meta` não tem só `snapshot.json`",
    "`meta` is not `snapshot.json` alone",
);
/// A snapshot without the main role.
pub(super) const NO_TARGETS: Phrase = Phrase::new("não há `targets.json` em `meta`", "no `targets.json` in `meta`");

/// What the parser said.
pub(super) fn said(fault: &dyn std::fmt::Display) -> Phrase {
    Phrase::of_others(format!("\"{fault}\""))
}

pub(super) fn too_many_values(limit: usize) -> Phrase {
    Phrase::made(format!("mais de {limit} valores"), format!("more than {limit} values"))
}

pub(super) fn signed_twice(key: &str) -> Phrase {
    let key: String = key.chars().take(64).collect();
    Phrase::made(
        format!("duas assinaturas da chave {key:?}"),
        format!("two signatures of the key {key:?}"),
    )
}

pub(super) fn of_another_kind(found: &str, wanted: &str) -> Phrase {
    let found: String = found.chars().take(40).collect();
    Phrase::made(
        format!("é do tipo {found:?}, e não {wanted:?}"),
        format!("it is of the type {found:?} and not {wanted:?}"),
    )
}

pub(super) fn of_other_rules(found: &str) -> Phrase {
    let found: String = found.chars().take(40).collect();
    Phrase::made(
        format!("segue a versão {found:?} das regras, e não a 1"),
        format!("it keeps to version {found:?} of the rules and not to 1"),
    )
}

pub(super) fn no_version(found: u64) -> Phrase {
    Phrase::made(format!("{found} não é uma versão"), format!("{found} is no version"))
}

pub(super) fn no_role(role: &str) -> Phrase {
    Phrase::made(
        format!("falta o papel {role:?}"),
        format!("the role {role:?} is missing"),
    )
}

pub(super) fn taken_name(name: &str) -> Phrase {
    Phrase::made(
        format!("um papel delegado se chama {name:?}"),
        format!("a delegated role is called {name:?}"),
    )
}

pub(super) fn no_paths(name: &str) -> Phrase {
    let name: String = name.chars().take(64).collect();
    Phrase::made(
        format!("o papel {name:?} precisa de `paths` ou de `path_hash_prefixes`, e só de um deles"),
        format!("the role {name:?} needs `paths` or `path_hash_prefixes`, and one of them alone"),
    )
}

impl Bilingual for TufError {
    fn portuguese(&self) -> String {
        match self {
            Self::Malformed { file, reason } => format!(
                "{file} não é um arquivo assinado como deveria ({}): fale com quem publica o índice",
                reason.portuguese()
            ),
            Self::Threshold { file, needed, found } => format!(
                "{file} tem a assinatura de {found} das {needed} chaves de que precisa: não é o que quem publica o índice assinou, ou as chaves mudaram sem as antigas; nada dele é usado"
            ),
            Self::Version { file, expected, found } => format!(
                "{file} diz ser a versão {found}, e a {expected} foi anunciada: há arquivos de estados diferentes misturados"
            ),
            Self::Rollback { file, known, found } => format!(
                "{file} volta à versão {found}, e a {known} já tinha sido vista: alguém está mostrando um estado antigo do índice, em que falhas conhecidas ainda estão abertas"
            ),
            Self::Withheld { file } => format!(
                "{file} não está no retrato (snapshot) do índice, embora estivesse no anterior ou seja consultado para um arquivo: parte do índice está sendo escondida"
            ),
            Self::Expired { file, since } => format!(
                "{file} venceu em {since}: o índice não foi renovado, alguém está mostrando um estado antigo dele, ou o relógio desta máquina está errado"
            ),
            Self::Length { file, expected, found } => format!(
                "{file} tem {found} bytes, e {expected} foram anunciados: ele mudou no caminho, ou não foi enviado por inteiro"
            ),
            Self::TooLong { file, limit } => format!("{file} tem mais de {limit} bytes: a leitura para aqui"),
            Self::Hash { file, expected, found } => {
                format!("{file} tem o hash {found}, e {expected} foi anunciado: ele foi alterado")
            }
            Self::NoHash { file } => format!(
                "{file} foi anunciado sem nenhum hash conhecido aqui (sha256, sha512): fale com quem publica o índice"
            ),
            Self::Missing { file } => format!(
                "{file} foi anunciado e não está lá: o índice não foi enviado por inteiro; tente de novo mais tarde"
            ),
            Self::TooManyRoots { limit } => {
                format!("o índice tem mais de {limit} raízes a percorrer: peça um root.json mais novo a quem o publica")
            }
            Self::TooManyDelegations { limit, path } => format!(
                "mais de {limit} papéis delegados do índice teriam de ser consultados para {path:?}: fale com quem o publica"
            ),
        }
    }
}
