//! PHP's command line program, found and asked before anything is changed: a program of a web server would take a script for
//! a request, or start a server.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::unistd::{AccessFlags, access};

use super::script::{question, surroundings};
use super::{PhpFault, ScriptError};
use crate::base::process::{self, Account, Captured, Ended, Program};
use crate::model::Secret;

/// What the program of the command line says that it is.
const WANTED: &str = "cli";
/// It has so long to say it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Letters of another answer that are shown.
const SHOWN: usize = 80;
/// Where programs are looked for where nobody says it.
const USUAL_PATH: &str = "/usr/local/bin:/usr/bin:/bin";

/// A PHP that runs scripts, and what it is given for all of them.
#[derive(Debug, Clone)]
pub struct Php {
    pub(super) path: PathBuf,
    /// What our own environment says that a script may know.
    pub(super) environment: Vec<(&'static str, String)>,
    /// Where PHP lets the caller read and write: its scripts no further.
    pub(super) open_basedir: Option<String>,
    /// As whom they run.
    pub(super) account: Option<Account>,
    /// What nobody is to read in what they write.
    pub(super) secrets: Vec<Secret>,
}

impl Php {
    /// Finds the program: the one that was said, else that of the PHP that calls, else the first of `PATH`; and asks it.
    /// `owner`: user and group of the site's plugins, whom it becomes where this process is root.
    ///
    /// # Errors
    /// [`ScriptError::Php`].
    pub fn find(
        said: Option<&Path>,
        environment: Vec<(&'static str, String)>,
        (open_basedir, secrets): (Option<String>, Vec<Secret>),
        owner: (u32, u32),
    ) -> Result<Self, ScriptError> {
        let path = said.map_or_else(|| first_of_path(&environment), Path::to_owned);
        let refused = |fault| ScriptError::Php {
            path: path.clone(),
            fault,
        };
        let account = Account::to_become(owner.0, owner.1).map_err(|fault| {
            let reason = fault.to_string();
            refused(PhpFault::NotStarted { reason })
        })?;
        check(&path).map_err(refused)?;
        let asked = Program {
            account: account.clone(),
            ..question(&path, variables(&environment))
        };
        ask(&asked).map_err(refused)?;
        Ok(Self {
            path,
            environment,
            open_basedir,
            account,
            secrets,
        })
    }

    /// Its file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A call of it: for a script of ours, with the environment that scripts of plugins get.
    pub fn program(&self, script: &Path, folder: &Path) -> Program {
        Program {
            path: self.path.clone(),
            arguments: [OsString::from("-d"), "display_errors=stderr".into(), script.into()].to_vec(),
            folder: folder.to_owned(),
            environment: surroundings(&self.environment),
            account: self.account.clone(),
        }
    }
}

fn variables(environment: &[(&'static str, String)]) -> Vec<(String, OsString)> {
    let all = environment.iter();
    all.map(|(name, value)| ((*name).to_owned(), value.into())).collect()
}

fn first_of_path(environment: &[(&'static str, String)]) -> PathBuf {
    let path = environment.iter().find(|(name, _)| *name == "PATH");
    let path = path.map_or(USUAL_PATH, |(_, value)| value.as_str());
    let mut all = path.split(':').map(|folder| Path::new(folder).join("php"));
    let found = all.find(|program| check(program).is_ok());
    found.unwrap_or_else(|| PathBuf::from("/usr/bin/php"))
}

fn check(path: &Path) -> Result<(), PhpFault> {
    if !path.is_absolute() || path.as_os_str().as_bytes().contains(&0) {
        return Err(PhpFault::NotAbsolute);
    }
    let is_file = std::fs::metadata(path).is_ok_and(|found| found.is_file());
    if !is_file || access(path, AccessFlags::X_OK).is_err() {
        return Err(PhpFault::NoProgram);
    }
    Ok(())
}

fn ask(question: &Program) -> Result<(), PhpFault> {
    let ending = process::run(question, PATIENCE, &mut || true).map_err(|fault| PhpFault::NotStarted {
        reason: fault.to_string(),
    })?;
    let said = answer(&ending.output);
    if ending.ended == Ended::Code(0) && said == WANTED {
        return Ok(());
    }
    let said = said.chars().take(SHOWN).collect();
    Err(PhpFault::Other { said })
}

fn answer(output: &Captured) -> String {
    output.text(&|text| text.trim().to_owned(), &|_| String::new())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn find(path: Option<&Path>) -> Result<Php, ScriptError> {
        Php::find(path, Vec::new(), (None, Vec::new()), (0, 0))
    }

    #[test]
    fn only_the_program_of_the_command_line_will_do() {
        let folder = tempfile::tempdir().unwrap();
        let program = |name: &str, text: &str, mode: u32| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let fine = program("php", "#!/bin/sh\nprintf cli", 0o755);
        assert_eq!(find(Some(&fine)).unwrap().path, fine);
        for (path, told) in [
            (PathBuf::from("php"), "absolute"),
            (folder.path().join("absent"), "no file"),
            (folder.path().to_owned(), "no file"),
            (program("plain", "#!/bin/sh\nprintf cli", 0o644), "no file"),
            (program("fpm", "#!/bin/sh\nprintf fpm-fcgi", 0o755), "says \"fpm-fcgi\""),
            (program("cgi", "#!/bin/sh\nprintf cli; exit 1", 0o755), "says \"cli\""),
            (program("odd", "no program", 0o755), "is not the one"),
            (program("lost", "#!/nowhere/sh\n", 0o755), "cannot be started"),
        ] {
            let fault = find(Some(&path)).unwrap_err().to_string();
            assert!(
                fault.contains(told) && fault.contains(&*path.to_string_lossy()),
                "{fault}"
            );
        }
    }

    #[test]
    fn the_first_of_the_path_is_taken_where_nobody_says_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("php");
        fs::write(&path, "#!/bin/sh\nprintf cli").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        let environment = vec![("PATH", format!("/nowhere::{}:/usr/bin", folder.path().display()))];
        let php = Php::find(None, environment, (None, Vec::new()), (0, 0)).unwrap();
        assert_eq!(php.path, path);
    }
}
