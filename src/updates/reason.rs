//! Why a plugin is not at its newest version, and what is done about it: each decision has its sentence. Values; stored as
//! JSON, told in both languages.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Characters of the column `motivo`.
const LONGEST: usize = 255;

/// Why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "motivo")]
pub enum Reason {
    /// Nobody wants it by itself.
    #[error("version {version} is there, and the policy is `manual`: install it, or set `automatica`")]
    #[serde(rename = "manual")]
    Manual {
        /// Which.
        version: String,
    },
    /// It is told, and no more.
    #[error("version {version} is there, and the policy is `avisar`: install it, or set `automatica`")]
    #[serde(rename = "avisar")]
    Notify {
        /// Which.
        version: String,
    },
    /// It reaches too far.
    #[error("version {version} is a {wanted} update, and `nivel` lets up to {allowed} come by itself")]
    #[serde(rename = "nivel")]
    Level {
        /// Which.
        version: String,
        /// How far it reaches.
        wanted: String,
        /// How far may be reached.
        allowed: String,
    },
    /// It is for whoever names it.
    #[error("version {version} is a preview, and `canal` is `estavel`")]
    #[serde(rename = "previa")]
    Preview {
        /// Which.
        version: String,
    },
    /// It is passed over.
    #[error("version {version} is passed over: `pular` names it")]
    #[serde(rename = "pular")]
    Skipped {
        /// Which.
        version: String,
    },
    /// Nothing comes by itself for a while.
    #[error("nothing comes by itself until {until} (`pular_ate`); version {version} is there")]
    #[serde(rename = "pular_ate")]
    Snoozed {
        /// Which.
        version: String,
        /// Until when.
        until: String,
    },
    /// Whoever published it has withdrawn it.
    #[error("version {version} was withdrawn by who published it")]
    #[serde(rename = "retirada")]
    Withdrawn {
        /// Which.
        version: String,
    },
    /// It was revoked.
    #[error("version {version} was revoked")]
    #[serde(rename = "revogada")]
    Revoked {
        /// Which.
        version: String,
    },
    /// Somebody went back from it.
    #[error("somebody went back from version {version}: a newer one may come by itself, this one only by hand")]
    #[serde(rename = "deixada")]
    Left {
        /// Which.
        version: String,
    },
    /// The source offers no SHA-256.
    #[error(
        "nothing says which SHA-256 the package of version {version} has, so that what would come is not known: its author can upload it again, or publish it in an index"
    )]
    #[serde(rename = "sem_sha256")]
    NoDigest {
        /// Which.
        version: String,
    },
    /// Nothing says how old it is.
    #[error("nothing says since when version {version} is there, and `carencia_h` wants it to be old")]
    #[serde(rename = "sem_data")]
    NoDate {
        /// Which.
        version: String,
    },
    /// What is known of the source is too old.
    #[error("what the index says is not fresh: {text}")]
    #[serde(rename = "indice_velho")]
    Stale {
        /// Why.
        text: String,
    },
    /// The source could not be asked.
    #[error("the source could not be asked ({text}); it is asked again at {at}")]
    #[serde(rename = "sem_resposta")]
    Unheard {
        /// Why.
        text: String,
        /// When.
        at: String,
    },
    /// Nothing says where newer versions are.
    #[error("it was installed from a file or an address, and nothing says where newer versions are")]
    #[serde(rename = "sem_origem")]
    NoSource,
    /// Another developer signed it.
    #[error(
        "version {version} is signed by somebody else than what is installed: that is decided by hand (`trocar_assinante`)"
    )]
    #[serde(rename = "assinante")]
    OtherSigner {
        /// Which.
        version: String,
    },
    /// It asks more of the site.
    #[error("version {version} asks more of the site than what is installed: that is decided by hand")]
    #[serde(rename = "permissoes")]
    AsksMore {
        /// Which.
        version: String,
    },
    /// The plugin is not as it should be.
    #[error("the plugin's status is `{status}`; version {version} waits until it is `ok`")]
    #[serde(rename = "status")]
    NotWell {
        /// Which.
        version: String,
        /// Its status.
        status: String,
    },
    /// Somebody works in its tree.
    #[error("there is a `.git` in the plugin's folder: somebody works there, and version {version} would go over it")]
    #[serde(rename = "repositorio")]
    Repository {
        /// Which.
        version: String,
    },
    /// Nothing would tell that the site is not well.
    #[error(
        "no page of the site answers with 2xx, so nothing would tell that an update broke it: name pages in `saude` of politica.json, or say the site's address"
    )]
    #[serde(rename = "sem_sonda")]
    NoProbe,
    /// A rehearsal found what a person should decide.
    #[error("version {version} was rehearsed, and would not go in by itself (code {code}): {text}")]
    #[serde(rename = "ensaio")]
    Rehearsed {
        /// Which.
        version: String,
        /// The code.
        code: i32,
        /// Why.
        text: String,
    },
    /// There would be nothing to go back to.
    #[error(
        "the package of the installed version {installed} is not kept, so there would be no way back from version {version}"
    )]
    #[serde(rename = "nao_guardada")]
    NotKept {
        /// Which.
        version: String,
        /// What is installed.
        installed: String,
    },
    /// Values of users are in its way.
    #[error("version {version} is in conflict with {count} values that users changed: that is decided by hand")]
    #[serde(rename = "conflitos")]
    Conflicts {
        /// Which.
        version: String,
        /// How many.
        count: usize,
    },
    /// What stands there is not what was installed.
    #[error(
        "{count} things of the plugin are not as they were installed (`--verify` shows them); version {version} waits"
    )]
    #[serde(rename = "deriva")]
    Drift {
        /// Which.
        version: String,
        /// How many.
        count: usize,
    },
    /// It begins a new epoch.
    #[error("version {version} begins a new epoch, from which there is no way back: that is decided by hand")]
    #[serde(rename = "epoca")]
    Epoch {
        /// Which.
        version: String,
    },
    /// A migration of it cannot be undone.
    #[error("version {version} brings a migration that cannot be undone ({migration}): that is decided by hand")]
    #[serde(rename = "migracao")]
    NoWayBack {
        /// Which.
        version: String,
        /// The migration.
        migration: String,
    },
    /// It brings migrations, and no PHP is there to run them.
    #[error("version {version} brings migrations, which only PHP runs: `plugin_update_run` from PHP installs it")]
    #[serde(rename = "sem_php")]
    NeedsPhp {
        /// Which.
        version: String,
    },
    /// It has to stand there for a while.
    #[error("version {version} has not stood there for long enough; it comes from {at} on")]
    #[serde(rename = "carencia")]
    Young {
        /// Which.
        version: String,
        /// From when on.
        at: String,
    },
    /// It is not the hour.
    #[error("version {version} waits for its window, which opens at {at}")]
    #[serde(rename = "janela")]
    Closed {
        /// Which.
        version: String,
        /// When.
        at: String,
    },
    /// It comes next.
    #[error("version {version} comes next: a run installs one update, and watches the site")]
    #[serde(rename = "vez")]
    Waits {
        /// Which.
        version: String,
    },
    /// It comes now.
    #[error("version {version} may come")]
    #[serde(rename = "agora")]
    Due {
        /// Which.
        version: String,
    },
    /// Something else was in its way, for a moment.
    #[error("version {version} could not be installed just now (code {code}); the next run tries again")]
    #[serde(rename = "ocupado")]
    Busy {
        /// Which.
        version: String,
        /// The code.
        code: i32,
    },
    /// It could not be installed.
    #[error("version {version} could not be installed (code {code}); {}", again_en(at.as_deref()))]
    #[serde(rename = "falhou")]
    Failed {
        /// Which.
        version: String,
        /// The code.
        code: i32,
        /// When it is tried again.
        at: Option<String>,
    },
    /// It is installed, and the site is watched.
    #[error("version {version} is installed, and the site is watched until {until}")]
    #[serde(rename = "observacao")]
    Watched {
        /// Which.
        version: String,
        /// Until when.
        until: String,
    },
    /// It was taken back.
    #[error("version {version} was taken back, because the site was not well with it: {text}")]
    #[serde(rename = "revertida")]
    Reverted {
        /// Which.
        version: String,
        /// What was wrong.
        text: String,
    },
    /// It should have been taken back, and that failed.
    #[error(
        "the site is not well with version {version}, and going back failed (code {code}): nothing comes by itself any more until somebody sets a policy"
    )]
    #[serde(rename = "nao_revertida")]
    NotReverted {
        /// Which.
        version: String,
        /// The code of going back.
        code: i32,
    },
}

fn again_en(at: Option<&str>) -> String {
    at.map_or_else(
        || "it is not tried again".to_owned(),
        |at| format!("it is tried again from {at} on"),
    )
}

/// A time for people.
pub(super) fn shown(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

impl Reason {
    /// As it is stored; words of others are cut so that it fits.
    pub fn stored(&self) -> String {
        let mut cut = self.clone();
        loop {
            let text = serde_json::to_string(&cut).unwrap_or_default();
            let excess = text.chars().count().saturating_sub(LONGEST);
            if excess == 0 {
                return text;
            }
            let Some(words) = cut.words_of_others().filter(|words| !words.is_empty()) else {
                return String::new();
            };
            // No character takes more than six.
            let kept = words.chars().count().saturating_sub((excess / 6).max(1));
            *words = words.chars().take(kept).collect();
        }
    }

    /// Reads what was stored.
    pub fn read(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The word that it is stored by.
    pub fn word(&self) -> String {
        let value = serde_json::to_value(self).unwrap_or_default();
        let word = value.get("motivo").and_then(serde_json::Value::as_str);
        word.unwrap_or_default().to_owned()
    }

    /// The word, and the version that it is about: two sentences are the same that differ in nothing of these.
    pub fn about(&self) -> (String, Option<String>) {
        let value = serde_json::to_value(self).unwrap_or_default();
        let version = value.get("version").and_then(serde_json::Value::as_str);
        (self.word(), version.map(str::to_owned))
    }

    fn words_of_others(&mut self) -> Option<&mut String> {
        match self {
            Self::Stale { text }
            | Self::Unheard { text, .. }
            | Self::Rehearsed { text, .. }
            | Self::Reverted { text, .. } => Some(text),
            Self::NoWayBack { migration, .. } => Some(migration),
            Self::NotWell { status, .. } => Some(status),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_fits_and_is_read_again() {
        for text in ["short".to_owned(), "\"x\"\\ é ".repeat(100), "y".repeat(300)] {
            let reason = Reason::Rehearsed {
                version: "1.1.0".to_owned(),
                code: 14,
                text: text.clone(),
            };
            let stored = reason.stored();
            assert!(stored.chars().count() <= LONGEST && stored.len() > 40, "{stored}");
            let Some(Reason::Rehearsed { text: read, .. }) = Reason::read(&stored) else {
                panic!("{stored}")
            };
            assert!(text.starts_with(&read) && !read.is_empty());
        }
        assert_eq!(Reason::NoProbe.word(), "sem_sonda");
        assert_eq!(Reason::read("x"), None);
    }
}
