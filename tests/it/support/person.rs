//! Processes of other users: the web server, a member of its group, a stranger. Only root can start them, so a test that
//! needs one fails where it is not run as root.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use serde_json::Value;

use super::child;
use super::gestor::Gestor;
use super::proxy::{Fate, Proxy, Rule};

/// A user with a group, and perhaps one more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    also: Option<u32>,
}

pub(crate) const ROOT: Person = Person::new(0, 0, None);
/// `www-data` on the systems that gestores run on.
pub(crate) const SITE: Person = Person::new(33, 33, None);
/// `backup`, as a member of the web server's group.
pub(crate) const DEPLOY: Person = Person::new(34, 34, Some(33));
/// `nobody`.
pub(crate) const STRANGER: Person = Person::new(65534, 65534, None);

impl Person {
    const fn new(uid: u32, gid: u32, also: Option<u32>) -> Self {
        Self { uid, gid, also }
    }

    /// A command that a shell runs as this person after `before`.
    pub(crate) fn command(self, before: &str, program: &Path) -> Command {
        assert!(nix::unistd::geteuid().is_root(), "run these tests as root");
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{before}; exec \"$@\""), "sh"]);
        if self != ROOT {
            let groups = self
                .also
                .map_or("--clear-groups".to_owned(), |also| format!("--groups={also}"));
            command.args([
                "setpriv",
                &format!("--reuid={}", self.uid),
                &format!("--regid={}", self.gid),
                &groups,
            ]);
        }
        command.arg(program);
        command
    }

    /// Runs an operation; its exit code, `None` when it was killed.
    pub(crate) fn run(self, umask: u32, call: &Value, fail_point: Option<&str>) -> Option<i32> {
        let command = self.command(&format!("umask {umask:03o}"), program());
        child::told(command, call, fail_point).status().unwrap().code()
    }

    /// Gives all of a folder to this person.
    pub(crate) fn own(self, folder: &Path) {
        for entry in walkdir::WalkDir::new(folder) {
            std::os::unix::fs::lchown(entry.unwrap().path(), Some(self.uid), Some(self.gid)).unwrap();
        }
    }
}

/// This test binary where everybody may run it.
pub(crate) fn program() -> &'static Path {
    static COPY: OnceLock<PathBuf> = OnceLock::new();
    COPY.get_or_init(|| {
        // Named after the binary and not removed: a process cannot know when its last test has ended.
        let name = std::env::current_exe().unwrap();
        let folder = std::env::temp_dir().join("gestor-plugins-test-program");
        fs::create_dir_all(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        let path = folder.join(name.file_name().unwrap());
        let partial = folder.join(std::process::id().to_string());
        fs::copy(&name, &partial).unwrap();
        fs::set_permissions(&partial, fs::Permissions::from_mode(0o755)).unwrap();
        fs::rename(&partial, &path).unwrap();
        path
    })
}

/// A bare gestor of the web server, and a database that everybody may use.
pub(crate) struct Site {
    pub(crate) gestor: Gestor,
    pub(crate) archives: [PathBuf; 2],
    _open: tempfile::TempDir,
    proxy: Proxy,
}

impl Site {
    /// The folder holds `config.php` alone. Where it is shared, the group may write, and hands itself down.
    pub(crate) fn new(is_shared: bool) -> Self {
        let gestor = Gestor::new();
        for entry in fs::read_dir(gestor.root()).unwrap() {
            let entry = entry.unwrap();
            if entry.file_type().unwrap().is_dir() {
                fs::remove_dir_all(entry.path()).unwrap();
            }
        }
        let mode = if is_shared { 0o2775 } else { 0o755 };
        fs::set_permissions(gestor.root(), fs::Permissions::from_mode(mode)).unwrap();
        SITE.own(gestor.root());
        fs::set_permissions(gestor.root(), fs::Permissions::from_mode(mode)).unwrap();
        let rule = Rule {
            statement: "never sent",
            fate: Fate::Lost,
            then_closed: false,
        };
        let proxy = Proxy::to(gestor.database.socket(), rule);
        let open = tempfile::tempdir().unwrap();
        let archives = ["1.0.0", "2.0.0"].map(|version| {
            let path = open.path().join(format!("{version}.zip"));
            super::scene::package(version, version).write(&path);
            fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
            path
        });
        for path in [open.path(), proxy.socket.parent().unwrap(), &proxy.socket] {
            fs::set_permissions(path, fs::Permissions::from_mode(0o777)).unwrap();
        }
        Self {
            gestor,
            archives,
            _open: open,
            proxy,
        }
    }

    pub(crate) fn root(&self) -> &Path {
        self.gestor.root()
    }

    /// A call that installs one of the two versions.
    pub(crate) fn call(&self, version: usize) -> Value {
        let mut call = child::call(&self.gestor, &self.archives[version], super::scene::SLUG, true);
        call["db"]["socket"] = serde_json::json!(self.proxy.socket);
        call
    }

    /// A call of another operation on the plugin.
    pub(crate) fn other(&self, operation: &str, more: &Value) -> Value {
        let mut call = serde_json::json!({
            "operacao": operation, "slug": super::scene::SLUG, "raiz": self.root(), "db": self.call(0)["db"],
        });
        call.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call
    }

    /// A folder or file of somebody below the gestor.
    pub(crate) fn plant(&self, path: &str, content: Option<&str>, whose: Person, mode: u32) -> PathBuf {
        let path = self.root().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::create_dir_all(&path).unwrap(),
        }
        chown(&path, Some(whose.uid), Some(whose.gid)).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        path
    }
}
