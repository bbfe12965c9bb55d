//! The logs of migrations: which table the runner is to log a plugin's migrations in, and which of them it says are applied.
//! The runner writes it; here only what it can not know: migrations that are given up, and the log that is lost. No two plugins
//! share one, though the names that earlier releases gave were the same for some of them.

use std::collections::BTreeSet;

use sha1::{Digest, Sha1};

use super::RegistryError;
use crate::base::db::{Database, Row};
use crate::base::json::hex;
use crate::model::Slug;

/// Characters of a table's name.
const NAME: usize = 64;
/// What all logs begin with.
const START: &str = "phinxlog_";
/// Digits that tell names apart which would be the same.
const DIGITS: usize = 8;

/// The table in which the migrations of a plugin are logged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationLog {
    /// Its name.
    pub table: String,
    /// What an earlier release logged in a table that is another plugin's.
    pub inherited: Option<InheritedLog>,
}

/// Migrations of a plugin in the log of another one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InheritedLog {
    /// That log.
    pub table: String,
    /// Their versions.
    pub versions: BTreeSet<String>,
}

/// What is known of the logs of a plugin and of those whose log would bear the same name.
#[derive(Debug, Clone, Default)]
pub struct LogClaims {
    /// The table that the plugin's own history names.
    pub recorded: Option<String>,
    /// The versions that the plugin's history says are applied.
    pub applied: BTreeSet<String>,
    /// The first operation of the plugin that applied one.
    pub since: Option<u64>,
    /// The same of the others that would share the name.
    pub rivals: Vec<LogClaims>,
    /// The table of that name has rows.
    pub stands: bool,
    /// Of all of them the plugin alone is installed.
    pub is_alone: bool,
}

/// The name that a plugin's log has as a rule: as long as no other one's would be the same, it is this one.
pub fn log_name(slug: &Slug) -> String {
    let name = format!("{START}{}", slug.as_str().replace('-', "_"));
    if name.len() <= NAME {
        return name;
    }
    format!("{}_{}", &name[..NAME - 1 - DIGITS], digits(slug))
}

/// A name that no other plugin's log has: no plugin's id has a `$`.
fn own_name(slug: &Slug) -> String {
    let name = format!("{START}{}", slug.as_str().replace('-', "_"));
    let kept = name.len().min(NAME - 1 - DIGITS);
    format!("{}${}", &name[..kept], digits(slug))
}

fn digits(slug: &Slug) -> String {
    let mut digits = hex(&Sha1::digest(slug.as_str().as_bytes()));
    digits.truncate(DIGITS);
    digits
}

/// Where the runner keeps which migrations of a plugin it is just undoing.
fn undo_name(log: &str) -> String {
    format!("{START}${}", &hex(&Sha1::digest(log.as_bytes()))[..16])
}

impl MigrationLog {
    /// That of a plugin.
    pub fn of(slug: &Slug, claims: &LogClaims) -> Self {
        let usual = log_name(slug);
        let of = |table: String| Self { table, inherited: None };
        if let Some(recorded) = &claims.recorded {
            return of(recorded.clone());
        }
        if claims.rivals.is_empty() {
            return of(usual);
        }
        // Who came first to a name has it. Of those who shared it, too: what is no other one's goes along.
        let has_it = |rival: &&LogClaims| rival.recorded.as_ref().is_none_or(|table| *table == usual);
        let first = claims
            .rivals
            .iter()
            .filter(has_it)
            .filter_map(|rival| rival.since)
            .min();
        let is_first = match (claims.since, first) {
            (Some(since), Some(first)) => since < first,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => !claims.stands || claims.is_alone,
        };
        if is_first {
            return of(usual);
        }
        let theirs = |version: &String| claims.rivals.iter().any(|rival| rival.applied.contains(version));
        let versions: BTreeSet<String> = claims
            .applied
            .iter()
            .filter(|version| !theirs(version))
            .cloned()
            .collect();
        Self {
            table: own_name(slug),
            inherited: Some(InheritedLog { table: usual, versions }).filter(|log| !log.versions.is_empty()),
        }
    }
}

impl MigrationLog {
    /// Whether a version in a table is this plugin's.
    fn is_own(&self, table: &str, version: &str) -> bool {
        let is_theirs = |log: &InheritedLog| log.table == table && !log.versions.contains(version);
        !self.inherited.as_ref().is_some_and(is_theirs)
    }
}

/// The plugins whose log would bear the name of another one's, of all that some table knows.
pub fn log_rivals(database: &mut Database, slug: &Slug) -> Result<Vec<Slug>, RegistryError> {
    let mut known = BTreeSet::new();
    for sql in [
        "SELECT slug FROM gestor_plugins_estado",
        "SELECT DISTINCT slug FROM gestor_plugins_historico",
        "SELECT id FROM plugins",
    ] {
        match database.query(sql) {
            Err(fault) if fault.is_no_table() => {}
            rows => known.extend(rows?.into_iter().filter_map(first)),
        }
    }
    let name = log_name(slug);
    let rivals = known.iter().filter_map(|known| Slug::normalize(known).ok());
    Ok(rivals
        .filter(|known| known != slug && log_name(known) == name)
        .collect())
}

fn first(mut row: Row) -> Option<String> {
    row.take_opt::<String, _>(0)?.ok()
}

/// Which of a name stand, of the tables that may be a plugin's logs.
pub fn standing_logs(database: &mut Database, log: &MigrationLog) -> Result<Vec<String>, RegistryError> {
    let mut standing = Vec::new();
    for table in [log.table.clone(), undo_name(&log.table)] {
        if logged(database, &table)?.is_some() {
            standing.push(table);
        }
    }
    Ok(standing)
}

/// Versions that a log holds; nothing where there is no such table.
pub fn logged(database: &mut Database, table: &str) -> Result<Option<BTreeSet<String>>, RegistryError> {
    let statement = format!("SELECT CAST(version AS CHAR) FROM `{table}`");
    match database.query(statement) {
        Err(fault) if fault.is_no_table() => Ok(None),
        rows => Ok(Some(rows?.into_iter().filter_map(first).collect())),
    }
}

/// Versions that are applied, as the log of a plugin says; nothing where there is none.
pub fn applied_in(database: &mut Database, log: &MigrationLog) -> Result<Option<BTreeSet<String>>, RegistryError> {
    let own = logged(database, &log.table)?;
    let Some(InheritedLog { table, versions }) = &log.inherited else {
        return Ok(own);
    };
    let theirs = logged(database, table)?.unwrap_or_default();
    let mut all = own.unwrap_or_default();
    all.extend(versions.intersection(&theirs).cloned());
    Ok(Some(all))
}

/// Migrations count as not applied any more. Where there is no such table nothing is noted of them.
pub fn forget_migrations(
    database: &mut Database,
    log: &MigrationLog,
    versions: &[String],
) -> Result<(), RegistryError> {
    let shared = log.inherited.as_ref().map(|log| &log.table);
    for table in std::iter::once(&log.table).chain(shared) {
        let sql = format!("DELETE FROM {} WHERE version = ?", quoted(table));
        for version in versions.iter().filter(|version| log.is_own(table, version)) {
            match database.exec(&sql, (version,)) {
                Err(fault) if fault.is_no_table() => break,
                done => done.map(drop)?,
            }
        }
    }
    Ok(())
}

/// Makes the table anew, in the form that Phinx gives it, with these migrations: version and name.
pub fn note_migrations(
    database: &mut Database,
    table: &str,
    migrations: &[(String, String)],
) -> Result<(), RegistryError> {
    let table = quoted(table);
    database.execute(format!(
        "CREATE TABLE IF NOT EXISTS {table} (version BIGINT NOT NULL PRIMARY KEY, migration_name VARCHAR(100) NULL DEFAULT \
         NULL, start_time TIMESTAMP NULL DEFAULT NULL, end_time TIMESTAMP NULL DEFAULT NULL, breakpoint TINYINT(1) NOT NULL \
         DEFAULT 0) ENGINE=InnoDB"
    ))?;
    let sql = format!(
        "INSERT IGNORE INTO {table} (version, migration_name, start_time, end_time, breakpoint) VALUES (?, ?, NOW(), NOW(), 0)"
    );
    for (version, name) in migrations {
        database.exec(&sql, (version, name))?;
    }
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slug(text: &str) -> Slug {
        Slug::normalize(text).unwrap()
    }

    #[test]
    fn names_are_as_the_runner_gave_them() {
        // The digits are those of PHP's `sha1()`.
        for (given, name) in [
            ("a-b_c".to_owned(), "phinxlog_a_b_c".to_owned()),
            ("a".repeat(55), format!("phinxlog_{}", "a".repeat(55))),
            ("a".repeat(56), format!("phinxlog_{}_c2db330f", "a".repeat(46))),
        ] {
            assert_eq!(log_name(&slug(&given)), name, "{given}");
        }
        let [one, two] = ["-one", "-two"].map(|end| slug(&format!("{}{end}", "z".repeat(60))));
        assert_ne!(log_name(&one), log_name(&two));
        for given in ["a-b", "a_b", &"a".repeat(90)] {
            let name = own_name(&slug(given));
            assert!(name.len() <= NAME && name.contains('$'), "{name}");
        }
        assert_ne!(own_name(&slug("a-b")), own_name(&slug("a_b")));
    }

    fn claims(since: Option<u64>, applied: &[&str]) -> LogClaims {
        LogClaims {
            since,
            applied: applied.iter().map(|version| (*version).to_owned()).collect(),
            ..LogClaims::default()
        }
    }

    #[test]
    fn no_two_plugins_share_a_log() {
        let usual = "phinxlog_a_b";
        let own = own_name(&slug("a-b"));
        let recorded = |table: &str, since| LogClaims {
            recorded: Some(table.to_owned()),
            ..claims(Some(since), &[])
        };
        let alone = |stands, is_alone| LogClaims {
            stands,
            is_alone,
            ..claims(None, &[])
        };
        for (mine, rivals, table, inherited) in [
            (claims(None, &[]), vec![], usual, None),
            (alone(true, false), vec![], usual, None),
            (recorded(&own, 3), vec![], &own, None),
            (recorded(usual, 9), vec![recorded(&own, 3)], usual, None),
            (claims(None, &[]), vec![recorded(usual, 3)], &own, None),
            (claims(None, &[]), vec![recorded("phinxlog_a_b$1", 3)], usual, None),
            (claims(None, &[]), vec![claims(Some(3), &["1"])], &own, None),
            (claims(Some(2), &["1"]), vec![claims(Some(3), &["2"])], usual, None),
            (
                claims(Some(4), &["1", "2"]),
                vec![claims(Some(3), &["2"])],
                &own,
                Some("1"),
            ),
            (alone(false, false), vec![claims(None, &[])], usual, None),
            (alone(true, false), vec![claims(None, &[])], &own, None),
            (alone(true, true), vec![claims(None, &[])], usual, None),
        ] {
            let claims = LogClaims { rivals, ..mine };
            let log = MigrationLog::of(&slug("a-b"), &claims);
            assert_eq!(log.table, table, "{claims:?}");
            let versions = log.inherited.map(|log| Vec::from_iter(log.versions).join(" "));
            assert_eq!(versions.as_deref(), inherited, "{claims:?}");
        }
    }
}
