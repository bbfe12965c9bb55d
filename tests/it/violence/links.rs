//! Links that strangers put in the way, or exchange while somebody looks: they lead root nowhere.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, lchown, symlink};
use std::path::Path;
use std::process::{Child, Stdio};

use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use nix::unistd::getppid;

use crate::support::person::{ROOT, SITE, STRANGER, Site, program};
use crate::support::told;
use crate::violence::users::snapshot;

const FLIP: &str = "GESTOR_PLUGINS_TEST_FLIP";

/// Not a test of its own: the process of the web server that puts a link in the place of a folder and back, as long as the
/// one that started it is there.
#[test]
fn flipper() {
    let Some(folder) = told(FLIP) else { return };
    let (folder, link) = (Path::new(&folder).to_owned(), format!("{folder}.link"));
    let (parent, above) = (getppid(), folder.parent().unwrap());
    while getppid() == parent && above.exists() {
        let _ = renameat2(AT_FDCWD, &folder, AT_FDCWD, link.as_str(), RenameFlags::RENAME_EXCHANGE);
    }
}

pub(super) fn flip(folder: &Path) -> Child {
    let mut command = SITE.command(":", program());
    command
        .args(["--exact", "violence::links::flipper", "--quiet", "--test-threads=1"])
        .env(FLIP, folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

#[test]
fn a_link_in_the_place_of_a_folder_leads_root_nowhere() {
    let outside = tempfile::tempdir().unwrap();
    for below in ["killed", "plugins", "plugins/killed", "_backups", ".staging"] {
        fs::create_dir_all(outside.path().join(below)).unwrap();
        fs::write(outside.path().join(below).join("installer.log"), "x").unwrap();
    }
    let before = snapshot(outside.path());
    for folder in [
        "temp/plugins",
        "logs/plugins",
        "backups/plugins",
        "backups/plugins/killed",
        "plugins/_backups",
        "temp",
        "backups",
    ] {
        let site = Site::new(false);
        assert_eq!(SITE.run(0o022, &site.call(0), None), Some(0));
        let link = site.root().join(format!("{folder}.link"));
        symlink(outside.path(), &link).unwrap();
        lchown(&link, Some(SITE.uid), Some(SITE.gid)).unwrap();
        let mut helper = flip(&site.root().join(folder));
        let codes: Vec<_> = (0..8)
            .map(|round| ROOT.run(0o022, &site.call(round % 2), None))
            .collect();
        let flips = helper.try_wait().unwrap().is_none();
        // By its number: nobody else's process is touched.
        helper.kill().unwrap();
        helper.wait().unwrap();
        assert!(flips, "{folder}: the helper ended before the rounds did");
        println!("{folder}: {codes:?}");
        assert_eq!(snapshot(outside.path()), before, "{folder}: {codes:?}");
    }
}

#[test]
fn a_log_that_is_no_log_is_not_written_and_the_caller_is_told() {
    let site = Site::new(false);
    assert_eq!(SITE.run(0o022, &site.call(0), None), Some(0));
    let log = site.root().join("logs/plugins/installer.log");
    let victim = site.plant("victim", Some("x"), ROOT, 0o644);
    let plans: [&dyn Fn(); 4] = [
        &|| symlink(&victim, &log).unwrap(),
        &|| fs::hard_link(&victim, &log).unwrap(),
        &|| nix::unistd::mkfifo(&log, nix::sys::stat::Mode::from_bits_truncate(0o666)).unwrap(),
        &|| drop(site.plant("logs/plugins/installer.log", Some(""), STRANGER, 0o666)),
    ];
    for (number, plant) in plans.into_iter().enumerate() {
        let _ = fs::remove_file(&log);
        plant();
        let before = snapshot(&log);
        let ended = crate::support::child::install(&site.call(number % 2), None);
        assert_eq!(ended.code.number(), 0, "{number}");
        let told = ended.report["log_falhou"].as_str().unwrap_or_default().to_owned();
        assert!(told.contains("installer.log"), "{number}: {}", ended.report);
        let warnings = ended.report["avisos"].as_array().unwrap();
        assert_eq!(warnings.iter().filter(|text| **text == told.as_str()).count(), 1);
        assert_eq!(snapshot(&log), before, "{number}");
        assert_eq!(fs::read_to_string(&victim).unwrap(), "x");
    }
}

#[test]
fn rotation_follows_no_link() {
    let site = Site::new(false);
    assert_eq!(SITE.run(0o022, &site.call(0), None), Some(0));
    let log = site.root().join("logs/plugins/installer.log");
    let victim = site.plant("victim", Some("x"), ROOT, 0o644);
    fs::write(&log, vec![b'x'; 5 << 20]).unwrap();
    symlink(&victim, log.with_file_name("installer.log.1")).unwrap();
    assert_eq!(ROOT.run(0o022, &site.call(1), None), Some(0));
    assert_eq!(fs::read_to_string(&victim).unwrap(), "x");
    assert!(
        fs::symlink_metadata(log.with_file_name("installer.log.1"))
            .unwrap()
            .is_file()
    );
    assert_eq!(fs::metadata(&log).unwrap().uid(), SITE.uid);
}
