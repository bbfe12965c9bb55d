//! Defaults of a server that change what statements mean, all at once. They are set for sessions that begin afterwards, and
//! taken back.

/// Defaults by name; and what sessions of ordinary users begin with.
pub(crate) struct Hostile {
    defaults: &'static [&'static [(&'static str, &'static str)]],
    init_connect: &'static str,
}

/// Defaults that both servers have.
const BOTH: &[(&str, &str)] = &[
    ("autocommit", "0"),
    ("completion_type", "1"),
    ("sql_select_limit", "1"),
    ("max_join_size", "1"),
    ("foreign_key_checks", "0"),
    ("unique_checks", "0"),
    (
        "sql_mode",
        "'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,PAD_CHAR_TO_FULL_LENGTH,NO_ZERO_DATE,NO_ZERO_IN_DATE,IGNORE_SPACE,HIGH_NOT_PRECEDENCE'",
    ),
    ("sql_auto_is_null", "1"),
    ("collation_connection", "latin1_bin"),
    ("character_set_client", "latin1"),
    ("character_set_results", "latin1"),
    ("collation_server", "latin1_bin"),
    ("lc_messages", "'de_DE'"),
    ("innodb_lock_wait_timeout", "1"),
    ("lock_wait_timeout", "1"),
    ("max_error_count", "0"),
    ("div_precision_increment", "0"),
    ("group_concat_max_len", "4"),
    ("low_priority_updates", "1"),
    ("big_tables", "1"),
    ("sql_buffer_result", "1"),
    ("sql_quote_show_create", "0"),
    ("sql_notes", "0"),
    ("sql_warnings", "1"),
    ("innodb_strict_mode", "0"),
    ("default_storage_engine", "MyISAM"),
    ("eq_range_index_dive_limit", "1"),
    ("session_track_schema", "1"),
    ("session_track_state_change", "1"),
    ("session_track_system_variables", "'*'"),
    ("session_track_transaction_info", "'CHARACTERISTICS'"),
    ("updatable_views_with_limit", "0"),
];

const MARIADB: &[(&str, &str)] = &[
    ("sql_safe_updates", "1"),
    ("tx_isolation", "'SERIALIZABLE'"),
    ("tx_read_only", "1"),
    ("check_constraint_checks", "0"),
    ("idle_transaction_timeout", "1"),
    ("idle_write_transaction_timeout", "1"),
    ("max_statement_time", "0.05"),
    ("system_versioning_asof", "'2020-01-01 00:00:00'"),
    ("in_predicate_conversion_threshold", "2"),
    ("old_mode", "'ZERO_DATE_TIME_CAST,NO_DUP_KEY_WARNINGS_WITH_IGNORE'"),
    (
        "optimizer_switch",
        "'index_merge=off,materialization=off,semijoin=off,derived_merge=off'",
    ),
    ("explicit_defaults_for_timestamp", "0"),
    ("innodb_snapshot_isolation", "1"),
];

const MYSQL: &[(&str, &str)] = &[
    ("transaction_isolation", "'SERIALIZABLE'"),
    ("transaction_read_only", "1"),
    ("max_execution_time", "1"),
    ("show_gipk_in_create_table_and_information_schema", "0"),
    ("sql_generate_invisible_primary_key", "1"),
    ("sql_require_primary_key", "1"),
    ("information_schema_stats_expiry", "86400"),
    ("default_collation_for_utf8mb4", "utf8mb4_general_ci"),
    (
        "optimizer_switch",
        "'index_merge=off,materialization=off,semijoin=off,derived_merge=off'",
    ),
    ("session_track_gtids", "'ALL_GTIDS'"),
];

impl Hostile {
    /// For MariaDB.
    pub(crate) const MARIADB: Self = Self {
        defaults: &[BOTH, MARIADB],
        init_connect: "SET autocommit=0, foreign_key_checks=0, sql_select_limit=0, insert_id=7, timestamp=86400, last_insert_id=3, rand_seed1=1",
    };
    /// The grammar of another server, and statements that are logged as texts.
    pub(crate) const DIALECT: Self = Self {
        defaults: &[&[("sql_mode", "'ORACLE'"), ("autocommit", "0")]],
        init_connect: "SET NAMES latin1; START TRANSACTION READ ONLY",
    };
    /// For MySQL.
    pub(crate) const MYSQL: Self = Self {
        defaults: &[BOTH, MYSQL],
        init_connect: "SET autocommit=0, foreign_key_checks=0, sql_select_limit=0, insert_id=7, timestamp=86400, last_insert_id=3, rand_seed1=1",
    };

    /// What sets the defaults.
    pub(crate) fn set(&self) -> String {
        let all = self.defaults.iter().copied().flatten();
        let each = all.map(|(name, value)| format!("SET GLOBAL {name}={value}; "));
        format!(
            "{}SET GLOBAL init_connect='{}'",
            each.collect::<String>(),
            self.init_connect
        )
    }

    /// What takes them back.
    pub(crate) fn reset(&self) -> String {
        let all = self.defaults.iter().copied().flatten();
        let each = all.map(|(name, _)| format!("SET GLOBAL {name}=DEFAULT; "));
        format!("{}SET GLOBAL init_connect=''", each.collect::<String>())
    }
}
