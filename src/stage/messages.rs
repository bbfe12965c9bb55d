//! What goes wrong with the files of an operation, in Portuguese; the English stands beside each error.

use super::StageError;
use crate::model::{Bilingual, Phrase};

/// What stands at the place of a plugin's folder.
pub(super) const A_LINK: Phrase = Phrase::new("um link", "a link");
/// See [`A_LINK`].
pub(super) const A_FILE: Phrase = Phrase::new("um arquivo", "a file");
/// See [`A_LINK`].
pub(super) const A_SPECIAL_FILE: Phrase = Phrase::new("um arquivo especial", "a special file");

/// Why a journal is not of an operation on a plugin.
pub(super) mod foreign {
    use crate::model::Phrase;

    pub(in super::super) const PLUGIN: Phrase = Phrase::new("ele cita outro plugin", "it names another plugin");
    pub(in super::super) const PATHS: Phrase = Phrase::new("ele cita outros caminhos", "it names other paths");
    pub(in super::super) const OPERATION: Phrase =
        Phrase::new("o ID de operação dele não é um ID", "its operation id is none");
    pub(in super::super) const PHASE: Phrase = Phrase::new(
        "a fase e as árvores dele se contradizem",
        "its phase and its trees contradict each other",
    );
    pub(in super::super) const FOLDERS: Phrase = Phrase::new("ele cita outras pastas", "it names other folders");
    pub(in super::super) const BACKUP: Phrase =
        Phrase::new("o nome de backup dele não é um nome", "its backup's name is none");
    pub(in super::super) const CHECKSUM: Phrase = Phrase::new(
        "o checksum de pacote dele não é um checksum",
        "its package's checksum is none",
    );
    pub(in super::super) const VERSION: Phrase = Phrase::new("a versão dele não é uma versão", "its version is none");
}

impl Bilingual for StageError {
    fn portuguese(&self) -> String {
        match self {
            Self::Fs(fault) => fault.portuguese(),
            Self::NotAFolder { path, what } => format!(
                "{} é {}, e não uma pasta: uma atualização o substituiria. Ponha ali a própria pasta do plugin, ou tire-o dali, e tente de novo",
                path.display(),
                what.portuguese()
            ),
            Self::JournalUnreadable { path, source } => format!(
                "não foi possível ler o diário {} (\"{source}\"): nenhum programa nosso o gravou assim. Compare a pasta do plugin com o backup dela e depois tire do gestor a pasta que contém o diário; não apague nada antes de o site estar em ordem: `tree` ou `old` que há nela, também em plugins/.staging, podem ser a única cópia da pasta do plugin",
                path.display()
            ),
            Self::JournalNewer { path, found, known } => format!(
                "o diário {} tem o formato {found}, e esta versão conhece o {known}: termine com a versão mais nova, que começou a operação",
                path.display()
            ),
            Self::JournalForeign { path, what } => format!(
                "o diário {} é de outra coisa ({}): nada foi tocado. Descubra quem o gravou e depois tire do gestor a pasta que o contém; não apague nada antes de o site estar em ordem: `tree` ou `old` que há nela podem ser a única cópia da pasta do plugin",
                path.display(),
                what.portuguese()
            ),
            Self::JournalStands { path } => format!(
                "uma operação interrompida deixou o diário {}: recupere-a primeiro",
                path.display()
            ),
            Self::TreeMissing { path } => format!(
                "a nova árvore {} sumiu, ou há outra no lugar dela: outro programa a removeu; nada foi substituído. Tente de novo",
                path.display()
            ),
            Self::TreeReplaced { path } => format!(
                "{} foi criada ou substituída por outro programa (o site, ou uma migração) enquanto os novos arquivos eram montados: ela não está em nenhum backup, por isso ficou como está e nada foi substituído. Tente de novo",
                path.display()
            ),
            Self::Unrecognized { installed, staging } => format!(
                "{} não é nem a pasta que a operação interrompida encontrou nem a que ela trouxe: alguém a substituiu. Confira-a; se estiver certa, tire {} do gestor e tente de novo; não apague nada antes de o site estar em ordem: `tree` ou `old` que há nela, também em plugins/.staging, podem ser a única cópia da pasta anterior",
                installed.display(),
                staging.display()
            ),
            Self::TreeLost {
                installed,
                backup,
                staging,
            } => format!(
                "a pasta que deveria estar em {} sumiu: alguém a removeu depois que uma operação foi interrompida. Restaure-a (a anterior pode estar em {}, em plugins/_backups, ou em `tree` ou `old` de plugins/.staging), tire {} do gestor e tente de novo",
                installed.display(),
                backup.display(),
                staging.display()
            ),
        }
    }
}
