//! Who wants to be told of what a run has done is told: events, the audit log, and the address of the policy (`aviso_url`). A
//! notice that cannot be sent is a warning, and nothing else.

use serde_json::json;

use super::Run;
use super::account::{Account, Happening};
use super::subject::Subject;
use crate::base::db::Database;
use crate::base::net::{Address, BodyKind, Client, NetError, Question, Request};
use crate::log::{Audited, Message, Reporter};
use crate::model::{Bilingual, Phrase};
use crate::observe::Event;
use crate::ops::{events, update_messages as messages};
use crate::source::list_client;
use crate::updates::{Reason, State};

/// Bytes of an answer that are read.
const ANSWER: u64 = 64 << 10;

impl Run<'_> {
    /// What was decided is recorded where it is not what was decided before.
    pub(super) fn record_decision(&self, database: &mut Database, subject: &mut Subject) {
        let now = &subject.standing.reason;
        let version = subject
            .standing
            .target
            .as_ref()
            .map(|target| target.version.to_string());
        if std::mem::take(&mut subject.is_news) {
            let told = subject.standing.notified.clone();
            let why = now.as_ref().map_or_else(Phrase::default, Phrase::of);
            let about = (&subject.slug, told.as_deref());
            events::of_update(database, about, (Event::UpdateAvailable, &why), self.reporter);
        }
        let about = |reason: &Option<Reason>| reason.as_ref().map(Reason::about);
        if about(now) == about(&subject.told) {
            return;
        }
        if let Some(reason) = now {
            self.reporter.audit(Audited {
                action: "atualizacao.decisao",
                resource: subject.slug.to_string(),
                about: vec![
                    ("estado", subject.standing.state.word().to_owned()),
                    ("versao", version.clone().unwrap_or_default()),
                    ("motivo", reason.to_string()),
                ],
            });
            if is_held(subject.standing.state) {
                let about = (&subject.slug, version.as_deref());
                events::of_update(database, about, (Event::UpdateHeld, &Phrase::of(reason)), self.reporter);
            }
        }
        subject.told = subject.standing.reason.clone();
    }

    /// Sends what has happened to the address of the policy.
    pub(super) fn send_notices(&self, account: &Account) {
        let (Some(url), happenings) = (self.policy.notices(), account.happenings()) else {
            return;
        };
        if happenings.is_empty() || self.call.checks_only {
            return;
        }
        let text = self.notice(happenings);
        if let Err(fault) = self.send(url, &text) {
            let told = messages::notice_unsent(&fault.text(self.call.site.lang));
            self.reporter.message(Message::Warning(told));
        }
    }

    fn notice(&self, happenings: &[Happening]) -> String {
        let events: Vec<_> = happenings
            .iter()
            .map(|one| json!({"evento": one.event, "plugin": one.slug, "versao": one.version, "texto": one.text}))
            .collect();
        json!({"site": self.call.address, "em": self.now().to_rfc3339(), "eventos": events}).to_string()
    }

    fn send(&self, url: &str, text: &str) -> Result<(), NetError> {
        let client: Client = list_client(self.settings)?;
        let request = Request {
            address: Address::parse(url)?,
            accept: "*/*",
            credential: None,
            limit: ANSWER,
            kind: BodyKind::Any,
        };
        let answer = client.exchange(&request, Question::Send(text), self.reporter)?;
        if (200..300).contains(&answer.status) {
            return Ok(());
        }
        Err(NetError::Status {
            url: answer.address.to_string(),
            status: answer.status,
        })
    }
}

/// Whether something newer is there that does not come.
fn is_held(state: State) -> bool {
    matches!(state, State::Available | State::Skipped | State::Failed)
}
