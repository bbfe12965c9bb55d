//! What a plugin needs and does not have, or what would be taken from others that need it.

use std::fmt;

use crate::dependencies::{Cycle, Lack};
use crate::model::{Bilingual, Phrase, Slug};

/// Why a change would leave a plugin without what it needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DependencyRefusal {
    /// The gestor is not one that the plugin works on.
    Gestor {
        /// The plugin.
        slug: Slug,
        /// What it needs.
        lacks: Vec<Lack>,
    },
    /// The plugin itself lacks something.
    Lacks {
        /// The plugin.
        slug: Slug,
        /// What.
        lacks: Vec<Lack>,
    },
    /// Others need the plugin.
    Dependants {
        /// The plugin.
        slug: Slug,
        /// Who, and in which versions.
        lacks: Vec<Lack>,
    },
    /// No versions of what there is go together.
    NoSet {
        /// Why, in sentences.
        proof: Phrase,
    },
    /// There are too many possibilities to try.
    GivenUp,
    /// There is no package of plugins that a lock file names.
    NotFound {
        /// Which, in which versions.
        plugins: Vec<String>,
    },
    /// Plugins of a set need each other, so that none can be the first.
    Cycle {
        /// Which.
        cycle: Cycle,
    },
}

impl DependencyRefusal {
    /// What is lacking.
    pub fn lacks(&self) -> &[Lack] {
        match self {
            Self::Gestor { lacks, .. } | Self::Lacks { lacks, .. } | Self::Dependants { lacks, .. } => lacks,
            Self::NoSet { .. } | Self::GivenUp | Self::NotFound { .. } | Self::Cycle { .. } => &[],
        }
    }
}

impl std::error::Error for DependencyRefusal {}

impl fmt::Display for DependencyRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let there = |lack: &Lack| match lack.found {
            Some(found) => format!("there is {found}"),
            None => "not installed".to_owned(),
        };
        let needed = |lack: &Lack| format!("{} {} ({})", lack.need.on, lack.need.range, there(lack));
        match self {
            Self::Gestor { slug, lacks } => write!(
                f,
                "plugin {slug} needs {}: update the gestor, or pass `forcar` (`--forcar`)",
                joined(lacks, needed)
            ),
            Self::Lacks { slug, lacks } => write!(
                f,
                "plugin {slug} needs what is not there: {}. Install that first; or pass `com_dependencias` (`--com-dependencias`), and it comes along from the kept packages and from the folder that `pasta_indice` names; or pass `ignorar_dependencias` (`--ignorar-dependencias`)",
                joined(lacks, needed)
            ),
            Self::Dependants { slug, lacks } => write!(
                f,
                "other plugins need {slug}: {}. Update, disable or uninstall them first; to uninstall or disable, pass `cascata` (`--cascata`), and they go along; or pass `ignorar_dependencias` (`--ignorar-dependencias`): they wait then",
                joined(lacks, |lack| format!(
                    "{} needs {} {}",
                    lack.by, lack.need.on, lack.need.range
                ))
            ),
            Self::NoSet { proof } => write!(
                f,
                "no versions go together: {proof} Put what is missing into the folder that `pasta_indice` names, or name it in the same call; pass `atualizar_dependencias` (`--atualizar-dependencias`) to let installed plugins rise"
            ),
            Self::GivenUp => f.write_str(
                "which versions go together was not found out: there are too many possibilities. Name some of the plugins in the same call, or put fewer versions into the folder that `pasta_indice` names",
            ),
            Self::NotFound { plugins } => write!(
                f,
                "of these plugins of the lock file no package is kept here, nor stands one in the folder that `pasta_indice` names: {}. Put their packages there",
                plugins.join(", ")
            ),
            Self::Cycle { cycle } => write!(
                f,
                "plugins of the set need each other: {cycle}. One of them must do without another: mend its manifest, or pass `ignorar_dependencias` (`--ignorar-dependencias`)"
            ),
        }
    }
}

impl Bilingual for DependencyRefusal {
    fn portuguese(&self) -> String {
        let there = |lack: &Lack| match lack.found {
            Some(found) => format!("há {found}"),
            None => "não instalado".to_owned(),
        };
        let needed = |lack: &Lack| format!("{} {} ({})", lack.need.on, lack.need.range, there(lack));
        match self {
            Self::Gestor { slug, lacks } => format!(
                "o plugin {slug} precisa de {}: atualize o gestor, ou informe `forcar` (`--forcar`)",
                joined(lacks, needed)
            ),
            Self::Lacks { slug, lacks } => format!(
                "o plugin {slug} precisa do que não há aqui: {}. Instale isso primeiro; ou informe `com_dependencias` (`--com-dependencias`), e isso vem junto dos pacotes guardados e da pasta que `pasta_indice` nomeia; ou informe `ignorar_dependencias` (`--ignorar-dependencias`)",
                joined(lacks, needed)
            ),
            Self::Dependants { slug, lacks } => format!(
                "outros plugins precisam de {slug}: {}. Atualize, pause ou desinstale esses antes; para desinstalar ou pausar, informe `cascata` (`--cascata`), e eles vão junto; ou informe `ignorar_dependencias` (`--ignorar-dependencias`): então eles ficam à espera",
                joined(lacks, |lack| format!(
                    "{} precisa de {} {}",
                    lack.by, lack.need.on, lack.need.range
                ))
            ),
            Self::NoSet { proof } => format!(
                "não há versões que andem juntas: {} Coloque o que falta na pasta que `pasta_indice` nomeia, ou nomeie isso na mesma chamada; informe `atualizar_dependencias` (`--atualizar-dependencias`) para que plugins instalados possam subir",
                proof.portuguese()
            ),
            Self::GivenUp => "não se descobriu quais versões andam juntas: há possibilidades demais. Nomeie alguns dos plugins na mesma chamada, ou deixe menos versões na pasta que `pasta_indice` nomeia".to_owned(),
            Self::NotFound { plugins } => format!(
                "destes plugins do arquivo de bloqueio nenhum pacote está guardado aqui, nem na pasta que `pasta_indice` nomeia: {}. Coloque os pacotes deles ali",
                plugins.join(", ")
            ),
            Self::Cycle { cycle } => format!(
                "plugins do conjunto precisam uns dos outros: {cycle}. Um deles tem de dispensar outro: corrija o manifesto dele, ou informe `ignorar_dependencias` (`--ignorar-dependencias`)"
            ),
        }
    }
}

fn joined(lacks: &[Lack], shown: impl Fn(&Lack) -> String) -> String {
    lacks.iter().map(shown).collect::<Vec<_>>().join("; ")
}
