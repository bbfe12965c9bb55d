//! Runs the stories of `tests/scenarios/`: given rows and core data, packages installed one after the other, and after
//! each what must be true. The files say what is expected; this one only reads and compares.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use gestor_plugins::config::Argument;
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::scenario_faults::{Query, faults_of_query, faults_of_report};
use crate::support::core_data::insert;
use crate::support::gestor::Gestor;
use crate::support::hostile::Hostile;
use crate::support::mariadb::{self, Database, OwnServer};
use crate::support::package::Package;
use crate::support::text_argument;

/// Counters of a table that a scenario names; those it leaves out are 0.
pub(crate) const COUNTERS: [&str; 5] = ["inseridos", "alterados", "adotados", "iguais", "preservados"];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Scenario {
    name: String,
    why: String,
    given: Given,
    /// The gestor's own data files; with them it has a `db/` folder.
    core_data: Option<BTreeMap<String, Value>>,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    #[serde(default)]
    rows: BTreeMap<String, Vec<Map<String, Value>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    #[serde(default)]
    sql_before: Vec<String>,
    package: PackageText,
    slug: String,
    params: Map<String, Value>,
    pub(crate) exit: i32,
    pub(crate) tabelas: Option<BTreeMap<String, BTreeMap<String, u64>>>,
    #[serde(default)]
    log_contains: Vec<String>,
    #[serde(default)]
    rows: Vec<Query>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PackageText {
    manifest: Value,
    #[serde(default)]
    data: BTreeMap<String, Value>,
    #[serde(default)]
    files: BTreeMap<String, String>,
    #[serde(default)]
    raw: BTreeMap<String, String>,
    #[serde(default)]
    wrap: String,
    #[serde(default)]
    unique: bool,
}

impl PackageText {
    fn package(&self, number: usize) -> Package {
        let mut package = Package::with_manifest(&self.manifest).wrapped_in(&self.wrap);
        for (name, rows) in &self.data {
            package = package.data(name, rows);
        }
        for (name, content) in self.files.iter().chain(&self.raw) {
            package = package.file(name, content.as_str());
        }
        if self.unique {
            package = package.file("README.txt", format!("{number:->400}"));
        }
        package
    }
}

fn parameter(value: &Value) -> Argument {
    match value {
        Value::String(text) => text_argument(text),
        other => Argument::from(other),
    }
}

fn faults_of_step(gestor: &Gestor, step: &Step, number: usize) -> Vec<String> {
    for sql in &step.sql_before {
        gestor.database.run(sql);
    }
    let before = gestor.log().len();
    let parameters: Vec<_> = step
        .params
        .iter()
        .map(|(key, value)| (key.as_str(), parameter(value)))
        .collect();
    let ended = gestor.install_as(&step.package.package(number), &step.slug, &parameters);
    let mut faults = faults_of_report(&ended, step);
    let log = gestor.log().split_off(before);
    for text in step.log_contains.iter().filter(|text| !log.contains(text.as_str())) {
        faults.push(format!("the log lacks {text:?}: {log}"));
    }
    faults.extend(
        step.rows
            .iter()
            .flat_map(|query| faults_of_query(&gestor.database, query)),
    );
    let leftovers = gestor.leftovers();
    if !leftovers.is_empty() {
        faults.push(format!("staging left behind: {leftovers:?}"));
    }
    faults
        .into_iter()
        .map(|fault| format!("step {number}: {fault}"))
        .collect()
}

fn faults_of(scenario: &Scenario, gestor: &Gestor) -> Vec<String> {
    if let Some(files) = &scenario.core_data {
        gestor.put_core_data(files);
    }
    for (table, rows) in &scenario.given.rows {
        for row in rows {
            insert(&gestor.database, table, row, |_| true);
        }
    }
    let steps = scenario.steps.iter().enumerate();
    steps
        .flat_map(|(at, step)| faults_of_step(gestor, step, at + 1))
        .collect()
}

fn scenario(name: &str) -> Scenario {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/scenarios")
        .join(format!("{name}.json"));
    let read: Scenario =
        serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|fault| panic!("{name}: {fault}"));
    assert_eq!(read.name, name, "a scenario has the name of its file");
    read
}

fn check(name: &str) {
    let scenario = scenario(name);
    let faults = faults_of(&scenario, &Gestor::new());
    assert!(faults.is_empty(), "\n{}\n  {}\n", scenario.why, faults.join("\n  "));
}

/// All scenarios on a server whose defaults are against us, as a user who is no administrator (so that `init_connect` is
/// run for him). What the tests themselves ask is asked by sessions that began before.
fn check_all_with(socket: &Path, hostile: &Hostile) {
    let mut faults = Vec::new();
    for name in NAMES {
        let scenario = scenario(name);
        let database = Database::on(socket).of_site();
        let gestor = Gestor::with(database);
        gestor.database.run(&hostile.set());
        let found = faults_of(&scenario, &gestor);
        gestor.database.run(&hostile.reset());
        faults.extend(found.into_iter().map(|fault| format!("{name}: {fault}")));
    }
    assert!(faults.is_empty(), "\n  {}\n", faults.join("\n  "));
}

#[test]
fn all_on_a_hostile_server() {
    let server = OwnServer::start(&[]);
    check_all_with(&server.socket, &Hostile::MARIADB);
}

#[test]
fn all_on_a_server_that_speaks_another_dialect() {
    let server = OwnServer::start(&[]);
    check_all_with(&server.socket, &Hostile::DIALECT);
}

#[test]
#[ignore = "changes the defaults of the MySQL that GESTOR_TEST_SOCKET names, so it is run alone (CONTRIBUTING.md)"]
fn all_on_a_hostile_mysql() {
    check_all_with(&mariadb::server().socket, &Hostile::MYSQL);
}

/// One test a scenario, so that each has its own line, and they run side by side.
macro_rules! scenarios {
    ($($test:ident = $name:literal;)+) => {
        $(#[test] fn $test() { check($name) })+

        const NAMES: &[&str] = &[$($name),+];

        #[test]
        fn every_file_is_run() {
            let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
            let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            // Those of merging stand in a folder of their own (`data::merge`).
            files.retain(|name| name != "merge");
            files.sort();
            let mut run = [$(concat!($name, ".json")),+].to_vec();
            run.sort_unstable();
            assert_eq!(files, run);
        }
    };
}

scenarios! {
    unique_values_change_places = "unique-values-change-places";
    unique_values_change_places_without_null = "unique-values-change-places-without-null";
    parents_before_children = "parents-before-children";
    tables_that_refer_in_a_circle = "tables-that-refer-in-a-circle";
    table_without_key = "table-without-key";
    numbers_in_json_text = "numbers-in-json-text";
    what_is_stored_is_compared = "what-is-stored-is-compared";
    site_page_without_module = "site-page-without-module";
    refusal_in_a_plain_table = "refusal-in-a-plain-table";
    views_are_told = "views-are-told";
    a_trigger_that_refuses = "a-trigger-that-refuses";
    absent_language_takes_default = "absent-language-takes-default";
    adopt_unowned_row = "adopt-unowned-row";
    adopted_row_of_a_user = "adopted-row-of-a-user";
    adoption_always_takes_core = "adoption-always-takes-core";
    adoption_never = "adoption-never";
    all_faults_at_once = "all-faults-at-once";
    bilingual_unique_table = "bilingual-unique-table";
    blank_module_page = "blank-module-page";
    blank_page_keeps_its_content = "blank-page-keeps-its-content";
    byte_order_mark = "byte-order-mark";
    checksum_is_filled = "checksum-is-filled";
    compatibility = "compatibility";
    conflicts_are_all_listed = "conflicts-are-all-listed";
    core_row_is_no_orphan = "core-row-is-no-orphan";
    decimals_and_dates = "decimals-and-dates";
    deep_wrapping = "deep-wrapping";
    descriptor_field_names = "descriptor-field-names";
    descriptor_names = "descriptor-names";
    downgrade = "downgrade";
    dropped_rows_are_kept = "dropped-rows-are-kept";
    dry_run_leaves_no_trace = "dry-run-leaves-no-trace";
    dry_run_shows_conflicts = "dry-run-shows-conflicts";
    duplicate_in_a_descriptor = "duplicate-in-a-descriptor";
    duplicate_key_in_package = "duplicate-key-in-package";
    empty_data_file = "empty-data-file";
    exact_before_filling = "exact-before-filling";
    failed_update_keeps_the_version = "failed-update-keeps-the-version";
    first_install = "first-install";
    forbidden_table = "forbidden-table";
    forbidden_tables_by_pattern = "forbidden-tables-by-pattern";
    gestor_contract_of_its_own = "gestor-contract-of-its-own";
    id_is_not_slug = "id-is-not-slug";
    identical_core_row = "identical-core-row";
    invalid_file_name = "invalid-file-name";
    invalid_json = "invalid-json";
    json_column = "json-column";
    keys_ignore_case = "keys-ignore-case";
    known_core_key_without_db_folder = "known-core-key-without-db-folder";
    language_alias_both_ways = "language-alias-both-ways";
    language_is_filled = "language-is-filled";
    languages_of_a_module = "languages-of-a-module";
    left_out_parts_are_done_later = "left-out-parts-are-done-later";
    legacy_data_beside_data_files = "legacy-data-beside-data-files";
    legacy_data_fields = "legacy-data-fields";
    legacy_data_json = "legacy-data-json";
    linguagem_codigo_alias = "linguagem-codigo-alias";
    manifest_faults = "manifest-faults";
    module_is_filled = "module-is-filled";
    module_resources = "module-resources";
    nested_manifests = "nested-manifests";
    new_manager_is_told = "new-manager-is-told";
    null_and_empty_are_one_key = "null-and-empty-are-one-key";
    orphans_of_one_owner = "orphans-of-one-owner";
    owner_of_the_row_is_ignored = "owner-of-the-row-is-ignored";
    ownerless_core_table = "ownerless-core-table";
    ownerless_other_table = "ownerless-other-table";
    package_without_data = "package-without-data";
    page_words = "page-words";
    path_of_another_page = "path-of-another-page";
    primary_key_is_not_sent = "primary-key-is-not-sent";
    primary_key_table = "primary-key-table";
    profile_modules = "profile-modules";
    project_rows = "project-rows";
    refused_names = "refused-names";
    reprocess_repairs_damage = "reprocess-repairs-damage";
    reprocess_writes_nothing = "reprocess-writes-nothing";
    same_key_of_another_plugin = "same-key-of-another-plugin";
    same_version_other_content = "same-version-other-content";
    sessions_and_updates_stay = "sessions-and-updates-stay";
    several_own_rows = "several-own-rows";
    slug_is_normalized = "slug-is-normalized";
    two_files_of_one_table = "two-files-of-one-table";
    typed_values = "typed-values";
    unique_row_of_another_plugin = "unique-row-of-another-plugin";
    unknown_column_and_table = "unknown-column-and-table";
    update_only_what_differs = "update-only-what-differs";
    user_flag_is_never_reset = "user-flag-is-never-reset";
    user_modified_page = "user-modified-page";
    user_modified_variable = "user-modified-variable";
    users_insert_only = "users-insert-only";
    value_too_long = "value-too-long";
    values_into_text = "values-into-text";
    values_that_do_not_fit = "values-that-do-not-fit";
    version_counter = "version-counter";
    marks_of_other_types = "marks-of-other-types";
    rows_that_only_the_collation_takes_for_one = "rows-that-only-the-collation-takes-for-one";
    exchanged_values_that_others_follow = "exchanged-values-that-others-follow";
    exchanged_values_that_others_forget = "exchanged-values-that-others-forget";
    only_changed_columns_are_assigned = "only-changed-columns-are-assigned";
    time_of_change_that_the_package_gives = "time-of-change-that-the-package-gives";
    children_that_follow_their_parents = "children-that-follow-their-parents";
    wrapped_package = "wrapped-package";
}
