//! Looks at the database: whether it is reached, what its user may do, how its server is set, what time it is there.

use chrono::{DateTime, Utc};

use super::finding::Finding;
use super::texts;
use crate::base::clock::{Clock as _, SystemClock};
use crate::base::db::{Database, DbError};
use crate::config::{Argument, DatabaseSettings};
use crate::model::{Bilingual, Phrase};

/// What operations and migrations need.
const NEEDED: [&str; 8] = [
    "SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP", "INDEX",
];
/// Bytes that a statement should be able to have: a page may be large.
const PACKET: usize = 16 << 20;
/// Seconds by which two clocks may differ.
const CLOCK: i64 = 30;

/// Looks, where the settings of a database are known.
pub(super) fn look(settings: &[(String, Argument)]) -> Vec<Finding> {
    let unreached = |place: String, what: Phrase| {
        Finding::error(
            "banco_inacessivel",
            place,
            what,
            Phrase::new(
                "veja se o servidor está em execução, e confira DB_HOST, DB_DATABASE, DB_USERNAME e DB_PASSWORD no .env do domínio",
                "see whether the server runs, and check DB_HOST, DB_DATABASE, DB_USERNAME and DB_PASSWORD in the domain's .env",
            ),
        )
    };
    let settings = match DatabaseSettings::read(&Argument::Map(settings.to_vec())) {
        Ok(Some(settings)) => settings,
        Ok(None) => return Vec::new(),
        Err(fault) => return vec![unreached("db".to_owned(), Phrase::of(&fault))],
    };
    let socket = settings.socket.as_ref().map(|socket| socket.display().to_string());
    let place = format!("{}@{}", settings.name, socket.unwrap_or_else(|| settings.host.clone()));
    let looked = Database::connect(&settings).and_then(|mut database| of_server(&mut database, &place));
    looked.unwrap_or_else(|fault| vec![unreached(place, Phrase::of(&fault))])
}

fn of_server(database: &mut Database, place: &str) -> Result<Vec<Finding>, DbError> {
    let mut found: Vec<Finding> = rights(database, place)?.into_iter().collect();
    let read_only = one(database, "SELECT CAST(@@GLOBAL.read_only AS CHAR)")?;
    // A number, or a word of the server's.
    if !matches!(read_only.as_str(), "" | "0" | "OFF") {
        let (what, todo) = texts::READ_ONLY;
        found.push(Finding::error("banco_somente_leitura", place, what, todo));
    }
    let mode = one(database, "SELECT @@GLOBAL.sql_mode")?.to_uppercase();
    if !mode.contains("STRICT_TRANS_TABLES") && !mode.contains("STRICT_ALL_TABLES") {
        let (what, todo) = texts::NOT_STRICT;
        found.push(Finding::warning("banco_nao_estrito", place, what, todo));
    }
    found.extend(packet(database.server().max_allowed_packet, place));
    let there = one(database, "SELECT CAST(UTC_TIMESTAMP(3) AS CHAR)")?;
    found.extend(clock(&there, SystemClock.now().to_utc(), place));
    Ok(found)
}

/// The first value of a question, as a text.
fn one(database: &mut Database, question: &str) -> Result<String, DbError> {
    let rows = database.query(question)?;
    Ok(rows
        .into_iter()
        .next()
        .and_then(|mut row| row.take::<String, _>(0))
        .unwrap_or_default())
}

fn rights(database: &mut Database, place: &str) -> Result<Option<Finding>, DbError> {
    let rows = database.query("SHOW GRANTS")?;
    let lines: Vec<String> = rows
        .into_iter()
        .filter_map(|mut row| row.take::<String, _>(0))
        .collect();
    let missing = missing(&lines, database.name()).join(", ");
    Ok((!missing.is_empty()).then(|| {
        let name = database.name();
        Finding::error(
            "direitos_do_banco",
            place,
            Phrase::made(
                format!("o usuário do banco não tem estes direitos: {missing}"),
                format!("the database's user lacks these rights: {missing}"),
            ),
            Phrase::made(
                format!("um administrador do banco os concede: GRANT {missing} ON `{name}`.* TO <usuário>"),
                format!("an administrator of the database grants them: GRANT {missing} ON `{name}`.* TO <user>"),
            ),
        )
    }))
}

/// What is needed of a database and not granted, by what `SHOW GRANTS` says. Pure.
fn missing(grants: &[String], database: &str) -> Vec<&'static str> {
    let has = |wanted: &str| {
        grants.iter().any(|line| {
            let Some((rights, scope)) = line.strip_prefix("GRANT ").and_then(|line| line.split_once(" ON ")) else {
                return false;
            };
            let scope = scope.split(" TO ").next().unwrap_or_default();
            let rights: Vec<&str> = rights.split(',').map(str::trim).collect();
            covers(scope, database) && (rights.contains(&wanted) || rights.contains(&"ALL PRIVILEGES"))
        })
    };
    NEEDED.into_iter().filter(|wanted| !has(wanted)).collect()
}

/// Whether a grant's scope is all tables of a database: `*.*`, or a pattern with `%` and `_`.
fn covers(scope: &str, database: &str) -> bool {
    let Some(pattern) = scope.strip_suffix(".*") else {
        return false;
    };
    pattern == "*" || is_like(pattern.trim_matches('`').as_bytes(), database.as_bytes())
}

fn is_like(pattern: &[u8], name: &[u8]) -> bool {
    match (pattern, name) {
        ([], []) => true,
        ([b'\\', letter, pattern @ ..], [first, name @ ..]) => letter == first && is_like(pattern, name),
        ([b'%', rest @ ..], _) => is_like(rest, name) || (!name.is_empty() && is_like(pattern, &name[1..])),
        ([b'_', pattern @ ..], [_, name @ ..]) => is_like(pattern, name),
        ([letter, pattern @ ..], [first, name @ ..]) => letter.eq_ignore_ascii_case(first) && is_like(pattern, name),
        _ => false,
    }
}

fn packet(bytes: usize, place: &str) -> Option<Finding> {
    let mebibytes = bytes >> 20;
    (bytes < PACKET).then(|| {
        Finding::warning(
            "pacote_pequeno",
            place,
            Phrase::made(
                format!("max_allowed_packet do servidor é {mebibytes} MiB: linhas maiores não entram"),
                format!("the server's max_allowed_packet is {mebibytes} MiB: larger rows do not go in"),
            ),
            Phrase::new(
                "aumente max_allowed_packet do servidor para 16 MiB ou mais",
                "raise the server's max_allowed_packet to 16 MiB or more",
            ),
        )
    })
}

/// Whether our clock and the server's agree. Pure.
fn clock(there: &str, here: DateTime<Utc>, place: &str) -> Option<Finding> {
    let there = chrono::NaiveDateTime::parse_from_str(there, "%Y-%m-%d %H:%M:%S%.f")
        .ok()?
        .and_utc();
    let seconds = (here - there).num_seconds();
    (seconds.abs() > CLOCK).then(|| {
        Finding::error(
            "relogio_diferente",
            place,
            Phrase::made(
                format!("o relógio desta máquina e o do servidor do banco diferem em {seconds} s"),
                format!("the clock of this machine and that of the database server differ by {seconds} s"),
            ),
            Phrase::new(
                "acerte os dois pela rede (timedatectl set-ntp true): assinaturas, índices e agendas dependem deles",
                "set both by the network (timedatectl set-ntp true): signatures, indices and schedules depend on them",
            ),
        )
    })
}

/// Why the settings of a database are not known.
pub(super) fn unknown(fault: &(impl Bilingual + ?Sized)) -> Finding {
    Finding::error(
        "dominio_invalido",
        "autenticacoes/",
        Phrase::of(fault),
        Phrase::new(
            "diga o domínio com --dominio, conserte o .env dele, ou informe o banco com --db-name, --db-user e --db-host ou --db-socket",
            "say the domain with --dominio, mend its .env, or name the database with --db-name, --db-user and --db-host or --db-socket",
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_are_those_that_are_granted_on_the_database() {
        for (grants, expected) in [
            (
                &["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost` WITH GRANT OPTION"][..],
                &[][..],
            ),
            (
                &[
                    "GRANT USAGE ON *.* TO `u`@`%`",
                    "GRANT ALL PRIVILEGES ON `my\\_site`.* TO `u`@`%`",
                ],
                &[],
            ),
            (&["GRANT ALL PRIVILEGES ON `my%`.* TO `u`@`%`"], &[]),
            (&["GRANT ALL PRIVILEGES ON `other`.* TO `u`@`%`"], &NEEDED),
            (&["GRANT ALL PRIVILEGES ON `my_site`.`paginas` TO `u`@`%`"], &NEEDED),
            (
                &["GRANT SELECT, INSERT, UPDATE, DELETE ON `my_site`.* TO `u`@`%`"],
                &["CREATE", "ALTER", "DROP", "INDEX"],
            ),
            (
                &[
                    "GRANT `role` TO `u`@`%`",
                    "GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX ON *.* TO `u`",
                ],
                &[],
            ),
        ] {
            let grants: Vec<String> = grants.iter().map(|line| (*line).to_owned()).collect();
            assert_eq!(missing(&grants, "my_site"), expected, "{grants:?}");
        }
        assert!(!is_like(b"my\\_site", b"myXsite") && is_like(b"my_site", b"myXsite"));
    }

    #[test]
    fn clocks_may_differ_by_little() {
        let here = DateTime::parse_from_rfc3339("2026-01-01T00:01:00Z").unwrap().to_utc();
        assert_eq!(clock("2026-01-01 00:00:45.123", here, "x"), None);
        assert!(
            clock("2025-12-31 23:00:00", here, "x")
                .unwrap()
                .what
                .to_string()
                .contains("3660 s")
        );
        assert!(
            clock("2026-01-01 00:05:00", here, "x")
                .unwrap()
                .what
                .to_string()
                .contains("-240 s")
        );
        assert_eq!(packet(16 << 20, "x"), None);
        assert!(packet(1 << 20, "x").unwrap().what.to_string().contains("1 MiB"));
    }
}
