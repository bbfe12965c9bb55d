//! What an operation is to those who offer it: its names, what it takes and gives, what is said of it. The boundaries are
//! driven by it, and `bin/generate` writes from it what PHP and the documents say.

use std::fmt::Debug;
use std::path::Path;

use super::caller::{Caller, Outcome};
use crate::base::clock::Clock;
use crate::config::parameter::{MIGRATIONS, SLUG};
use crate::config::{Argument, CallError, Parameter, Settings, Site};
use crate::model::{GestorRoot, Phrase};

/// What a call does to its site.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// It changes something, if it is let.
    Changes,
    /// It only looks.
    Looks,
    /// It only shows what it would change, and leaves no trace.
    Trial,
}

impl Effect {
    /// That of a call that may be a dry run.
    pub(super) fn unless_dry(is_dry: bool) -> Self {
        if is_dry { Self::Trial } else { Self::Changes }
    }

    /// That of a call that may only look.
    pub(super) fn changes_if(does_change: bool) -> Self {
        if does_change { Self::Changes } else { Self::Looks }
    }
}

/// Reads a call.
pub(super) type Read = fn(Argument, &Settings) -> Result<Box<dyn Request>, CallError>;

/// An operation.
#[derive(Debug)]
pub struct Definition {
    /// `operacao` of a request in C.
    pub word: &'static str,
    /// PHP's function.
    pub function: &'static str,
    /// Options of the command line that ask for it; none where it has none, or is what is done when none is given.
    pub options: &'static [CommandOption],
    /// What it takes.
    pub takes: &'static [Parameter],
    /// What of it must be there.
    pub requires: &'static [Parameter],
    /// What its function gives.
    pub gives: Gives,
    /// Shapes of its report, by their names in PHP's stubs.
    pub reports: &'static [&'static str],
    /// What it does, for who writes a call.
    pub summary: Phrase,
    /// Reads a call.
    pub(super) read: Read,
}

/// An option of the command line that asks for an operation.
#[derive(Debug)]
pub struct CommandOption {
    /// Without `--`.
    pub name: &'static str,
    /// Flags that it stands for.
    pub implies: &'static [Parameter],
    /// What `--help` says of it.
    pub help: Phrase,
}

/// What a function gives. Those that give a code take a callback for progress, and keep their report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// The exit code.
    Code,
    /// The report.
    Report,
    /// Whether it was done.
    Truth,
}

impl Definition {
    /// Whether it takes a parameter.
    pub fn does_take(&self, parameter: &Parameter) -> bool {
        self.takes.iter().any(|taken| taken.is(parameter))
    }

    /// Whether a parameter must be there.
    pub fn does_require(&self, parameter: &Parameter) -> bool {
        self.requires.iter().any(|wanted| wanted.is(parameter))
    }

    /// Whether it may run migrations.
    pub fn migrates(&self) -> bool {
        self.does_take(&MIGRATIONS)
    }

    /// Whether it is about one plugin.
    pub fn wants_plugin(&self) -> bool {
        self.does_require(&SLUG)
    }
}

/// Makes calls of parameters that were read: `request!(MarkParameters, mark, |_| Effect::Changes)`. Whose gestor and which plugin they are about
/// stands in their fields `site` and `slug`, or in these of the field that is named (`request!(Diff.0, diff, …)`); the function
/// carries them out; the last one says what becomes of the site.
macro_rules! request {
    ($parameters:ident $(. $inner:tt)?, $carry_out:path, $effect:expr) => {
        impl $crate::ops::definition::Request for $parameters {
            fn site(&self) -> &$crate::config::Site {
                &self$(.$inner)?.site
            }

            fn site_mut(&mut self) -> &mut $crate::config::Site {
                &mut self$(.$inner)?.site
            }

            fn slug(&self) -> Option<&str> {
                $crate::ops::definition::NamedPlugin::name(&self$(.$inner)?.slug)
            }

            fn effect(&self) -> $crate::ops::definition::Effect {
                let effect: fn(&Self) -> $crate::ops::definition::Effect = $effect;
                effect(self)
            }

            fn carry_out(
                &self,
                settings: &$crate::config::Settings,
                caller: &$crate::ops::caller::Caller,
                clock: &dyn $crate::base::clock::Clock,
            ) -> $crate::ops::caller::Outcome {
                $carry_out(self, settings, caller, clock)
            }
        }
    };
}

pub(super) use request;

/// The plugin as a call names it, which some calls need not do.
pub(super) trait NamedPlugin {
    /// Its name.
    fn name(&self) -> Option<&str>;
}

impl NamedPlugin for String {
    fn name(&self) -> Option<&str> {
        Some(self)
    }
}

impl NamedPlugin for Option<String> {
    fn name(&self) -> Option<&str> {
        self.as_deref()
    }
}

/// A call that was read, and can be carried out.
pub(super) trait Request: Debug + Send {
    /// The gestor that it is about.
    fn site(&self) -> &Site;

    /// The same.
    fn site_mut(&mut self) -> &mut Site;

    /// The plugin as the call names it.
    fn slug(&self) -> Option<&str> {
        None
    }

    /// Paths that it names besides those of the site, and by which parameter.
    fn paths(&self) -> Vec<(&'static str, &Path)> {
        Vec::new()
    }

    /// What it does to the site, and so what of it is recorded (SPEC 3 §7).
    fn effect(&self) -> Effect;

    /// Takes in where the gestor really is.
    fn settle_root(&mut self, root: GestorRoot) {
        self.site_mut().root = root;
    }

    /// Carries it out, on the operation's own thread.
    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome;
}
