//! Why scripts did not run, or did not end well.

use std::path::PathBuf;

use crate::model::Phrase;

/// What is wrong with the scripts of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptError {
    /// The PHP that is to run them; nothing was begun.
    #[error(
        "the package has scripts, and PHP's command line program {path} {fault}: install it (php-cli), or name it in `php` (gestor_plugins.php); without `scripts=executar` they are not run"
    )]
    Php {
        /// Where it should be.
        path: PathBuf,
        /// What is the matter with it.
        fault: PhpFault,
    },
    /// The operation stands; of its scripts some did not end well, or were not run.
    #[error(
        "the operation is done and stays, but of its scripts {failed}. Left to be run: {left}. They stand in `pendencias` (`--list`); mend the cause and call plugin_recover with `scripts_pendentes` (`--scripts-pendentes`)"
    )]
    Failed {
        /// Each with what became of it.
        failed: Phrase,
        /// Those that are left, with those that failed.
        left: String,
    },
    /// The run was killed while they ran.
    #[error(
        "the operation is done and stays, but it was interrupted while its scripts ran ({begun} had been begun). Left to be run: {left}. They stand in `pendencias` (`--list`): plugin_recover with `scripts_pendentes` (`--scripts-pendentes`) runs them, the one that had been begun once more from its beginning"
    )]
    Interrupted {
        /// Which had been begun; `-` for none.
        begun: String,
        /// Those that are left.
        left: String,
    },
    /// What became of them could not be noted.
    #[error(
        "the operation is done and stays, but what became of its scripts could not be noted ({reason}): look at `pendencias` (`--list`) before plugin_recover with `scripts_pendentes` (`--scripts-pendentes`) runs them again"
    )]
    NotNoted {
        /// Why.
        reason: Phrase,
    },
}

/// What is the matter with a program that should be PHP's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhpFault {
    /// Its path depends on where one stands.
    #[error("is not named by an absolute path")]
    NotAbsolute,
    /// Nothing stands there, or no file.
    #[error("is no file that can be run")]
    NoProgram,
    /// It cannot be started.
    #[error("cannot be started ({reason})")]
    NotStarted {
        /// In the system's words.
        reason: String,
    },
    /// It is another one: of a web server, or no PHP at all.
    #[error("is not the one of the command line (it says {said:?})")]
    Other {
        /// What it answered, shortened.
        said: String,
    },
}

/// Why one script did not end well.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptFault {
    /// With a code of its own.
    #[error("ended with code {code}")]
    Code {
        /// That code.
        code: i32,
    },
    /// By a signal.
    #[error("was ended by signal {signal}")]
    Signal {
        /// Its number.
        signal: i32,
    },
    /// It took too long.
    #[error("did not end within {seconds} s, and was stopped")]
    TimedOut {
        /// Its time.
        seconds: u64,
    },
    /// Somebody asked for that, or nobody waits for it any more.
    #[error("was stopped, as somebody asked, or because the caller has ended")]
    Stopped,
    /// All of them together took too long.
    #[error("was not begun: the scripts of one operation have {minutes} min together, and these are over")]
    NoTime {
        /// Their time.
        minutes: u64,
    },
    /// Its file is not there any more.
    #[error("is not there any more")]
    Absent,
    /// Its file is another one.
    #[error("is not the file that was installed: somebody has changed it")]
    Changed,
    /// PHP could not be started.
    #[error("could not be started ({reason})")]
    NotStarted {
        /// In the system's words.
        reason: String,
    },
    /// It ended, and nobody knows how.
    #[error("ended, and nobody knows how: what watched over it was killed")]
    Lost,
}
