//! The connection: failures told apart, locks and transactions that go with their holder, statements that share a round trip.

use gestor_plugins::base::db::{Database as Connection, DbError};
use gestor_plugins::config::DatabaseSettings;

use super::site::settings;
use crate::support::mariadb::Database;

#[test]
fn the_connection_tells_failures_apart() {
    let database = Database::new();
    let mut first = Connection::connect(&settings(&database)).unwrap();
    let mut second = Connection::connect(&settings(&database)).unwrap();
    assert!(first.server().max_allowed_packet > 1 << 20);
    assert!(first.get_lock("l", 0).unwrap() && !second.get_lock("l", 0).unwrap());
    assert_eq!(second.is_used_lock("l").unwrap(), Some(u64::from(first.id())));
    let wrong = DatabaseSettings {
        user: "nobody".to_owned(),
        ..settings(&database)
    };
    // A server may ask a user whom it does not know for any way of logging in: then both things that it may be are said.
    match Connection::connect(&wrong).unwrap_err() {
        DbError::AccessDenied { .. } => {}
        told @ DbError::UnknownLogin { .. } => assert!(told.to_string().contains("unknown user"), "{told}"),
        other => panic!("{other}"),
    }
    let nowhere = DatabaseSettings {
        socket: Some("/nowhere/s".into()),
        ..settings(&database)
    };
    assert!(matches!(
        Connection::connect(&nowhere).unwrap_err(),
        DbError::Unreachable { .. }
    ));
    let affected = first
        .exec("INSERT INTO variaveis (id, valor) VALUES (?, ?)", ("a", "it's \\"))
        .unwrap();
    assert_eq!((affected.rows, affected.last_insert_id), (1, 1));
    assert!(matches!(
        first.execute("SELECT broken").unwrap_err(),
        DbError::Refused { code: 1054, .. }
    ));
    second.execute(format!("KILL {}", first.id())).unwrap();
    assert!(first.execute("SELECT 1").unwrap_err().is_lost());
    assert!(first.ping().is_err());
}

#[test]
fn a_lock_is_free_and_a_transaction_gone_as_soon_as_their_holder_is() {
    let database = Database::new();
    for _ in 0..300 {
        let mut holder = Connection::connect(&settings(&database)).unwrap();
        let mut next = Connection::connect(&settings(&database)).unwrap();
        assert!(holder.get_lock("gone", 0).unwrap() && !next.get_lock("gone", 0).unwrap());
        holder.begin().unwrap();
        holder.execute("INSERT INTO variaveis (id) VALUES ('left')").unwrap();
        drop(holder);
        assert!(next.get_lock("gone", 0).unwrap());
        next.execute("SET SESSION innodb_lock_wait_timeout = 1").unwrap();
        next.execute("UPDATE variaveis SET id = 'taken'").unwrap();
        assert_eq!(database.count("variaveis", "TRUE"), 0);
    }
}

#[test]
fn statements_that_share_a_round_trip_are_told_apart() {
    let database = Database::new();
    let mut connection = Connection::connect(&settings(&database)).unwrap();
    let insert =
        |id: &str| format!("INSERT INTO variaveis (id, valor) VALUES ('{id}', 'x'), ('{id}', 'y')").into_bytes();
    let done = connection.execute_each(&[insert("b"), insert("c")]).unwrap();
    assert_eq!(done, [2, 2]);
    for at in 0..3 {
        let mut statements = [insert("d"), insert("e"), insert("f")];
        statements[at] = b"INSERT INTO variaveis (nothing) VALUES (1)".to_vec();
        let (found, fault) = connection.execute_each(&statements).unwrap_err();
        assert!(found == at && fault.is_refusal(), "{found}: {fault}");
        let ran = database.value("SELECT COUNT(*) FROM variaveis WHERE id IN ('d', 'e', 'f')");
        assert_eq!(
            ran,
            Some((at * 2).to_string()),
            "those before it ran, those after it did not"
        );
        database.run("DELETE FROM variaveis WHERE id IN ('d', 'e', 'f')");
    }
    let questions = [
        "SELECT 1 UNION SELECT 2",
        "SELECT 1 FROM variaveis WHERE 0",
        "SELECT NULL",
    ];
    let questions = questions.map(|question| question.as_bytes().to_vec());
    let answers = connection.query_each(&questions).unwrap();
    assert_eq!(answers.iter().map(Vec::len).collect::<Vec<_>>(), [2, 0, 1]);
    let broken = [questions[0].clone(), b"SELECT broken".to_vec()];
    assert!(connection.query_each(&broken).unwrap_err().is_refusal());
    assert_eq!(connection.query("SELECT 1").unwrap().len(), 1);
}
