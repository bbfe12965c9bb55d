//! Post-installation scripts (SPEC 2 §8), after the commit and all that is taken away of the schema. Which are left stands in
//! the plugin's state from the transaction on; each is noted there before it is begun, and struck out when it has ended
//! well. The locks are held meanwhile, so a script that asks for its own plugin is told that it is busy.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Context, TransactionError};
use crate::base::failpoint;
use crate::history;
use crate::log::{Message, Progress, Step, escape};
use crate::migrate::Pending;
use crate::model::{Bilingual, Phrase, Slug};
use crate::outcome::{ExitCode, ReportedScript};
use crate::registry;
use crate::scripts::{
    self, OUTPUT, PendingScript, PendingScripts, Php, Ran, ScriptError, ScriptFault, Situation, Told, budgeted,
};

/// What the scripts of one operation may take together, in minutes.
const MINUTES: u64 = 15;
/// Between two words to those who wait.
const WORD: Duration = Duration::from_secs(1);
/// Between two to the database, which ends a connection that says nothing.
const SIGN_OF_LIFE: Duration = Duration::from_secs(20);
/// Lines of an output that the log has one by one; more are put together to lines of so many bytes.
const LINES: usize = 50;
const LINE: usize = 2 << 10;

/// Scripts that are to run after a change, and by which PHP.
#[derive(Debug)]
pub struct WantedScripts<'p> {
    /// The program.
    pub php: &'p Php,
    /// In their order.
    pub scripts: Vec<PendingScript>,
}

/// What came of the scripts that were left.
#[derive(Debug, Default)]
pub struct RanScripts {
    /// Each that was tried.
    pub told: Vec<ReportedScript>,
    /// What is left to be done of the plugin, as a report shows it.
    pub left: Vec<Value>,
    /// Some did not end well.
    pub fault: Option<ScriptError>,
}

/// When the scripts of an operation that begins with them now have taken too long.
pub fn scripts_end() -> Instant {
    Instant::now() + Duration::from_secs(MINUTES * 60)
}

/// Runs the scripts that are left of a plugin. Only under its locks, outside a transaction.
///
/// # Errors
/// What kept it from noting how they ended; a script that fails is told in what is given.
pub fn run_scripts(
    cx: &mut Context<'_>,
    slug: &Slug,
    php: &Php,
    until: Instant,
) -> Result<RanScripts, TransactionError> {
    let state = registry::read_state(&mut cx.session.database, slug)?;
    let text = state.and_then(|state| state.pending);
    let Some(pending) = scripts::read(text.as_deref()) else {
        return Ok(RanScripts {
            left: Pending::read(text.as_deref()).values(),
            ..RanScripts::default()
        });
    };
    let mut work = Work {
        slug,
        php,
        until,
        text,
        pending,
        told: Vec::new(),
        failed: Vec::new(),
        room: OUTPUT,
    };
    work.all(cx)?;
    let fault = (!work.failed.is_empty()).then(|| work.pending.failure(&work.failed));
    if work.pending.scripts.is_empty() {
        let code = u16::try_from(ExitCode::Script.number()).unwrap_or(u16::MAX);
        history::settle(&mut cx.session.database, work.pending.of, code)?;
    }
    Ok(RanScripts {
        left: Pending::read(work.text.as_deref()).values(),
        told: work.told,
        fault,
    })
}

struct Work<'w> {
    slug: &'w Slug,
    php: &'w Php,
    until: Instant,
    /// All that is left of the plugin, as its state has it.
    text: Option<String>,
    pending: PendingScripts,
    told: Vec<ReportedScript>,
    failed: Vec<(String, ScriptFault)>,
    /// Bytes of output that are told yet.
    room: usize,
}

impl Work<'_> {
    fn all(&mut self, cx: &mut Context<'_>) -> Result<(), TransactionError> {
        let of = self.pending.scripts.len();
        let mut at = 0;
        while at < self.pending.scripts.len() {
            let script = self.pending.scripts[at].clone();
            let progress = progress(self.told.len(), of);
            let Some(fault) = self.one(cx, at, &progress)? else {
                continue;
            };
            let is_over = matches!(fault, ScriptFault::Stopped | ScriptFault::NoTime { .. });
            self.failed.push((script.script.clone(), fault));
            if is_over || script.stops() {
                break;
            }
            at += 1;
        }
        Ok(())
    }

    /// One of them, which stands at a place. Where it ends well, it stands there no more.
    fn one(
        &mut self,
        cx: &mut Context<'_>,
        at: usize,
        progress: &Progress,
    ) -> Result<Option<ScriptFault>, TransactionError> {
        let left = self.until.saturating_duration_since(Instant::now());
        let _ = cx.reporter.progress(progress.clone());
        if cx.reporter.is_stop_asked() {
            return Ok(Some(ScriptFault::Stopped));
        }
        if left.is_zero() {
            return Ok(Some(ScriptFault::NoTime { minutes: MINUTES }));
        }
        let script = &mut self.pending.scripts[at];
        if script.situation == Situation::Begun {
            cx.reporter.message(Message::Warning(scripts::again(&script.script)));
        }
        script.situation = Situation::Begun;
        let script = script.clone();
        self.write(cx)?;
        failpoint::reach("script_begun");
        let mut ran = self.run(cx, &script, left, progress);
        failpoint::reach("script_ended");
        ran.told.output = budgeted(std::mem::take(&mut ran.told.output), &mut self.room);
        tell(cx, &ran);
        if ran.fault.is_none() {
            self.pending.scripts.remove(at);
        } else {
            self.pending.scripts[at].situation = Situation::Failed;
        }
        self.note(cx, &ran.told)?;
        self.told.push(reported(ran.told));
        failpoint::reach("scripted");
        Ok(ran.fault)
    }

    /// While it runs, those who wait are told so, and the database as well.
    fn run(&self, cx: &mut Context<'_>, script: &PendingScript, most: Duration, progress: &Progress) -> Ran {
        let (reporter, database) = (cx.reporter, &mut cx.session.database);
        let (mut told, mut alive) = (Instant::now(), Instant::now());
        let mut is_wanted = || {
            if told.elapsed() >= WORD {
                told = Instant::now();
                let _ = reporter.progress(progress.clone());
            }
            if alive.elapsed() >= SIGN_OF_LIFE {
                alive = Instant::now();
                // One that is lost is found lost when it is needed.
                let _ = database.ping();
            }
            !reporter.is_stop_asked()
        };
        let place = (cx.site.root, self.slug);
        scripts::run(self.php, place, (&self.pending, script), most, &mut is_wanted)
    }

    /// What it wrote, and that it has ended, stand there together or not at all.
    fn note(&mut self, cx: &mut Context<'_>, told: &Told) -> Result<(), TransactionError> {
        if cx.session.database.ping().is_err() {
            cx.session.reconnect(cx.site, cx.reporter)?;
        }
        cx.session.database.begin()?;
        if !told.output.is_empty() {
            let ended = if told.output.ends_with('\n') { "" } else { "\n" };
            let output = format!("== {}\n{}{ended}", told.script, told.output);
            history::add_output(&mut cx.session.database, self.pending.of, &output, 2 * OUTPUT)?;
        }
        self.write(cx)?;
        Ok(cx.session.database.commit()?)
    }

    fn write(&mut self, cx: &mut Context<'_>) -> Result<(), TransactionError> {
        self.text = scripts::replace(self.text.as_deref(), Some(&self.pending));
        let database = &mut cx.session.database;
        Ok(registry::write_pending(database, self.slug, self.text.as_deref())?)
    }
}

fn progress(done: usize, of: usize) -> Progress {
    let number = |count| u64::try_from(count).unwrap_or(u64::MAX);
    Progress {
        step: Step::Scripts,
        done: number(done),
        of: number(of),
        unit: "scripts",
    }
}

fn reported(told: Told) -> ReportedScript {
    ReportedScript {
        nome: told.script,
        codigo: told.code,
        ms: told.milliseconds,
        saida: told.output,
    }
}

/// A script that has ended, in the log.
fn tell(cx: &Context<'_>, ran: &Ran) {
    let Told {
        script,
        milliseconds,
        output,
        ..
    } = &ran.told;
    for line in lines(output) {
        cx.reporter.message(Message::ScriptOutput {
            script: script.clone(),
            output: line,
        });
    }
    if ran.left_over {
        cx.reporter.message(Message::Warning(scripts::left_over(script)));
    }
    cx.reporter.message(match &ran.fault {
        None => Message::Told(scripts::ended(script, *milliseconds)),
        Some(fault) => Message::Warning(Phrase::made(
            format!("{script} {}", fault.portuguese()),
            format!("{script} {fault}"),
        )),
    });
}

/// An output in lines of the log: as it has them, or, where these are many, several in one.
fn lines(output: &str) -> Vec<String> {
    let lines: Vec<&str> = output.lines().filter(|line| !line.trim().is_empty()).collect();
    if lines.len() <= LINES {
        return lines.into_iter().map(str::to_owned).collect();
    }
    let mut all = vec![String::new()];
    for line in lines {
        let line = escape(line);
        match all.last_mut() {
            Some(last) if last.len() + line.len() < LINE => {
                if !last.is_empty() {
                    last.push('\n');
                }
                last.push_str(&line);
            }
            _ => all.push(line.into_owned()),
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_of_many_lines_takes_few_of_the_log() {
        assert_eq!(lines("a\n\n b\n"), ["a", " b"]);
        let many = "y\n".repeat(30_000);
        let shown = lines(&many);
        assert!(
            shown.len() < 40 && shown.iter().all(|line| line.len() <= LINE),
            "{}",
            shown.len()
        );
        assert_eq!(shown.concat().matches('y').count(), 30_000);
    }
}
