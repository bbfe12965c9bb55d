//! How a version would go in: a dry run, with everything that a person would want to be asked before. Leaves no trace.

use serde_json::Value;

use super::Run;
use super::calls::{is_passing, text};
use super::subject::Subject;
use crate::archive::Blacklist;
use crate::config::Argument;
use crate::ops::caller::Outcome;
use crate::ops::{Error, diff, verify};
use crate::outcome::ExitCode;
use crate::package::KeptPackages;
use crate::updates::Reason;

/// Keys of a manifest by which a package begins a new epoch.
const EPOCH: [&str; 2] = ["epoch", "epoca"];
/// Keys of a manifest in which a package asks something of the site.
const ASKED: [&str; 2] = ["permissions", "permissoes"];
/// Findings of a look at what is installed that are no will of anybody's.
const DAMAGE: [&str; 3] = ["arquivos", "esquema", "contradicoes"];

impl Run<'_> {
    /// Rehearses the target; why it may not come by itself, where it may not. What its source says beside it of its bytes is known
    /// then.
    pub(super) fn rehearse(&self, subject: &mut Subject) -> Result<Result<(), Reason>, Error> {
        let Some(target) = &subject.standing.target else {
            return Ok(Ok(()));
        };
        let version = target.version.to_string();
        if !self.has_kept(subject)? {
            let installed = subject.installed.to_string();
            return Ok(Err(Reason::NotKept { version, installed }));
        }
        if let Some(reason) = self.drift(subject, &version) {
            return Ok(Err(reason));
        }
        let Some(mut given) = Self::from_its_origin(subject, target) else {
            return Ok(Err(Reason::NoSource));
        };
        given.push(("dry_run", Argument::Bool(true)));
        let outcome = self.call(&diff::DEFINITION, given);
        if outcome.code == ExitCode::Cancelled {
            return Err(crate::log::Cancelled.into());
        }
        if let Some(reason) = judge(&outcome, (&version, self.call.can_migrate)) {
            return Ok(Err(reason));
        }
        let digest = outcome.report.get("checksum").and_then(Value::as_str);
        let digest = digest.and_then(|text| text.parse().ok());
        if let Some(target) = subject
            .standing
            .target
            .as_mut()
            .filter(|target| target.sha256.is_none())
        {
            target.sha256 = digest;
        }
        Ok(Ok(()))
    }

    /// Whether there is something to go back to.
    fn has_kept(&self, subject: &Subject) -> Result<bool, Error> {
        let blacklist = Blacklist::from_settings(self.settings.blacklist.as_deref());
        let kept = KeptPackages::of(&self.call.site, &subject.slug, &blacklist);
        let version = subject.installed.to_string();
        Ok(kept.find(Some(&version), subject.sha256.as_deref())?.is_some())
    }

    /// Whether what is installed is what was installed.
    fn drift(&self, subject: &Subject, version: &str) -> Option<Reason> {
        let given = vec![("slug", text(subject.slug.as_str()))];
        let outcome = self.call(&verify::DEFINITION, given);
        let count: usize = DAMAGE.iter().map(|key| entries(outcome.report.get(*key))).sum();
        let version = version.to_owned();
        match outcome.code {
            _ if count > 0 => Some(Reason::Drift { version, count }),
            // What else verifying finds does not keep an update away: it may be what mends it.
            ExitCode::Ok | ExitCode::Drift | ExitCode::Signature => None,
            code => Some(failed(&outcome, version, code)),
        }
    }
}

/// How many things a report lists, however deep.
fn entries(found: Option<&Value>) -> usize {
    match found {
        Some(Value::Array(items)) => items.len(),
        Some(Value::Object(lists)) => lists.values().map(|list| entries(Some(list))).sum(),
        _ => 0,
    }
}

fn failed(outcome: &Outcome, version: String, code: ExitCode) -> Reason {
    let is_passing = is_passing(code);
    let code = code.number();
    if is_passing {
        return Reason::Busy { version, code };
    }
    let text = outcome.report.get("erros").and_then(|errors| errors.get(0)?.as_str());
    Reason::Rehearsed {
        version,
        code,
        text: text.unwrap_or_default().to_owned(),
    }
}

/// What of a dry run a person would want to be asked about.
fn judge(outcome: &Outcome, (version, can_migrate): (&str, bool)) -> Option<Reason> {
    let version = version.to_owned();
    if outcome.code != ExitCode::Ok {
        return Some(failed(outcome, version, outcome.code));
    }
    let report = &outcome.report;
    let differences = report.get("diferencas");
    let conflicts = entries(report.get("conflitos"));
    if conflicts > 0 {
        return Some(Reason::Conflicts {
            version,
            count: conflicts,
        });
    }
    let keys = differences
        .and_then(|found| found.get("manifest"))
        .and_then(Value::as_array);
    let changes = |names: &[&str]| {
        let mut keys = keys.into_iter().flatten();
        keys.any(|key| {
            key.get("chave")
                .and_then(Value::as_str)
                .is_some_and(|key| names.contains(&key))
        })
    };
    if changes(&EPOCH) {
        return Some(Reason::Epoch { version });
    }
    if changes(&ASKED) {
        return Some(Reason::AsksMore { version });
    }
    let stuck = differences.and_then(|found| found.get("sem_volta")?.get(0)?.as_str());
    if let Some(migration) = stuck {
        let migration = migration.to_owned();
        return Some(Reason::NoWayBack { version, migration });
    }
    let migrates = entries(report.get("migracoes")) > 0;
    (migrates && !can_migrate).then_some(Reason::NeedsPhp { version })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_person_is_asked_about_what_cannot_be_taken_back() {
        let of = |code: ExitCode, report: Value, can_migrate: bool| {
            let reason = judge(&Outcome { code, report }, ("1.1.0", can_migrate));
            reason.map(|reason| reason.word()).unwrap_or_default()
        };
        let key = |name: &str| json!({"diferencas": {"manifest": [{"chave": name}]}});
        for (code, report, can_migrate, expected) in [
            (ExitCode::Ok, json!({}), false, ""),
            (ExitCode::Ok, key("version"), false, ""),
            (ExitCode::Ok, key("epoch"), true, "epoca"),
            (ExitCode::Ok, key("epoca"), true, "epoca"),
            (ExitCode::Ok, key("permissions"), true, "permissoes"),
            (ExitCode::Ok, json!({"conflitos": [{}, {}]}), true, "conflitos"),
            (ExitCode::Ok, json!({"migracoes": ["1 a"]}), true, ""),
            (ExitCode::Ok, json!({"migracoes": ["1 a"]}), false, "sem_php"),
            (
                ExitCode::Ok,
                json!({"migracoes": ["1 a"], "diferencas": {"sem_volta": ["1 a"]}}),
                true,
                "migracao",
            ),
            (ExitCode::Signature, json!({"erros": ["no"]}), true, "ensaio"),
            (ExitCode::Sync, json!({}), true, "ensaio"),
            (ExitCode::Locked, json!({}), true, "ocupado"),
            (ExitCode::Download, json!({}), true, "ocupado"),
        ] {
            assert_eq!(of(code, report.clone(), can_migrate), expected, "{code:?} {report}");
        }
    }
}
