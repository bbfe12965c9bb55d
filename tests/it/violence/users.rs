//! Several users of one site: root, the web server, a member of its group, and strangers with plans of their own. What
//! one of the site's own leaves, the others can go on with; what a stranger leaves is not believed, followed or removed.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, lchown, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::person::{DEPLOY, Person, ROOT, SITE, STRANGER, Site};
use crate::support::scene::POINTS;

/// What stands in a folder: whose it is, its permissions, and the content of files.
pub(super) fn snapshot(top: &Path) -> BTreeMap<String, String> {
    let entries = walkdir::WalkDir::new(top).into_iter().map(Result::unwrap);
    entries
        .map(|entry| {
            let found = entry.path().symlink_metadata().unwrap();
            let content = if found.is_file() {
                fs::read(entry.path()).unwrap().len()
            } else {
                0
            };
            let facts = format!("{}:{} {:o} {content}", found.uid(), found.gid(), found.mode());
            (entry.path().display().to_string(), facts)
        })
        .collect()
}

pub(super) fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

/// What does not belong to the site; of a deploy user's files, what is not the group's.
fn strangers(root: &Path, shared: bool) -> Vec<String> {
    let entries = walkdir::WalkDir::new(root).into_iter().map(Result::unwrap);
    entries
        .filter(|entry| {
            let found = entry.metadata().unwrap();
            let user = found.uid() == SITE.uid || (shared && found.uid() == DEPLOY.uid);
            !(user && found.gid() == SITE.gid)
        })
        .map(|entry| format!("{} {:?}", entry.path().display(), entry.metadata().unwrap().uid()))
        .collect()
}

fn assert_shared(site: &Site, what: &str) {
    for entry in walkdir::WalkDir::new(site.root())
        .into_iter()
        .map(Result::unwrap)
        .skip(1)
    {
        let path = entry.path();
        if path.ends_with("config.php") {
            continue;
        }
        let (mode, below) = (mode(path), path.strip_prefix(site.root()).unwrap());
        let wanted = if entry.file_type().is_dir() { 0o2070 } else { 0o060 };
        assert_eq!(mode & wanted, wanted, "{what}: {} {mode:o}", below.display());
        assert_eq!(mode & 0o002, 0, "{what}: {} {mode:o}", below.display());
    }
}

#[test]
fn whoever_was_first_the_others_can_do_next() {
    for umask in [0o022, 0o077, 0o002] {
        for (shared, people) in [
            (false, vec![ROOT, SITE, ROOT, SITE]),
            (true, vec![ROOT, DEPLOY, SITE, ROOT, SITE, DEPLOY]),
            (true, vec![DEPLOY, SITE, ROOT, DEPLOY]),
        ] {
            let site = Site::new(shared);
            for (turn, person) in people.iter().enumerate() {
                let what = format!("umask {umask:o}, turn {turn} of {people:?}");
                let code = person.run(umask, &site.call(turn % 2), None);
                assert_eq!(code, Some(0), "{what}: {}", site.gestor.log());
                assert_eq!(strangers(site.root(), shared), Vec::<String>::new(), "{what}");
                if shared {
                    assert_shared(&site, &what);
                }
                let ends = site.gestor.log().matches("code=0").count();
                assert_eq!(ends, turn + 1, "{what}: {}", site.gestor.log());
                for (operation, more) in [("mark", json!({"status": "ok"})), ("recover", json!({}))] {
                    assert_eq!(
                        person.run(umask, &site.other(operation, &more), None),
                        Some(0),
                        "{what} {operation}"
                    );
                }
            }
        }
    }
}

#[test]
fn whoever_was_killed_the_others_recover() {
    for (point, _) in POINTS
        .into_iter()
        .filter(|(point, _)| !matches!(*point, "migrate" | "rows" | "closed"))
    {
        for (shared, killed, next) in [
            (false, ROOT, SITE),
            (true, ROOT, DEPLOY),
            (true, SITE, DEPLOY),
            (true, DEPLOY, SITE),
        ] {
            let site = Site::new(shared);
            assert_eq!(killed.run(0o077, &site.call(0), None), Some(0), "{}", site.gestor.log());
            let fail = format!("{point}:kill");
            assert_eq!(killed.run(0o077, &site.call(1), Some(&fail)), None, "{point}");
            let what = format!("{killed:?} killed at {point}, then {next:?}");
            let code = next.run(0o022, &site.other("recover", &json!({})), None);
            assert_eq!(code, Some(0), "{what}: {}", site.gestor.log());
            assert_eq!(site.gestor.leftovers(), Vec::<std::path::PathBuf>::new(), "{what}");
            let code = next.run(0o022, &site.call(1), None);
            assert_eq!(code, Some(0), "{what}: {}", site.gestor.log());
            assert_eq!(strangers(site.root(), shared), Vec::<String>::new(), "{what}");
        }
    }
}

#[test]
fn what_an_earlier_release_left_to_root_is_mended_by_root_and_told_to_others() {
    let site = Site::new(false);
    for (path, content, mode) in [
        ("plugins/_backups", None, 0o750),
        ("backups/plugins/killed", None, 0o750),
        ("temp/plugins", None, 0o755),
        ("temp/plugins/killed.lock", Some(""), 0o664),
        ("logs/plugins", None, 0o755),
        ("logs/plugins/installer.log", Some("old\n"), 0o644),
    ] {
        site.plant(path, content, ROOT, mode);
    }
    for path in ["plugins", "backups", "temp", "logs"] {
        lchown(site.root().join(path), Some(SITE.uid), Some(SITE.gid)).unwrap();
    }
    let before = snapshot(site.root());
    assert_eq!(SITE.run(0o022, &site.call(0), None), Some(12));
    assert_eq!(snapshot(site.root()), before);
    assert_eq!(ROOT.run(0o022, &site.call(0), None), Some(0), "{}", site.gestor.log());
    assert_eq!(strangers(site.root(), false), Vec::<String>::new());
    assert_eq!(SITE.run(0o022, &site.call(1), None), Some(0), "{}", site.gestor.log());
    assert_eq!(site.gestor.log().matches("code=0").count(), 2);
}

#[test]
fn a_stranger_cannot_hold_the_lock() {
    for (shared, folder, file) in [(false, 0o750, 0o660), (true, 0o2770, 0o660)] {
        let site = Site::new(shared);
        assert_eq!(SITE.run(0o022, &site.call(0), None), Some(0));
        let lock = site.root().join("temp/plugins/killed.lock");
        assert_eq!((mode(lock.parent().unwrap()), mode(&lock)), (folder, file));
        // One of an earlier release, which everybody could read, is taken back.
        for (path, mode) in [(lock.parent().unwrap(), 0o755), (lock.as_path(), 0o664)] {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        assert_eq!(SITE.run(0o022, &site.call(1), None), Some(0));
        assert_eq!(
            (mode(lock.parent().unwrap()) & 0o777, mode(&lock)),
            (folder & 0o777, file)
        );
        let mut flock = STRANGER.command(":", Path::new("flock"));
        let held = flock
            .args(["-n", lock.to_str().unwrap(), "true"])
            .stderr(Stdio::null())
            .status();
        assert!(!held.unwrap().success());
    }
}

type Plan = &'static dyn Fn(&Site);

/// What somebody could have planted where an operation puts its things together.
fn plans_for_staging() -> Vec<(&'static str, Plan)> {
    vec![
        ("a staging folder", &|site| {
            site.plant("temp/plugins/killed", None, STRANGER, 0o755);
            site.plant("temp/plugins/killed/precious", Some("x"), STRANGER, 0o644);
        }),
        ("a journal in his folder", &|site| {
            site.plant("temp/plugins/killed", None, STRANGER, 0o777);
            site.plant("temp/plugins/killed/journal.json", Some("{}"), STRANGER, 0o644);
        }),
        ("a journal", &|site| {
            site.plant("temp/plugins/killed", None, SITE, 0o700);
            site.plant("temp/plugins/killed/journal.json", Some("{}"), STRANGER, 0o644);
        }),
        ("a journal that everybody may write", &|site| {
            site.plant("temp/plugins/killed", None, SITE, 0o700);
            site.plant("temp/plugins/killed/journal.json", Some("{}"), SITE, 0o666);
        }),
        ("a journal with another name", &|site| {
            site.plant("temp/plugins/killed", None, SITE, 0o700);
            let journal = site.plant("temp/plugins/killed/journal.json", Some("{}"), SITE, 0o600);
            fs::hard_link(journal, site.root().join("other")).unwrap();
        }),
        ("a closed journal", &|site| {
            site.plant("temp/plugins/killed", None, SITE, 0o700);
            site.plant("temp/plugins/killed/closed.json", Some("{}"), STRANGER, 0o644);
        }),
        ("the folder of a dry run", &|site| {
            site.plant("temp/plugins/.killed.dry", None, STRANGER, 0o755);
            site.plant("temp/plugins/.killed.dry/precious", Some("x"), STRANGER, 0o644);
        }),
        ("a link as the folder of a dry run", &|site| {
            let link = site.root().join("temp/plugins/.killed.dry");
            symlink(site.root().join("bibliotecas"), &link).unwrap();
            lchown(&link, Some(STRANGER.uid), Some(STRANGER.gid)).unwrap();
        }),
        ("a link as staging", &|site| {
            let link = site.root().join("temp/plugins/killed");
            symlink(site.root().join("bibliotecas"), &link).unwrap();
            lchown(&link, Some(STRANGER.uid), Some(STRANGER.gid)).unwrap();
        }),
    ]
}

/// What somebody could have planted in other places.
fn plans_elsewhere() -> Vec<(&'static str, Plan)> {
    vec![
        ("a near staging folder", &|site| {
            site.plant("plugins/.staging", None, SITE, 0o755);
            site.plant("plugins/.staging/killed", None, STRANGER, 0o755);
        }),
        ("the folder of all staging", &|site| {
            fs::remove_dir_all(site.root().join("temp/plugins")).unwrap();
            site.plant("temp/plugins", None, STRANGER, 0o755);
        }),
        ("a kept package", &|site| {
            site.plant("backups/plugins/killed/1.0.0.zip", Some("PK"), STRANGER, 0o644);
        }),
        ("a lock", &|site| {
            fs::remove_file(site.root().join("temp/plugins/killed.lock")).unwrap();
            site.plant("temp/plugins/killed.lock", Some(""), STRANGER, 0o666);
        }),
    ]
}

/// Nothing of it is obeyed, followed, changed or removed, whoever runs.
#[test]
fn what_a_stranger_planted_is_refused() {
    for (what, plant) in plans_for_staging().into_iter().chain(plans_elsewhere()) {
        for person in [ROOT, SITE] {
            let site = Site::new(false);
            assert_eq!(SITE.run(0o022, &site.call(0), None), Some(0));
            // What makes all this possible.
            fs::set_permissions(site.root().join("temp"), fs::Permissions::from_mode(0o1777)).unwrap();
            site.plant("bibliotecas", None, SITE, 0o755);
            plant(&site);
            let without_log = || {
                let mut found = snapshot(site.root());
                // What was refused is recorded.
                found.retain(|path, _| !path.contains("/logs") && !path.contains("/_auditoria"));
                found
            };
            let before = without_log();
            assert_eq!(
                person.run(0o022, &site.call(1), None),
                Some(12),
                "{what} {person:?}: {}",
                site.gestor.log()
            );
            assert_eq!(without_log(), before, "{what} {person:?}");
            assert!(
                ["chown", "chmod", "link"]
                    .iter()
                    .any(|word| site.gestor.log().contains(word)),
                "{what}"
            );
        }
    }
}

/// A note of what is installed decides whether a package is the installed one, and stands in nobody's way.
#[test]
fn a_strangers_note_and_leftover_are_not_believed() {
    for person in [ROOT, SITE] {
        let site = Site::new(false);
        assert_eq!(SITE.run(0o022, &site.call(0), None), Some(0));
        let note = site.root().join("plugins/.instalado/killed");
        let (tree, known) = (site.root().join("plugins/killed"), fs::read_to_string(&note).unwrap());
        let mut again = site.call(0);
        again["reprocessar"] = json!(false);
        let inode = || fs::metadata(&tree).unwrap().ino();
        let before = inode();
        fs::remove_file(&note).unwrap();
        site.plant("plugins/.instalado/killed", Some(&"0".repeat(64)), STRANGER, 0o644);
        let kept = site.plant("temp/plugins/.leftover-killed-1", None, STRANGER, 0o755);
        assert_eq!(person.run(0o022, &again, None), Some(0), "{}", site.gestor.log());
        assert_eq!(inode(), before, "his note was believed");
        assert_eq!(person.run(0o022, &site.call(1), None), Some(0), "{}", site.gestor.log());
        let found = fs::symlink_metadata(&note).unwrap();
        assert_eq!((found.uid(), found.gid(), mode(&note)), (SITE.uid, SITE.gid, 0o644));
        assert_ne!(fs::read_to_string(&note).unwrap(), known);
        assert!(kept.exists() && site.gestor.log().contains(".leftover-killed-1"));
        fs::remove_dir_all(site.root().join("plugins/.instalado")).unwrap();
        symlink(site.root().join("logs"), site.root().join("plugins/.instalado")).unwrap();
        assert_eq!(person.run(0o022, &site.call(0), None), Some(0), "{}", site.gestor.log());
        assert!(!site.root().join("logs/killed").exists(), "a link was followed");
    }
}

#[test]
fn a_deployment_may_keep_the_folders_elsewhere() {
    let site = Site::new(false);
    let shared = tempfile::tempdir().unwrap();
    fs::set_permissions(shared.path(), fs::Permissions::from_mode(0o755)).unwrap();
    for name in ["temp", "logs", "backups", "plugins"] {
        let folder = shared.path().join(name);
        fs::create_dir(&folder).unwrap();
        symlink(&folder, site.root().join(name)).unwrap();
    }
    SITE.own(shared.path());
    for name in ["temp", "logs", "backups", "plugins"] {
        lchown(site.root().join(name), Some(SITE.uid), Some(SITE.gid)).unwrap();
    }
    for (turn, person) in [ROOT, SITE, ROOT].into_iter().enumerate() {
        assert_eq!(
            person.run(0o022, &site.call(turn % 2), None),
            Some(0),
            "{}",
            site.gestor.log()
        );
    }
    assert_eq!(SITE.run(0o022, &site.call(1), Some("announced:kill")), None);
    assert_eq!(ROOT.run(0o022, &site.other("recover", &json!({})), None), Some(0));
    assert!(shared.path().join("plugins/killed/manifest.json").exists());
    assert_eq!(strangers(shared.path(), false), Vec::<String>::new());
    // The same links to a folder of root's: only somebody who may use it himself can send root there.
    let outside = tempfile::tempdir().unwrap();
    let before = snapshot(outside.path());
    for name in ["temp", "backups", "plugins"] {
        let link = site.root().join(name);
        fs::remove_file(&link).unwrap();
        symlink(outside.path(), &link).unwrap();
        lchown(&link, Some(SITE.uid), Some(SITE.gid)).unwrap();
        assert_eq!(ROOT.run(0o022, &site.call(0), None), Some(12), "{name}");
        assert_eq!(snapshot(outside.path()), before, "{name}");
        fs::remove_file(&link).unwrap();
        symlink(shared.path().join(name), &link).unwrap();
    }
}

fn person_of(command: &mut Command) -> String {
    String::from_utf8(command.output().unwrap().stdout).unwrap()
}

/// Without this the tests above would show nothing.
#[test]
fn the_people_of_these_tests_are_who_they_seem() {
    for (person, expected) in [(SITE, "33 33"), (DEPLOY, "34 34 33"), (STRANGER, "65534 65534")] {
        let mut command = Person::command(person, ":", Path::new("sh"));
        command.args(["-c", "echo $(id -u) $(id -G)"]);
        assert_eq!(person_of(&mut command).trim(), expected);
    }
}
