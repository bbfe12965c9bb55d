//! What a session of ours is set to, whatever the server's defaults are: the one list, with its reasons. Pure.
//!
//! Every setting that a server may have for all sessions (an option file, `SET GLOBAL`, `init_connect`, a user's limits)
//! and that changes what a statement of ours means, or whether it is done, is set when we connect. All variables of
//! MariaDB 10.11 and MySQL 9.7 were gone through. Left as the server has them are those
//! - that a user of one site may not set (`sql_log_bin`, `binlog_format`, `innodb_strict_mode`, `low_priority_updates`,
//!   `auto_increment_*`, `sql_require_primary_key`, `wsrep_*`): our statements do not depend on them;
//! - that the gestor's own sessions read rows by (`time_zone`): who writes and who reads must have the same;
//! - that concern speed, the display of numbers or plans, or statements that we do not send (`optimizer_switch`,
//!   `group_concat_max_len`, `div_precision_increment`, `big_tables`, `sql_quote_show_create`, `old_mode`, `session_track_*`).

use super::Server;

/// Who knows a setting: the others take what is said to them for a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    /// All servers.
    Everywhere,
    /// MariaDB from a version on (`100300` is 10.3.0).
    MariaDb(u32),
    /// MySQL from a version on. MariaDB skips numbers from 50700.
    MySql(u32),
}

/// A setting.
struct Setting {
    name: &'static str,
    value: &'static str,
    known: Known,
}

const fn everywhere(name: &'static str, value: &'static str) -> Setting {
    let known = Known::Everywhere;
    Setting { name, value, known }
}

const fn mariadb(version: u32, name: &'static str, value: &'static str) -> Setting {
    let known = Known::MariaDb(version);
    Setting { name, value, known }
}

const fn mysql(version: u32, name: &'static str, value: &'static str) -> Setting {
    let known = Known::MySql(version);
    Setting { name, value, known }
}

/// Strict values, literals as [`super::push_text`] writes them (no `ANSI_QUOTES`, `NO_BACKSLASH_ESCAPES`, `ORACLE`),
/// texts without padding, and a zero that stays a zero.
const SQL_MODE: &str = "'STRICT_ALL_TABLES,STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,\
     NO_AUTO_VALUE_ON_ZERO'";

/// What a row once held goes in as it was, whatever made it: an `ENUM` without a value, a day that no month has. What a
/// `CHECK` says holds: it may be newer than the row.
const LENIENT: &str = "SET SESSION sql_mode='ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION,NO_AUTO_VALUE_ON_ZERO'";

/// The same, and rows may come before those that they refer to.
const WITHOUT_KEYS: &str = ", SESSION foreign_key_checks=0";

/// The statements between which such rows are written. `keys`: foreign keys hold all the same.
pub(super) fn lenient(keys: bool) -> [Vec<u8>; 2] {
    let begin = format!("{LENIENT}{}", if keys { "" } else { WITHOUT_KEYS });
    let end = format!("SET SESSION sql_mode={SQL_MODE}, SESSION foreign_key_checks=1");
    [begin.into_bytes(), end.into_bytes()]
}

const SETTINGS: &[Setting] = &[
    everywhere("sql_mode", SQL_MODE),
    // A statement outside a transaction is done when it is answered, and `COMMIT` ends the transaction and no more.
    everywhere("autocommit", "1"),
    everywhere("completion_type", "0"),
    // All rows, or none at all: a cut list of rows or columns is taken for the whole one.
    everywhere("sql_select_limit", "18446744073709551615"),
    // Long lists of keys are no mistake of ours.
    everywhere("max_join_size", "18446744073709551615"),
    everywhere("sql_big_selects", "1"),
    everywhere("sql_safe_updates", "0"),
    // `IS NULL` does not mean the row that was inserted last.
    everywhere("sql_auto_is_null", "0"),
    // What a table says holds for us as well.
    everywhere("foreign_key_checks", "1"),
    everywhere("unique_checks", "1"),
    mariadb(100_201, "check_constraint_checks", "1"),
    // The column that a refusal means is read from its words.
    everywhere("lc_messages", "'en_US'"),
    // The rows of now, not those of a day.
    mariadb(100_304, "system_versioning_asof", "DEFAULT"),
    // A primary key that the server made is shown as one.
    mysql(80_030, "show_gipk_in_create_table_and_information_schema", "1"),
    // How many rows a table has, as of now and not of yesterday.
    mysql(80_000, "information_schema_stats_expiry", "0"),
    // Time-outs are those of a long operation: migrations, or the swap of folders, may run between two statements.
    everywhere("wait_timeout", "28800"),
    everywhere("net_read_timeout", "120"),
    everywhere("net_write_timeout", "120"),
    everywhere("innodb_lock_wait_timeout", "10"),
    everywhere("lock_wait_timeout", "60"),
    mariadb(100_101, "max_statement_time", "0"),
    mysql(50_708, "max_execution_time", "0"),
    mariadb(100_300, "idle_transaction_timeout", "0"),
    mariadb(100_300, "idle_write_transaction_timeout", "0"),
    mariadb(100_300, "idle_readonly_transaction_timeout", "0"),
    // Long lists of keys are estimated by looking at the index, and looked up in it: a guess, or a list that is made a
    // table, reads whole tables and waits for every row in them that another transaction holds.
    everywhere("eq_range_index_dive_limit", "0"),
    mariadb(100_318, "in_predicate_conversion_threshold", "0"),
];

/// What is asked of the server: see [`Server::of`]. The last is whether something (`init_connect`) gave this session the
/// number of the next row, or a time of its own: neither has a default that could be set.
pub(super) const FACTS: &str = "SELECT @@version, @@max_allowed_packet, @@log_bin, @@binlog_format, \
     @@insert_id<>0 OR ABS(@@timestamp-UNIX_TIMESTAMP(SYSDATE()))>60";

/// The answer.
pub(super) type Facts = (String, usize, u8, String, u8);

/// The statements that set a session up. A server's default may be to change nothing, and to read what others have not
/// committed; statements that are logged as text need `REPEATABLE READ`.
pub(super) fn statements() -> Vec<Vec<u8>> {
    let mut settings = "SET NAMES utf8mb4 COLLATE utf8mb4_unicode_ci".to_owned();
    for Setting { name, value, known } in SETTINGS {
        let set = format!(", SESSION {name}={value}");
        let known = match known {
            Known::Everywhere => set,
            Known::MariaDb(version) => format!(" /*M!{version} {set} */"),
            Known::MySql(version) => format!(" /*!{version} {set} */"),
        };
        settings.push_str(&known);
    }
    let transactions = "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE".to_owned();
    vec![settings.into_bytes(), transactions.into_bytes()]
}

impl Server {
    /// Before the server has said what it is.
    pub(super) fn unknown() -> Self {
        Self {
            version: String::new(),
            max_allowed_packet: 1 << 20,
            logs_statements: false,
        }
    }

    /// What it says of itself.
    pub(super) fn of((version, packet, log, format, _): Facts) -> Self {
        Self {
            version,
            max_allowed_packet: packet,
            logs_statements: log != 0 && format.eq_ignore_ascii_case("STATEMENT"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_does_not_know_is_a_comment_to_it() {
        let text = String::from_utf8(statements().remove(0)).unwrap();
        for part in [
            ", SESSION autocommit=1,",
            " /*M!100304 , SESSION system_versioning_asof=DEFAULT */",
            " /*!50708 , SESSION max_execution_time=0 */",
        ] {
            assert!(text.contains(part), "{text}");
        }
        // A mark of a comment's version has five or six digits, and MariaDB takes those below 50700 for its own.
        for setting in SETTINGS {
            match setting.known {
                Known::MySql(version) => assert!((50_700..100_000).contains(&version), "{}", setting.name),
                Known::MariaDb(version) => assert!((100_000..1_000_000).contains(&version), "{}", setting.name),
                Known::Everywhere => {}
            }
        }
        let mut names: Vec<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SETTINGS.len());
    }
}
