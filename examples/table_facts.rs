//! Makes the compiled-in knowledge of how the tables of one release of the gestor look, from a MariaDB that has them.
//!
//! `cargo run --example table_facts -- SOCKET DATABASE 2.9.43` writes `src/data/gestor/2.9.43.tables`. Then name the release
//! in `src/data/table/known.rs`. `tests/it/author/` compares what stands there with what the tests' server says.

#![expect(clippy::disallowed_methods, reason = "a tool for the house's own sources")]

use std::error::Error;
use std::fs;
use std::path::Path;

use gestor_plugins::base::db::Database;
use gestor_plugins::config::{DatabaseSettings, Tls};
use gestor_plugins::data::write_tables;
use gestor_plugins::model::Secret;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [socket, database, release] = arguments.as_slice() else {
        return Err("usage: table_facts SOCKET DATABASE RELEASE".into());
    };
    let settings = DatabaseSettings {
        host: String::new(),
        port: 0,
        socket: Some(socket.into()),
        name: database.clone(),
        user: "root".to_owned(),
        password: Secret::new(String::new()),
        tls: Tls::Off,
        ca: None,
    };
    let facts = write_tables(&mut Database::connect(&settings)?)?;
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/data/gestor");
    fs::write(target.join(format!("{release}.tables")), facts)?;
    Ok(())
}
