//! The installer's own files, beside the program: what the gestor gets of them, and `bin/install`, which puts them there. It
//! needs no PHP, works in each folder as its owner, keeps what stands there, and remembers what it did.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::drop_in;
use crate::base::fs::may_stand;
use crate::base::process::{self, Ended, Program};
use crate::model::{Bilingual, GestorRoot, Phrase};
use crate::native::surroundings::Surroundings;

/// What puts the files into a gestor.
const INSTALL: &str = "bin/install";
/// What a gestor gets.
const FILES: &str = "php/gestor";
/// Folders in which both libraries stand beside that: of a package, of the sources.
const LIBRARIES: [&str; 2] = ["lib", "target"];
/// Above the program, so many folders.
const LEVELS: usize = 3;
/// Copying has so long.
const PATIENCE: Duration = Duration::from_mins(5);
/// Where programs are: what is put back must not depend on who calls.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/// What of the environment says where it remembers what it did.
const KEPT: [&str; 3] = ["HOME", "XDG_STATE_HOME", "GESTOR_PLUGINS_RECORDS"];

/// Why the installer's files were not put back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InstallerFault {
    /// They are not beside the program, and those in the gestor are whole.
    #[error(
        "the installer's PHP files were not looked at: they are not beside this program ({}); run bin/install of the package that it is of", program.display()
    )]
    Absent {
        /// The program.
        program: PathBuf,
    },
    /// They are not beside the program, and not in the gestor.
    #[error(
        "the installer's PHP files are missing in the gestor, or old ones of its own stand in their place, and they could not be put back: they are not beside this program ({}); run bin/install of the package that it is of", program.display()
    )]
    Missing {
        /// The program.
        program: PathBuf,
    },
    /// They could not be put there.
    #[error("the installer's PHP files could not be put back: {said}")]
    Failed {
        /// In the words of what puts them there.
        said: String,
    },
}

impl Bilingual for InstallerFault {
    fn portuguese(&self) -> String {
        match self {
            Self::Absent { program } => format!(
                "os arquivos PHP do instalador não foram conferidos: não estão ao lado deste programa ({}); execute o bin/install do pacote de que ele é",
                program.display()
            ),
            Self::Missing { program } => format!(
                "os arquivos PHP do instalador faltam no gestor, ou há antigos dele no lugar, e não puderam ser repostos: não estão ao lado deste programa ({}); execute o bin/install do pacote de que ele é",
                program.display()
            ),
            Self::Failed { said } => format!("os arquivos PHP do instalador não puderam ser repostos: {said}"),
        }
    }
}

/// The folder with the installer's files, beside the program.
fn own_tree() -> Result<PathBuf, InstallerFault> {
    let program = std::env::current_exe()
        .and_then(|program| program.canonicalize())
        .unwrap_or_default();
    let is_tree = |folder: &Path| {
        let libraries = LIBRARIES.map(|name| folder.join(name));
        let has_both = |folder: &PathBuf| {
            may_stand(&folder.join("libgestor_plugins.so")) && may_stand(&folder.join("gestor_plugins.so"))
        };
        may_stand(&folder.join(INSTALL)) && may_stand(&folder.join(FILES)) && libraries.iter().any(has_both)
    };
    let found = program.ancestors().skip(1).take(LEVELS).find(|folder| is_tree(folder));
    found.map(Path::to_owned).ok_or(InstallerFault::Absent { program })
}

/// The files that a gestor gets, where they are beside the program.
pub(in crate::native) fn own_files() -> Option<PathBuf> {
    own_tree().ok().map(|tree| tree.join(FILES))
}

/// Puts them into a gestor; says what was written.
pub(super) fn put_files(root: &GestorRoot, around: &Surroundings) -> Result<Vec<String>, InstallerFault> {
    let tree = match own_tree() {
        Err(InstallerFault::Absent { program }) if !drop_in::is_whole(root) => {
            return Err(InstallerFault::Missing { program });
        }
        tree => tree?,
    };
    let failed = |said: String| InstallerFault::Failed { said };
    let kept = KEPT
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), OsString::from(around.variable(name)?))));
    let program = Program {
        path: "/bin/sh".into(),
        arguments: [
            tree.join(INSTALL).into(),
            root.as_path().into(),
            "--no-extension".into(),
        ]
        .to_vec(),
        folder: "/".into(),
        environment: kept.chain([("PATH".to_owned(), PATH.into())]).collect(),
        account: None,
    };
    let ending = process::run(&program, PATIENCE, &mut || true).map_err(|fault| failed(fault.to_string()))?;
    let said = ending.output.text(&str::to_owned, &|_| "…".to_owned());
    let lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
    if ending.ended != Ended::Code(0) {
        return Err(failed(lines.collect::<Vec<_>>().join(" ")));
    }
    let is_done = |line: &&str| ["written ", "kept "].iter().any(|word| line.starts_with(word));
    Ok(lines
        .filter(is_done)
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect())
}

/// What came of it, for the report: what was written, warnings, errors.
pub(super) type Put = (Vec<String>, Option<Phrase>, Option<Phrase>);

/// The same as it is told. `is_asked`: they were to be put back whatever else is done.
pub(super) fn told(put: Result<Vec<String>, InstallerFault>, is_asked: bool) -> Put {
    let is_warning = |fault: &InstallerFault| match fault {
        InstallerFault::Absent { .. } => true,
        InstallerFault::Missing { .. } => !is_asked,
        InstallerFault::Failed { .. } => false,
    };
    match put {
        Ok(written) => (written, None, None),
        Err(fault) if is_warning(&fault) => (Vec::new(), Some(Phrase::of(&fault)), None),
        Err(fault) => (Vec::new(), None, Some(Phrase::of(&fault))),
    }
}
