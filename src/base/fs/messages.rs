//! Faults of files in Portuguese, and what a system's own words look like there. The English stands beside each error.

use std::io;
use std::path::Path;

use nix::errno::Errno;

use super::error::{changes, errno};
use super::{Advice, Attempt, FsError, Holder, LockError};
use crate::model::{Bilingual, Phrase};

/// What a system said, as it stands in a Portuguese text: our own words in Portuguese, its words quoted.
pub fn system_words(fault: &io::Error) -> String {
    let ours = fault.get_ref();
    let phrase = ours.and_then(|inner| inner.downcast_ref::<Phrase>());
    let files = ours.and_then(|inner| inner.downcast_ref::<FsError>());
    phrase
        .map(Bilingual::portuguese)
        .or_else(|| files.map(Bilingual::portuguese))
        .unwrap_or_else(|| format!("\"{fault}\""))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn tried(attempt: Attempt) -> &'static str {
    match attempt {
        Attempt::Create => "criar",
        Attempt::Read => "ler",
        Attempt::Write => "gravar",
        Attempt::Sync => "gravar no disco",
        Attempt::Rename => "renomear",
        Attempt::Exchange => "trocar",
        Attempt::Remove => "remover",
        Attempt::ChangeOwner => "mudar o dono de",
        Attempt::ChangeMode => "mudar as permissões de",
        Attempt::Lock => "travar",
    }
}

fn hint(attempt: Attempt, source: &io::Error) -> &'static str {
    match errno(source) {
        Some(Errno::EPERM) if changes(attempt) => {
            "; ele, ou a pasta, é imutável ou só aceita acréscimos (como root: lsattr mostra, chattr -i -a desfaz), ou o usuário com que este processo roda não tem permissão: confira o dono e as permissões da pasta"
        }
        Some(Errno::ENOSPC) => "; libere espaço em disco e tente de novo",
        Some(Errno::EDQUOT) => "; a cota deste usuário acabou: libere espaço ou aumente a cota",
        Some(Errno::EROFS) => {
            "; o sistema de arquivos está montado só para leitura: monte-o para escrita e tente de novo"
        }
        Some(Errno::EACCES | Errno::EPERM) => {
            "; o usuário com que este processo roda não tem permissão: confira o dono e as permissões da pasta"
        }
        Some(Errno::EXDEV) => {
            "; os dois precisam estar no mesmo sistema de arquivos e na mesma montagem: deixe temp/ e plugins/ como pastas comuns de um só volume"
        }
        Some(Errno::EMFILE | Errno::ENFILE) => "; aumente o limite de arquivos abertos",
        _ => "",
    }
}

impl Bilingual for FsError {
    fn portuguese(&self) -> String {
        let path = shown(self.path());
        match self {
            Self::Io {
                attempt,
                source,
                path: _,
            } => format!(
                "não foi possível {} {path}: {}{}",
                tried(*attempt),
                system_words(source),
                hint(*attempt, source)
            ),
            Self::Unsupported { path: _ } => {
                format!("o sistema de arquivos de {path} não consegue trocar duas pastas de uma só vez")
            }
            Self::Mounted { path: _ } => format!(
                "{path} é um ponto de montagem, e o que está montado ali não é da própria pasta: não é empacotado, movido nem esvaziado. Desmonte-o (ou monte-o em outro lugar) e tente de novo"
            ),
            Self::Socket { path: _ } => format!(
                "{path} é um socket, que nenhum backup pode guardar: pare o programa que o criou, ou apague-o, e tente de novo"
            ),
            Self::Exists { path: _ } => format!("{path} já existe: tire-o dali e tente de novo"),
            Self::Link { path: _ } => format!(
                "{path} é um link, e links não são seguidos ali: ponha a própria pasta ou o próprio arquivo no lugar (das pastas de um gestor, só temp, logs, backups e plugins podem ser links)"
            ),
            Self::Untrusted { why, advice, path: _ } => format!(
                "{path} não é de confiança, porque {}: nada foi feito; {}",
                why.portuguese(),
                advice.portuguese()
            ),
            Self::NotOurs {
                found,
                process,
                advice,
                path: _,
            } => format!(
                "{path} pertence a {found}, e {process} não pode usá-lo: {}",
                advice.portuguese()
            ),
            Self::Immutable { advice, path: _ } => format!(
                "{path} é imutável ou só aceita acréscimos, e ninguém pode mudá-lo, renomeá-lo ou removê-lo: {}, e tente de novo",
                advice.portuguese()
            ),
            Self::NotAFile { path: _ } => format!(
                "{path} não é um arquivo comum, e nada além disso é lido ali: ponha um arquivo no lugar, ou remova-o"
            ),
            Self::TooLarge { limit, path: _ } => format!(
                "{path} tem mais de {limit} bytes, o que nenhum arquivo desse tipo tem: ponha o arquivo certo no lugar"
            ),
            Self::HardLinked { links, path: _ } => format!(
                "{path} tem {links} hard links: outro nome do mesmo arquivo mudaria junto; ponha uma cópia no lugar"
            ),
            Self::Swapped { path: _ } => format!(
                "{path} foi substituído por outra coisa enquanto estava em uso: outro programa grava ali; pare-o e tente de novo"
            ),
        }
    }
}

impl Bilingual for Advice {
    fn portuguese(&self) -> String {
        match self {
            Self::Remove => "descubra quem o criou e remova-o".to_owned(),
            Self::Claim(commands) => format!(
                "descubra quem o criou e remova-o; ou, se for do site, como root: {}",
                commands.join(" && ")
            ),
            Self::AsRoot(commands) => format!("como root: {}", commands.join(" && ")),
            Self::Another { user, commands } => format!(
                "faça isto como {user}; ou, se daqui em diante for este usuário quem faz isto, como root: {}",
                commands.join(" && ")
            ),
        }
    }
}

impl Bilingual for Holder {
    fn portuguese(&self) -> String {
        let Self { pid, host, since } = self;
        format!("processo {pid} em {host} desde {since}")
    }
}

impl Bilingual for LockError {
    fn portuguese(&self) -> String {
        match self {
            Self::Held { path, holder } => {
                let holder = holder.as_ref().map(Bilingual::portuguese);
                format!(
                    "{} está travado por {}: espere essa operação terminar e tente de novo",
                    shown(path),
                    holder.unwrap_or_else(|| "outro processo".to_owned())
                )
            }
            Self::Stopped { path } => format!("a espera pela trava {} foi interrompida", shown(path)),
            Self::Fs(fault) => fault.portuguese(),
        }
    }
}

/// What stands where a tree is wanted.
pub(super) const NO_FOLDER: Phrase = Phrase::new(
    "não é uma pasta: ponha uma pasta no lugar",
    "it is not a folder: replace it by one",
);

/// Why something is not trusted.
pub(super) mod why {
    use crate::model::Phrase;

    pub(in super::super) const EVERYBODY_MAY_WRITE: Phrase =
        Phrase::new("qualquer um pode gravar nele", "everybody may write to it");
    pub(in super::super) const EVERYBODY_MAY_RENAME: Phrase = Phrase::new(
        "qualquer um pode renomear o que está nela",
        "everybody may rename what stands in it",
    );
    pub(in super::super) const ITS_GROUP_MAY_WRITE: Phrase =
        Phrase::new("o grupo dele pode gravar nele", "its group may write to it");
    pub(in super::super) const NO_ORDINARY_FILE: Phrase =
        Phrase::new("não é um arquivo comum", "it is no ordinary file");
    pub(in super::super) const HAS_ANOTHER_NAME: Phrase = Phrase::new(
        "tem outro nome em algum lugar (um hard link)",
        "it has another name somewhere (a hard link)",
    );

    pub(in super::super) fn belongs_to(user: &str) -> Phrase {
        Phrase::made(format!("pertence a {user}"), format!("it belongs to {user}"))
    }
}
