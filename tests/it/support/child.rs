//! A process of its own that installs, to be killed: this test binary once more, told by its environment what to do.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use gestor_plugins::config::{Argument, DatabaseSettings, RollbackParameters, Settings};
use gestor_plugins::migrate::{Migration, MigrationAction, MigrationCall};
use gestor_plugins::outcome::ExitCode;
use serde_json::{Value, json};

use super::gestor::Gestor;
use super::operation::{Ended, Host, called, run};
use super::sql_migrations::SqlMigrations;

const CALL: &str = "GESTOR_PLUGINS_TEST_CALL";
/// Where it is said, the process stands still once the operation has ended well.
const STANDS: &str = "fica";
const FAIL_POINT: &str = "GESTOR_PLUGINS_TEST_FAILPOINT";

/// What a child is told.
pub(crate) fn call(gestor: &Gestor, archive: &Path, slug: &str, reprocess: bool) -> Value {
    json!({
        "slug": slug, "origem_tipo": "upload", "arquivo": archive, "raiz": gestor.root(), "lang": "en",
        "reprocessar": reprocess, "forcar": true, "espera_lock": 20, "migracoes": true,
        "db": {"socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root"},
    })
}

/// What any operation is told of a plugin, and more.
pub(crate) fn about(gestor: &Gestor, slug: &str, more: &Value) -> Value {
    let mut call = json!({
        "slug": slug, "raiz": gestor.root(), "lang": "en", "espera_lock": 20,
        "db": {"socket": gestor.database.socket(), "nome": gestor.database.name(), "usuario": "root"},
    });
    call.as_object_mut()
        .unwrap()
        .extend(more.as_object().cloned().unwrap_or_default());
    call
}

/// Starts a child; with a fail point, `point:action`.
pub(crate) fn start(call: &Value, fail_point: Option<&str>) -> Child {
    told(Command::new(std::env::current_exe().unwrap()), call, fail_point)
        .spawn()
        .unwrap()
}

/// A process that has done what it was told, and stands still; killed with its owner.
pub(crate) struct Standing(Child);

impl Standing {
    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }
}

impl Drop for Standing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a child and returns when it has done all and stands still.
pub(crate) fn start_and_stand(call: &Value) -> Standing {
    let mut call = call.clone();
    call[STANDS] = json!(true);
    let mut standing = Standing(start(&call, None));
    let stat = format!("/proc/{}/stat", standing.id());
    let started = Instant::now();
    while !std::fs::read_to_string(&stat).unwrap_or_default().contains(") T ") {
        let ended = standing.0.try_wait().unwrap();
        assert!(
            ended.is_none() && started.elapsed() < Duration::from_mins(1),
            "it never stood still: {ended:?}"
        );
        std::thread::sleep(Duration::from_millis(2));
    }
    standing
}

/// Tells a command, which is this test binary or ends with it, what to do.
pub(crate) fn told(mut command: Command, call: &Value, fail_point: Option<&str>) -> Command {
    command
        .args(["--exact", "crash::child_process", "--quiet", "--test-threads=1"])
        .env(CALL, call.to_string())
        .env(FAIL_POINT, fail_point.unwrap_or_default())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Does what the environment says, if it says something, and ends the process with the exit code.
#[expect(clippy::exit, reason = "the process was made for this one operation")]
pub(crate) fn obey() {
    let Some(call) = super::told(CALL) else { return };
    let fail_point = super::told(FAIL_POINT);
    let mut call: Value = serde_json::from_str(&call).unwrap();
    let operation = call.as_object_mut().and_then(|call| call.remove("operacao"));
    let stands = call.as_object_mut().and_then(|call| call.remove(STANDS)).is_some();
    let host = call.as_object_mut().and_then(|call| call.remove("anfitriao"));
    let ended = match operation.as_ref().and_then(Value::as_str) {
        Some(operation) if host == Some(json!("sql")) => with_sql(operation, &call, fail_point),
        Some("rollback") => rollback(&call, fail_point),
        Some(operation) => other(operation, &call, fail_point),
        None => install(&call, fail_point),
    };
    if stands && ended.code == ExitCode::Ok {
        let _ = nix::sys::signal::raise(nix::sys::signal::Signal::SIGSTOP);
    }
    std::process::exit(ended.code.number());
}

/// Installs in this process.
pub(crate) fn install(call: &Value, fail_point: Option<String>) -> Ended {
    let settings = Settings {
        failpoint: fail_point,
        ..crate::support::english()
    };
    let parameters = called("install", Argument::from(call), &settings);
    run(parameters, settings, &mut Migrating)
}

/// Goes back in this process, with migrations that are SQL.
fn rollback(call: &Value, fail_point: Option<String>) -> Ended {
    let settings = Settings {
        failpoint: fail_point,
        ..crate::support::english()
    };
    let call = Argument::from(call);
    let parameters = RollbackParameters::read(call.clone(), &settings).unwrap();
    let database = parameters.install.site.database.clone().unwrap();
    let call = called("rollback", call, &settings);
    run(call, settings, &mut SqlMigrations::new(database))
}

/// Any operation in this process, with migrations that are SQL.
pub(crate) fn with_sql(operation: &str, call: &Value, fail_point: Option<String>) -> Ended {
    let settings = Settings {
        failpoint: fail_point,
        ..crate::support::english()
    };
    let given = &call["db"];
    let word = |key: &str| given[key].as_str().map(str::to_owned);
    let database = DatabaseSettings {
        socket: word("socket").map(PathBuf::from),
        name: word("nome").unwrap(),
        user: word("usuario").unwrap(),
        ..DatabaseSettings::default()
    };
    let call = called(operation, Argument::from(call), &settings);
    run(call, settings, &mut SqlMigrations::new(database))
}

/// Any other operation in this process.
pub(crate) fn other(operation: &str, call: &Value, fail_point: Option<String>) -> Ended {
    let settings = Settings {
        failpoint: fail_point,
        ..crate::support::english()
    };
    let call = Argument::from(call);
    let call = called(operation, call, &settings);
    run(call, settings, &mut Migrating)
}

/// A host whose migrations never have run, and always run well.
struct Migrating;

impl Host for Migrating {
    fn migrate(&mut self, call: &MigrationCall) -> Result<Vec<Migration>, String> {
        let one = Migration {
            versao: "20260101000000".to_owned(),
            nome: "One".to_owned(),
        };
        Ok(if call.acao == MigrationAction::Rollback {
            call.migracoes.clone()
        } else {
            vec![one]
        })
    }
}
