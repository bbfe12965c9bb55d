//! What is said of updates that come by themselves besides their sentences, in both languages.

use crate::base::net::Address;
use crate::model::{Phrase, Slug};

/// Why a version was taken back, where that was not noted.
pub(super) const KILLED_BACK: Phrase = Phrase::new(
    "a rodada que a desfez foi interrompida antes de dizer por quê",
    "the run that took it back was killed before it could say why",
);

/// The list of releases was asked for before, and did not come.
pub(super) const LIST_FAILED: Phrase = Phrase::new(
    "a última consulta à lista de versões falhou",
    "the last question for the list of releases failed",
);
/// It was never asked for, because its server answers nothing more for now.
pub(super) const NO_LIST_YET: Phrase = Phrase::new(
    "a lista de versões ainda não foi obtida",
    "the list of releases was not had yet",
);

/// What came is no list of releases.
pub(super) fn no_list(status: u16) -> Phrase {
    Phrase::made(
        format!("o servidor respondeu com o status {status} em vez de uma lista de versões"),
        format!("the server answered with status {status} in place of a list of releases"),
    )
}

/// Files that are gone could not be put back.
pub(super) fn not_put_back(slug: &Slug, why: &str) -> Phrase {
    Phrase::made(
        format!("{slug}: os arquivos dele faltam neste servidor, e não deu para repô-los: {why}"),
        format!("{slug}: its files are gone on this server, and could not be put back: {why}"),
    )
}

/// Nobody could be told.
pub(super) fn notice_unsent(why: &str) -> Phrase {
    Phrase::made(
        format!("o aviso para `aviso_url` não pôde ser enviado: {why}"),
        format!("the notice to `aviso_url` could not be sent: {why}"),
    )
}

/// What waits for the message of a day was not kept.
pub(super) fn digest_lost(why: &str) -> Phrase {
    Phrase::made(
        format!("o que aconteceu não entrou no resumo para `aviso_email`: {why}"),
        format!("what has happened did not get into the message to `aviso_email`: {why}"),
    )
}

/// What the message of a day is about.
pub(super) fn digest_subject(site: Option<&str>) -> Phrase {
    let site = site.and_then(|site| Address::parse(site).ok());
    match site.map(|site| site.host()) {
        Some(host) => Phrase::made(
            format!("Atualizações dos plugins de {host}"),
            format!("Updates of plugins at {host}"),
        ),
        None => Phrase::new("Atualizações dos plugins", "Updates of plugins"),
    }
}

/// Older happenings that are not in the message.
pub(super) fn left_out(count: u64) -> Phrase {
    Phrase::made(
        format!("(acontecimentos anteriores que ficaram de fora: {count})"),
        format!("(earlier happenings that were left out: {count})"),
    )
}

/// Something that has happened, in the message of a day.
pub(super) fn happened(event: &str, (plugin, version): (&str, &str), why: &str) -> Phrase {
    let (pt, en) = match event {
        "update_available" => ("há a versão", "there is version"),
        "update_applied" => ("foi instalada a versão", "installed: version"),
        "update_failed" => ("não foi instalada a versão", "not installed: version"),
        "rollback_exec" => ("foi desfeita a versão", "taken back: version"),
        "rollback_failed" => (
            "devia ser desfeita, e não foi, a versão",
            "to be taken back, and was not: version",
        ),
        other => (other, other),
    };
    let why = if why.is_empty() {
        String::new()
    } else {
        format!(": {why}")
    };
    Phrase::made(
        format!("{plugin}: {pt} {version}{why}"),
        format!("{plugin}: {en} {version}{why}"),
    )
}

/// What counts for a plugin from now on.
pub(super) fn policy_set(slug: &Slug, mode: &str) -> Phrase {
    Phrase::made(
        format!("{slug}: a política de atualizações é `{mode}`"),
        format!("{slug}: the policy of updates is `{mode}`"),
    )
}
