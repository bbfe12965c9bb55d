//! The servers that the scripts and the tests start (`bin/lib/mariadb.sh`) touch nothing of any other server. One that
//! starts deletes the temporary tables that it finds in its folder for them, so none of ours may share one: not with
//! the machine's own server, whose queries would break, and not with each other.

use std::fs;
use std::path::Path;

use crate::support::mariadb::{Database, OwnServer};

/// Names of what servers leave in a folder of temporary files while queries run.
const LEFT_BY_OTHERS: [&str; 4] = [
    "#sql-temptable-1f3-5-0.MAI",
    "#sql-temptable-1f3-5-0.MAD",
    "#sql_1f3_0.MYI",
    "ibtmp-of-another",
];

/// A temporary table on disk, where the server keeps those of its queries.
fn open_table(database: &Database) {
    database.run("CREATE TEMPORARY TABLE open_one (id INT PRIMARY KEY, body TEXT) ENGINE=Aria");
    database.run("INSERT INTO open_one VALUES (1, REPEAT('a', 60000)), (2, REPEAT('b', 60000))");
}

fn names_in(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A query whose own temporary table is on disk, and the table that was opened before.
fn goes_on(database: &Database) {
    assert_eq!(database.count("open_one", "LENGTH(body) = 60000"), 2);
    database.run("SET SESSION big_tables = 1, tmp_memory_table_size = 0");
    assert_eq!(
        database
            .rows("SELECT body, COUNT(*) FROM open_one GROUP BY body ORDER BY 2")
            .len(),
        2
    );
    database.run("DROP TEMPORARY TABLE open_one");
}

#[test]
fn a_server_that_starts_leaves_what_stands_in_the_machines_folder() {
    let machine = tempfile::tempdir().unwrap();
    for name in LEFT_BY_OTHERS {
        fs::write(machine.path().join(name), "in use").unwrap();
    }
    let before = names_in(machine.path());
    let server = OwnServer::start_where(&[], Some(machine.path()));
    let database = Database::on(&server.socket);
    assert_eq!(names_in(machine.path()), before);
    open_table(&database);
    assert_eq!(
        names_in(machine.path()),
        before,
        "its own files do not stand there either"
    );
    goes_on(&database);
}

#[test]
fn a_server_with_an_open_temporary_table_survives_the_start_of_another() {
    let machine = tempfile::tempdir().unwrap();
    let shared = format!("--tmpdir={}", machine.path().display());
    let of_the_machine = OwnServer::start(&[&shared]);
    let mut ours = OwnServer::start_where(&[], Some(machine.path()));
    let (first, second) = (Database::on(&of_the_machine.socket), Database::on(&ours.socket));
    open_table(&first);
    open_table(&second);
    assert!(
        !names_in(machine.path()).is_empty(),
        "the machine's table stands in its folder"
    );
    let in_use = names_in(machine.path());
    let third = OwnServer::start_where(&[], Some(machine.path()));
    assert_eq!(names_in(machine.path()), in_use);
    goes_on(&second);
    ours.tell("kill");
    ours.tell("start");
    assert_eq!(names_in(machine.path()), in_use);
    goes_on(&first);
    assert_ne!(third.socket, ours.socket);
}
