//! Changes of several plugins in one transaction: all of them come about, or none.

use std::time::Duration;

use gestor_plugins::base::clock::{Clock, SystemClock};
use gestor_plugins::config::{DatabaseSettings, RecoverParameters, RowPolicy, Settings};
use gestor_plugins::data::{TableRows, parse_data_file, table_of_file};
use gestor_plugins::history::Action;
use gestor_plugins::log::{Cancelled, Message, Progress, Reporter};
use gestor_plugins::migrate::{MigrateError, Migration, MigrationCall, MigrationRunner};
use gestor_plugins::model::Slug;
use gestor_plugins::outcome::Report;
use gestor_plugins::package::PackageRows;
use gestor_plugins::registry::{self, Feature};
use gestor_plugins::stage;
use gestor_plugins::transaction::{
    Change, ChangeRecord, Context, Contract, RowRules, Run, Session, SessionError, SiteAccess, Target,
    TransactionError, TransactionReporter, carry_out, settle,
};
use serde_json::json;

use crate::support::gestor::Gestor;
use crate::support::{argument, text_argument};

/// Who listens to nothing.
struct Deaf;

impl Reporter for Deaf {
    fn progress(&self, _progress: Progress) -> Result<(), Cancelled> {
        Ok(())
    }

    fn message(&self, _message: Message) {}
}

impl MigrationRunner for Deaf {
    fn run(&self, _call: MigrationCall) -> Result<Vec<Migration>, MigrateError> {
        Ok(Vec::new())
    }
}

impl TransactionReporter for Deaf {
    fn clock(&self) -> &dyn Clock {
        &SystemClock
    }

    fn elapsed(&self) -> Duration {
        Duration::ZERO
    }

    fn is_wanted(&self) -> bool {
        true
    }

    fn pass_commit_point(&self) {}

    fn tells_rows(&self) -> bool {
        false
    }

    fn count_warnings(&self, _more: usize) {}
}

/// One page, as a package brings it.
fn page(id: &str) -> Vec<TableRows> {
    let file = "db/data/PaginasData.json";
    let rows = json!([{"id": id, "nome": "N", "language": "en", "caminho": format!("{id}/")}]);
    let parsed = parse_data_file(rows.to_string().as_bytes(), file).unwrap();
    TableRows::collect([(table_of_file(file).unwrap(), parsed)]).unwrap()
}

fn settings(gestor: &Gestor) -> DatabaseSettings {
    let call = argument([("raiz", text_argument("/nowhere")), ("db", gestor.database.argument())]);
    let read = RecoverParameters::read(call, &Settings::default()).unwrap();
    read.site.database.unwrap()
}

/// Synchronizes one page of each plugin in one transaction.
fn synchronize(gestor: &Gestor, database: &DatabaseSettings, pages: &[(&Slug, &str)]) -> Result<(), TransactionError> {
    let root = gestor.paths();
    let site = SiteAccess {
        root: &root,
        database: Some(database),
        lock_wait: 0,
        gestor_version: None,
        waits_for_the_dead: false,
    };
    let slugs: Vec<&Slug> = pages.iter().map(|(slug, _)| *slug).collect();
    let mut session = Session::open(site, &slugs, &Deaf)?;
    let mut cx = Context {
        site,
        session: &mut session,
        reporter: &Deaf,
    };
    let mut changes = Vec::new();
    for (slug, id) in pages {
        settle(&mut cx, slug)?;
        let rows = PackageRows {
            tables: page(id),
            wanted: true,
            ..PackageRows::default()
        };
        let rules = RowRules::read(slug, &root, Some("2.9.43"), RowPolicy::default())?;
        changes.push((*slug, rows, rules, Report::new(slug.as_str())));
    }
    let (identity, _) = registry::prepare(&mut cx.session.database, &|| true)?;
    registry::prepare_for(&mut cx.session.database, Feature::Records, &|| true)?;
    let owner = stage::owner(&root)?;
    let mut runs = Vec::new();
    for (slug, rows, rules, report) in &mut changes {
        let layout = stage::layout(&root, slug, owner)?;
        stage::open(&layout, owner)?;
        let change = Change {
            slug,
            after: Target::Rows(rows),
            rules,
            account: ChangeRecord::of(Action::Synchronize),
            contract: Contract::default(),
        };
        runs.push(Run::promise(change, layout, identity.clone(), report, &cx)?);
    }
    carry_out(&mut runs, &mut cx)
}

#[test]
fn changes_of_a_set_come_about_together() {
    let gestor = Gestor::new();
    let settings = settings(&gestor);
    let [a, b] = ["a", "b"].map(|name| Slug::normalize(name).unwrap());
    // In any order: locks are taken in that of the slugs.
    synchronize(&gestor, &settings, &[(&b, "b-1"), (&a, "a-1")]).unwrap();
    let count = |which: &str| gestor.database.count("paginas", which);
    assert_eq!((count("plugin = 'a'"), count("plugin = 'b'")), (1, 1));
    // The server refuses the second plugin's row, so the first one's is not written either.
    gestor
        .database
        .run("ALTER TABLE paginas ADD CONSTRAINT no_b_2 CHECK (id <> 'b-2')");
    let fault = synchronize(&gestor, &settings, &[(&a, "a-2"), (&b, "b-2")]).unwrap_err();
    assert!(fault.to_string().contains("no_b_2"), "{fault}");
    assert_eq!(count("id IN ('a-2', 'b-2')"), 0);
    assert_eq!(gestor.database.count("gestor_plugins_operacoes", "1"), 0);
    for slug in [&a, &b] {
        assert!(!gestor.paths().staging(slug).join("journal.json").exists());
    }
}

#[test]
fn a_set_waits_for_the_locks_of_all() {
    let gestor = Gestor::new();
    let settings = settings(&gestor);
    let root = gestor.paths();
    let site = SiteAccess {
        root: &root,
        database: Some(&settings),
        lock_wait: 0,
        gestor_version: None,
        waits_for_the_dead: false,
    };
    let [a, b] = ["a", "b"].map(|name| Slug::normalize(name).unwrap());
    let held = Session::open(site, &[&b], &Deaf).unwrap();
    let fault = Session::open(site, &[&b, &a], &Deaf).unwrap_err();
    assert!(matches!(fault, SessionError::Busy { slug, .. } if slug == "b"));
    // What it had taken is free again.
    let first = Session::open(site, &[&a], &Deaf).unwrap();
    // The first in the order of slugs is asked for first, whatever the order of the call is.
    let fault = Session::open(site, &[&b, &a], &Deaf).unwrap_err();
    assert!(matches!(fault, SessionError::Busy { slug, .. } if slug == "a"));
    drop(first);
    drop(held);
    Session::open(site, &[&b, &a, &b], &Deaf).unwrap();
}
