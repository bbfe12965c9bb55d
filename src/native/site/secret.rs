//! A secret from standard input: others see the options of a program, but not what it reads.

use std::io::{self, BufRead as _, IsTerminal as _, StdinLock, Write as _};
use std::os::fd::AsFd as _;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{LocalFlags, SetArg, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::value::said;
use crate::model::{Lang, Secret};
use crate::native::signals::Signals;

/// More is none that the library takes.
const LONGEST: usize = 1 << 20;
/// Milliseconds between two looks at whether an end was asked for.
const LOOK: u16 = 100;

/// What is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The secret of a credential.
    Secret,
    /// Settings of a plugin, among which there may be secrets.
    Settings,
}

impl Wanted {
    fn question(self, lang: Lang) -> &'static str {
        match self {
            Self::Secret => said(
                lang,
                "Segredo (não aparece ao ser digitado): ",
                "Secret (not shown while it is typed): ",
            ),
            Self::Settings => said(
                lang,
                "Configurações, um objeto JSON numa linha (não aparece ao ser digitado): ",
                "Settings, a JSON object on one line (not shown while it is typed): ",
            ),
        }
    }
}

/// Reads it: to its end, or from a terminal one line that is not shown. Nothing where an end was asked for meanwhile.
pub(super) fn read(what: Wanted, lang: Lang, signals: &Signals) -> io::Result<Option<Secret>> {
    let mut input = io::stdin().lock();
    if !input.is_terminal() {
        return line(&mut input, false, signals);
    }
    let before = tcgetattr(&input).map_err(io::Error::from)?;
    let mut hidden = before.clone();
    hidden.local_flags.remove(LocalFlags::ECHO);
    // Before the question: who answers at once is not shown either.
    tcsetattr(&input, SetArg::TCSAFLUSH, &hidden).map_err(io::Error::from)?;
    let mut screen = io::stderr().lock();
    let _ = write!(screen, "{}", what.question(lang)).and_then(|()| screen.flush());
    let read = line(&mut input, true, signals);
    let _ = tcsetattr(&input, SetArg::TCSAFLUSH, &before);
    let _ = writeln!(screen);
    read
}

fn line(input: &mut StdinLock<'_>, is_one: bool, signals: &Signals) -> io::Result<Option<Secret>> {
    let mut text = Zeroizing::new(Vec::new());
    while text.len() < LONGEST {
        let ready = poll(
            &mut [PollFd::new(input.as_fd(), PollFlags::POLLIN)],
            PollTimeout::from(LOOK),
        );
        if signals.count() > 0 {
            return Ok(None);
        }
        if ready == Ok(0) {
            continue;
        }
        let piece = input.fill_buf()?;
        let length = piece.len();
        text.extend_from_slice(piece);
        input.consume(length);
        if length == 0 || (is_one && text.contains(&b'\n')) {
            break;
        }
    }
    let text = str::from_utf8(&text).map_err(|fault| io::Error::new(io::ErrorKind::InvalidData, fault))?;
    Ok(Some(Secret::new(text.trim())))
}
