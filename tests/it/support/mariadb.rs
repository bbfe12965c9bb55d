//! A private MariaDB for the whole test run, and a fresh database with the gestor's tables for each test.

use std::cell::RefCell;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use gestor_plugins::config::Argument;
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, OptsBuilder, Value};
use tokio::runtime::Runtime;

use super::{argument, fixture, text_argument};

/// Tables of what was done, and what was tried.
const COUNTED: [&str; 3] = [
    "gestor_plugins_auditoria",
    "gestor_plugins_contadores",
    "gestor_plugins_eventos",
];

/// Starts a server as the scripts do (`bin/lib/mariadb.sh`), says where when it answers, and stops it when standard
/// input closes: when the test binary ends, in whatever way. Until then it does what it is told there: `stop`, `kill`,
/// `start`.
const KEEPER: &str = r#"
set -eu
. "$(dirname -- "$0")/lib/say.sh"
. "$project/bin/lib/mariadb.sh"
folder=$(quick_folder)
trap 'mariadb_stop; rm -rf "$folder"' EXIT
mariadb_start "$folder" "$@" >&2
echo "$folder"
while read -r order; do
  case $order in
    stop) mariadb_stop ;;
    kill) kill -9 "$MARIADB_PID"; mariadb_stop ;;
    start) mariadb_run ;;
  esac
  echo "$order"
done
"#;

/// What `sh` takes for the keeper's name: it stands beside the scripts, to find what they share.
const KEEPER_NAME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/bin/keeper");

/// A running server.
pub(crate) struct Server {
    /// Its unix socket.
    pub(crate) socket: PathBuf,
    /// Holds the pipe whose end stops the server.
    _keeper: Option<OwnServer>,
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
    let own = OwnServer::start(&[]);
    let socket = own.socket.clone();
    Server {
        socket,
        _keeper: Some(own),
    }
}

/// A server of one test, which may stop it.
pub(crate) struct OwnServer {
    /// Its unix socket.
    pub(crate) socket: PathBuf,
    keeper: Child,
    answers: BufReader<ChildStdout>,
}

impl OwnServer {
    /// Starts one; with options of `mariadbd`.
    pub(crate) fn start(options: &[&str]) -> Self {
        Self::start_where(options, None)
    }

    /// The same, on a machine whose folder of temporary files is this one.
    pub(crate) fn start_where(options: &[&str], temporary: Option<&Path>) -> Self {
        let mut keeper = Command::new("sh");
        if let Some(folder) = temporary {
            keeper.env("TMPDIR", folder);
        }
        let mut keeper = keeper
            .args(["-c", KEEPER, KEEPER_NAME])
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut answers = BufReader::new(keeper.stdout.take().unwrap());
        let mut folder = String::new();
        answers.read_line(&mut folder).unwrap();
        let folder = PathBuf::from(folder.trim_end());
        let socket = folder.join("s");
        assert!(
            socket.exists(),
            "the private MariaDB did not start; bin/setup installs it"
        );
        Self {
            socket,
            keeper,
            answers,
        }
    }

    /// `stop`, `kill` or `start`; returns when that is done.
    pub(crate) fn tell(&mut self, order: &str) {
        writeln!(self.keeper.stdin.as_mut().unwrap(), "{order}").unwrap();
        let mut answer = String::new();
        self.answers.read_line(&mut answer).unwrap();
        assert_eq!(answer.trim_end(), order);
    }
}

impl Drop for OwnServer {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        let _ = self.keeper.wait();
    }
}

/// A database of one test. It is dropped with its owner.
pub(crate) struct Database {
    name: String,
    socket: PathBuf,
    runtime: Runtime,
    connection: RefCell<Option<Conn>>,
    /// It is the first connection that drops the database.
    is_first: bool,
    /// Who calls are made as.
    user: &'static str,
}

/// One value as text; `None` is NULL.
pub(crate) type Text = Option<String>;

impl Database {
    /// A database with the gestor's tables, all empty.
    pub(crate) fn new() -> Self {
        Self::on(&server().socket)
    }

    /// The same, on the server of a socket.
    pub(crate) fn on(socket: &Path) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let made = Self {
            name,
            socket: socket.to_owned(),
            connection: RefCell::new(None),
            runtime,
            is_first: true,
            user: "root",
        };
        made.connect();
        let name = &made.name;
        made.run(&format!(
            "CREATE DATABASE {name} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; USE {name}"
        ));
        made.run(&std::fs::read_to_string(fixture("gestor.sql")).unwrap());
        made
    }

    /// Calls are made as a user who owns databases and nothing else.
    pub(crate) fn of_site(mut self) -> Self {
        self.run("CREATE USER IF NOT EXISTS site@localhost; GRANT ALL ON `t%`.* TO site@localhost");
        self.user = "site";
        self
    }

    /// Connects, once more when the server was stopped. Where the database stands already, it is used.
    pub(crate) fn connect(&self) {
        let options = OptsBuilder::default()
            .socket(self.socket.to_str())
            .user(Some("root"))
            .init(vec!["SET NAMES utf8mb4"])
            .wait_timeout(Some(600));
        let connect = async { tokio::time::timeout(Duration::from_secs(30), Conn::new(options)).await };
        let mut connection = self.runtime.block_on(connect).unwrap().unwrap();
        // There is none when this is the first time.
        let _ = self
            .runtime
            .block_on(connection.query_drop(format!("USE {}", self.name)));
        *self.connection.borrow_mut() = Some(connection);
    }

    /// A second connection to the same database.
    pub(crate) fn another(&self) -> Self {
        let second = Self {
            name: self.name.clone(),
            socket: self.socket.clone(),
            runtime: tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap(),
            connection: RefCell::new(None),
            is_first: false,
            user: self.user,
        };
        second.connect();
        second
    }

    /// The server's socket.
    pub(crate) fn socket(&self) -> &Path {
        &self.socket
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

    /// Every row of every table with every column, as one text a row: equal dumps mean equal databases. What is counted is
    /// left out: it tells of operations that failed as well.
    pub(crate) fn dump(&self, without: &[&str]) -> Vec<String> {
        let mut lines = Vec::new();
        let is_left_out = |table: &&String| without.contains(&table.as_str()) || COUNTED.contains(&table.as_str());
        for table in self.tables().iter().filter(|table| !is_left_out(table)) {
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
            ("socket", text_argument(self.socket.to_str().unwrap())),
            ("nome", text_argument(&self.name)),
            ("usuario", text_argument(self.user)),
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
            if self.is_first {
                let _ = self.runtime.block_on(connection.query_drop(drop));
            }
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
