//! What is wrong with a manifest, in Portuguese; the English stands beside each error.

use super::error::{DependencyFault, ManifestError, ManifestFault, ManifestWarning, ScriptFault};
use crate::base::fs::system_words;
use crate::model::{Bilingual, Lang};

/// Candidates that one line shows.
const SHOWN: usize = 10;

impl ManifestError {
    /// That the manifest could not be read, and what was said of it, in Portuguese.
    pub fn unreadable(path: &str, words: &str) -> String {
        format!("{path}: não foi possível lê-lo do pacote: {words}")
    }

    /// One line for each fault, for a report that lists errors.
    pub fn messages(&self, lang: Lang) -> Vec<String> {
        match self {
            Self::Faults { path, faults } => {
                let lines = faults.iter().map(|fault| format!("{path}: {}", fault.text(lang)));
                lines.collect()
            }
            other => vec![other.text(lang)],
        }
    }
}

impl Bilingual for ManifestError {
    fn portuguese(&self) -> String {
        match self {
            Self::Missing => "o pacote não tem manifest.json na raiz nem até três pastas abaixo: ponha um com `id`, `name` e `version` junto das pastas do plugin (`db/`, `modules/`, …)".to_owned(),
            Self::Ambiguous { slug, candidates } => format!(
                "o pacote tem vários manifest.json no mesmo nível e nenhum tem o id {slug:?}: {}: peça um desses ids, ou empacote só o plugin",
                shown(candidates)
            ),
            Self::Unnamed { path } => {
                format!("{path}: não tem `id` legível: ponha um, ou diga o plugin na chamada (`slug`)")
            }
            Self::TooLarge { path, limit } => {
                format!("{path}: tem mais de {limit} bytes: encurte-o, o gestor grava o manifesto inteiro")
            }
            Self::Unreadable { path, source } => Self::unreadable(path, &system_words(source)),
            Self::Faults { .. } => self.messages(Lang::PtBr).join("; "),
        }
    }
}

fn shown(candidates: &[(String, Option<String>)]) -> String {
    let shown: Vec<String> = candidates
        .iter()
        .take(SHOWN)
        .map(|(path, id)| match id {
            Some(id) => format!("{path} ({id:?})"),
            None => format!("{path} (sem id legível)"),
        })
        .collect();
    shown.join(", ")
}

impl Bilingual for ManifestFault {
    fn portuguese(&self) -> String {
        match self {
            Self::Json(fault) => fault.portuguese(),
            Self::NotAnObject { at, found } => format!(
                "{}: deve ser um objeto JSON com `id`, `name` e `version`, e veio {}",
                at.portuguese(),
                found.portuguese()
            ),
            Self::Missing { key, example } => {
                format!("falta `{key}`: acrescente-o, por exemplo \"{key}\": {example:?}")
            }
            Self::Epoch { at, key, found } => format!(
                "{}: `{key}` deve ser um número inteiro de 0 a 2147483647, e é {}",
                at.portuguese(),
                found.portuguese()
            ),
            Self::WrongType { at, key, found } => format!(
                "{}: `{key}` deve ser um texto entre aspas, e veio {}",
                at.portuguese(),
                found.portuguese()
            ),
            Self::TooLong { at, key, length, limit } => format!(
                "{}: `{key}` tem {length} caracteres, e cabem no máximo {limit}: encurte-o",
                at.portuguese()
            ),
            Self::ControlCharacter { at, key } => format!(
                "{}: `{key}` tem um caractere de controle: escreva-o em uma linha de texto simples",
                at.portuguese()
            ),
            Self::Version { at, key, source } => {
                format!("{}: `{key}`: {}", at.portuguese(), source.portuguese())
            }
            Self::Dependency { at, fault } => format!("{}: `dependencies`: {}", at.portuguese(), fault.portuguese()),
            Self::Writable { at } => format!(
                "{}: `gravaveis` deve ser uma lista de arquivos e pastas abaixo da pasta do plugin, como [\"cache/*\", \"estado.json\"]",
                at.portuguese()
            ),
            Self::Script { at, key, fault } => format!("{}: `{key}`: {}", at.portuguese(), fault.portuguese()),
            Self::ReservedId { at, id } => format!(
                "{}: `id` é {id:?}, que significa outra coisa onde plugins dizem do que precisam: escolha outro",
                at.portuguese()
            ),
            Self::OtherPlugin { at, id, slug } => format!(
                "{}: o pacote é do plugin {id:?}, e não de {slug:?}: instale-o com o id {id:?}, ou corrija `id`",
                at.portuguese()
            ),
        }
    }
}

impl Bilingual for DependencyFault {
    fn portuguese(&self) -> String {
        match self {
            Self::Form { found } => format!(
                "deve ser um objeto de ids e intervalos, {{\"p1\": \"^1.2\"}}, ou uma lista de {{\"id\": \"p1\", \"range\": \"^1.2\"}}, e veio {}",
                found.portuguese()
            ),
            Self::WithoutId => {
                "uma entrada precisa do id daquilo de que o plugin precisa: {\"id\": \"p1\", \"range\": \"^1.2\"}"
                    .to_owned()
            }
            Self::Id { source } => source.portuguese(),
            Self::RangeType { id, found } => format!(
                "{id}: as versões devem ser um texto como \"^1.2\", e veio {}",
                found.portuguese()
            ),
            Self::Range { id, source } => format!("{id}: {}", source.portuguese()),
            Self::Itself { id } => format!("{id} é o próprio plugin: retire a entrada"),
            Self::Disjoint { id, first, second } => {
                format!("{id}: nenhuma versão está em {first:?} e também em {second:?}: corrija um deles")
            }
        }
    }
}

impl Bilingual for ScriptFault {
    fn portuguese(&self) -> String {
        match self {
            Self::NoList { found } => format!(
                "deve ser uma lista de caminhos, [\"scripts/a.php\"], e veio {}",
                found.portuguese()
            ),
            Self::TooMany { limit } => format!("mais de {limit} scripts: chame-os a partir de menos"),
            Self::Form { found } => format!(
                "uma entrada deve ser um caminho ou {{\"script\": \"scripts/a.php\", \"timeout\": 60, \"on_error\": \"parar\"}}, e veio {}",
                found.portuguese()
            ),
            Self::WithoutScript => {
                "uma entrada precisa do caminho do seu script: {\"script\": \"scripts/a.php\"}".to_owned()
            }
            Self::Outside { path } => {
                format!("{path:?} sai da pasta do plugin: escreva o caminho abaixo dela, como \"scripts/a.php\"")
            }
            Self::NoPhp { path } => {
                format!("{path:?} não é um arquivo PHP: indique um, como \"scripts/a.php\"")
            }
            Self::NotInstalled { path } => {
                format!("{path:?} não estaria lá: db/ não é instalada, ponha o script em outra pasta")
            }
            Self::Absent { path } => {
                format!("{path:?} não é um arquivo do pacote: ponha-o lá, ou retire a entrada")
            }
            Self::Timeout { found } => {
                format!("`timeout` é {found}; permitido: um número inteiro de segundos de 1 a 600")
            }
            Self::OnError { found } => {
                format!("`on_error` é {found}; permitido: \"parar\", \"continuar\"")
            }
        }
    }
}

impl Bilingual for ManifestWarning {
    fn portuguese(&self) -> String {
        match self {
            Self::KnownOtherId { path, id, slug } => format!(
                "{path}: `id` é {id:?}, embora o plugin esteja instalado como {slug:?}, como antes: use um nome só"
            ),
            Self::NormalizedId { path, id, slug } => {
                format!("{path}: `id` é {id:?}, que o gestor grava como {slug:?}: escreva-o assim")
            }
            Self::Compatibility { path, at, key, found } => format!(
                "{path}: {}: `{key}` não foi entendido ({found}) e não limita nada: escreva \"compatibility\": {{\"min\": \"1.0.0\", \"max\": \"2.x\"}}",
                at.portuguese()
            ),
        }
    }
}
