//! What is told once a day to the mail box of the policy (`aviso_email`). The gestor sends its mail by itself, in PHP: the report of
//! a run holds the message, whoever can sends it, and says so by its number (`resumo_enviado`). What was not sent waits.

use serde_json::{Value, json};

use super::Run;
use super::account::Happening;
use crate::base::db::Database;
use crate::log::{Message, Reporter as _};
use crate::model::Bilingual as _;
use crate::ops::{Error, update_messages as messages};
use crate::registry;
use crate::updates::{Digest, Entry, Given};

/// The name under which it is kept.
const KEY: &str = "resumo";

impl Run<'_> {
    /// Keeps what has happened, and gives the message that is due. What cannot be kept is a warning.
    pub(super) fn digest(&self, database: &mut Database, happenings: &[Happening]) -> Option<Value> {
        let to = self.policy.mail().filter(|_| !self.call.checks_only)?;
        match self.kept(database, happenings) {
            Ok(given) => given.map(|given| self.message(to, &given)),
            Err(fault) => {
                let told = messages::digest_lost(&fault.text(self.call.site.lang));
                self.reporter.message(Message::Warning(told));
                None
            }
        }
    }

    fn kept(&self, database: &mut Database, happenings: &[Happening]) -> Result<Option<Given>, Error> {
        let now = self.now().to_utc();
        let given = registry::change_setting(database, KEY, |before| {
            let mut digest = read(before);
            for one in happenings {
                digest.note(now, (one.event, &one.slug), (&one.version, &one.text));
            }
            let given = digest.give(now);
            (given, serde_json::to_string(&digest).ok())
        })?;
        Ok(given.flatten())
    }

    fn message(&self, to: &str, given: &Given) -> Value {
        let lang = self.call.site.lang;
        let offset = *self.now().offset();
        let line = |entry: &Entry| {
            let at = entry.at().with_timezone(&offset).format("%Y-%m-%d %H:%M");
            let told = messages::happened(&entry.event, (&entry.plugin, &entry.version), &entry.text);
            format!("{at} {}", told.text(lang))
        };
        let mut lines: Vec<String> = given.entries.iter().map(line).collect();
        if given.left_out > 0 {
            lines.insert(0, messages::left_out(given.left_out).text(lang));
        }
        let subject = messages::digest_subject(self.call.address.as_deref());
        json!({"para": to, "assunto": subject.text(lang), "linhas": lines, "numero": given.number})
    }

    /// The message of that number was sent.
    pub(super) fn confirm_digest(&self, database: &mut Database, number: u64) -> Result<(), Error> {
        let now = self.now().to_utc();
        registry::change_setting(database, KEY, |before| {
            let mut digest = read(before);
            let is_sent = digest.confirm(number, now);
            ((), serde_json::to_string(&digest).ok().filter(|_| is_sent))
        })?;
        Ok(())
    }
}

/// What cannot be read is begun anew.
fn read(stored: Option<&str>) -> Digest {
    stored.map(Digest::read).unwrap_or_default()
}
