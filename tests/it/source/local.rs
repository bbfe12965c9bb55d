//! Uploads and local paths.

use std::fs;

use gestor_plugins::base::hash::sha256;
use gestor_plugins::source::{FaultClass, Fetched};

use super::site::{Site, with, zip};

#[test]
fn uploads_are_copied_and_hashed() {
    let mut site = Site::new();
    let package = zip(700_000);
    let uploads = site.root().join("contents/plugins");
    fs::create_dir_all(&uploads).unwrap();
    let path = uploads.join("p.zip");
    fs::write(&path, &package).unwrap();
    for (kind, given) in [
        ("upload", path.to_str().unwrap()),
        ("arquivo", "p.zip"),
        ("upload", "contents/plugins/p.zip"),
    ] {
        let found = site.package(&[("origem_tipo", kind), ("arquivo", given)]);
        assert_eq!((found.sha256, found.length), (sha256(&package), 700_000));
        assert_eq!(fs::read(site.staged()).unwrap(), package);
        assert_eq!(found.origin_text, path.to_str().unwrap());
    }
    // What is in staging is a copy: the uploader cannot change it any more.
    fs::write(&path, b"changed").unwrap();
    assert_eq!(fs::read(site.staged()).unwrap(), package);
    fs::write(&path, &package).unwrap();
    fs::write(uploads.join("p.zip.sha256"), format!("{}  p.zip", sha256(b"other"))).unwrap();
    let call = [("arquivo", "p.zip")];
    fs::remove_file(site.staged()).unwrap();
    site.refuses(&call, FaultClass::Checksum, &["p.zip.sha256", "differs"]);
    fs::remove_file(uploads.join("p.zip.sha256")).unwrap();
    site.refuses(&with(&call, &[("sha256", "12")]), FaultClass::Checksum, &["sha256"]);
    site.settings.limits.package_bytes = 699_999;
    site.refuses(&call, FaultClass::Download, &["bytes_pacote"]);
}

#[test]
fn a_copy_can_be_stopped() {
    let mut site = Site::new();
    let path = site.root().join("p.zip");
    fs::write(&path, zip(700_000)).unwrap();
    site.told.cancel_at = Some(2);
    site.refuses(
        &[("arquivo", path.to_str().unwrap())],
        FaultClass::Cancelled,
        &["cancelled"],
    );
}

#[test]
fn only_a_readable_file_is_an_upload() {
    let site = Site::new();
    site.refuses(&[("origem_tipo", "upload")], FaultClass::Params, &["arquivo"]);
    site.refuses(
        &[("arquivo", "/no/such/file.zip")],
        FaultClass::Params,
        &["/no/such/file.zip", "does not exist"],
    );
    site.refuses(&[("arquivo", "/")], FaultClass::Params, &["not a regular file"]);
    site.refuses(&[("arquivo", "/dev/null")], FaultClass::Params, &["not a regular file"]);
    let pipe = site.root().join("pipe");
    nix::unistd::mkfifo(&pipe, nix::sys::stat::Mode::S_IRWXU).unwrap();
    site.refuses(
        &[("arquivo", pipe.to_str().unwrap())],
        FaultClass::Params,
        &["not a regular file"],
    );
    site.refuses(
        &[("origem_tipo", "local_path"), ("local_path", pipe.to_str().unwrap())],
        FaultClass::Params,
        &[],
    );
}

#[test]
fn local_paths_are_files_or_folders() {
    let site = Site::new();
    let root = site.root().canonicalize().unwrap();
    fs::create_dir_all(root.join("plugins/x")).unwrap();
    fs::create_dir_all(root.join("elsewhere/x")).unwrap();
    std::os::unix::fs::symlink(root.join("plugins/x"), root.join("link")).unwrap();
    fs::write(root.join("elsewhere/x.zip"), zip(100)).unwrap();
    let call = |path: &str| {
        site.fetch(&[("origem_tipo", "local_path"), ("local_path", path)])
            .unwrap()
    };
    let text = |path: &str| format!("{}/{path}", root.display());
    for path in [
        "elsewhere/x".to_owned(),
        "elsewhere/x/".to_owned(),
        text("elsewhere/x//"),
        text("elsewhere/./x"),
    ] {
        assert!(
            matches!(call(&path), Fetched::Folder(found) if found == root.join("elsewhere/x")),
            "{path}"
        );
    }
    for path in [
        "plugins/x".to_owned(),
        "link".to_owned(),
        text("plugins/x/"),
        text("elsewhere/../plugins/x"),
    ] {
        assert!(
            matches!(call(&path), Fetched::Folder(found) if found == root.join("plugins/x")),
            "{path}"
        );
    }
    assert!(matches!(call("elsewhere/x.zip"), Fetched::Package(_)));
    let sum = sha256(&zip(100)).to_string();
    let folder = [
        ("origem_tipo", "local_path"),
        ("local_path", "elsewhere/x"),
        ("sha256", sum.as_str()),
    ];
    fs::remove_file(site.staged()).unwrap();
    site.refuses(&folder, FaultClass::Params, &["sha256"]);
    site.refuses(
        &[("origem_tipo", "local_path"), ("local_path", "none")],
        FaultClass::Params,
        &["none"],
    );
}
