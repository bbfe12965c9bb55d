//! A private MariaDB for the whole test run, and a fresh database with the gestor's tables for each test.

use std::cell::RefCell;
use std::io::Read as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gestor_plugins::config::Argument;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, OptsBuilder, Value};
use tokio::runtime::Runtime;

use super::{argument, fixture, text_argument};

/// Starts a server in a folder, says `up` when it answers, and stops it when standard input closes: when the test
/// binary ends, in whatever way.
const KEEPER: &str = r#"
set -u
folder=$1 user=$2
mkdir -p "$folder/data"
mariadb-install-db --no-defaults --datadir="$folder/data" --auth-root-authentication-method=normal --skip-test-db ${user:+"$user"} >"$folder/log" 2>&1 || exit 1
program=$(command -v mariadbd || echo /usr/sbin/mariadbd)
"$program" --no-defaults --datadir="$folder/data" --socket="$folder/s" --skip-networking --innodb-flush-log-at-trx-commit=2 \
  --character-set-server=utf8mb4 --collation-server=utf8mb4_unicode_ci ${user:+"$user"} >>"$folder/log" 2>&1 </dev/null &
server=$!
tries=0
until mariadb --no-defaults --user=root --socket="$folder/s" -e 'select 1' >/dev/null 2>&1; do
  tries=$((tries + 1))
  if [ "$tries" -ge 300 ]; then break; fi
  sleep 0.1
done
echo up
cat >/dev/null
kill "$server"; wait "$server"
rm -rf "$folder"
"#;

/// A running server.
pub(crate) struct Server {
    /// Its unix socket.
    pub(crate) socket: PathBuf,
    /// Holds the pipe whose end stops the server.
    _keeper: Option<Child>,
}

/// The server of this test run: the one that `GESTOR_TEST_SOCKET` names, else our own.
pub(crate) fn server() -> &'static Server {
    static SERVER: OnceLock<Server> = OnceLock::new();
    SERVER.get_or_init(|| {
        #[expect(clippy::disallowed_methods, reason = "bin/test names its server this way")]
        let given = std::env::var_os("GESTOR_TEST_SOCKET");
        given.filter(|path| !path.is_empty()).map_or_else(start, |path| Server {
            socket: PathBuf::from(path),
            _keeper: None,
        })
    })
}

fn start() -> Server {
    // The path of a socket may have 107 bytes, so the folder has a short name.
    let folder = tempfile::Builder::new().prefix("gp").tempdir().unwrap().keep();
    let user = if nix::unistd::geteuid().is_root() {
        "--user=root"
    } else {
        ""
    };
    let mut keeper = Command::new("sh")
        .args(["-c", KEEPER, "sh"])
        .arg(&folder)
        .arg(user)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut word = [0; 3];
    let answer = keeper.stdout.take().unwrap().read_exact(&mut word);
    let log = std::fs::read_to_string(folder.join("log")).unwrap_or_default();
    assert!(
        answer.is_ok() && &word == b"up\n",
        "the private MariaDB did not start (bin/setup installs it):\n{log}"
    );
    Server {
        socket: folder.join("s"),
        _keeper: Some(keeper),
    }
}

/// A database of one test. It is dropped with its owner.
pub(crate) struct Database {
    name: String,
    runtime: Runtime,
    connection: RefCell<Option<Conn>>,
}

/// One value as text; `None` is NULL.
pub(crate) type Text = Option<String>;

impl Database {
    /// A database with the gestor's tables, all empty.
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let options = OptsBuilder::default()
            .socket(server().socket.to_str())
            .user(Some("root"))
            .init(vec!["SET NAMES utf8mb4"])
            .wait_timeout(Some(600));
        let connect = async { tokio::time::timeout(Duration::from_secs(30), Conn::new(options)).await };
        let connection = runtime.block_on(connect).unwrap().unwrap();
        let made = Self {
            name,
            runtime,
            connection: RefCell::new(Some(connection)),
        };
        let name = &made.name;
        made.run(&format!(
            "CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; USE {name}"
        ));
        made.run(&std::fs::read_to_string(fixture("gestor.sql")).unwrap());
        made
    }

    /// Its name.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Runs statements and takes no rows.
    pub(crate) fn run(&self, sql: &str) {
        self.with(async |connection| {
            connection
                .query_drop(sql)
                .await
                .unwrap_or_else(|fault| panic!("{fault}: {}", start_of(sql)));
        });
    }

    /// The rows of a query, every value as text.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Vec<Text>> {
        let rows: Vec<mysql_async::Row> = self.with(async |connection| {
            connection
                .query(sql)
                .await
                .unwrap_or_else(|fault| panic!("{fault}: {}", start_of(sql)))
        });
        rows.into_iter()
            .map(|row| row.unwrap().into_iter().map(text_of).collect())
            .collect()
    }

    /// The first value of the first row, as text.
    pub(crate) fn value(&self, sql: &str) -> Text {
        self.rows(sql)
            .into_iter()
            .next()
            .and_then(|row| row.into_iter().next().flatten())
    }

    /// How many rows a table has where a condition holds.
    pub(crate) fn count(&self, table: &str, condition: &str) -> u64 {
        self.value(&format!("SELECT COUNT(*) FROM `{table}` WHERE {condition}"))
            .unwrap()
            .parse()
            .unwrap()
    }

    /// Names of all tables, sorted.
    pub(crate) fn tables(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .rows("SHOW TABLES")
            .into_iter()
            .map(|row| row[0].clone().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Every row of every table with every column, as one text a row: equal dumps mean equal databases.
    pub(crate) fn dump(&self, without: &[&str]) -> Vec<String> {
        let mut lines = Vec::new();
        for table in self.tables().iter().filter(|table| !without.contains(&table.as_str())) {
            let mut rows: Vec<_> = self
                .rows(&format!("SELECT * FROM `{table}`"))
                .iter()
                .map(|row| format!("{table} {row:?}"))
                .collect();
            rows.sort();
            lines.append(&mut rows);
        }
        lines
    }

    /// The database as the parameter `db` of a call.
    pub(crate) fn argument(&self) -> Argument {
        argument([
            ("socket", text_argument(server().socket.to_str().unwrap())),
            ("nome", text_argument(&self.name)),
            ("usuario", text_argument("root")),
        ])
    }

    fn with<T>(&self, work: impl AsyncFnOnce(&mut Conn) -> T) -> T {
        let mut connection = self.connection.borrow_mut();
        self.runtime.block_on(work(connection.as_mut().unwrap()))
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Some(mut connection) = self.connection.take() {
            let drop = format!("DROP DATABASE IF EXISTS {}", self.name);
            let _ = self.runtime.block_on(connection.query_drop(drop));
            let _ = self.runtime.block_on(connection.disconnect());
        }
    }
}

fn start_of(sql: &str) -> String {
    sql.chars().take(300).collect()
}

fn text_of(value: Value) -> Text {
    match value {
        Value::NULL => None,
        Value::Bytes(bytes) => Some(String::from_utf8_lossy(&bytes).into_owned()),
        other => Some(other.as_sql(true)),
    }
}
