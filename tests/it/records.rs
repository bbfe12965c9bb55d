//! Our own tables: made when they are needed, read as they were written.

use gestor_plugins::base::db::Database as Connection;
use gestor_plugins::history::{self, Action, HistoryEntry, RecordedOutcome};
use gestor_plugins::ledger::{
    self, Base, BaseColumn, Entry, EntryOrigin, FieldDigest, FormatFault, KindClass, MergeConflict, MergeReason,
    RowDigest, RowKey, SavedReason, SavedRow, TableBase, Waiting,
};
use gestor_plugins::model::{Slug, TableName};
use gestor_plugins::registry::{self, Closing, Feature, State};

use crate::data::settings;
use crate::support::mariadb::Database;

fn slug(text: &str) -> Slug {
    Slug::normalize(text).unwrap()
}

fn table(name: &str) -> TableName {
    TableName::new(name).unwrap()
}

fn prepared() -> (Database, Connection) {
    let database = Database::new();
    let mut connection = Connection::connect(&settings(&database)).unwrap();
    registry::prepare(&mut connection, &|| true).unwrap();
    registry::prepare_for(&mut connection, Feature::Records, &|| true).unwrap();
    (database, connection)
}

const RECORDS: [&str; 5] = [
    "gestor_plugins_estado",
    "gestor_plugins_historico",
    "gestor_plugins_base",
    "gestor_plugins_guardados",
    "gestor_plugins_conflitos",
];

#[test]
fn tables_are_made_when_they_are_needed() {
    let database = Database::new();
    let mut connection = Connection::connect(&settings(&database)).unwrap();
    let ours = |database: &Database| -> Vec<String> {
        let names = database.tables().into_iter();
        names.filter(|name| name.starts_with("gestor_plugins_")).collect()
    };
    // Who reads makes nothing.
    assert!(ledger::read(&mut connection, &slug("p1")).unwrap().is_empty());
    assert_eq!(registry::read_conflicts(&mut connection, &slug("p1")).unwrap(), []);
    assert_eq!(registry::read_saved(&mut connection, &slug("p1"), 0).unwrap(), []);
    assert_eq!(registry::read_states(&mut connection).unwrap(), []);
    assert_eq!(history::entries(&mut connection, &slug("p1"), 9).unwrap(), []);
    assert!(ours(&database).is_empty());
    let (identity, _) = registry::prepare(&mut connection, &|| true).unwrap();
    assert_eq!(ours(&database), ["gestor_plugins_esquema", "gestor_plugins_operacoes"]);
    let version = "SELECT versao FROM gestor_plugins_esquema";
    assert_eq!(database.value(version).as_deref(), Some("1"));
    registry::prepare_for(&mut connection, Feature::Records, &|| true).unwrap();
    assert_eq!(database.value(version).as_deref(), Some("6"));
    assert!(RECORDS.iter().all(|name| ours(&database).contains(&(*name).to_owned())));
    assert!(!ours(&database).contains(&"gestor_plugins_ajustes".to_owned()));
    // A step that was cut off between the table and its number is done again.
    database.run("UPDATE gestor_plugins_esquema SET versao = 2");
    database.run("DROP TABLE gestor_plugins_conflitos");
    registry::prepare_for(&mut connection, Feature::Settings, &|| true).unwrap();
    assert_eq!(database.value(version).as_deref(), Some("7"));
    assert_eq!(ours(&database).len(), 8);
    assert_eq!(registry::identify(&mut connection).unwrap(), Some(identity));
    // A newer schema stays as it is.
    database.run("UPDATE gestor_plugins_esquema SET versao = 99");
    registry::prepare_for(&mut connection, Feature::Settings, &|| true).unwrap();
    assert_eq!(database.value(version).as_deref(), Some("99"));
}

#[test]
fn a_table_that_somebody_dropped_is_made_anew() {
    let (database, mut connection) = prepared();
    for name in RECORDS {
        database.run(&format!("DROP TABLE {name}"));
        registry::prepare_for(&mut connection, Feature::Records, &|| true).unwrap();
        assert_eq!(database.count(name, "1"), 0);
    }
}

fn entry(number: u8) -> Entry {
    Entry {
        key: RowKey([number; 16]),
        origin: EntryOrigin::Inserted,
        deleted: number == 3,
        orphan: false,
        since: 7,
        until: 0,
        identity: std::sync::Arc::new([[number].as_slice().into()]),
        row: RowDigest([number; 8]),
        fields: std::sync::Arc::new([Some(FieldDigest([number; 6])), None]),
    }
}

fn base(numbers: &[u8]) -> Base {
    let column = |name: &str| BaseColumn {
        name: name.to_owned(),
        class: KindClass(b't'),
    };
    let mut table_base = TableBase {
        columns: vec![column("a"), column("b")],
        entries: numbers.iter().copied().map(entry).collect(),
    };
    table_base.sort();
    Base::from([(table("paginas"), table_base)])
}

#[test]
fn the_base_is_read_as_it_was_written() {
    let (database, mut connection) = prepared();
    let p1 = slug("p1");
    let nothing = ledger::read(&mut connection, &p1).unwrap();
    assert_eq!(
        ledger::write(&mut connection, &p1, &nothing, &base(&[1, 2, 3])).unwrap(),
        1
    );
    assert_eq!(
        ledger::write(&mut connection, &slug("p2"), &nothing, &base(&[9])).unwrap(),
        1
    );
    let read = ledger::read(&mut connection, &p1).unwrap();
    let entries = &read.base[&table("paginas")].entries;
    assert_eq!(entries.len(), 3);
    assert_eq!((entries[2].deleted, &entries[1].identity), (true, &entry(2).identity));
    assert_eq!(entries[0].fields.len(), 1, "a column that nobody gave is not kept");
    assert_eq!(
        ledger::write(&mut connection, &p1, &read, &base(&[1, 2, 3])).unwrap(),
        0
    );
    assert_eq!(ledger::write(&mut connection, &p1, &read, &base(&[1, 2])).unwrap(), 1);
    let read = ledger::read(&mut connection, &p1).unwrap();
    assert_eq!(read.base[&table("paginas")].entries.len(), 2);
    // A table of which nothing is left goes.
    assert_eq!(ledger::write(&mut connection, &p1, &read, &base(&[])).unwrap(), 1);
    assert_eq!(database.count("gestor_plugins_base", "slug='p1'"), 0);
    assert_eq!(database.count("gestor_plugins_base", "slug='p2'"), 1);
}

#[test]
fn many_entries_are_many_parts_and_a_broken_one_is_no_base() {
    let (database, mut connection) = prepared();
    let p1 = slug("p1");
    let mut many = base(&[]);
    let entries = &mut many.get_mut(&table("paginas")).unwrap().entries;
    for number in 0..2_000_u32 {
        let mut key = [0; 16];
        key[..4].copy_from_slice(&number.wrapping_mul(2_654_435_761).to_be_bytes());
        entries.push(Entry {
            key: RowKey(key),
            identity: std::sync::Arc::new([vec![7; 60].into()]),
            ..entry(1)
        });
    }
    many.get_mut(&table("paginas")).unwrap().sort();
    let nothing = ledger::read(&mut connection, &p1).unwrap();
    let parts = ledger::write(&mut connection, &p1, &nothing, &many).unwrap();
    assert!(parts > 4, "{parts}");
    assert_eq!(database.count("gestor_plugins_base", "LENGTH(dados) > 32768"), 0);
    let read = ledger::read(&mut connection, &p1).unwrap();
    assert_eq!(read.base[&table("paginas")].entries.len(), 2_000);
    database.run("UPDATE gestor_plugins_base SET dados = X'00' WHERE parte = 2");
    let broken = ledger::read(&mut connection, &p1).unwrap();
    assert!(broken.base.is_empty() && !broken.is_empty());
    assert_eq!(broken.unreadable.len(), 1);
    assert!(matches!(
        broken.unreadable[0].fault,
        FormatFault::Deflate | FormatFault::Length
    ));
    // What is written next is whole again: the broken part, and no other.
    assert_eq!(ledger::write(&mut connection, &p1, &broken, &many).unwrap(), 1);
    database.run("DELETE FROM gestor_plugins_base WHERE parte = 1");
    let cut = ledger::read(&mut connection, &p1).unwrap();
    assert!(matches!(cut.unreadable[0].fault, FormatFault::Parts { .. }));
    // One is written, and those that are left go.
    assert_eq!(
        ledger::write(&mut connection, &p1, &cut, &base(&[1])).unwrap(),
        parts - 1
    );
    assert_eq!(ledger::read(&mut connection, &p1).unwrap().unreadable, []);
}

fn conflict(column: &str, theirs: Waiting) -> MergeConflict {
    MergeConflict {
        table: table("paginas"),
        key: RowKey([0xFF; 16]),
        identity: std::sync::Arc::new([b"\xFF'\\\0".as_slice().into()]),
        shown: "id=é".repeat(200),
        column: column.to_owned(),
        reason: MergeReason::Both,
        mine: RowDigest([0x27; 8]),
        theirs,
        companion: None,
    }
}

#[test]
fn a_conflict_takes_the_later_value_and_opens_again() {
    let (database, mut connection) = prepared();
    let p1 = slug("p1");
    let first = [
        conflict("html", Waiting::Text("it's \\ 2".to_owned())),
        conflict("", Waiting::Elsewhere),
    ];
    registry::record_conflicts(&mut connection, &p1, ("1.1.0", 4), &first).unwrap();
    let known = registry::read_conflicts(&mut connection, &p1).unwrap();
    assert_eq!(known.len(), 2);
    assert_eq!(known[0].theirs, first[0].theirs);
    assert_eq!((&known[0].identity, known[0].mine), (&first[0].identity, first[0].mine));
    assert_eq!((known[0].shown.chars().count(), known[0].is_open), (255, true));
    let key = RowKey([0xFF; 16]);
    let close = [("paginas", &key, "html")];
    assert_eq!(
        registry::close_conflicts(&mut connection, &p1, Closing::Mine, close).unwrap(),
        1
    );
    assert_eq!(
        registry::close_conflicts(&mut connection, &p1, Closing::Gone, close).unwrap(),
        0
    );
    let known = registry::read_conflicts(&mut connection, &p1).unwrap();
    assert_eq!((known[0].is_open, known[0].choice.as_deref()), (false, Some("minha")));
    assert!(known[1].is_open);
    registry::record_conflicts(&mut connection, &p1, ("1.2.0", 5), &[conflict("html", Waiting::Null)]).unwrap();
    let again = registry::read_conflicts(&mut connection, &p1).unwrap();
    assert_eq!((again.len(), again[0].id), (2, known[0].id));
    assert_eq!(
        (&again[0].theirs, again[0].is_open, &again[0].choice),
        (&Waiting::Null, true, &None)
    );
    assert_eq!((again[0].version.as_deref(), again[0].history), (Some("1.2.0"), 5));
    assert_eq!(registry::read_conflicts(&mut connection, &slug("p2")).unwrap(), []);
    assert_eq!(database.count("gestor_plugins_conflitos", "nulo=1"), 1);
}

#[test]
fn values_are_set_aside_byte_for_byte() {
    let (_database, mut connection) = prepared();
    let p1 = slug("p1");
    let row = |key: Option<RowKey>| SavedRow {
        table: table("paginas"),
        key,
        identity: std::sync::Arc::new([b"1".as_slice().into(), b"".as_slice().into()]),
        reason: SavedReason::Replaced,
        values: vec![
            ("html".to_owned(), Some("<p>'é\\\"\u{0}".into())),
            ("css".to_owned(), None),
            ("bytes".to_owned(), Some(vec![0xFF, 0, 0x27])),
        ],
        placed: vec![("html".to_owned(), FieldDigest([1, 2, 3, 0xFF, 0, 9]))],
    };
    let rows = [row(Some(RowKey([0; 16]))), row(None)];
    registry::save(&mut connection, &p1, 4, &rows).unwrap();
    let stored = registry::read_saved(&mut connection, &p1, 4).unwrap();
    assert_eq!(stored.len(), 2);
    for (stored, row) in stored.iter().zip(&rows) {
        let (mut values, mut expected) = (stored.values.clone(), row.values.clone());
        values.sort();
        expected.sort();
        assert_eq!((values, &stored.placed), (expected, &row.placed));
        assert_eq!(
            (stored.key, &stored.identity, stored.reason),
            (row.key, &row.identity, row.reason)
        );
    }
    assert_eq!(registry::read_saved(&mut connection, &p1, 5).unwrap(), []);
}

#[test]
fn the_state_is_written_as_a_whole() {
    let (database, mut connection) = prepared();
    let mut state = State {
        slug: "p1".to_owned(),
        id_plugins: Some(3),
        point: Some(9),
        counter: 1,
        description: Some("it's".to_owned()),
        made_row: true,
        row_before: Some("{\"id\": \"p1\"}".to_owned()),
        files: Some(vec![0, 0xFF, b'\'']),
        ..State::default()
    };
    registry::write_state(&mut connection, &state).unwrap();
    assert_eq!(
        registry::read_state(&mut connection, &slug("p1")).unwrap(),
        Some(state.clone())
    );
    state.previous_point = state.point.replace(10);
    state.counter = 2;
    state.description = None;
    state.paused_at = Some("2026-01-02 03:04:05".to_owned());
    registry::write_state(&mut connection, &state).unwrap();
    assert_eq!(registry::read_states(&mut connection).unwrap(), [state]);
    assert_eq!(database.count("gestor_plugins_estado", "atualizado_em IS NOT NULL"), 1);
    assert_eq!(registry::read_state(&mut connection, &slug("p2")).unwrap(), None);
}

#[test]
fn an_operation_is_in_the_history_from_its_first_statement_on() {
    let (database, mut connection) = prepared();
    let p1 = slug("p1");
    let operation = "a".repeat(32);
    let entry = HistoryEntry {
        operation: &operation,
        batch: None,
        slug: "p1",
        action: Action::Install,
        from: None,
        to: Some("1.0.0"),
        checksum: None,
        source: Some("{\"tipo\": \"upload\"}"),
        migrations: None,
        manifest: Some("{\"name\": \"what?\"}"),
        parameters: None,
        server: Some("host"),
        actor: None,
        began: "2026-01-02 03:04:05.678",
    };
    connection.begin().unwrap();
    let id = history::begin(&mut connection, &entry).unwrap();
    connection.rollback().unwrap();
    assert_eq!(history::entries(&mut connection, &p1, 9).unwrap(), []);
    connection.begin().unwrap();
    let again = history::begin(&mut connection, &entry).unwrap();
    connection.commit().unwrap();
    assert!(again > id);
    let left = history::unfinished(&mut connection, &operation).unwrap().unwrap();
    assert_eq!((left.id, left.codigo, left.confirmado), (again, None, true));
    let ended = "2026-01-02 03:04:06.000";
    let outcome = RecordedOutcome {
        committed: true,
        tables: Some("{}"),
        ..RecordedOutcome::default()
    };
    history::complete(&mut connection, again, &outcome, ended).unwrap();
    assert_eq!(history::unfinished(&mut connection, &operation).unwrap(), None);
    let failed = HistoryEntry {
        operation: &"b".repeat(32),
        action: Action::Update,
        ..entry.clone()
    };
    let outcome = RecordedOutcome {
        code: 14,
        errors: Some("why? it's so"),
        ..RecordedOutcome::default()
    };
    history::record_failure(&mut connection, &failed, &outcome, ended).unwrap();
    let all = history::entries(&mut connection, &p1, 9).unwrap();
    let shown: Vec<_> = all
        .iter()
        .map(|entry| (entry.acao.as_str(), entry.codigo, entry.confirmado))
        .collect();
    assert_eq!(shown, [("atualizar", Some(14), false), ("instalar", Some(0), true)]);
    assert_eq!(all[1].inicio, "2026-01-02 03:04:05.678");
    assert_eq!(history::entries(&mut connection, &p1, 1).unwrap().len(), 1);
    assert_eq!(database.count("gestor_plugins_historico", "erros LIKE 'why?%'"), 1);
}
