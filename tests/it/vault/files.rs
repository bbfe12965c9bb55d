//! The key ring's file: made once whoever makes it, believed where nobody else could have written it, and whose it is.

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::Path;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::site::{KEY, OTHER_KEY, Site, TOKEN, said};
use crate::support::child;
use crate::support::mount::Mount;

const SITE: u32 = 33;
const STRANGER: u32 = 65_534;

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn it_is_made_with_the_first_credential_and_told() {
    let site = Site::new();
    site.credentials("listar", &json!({})).expect(ExitCode::Ok);
    site.credentials("rotacionar", &json!({})).expect(ExitCode::Ok);
    assert!(!site.trust().exists());
    site.store("acme", TOKEN);
    assert_eq!((mode(&site.ring()), mode(&site.trust())), (0o600, 0o750));
    let line = fs::read_to_string(site.ring()).unwrap();
    assert_eq!((line.len(), line.lines().count()), (45, 1));
    assert!(site.gestor.log().contains("key ring made in"));
    assert_eq!(fs::read_dir(site.trust()).unwrap().count(), 1);
    site.store("other", TOKEN);
    assert_eq!(fs::read_to_string(site.ring()).unwrap(), line);
    assert_eq!(site.gestor.log().matches("key ring made in").count(), 1);
    let fresh = site.credentials("chave", &json!({})).expect(ExitCode::Ok);
    let fresh = fresh.report["chave"].as_str().unwrap().to_owned();
    assert!(fresh.len() == 44 && !line.contains(&fresh));
    fs::write(site.ring(), format!("{fresh}\n{line}")).unwrap();
    site.credentials("rotacionar", &json!({})).expect(ExitCode::Ok);
    fs::write(site.ring(), fresh).unwrap();
    site.credentials("conferir", &json!({})).expect(ExitCode::Ok);
}

#[test]
fn of_several_that_make_it_at_once_one_does() {
    for _ in 0..5 {
        let site = Site::new();
        let call = |number: usize| json!({"alias": format!("a{number}"), "segredo": TOKEN});
        let mut running: Vec<_> = (0..4)
            .map(|number| child::start(&site.in_child("gravar", &call(number)), None))
            .collect();
        for one in &mut running {
            assert_eq!(one.wait().unwrap().code(), Some(0));
        }
        assert_eq!(fs::read_to_string(site.ring()).unwrap().lines().count(), 1);
        let checked = site.credentials("conferir", &json!({})).expect(ExitCode::Ok);
        assert_eq!(checked.report["credenciais"].as_array().unwrap().len(), 4);
        assert_eq!(fs::read_dir(site.trust()).unwrap().count(), 1);
    }
}

#[test]
fn what_others_may_write_is_refused_and_what_they_may_read_is_closed() {
    let site = Site::new();
    site.store("acme", TOKEN);
    for (found, code, left) in [
        (0o644, ExitCode::Ok, 0o640),
        (0o604, ExitCode::Ok, 0o600),
        (0o755, ExitCode::Ok, 0o640),
        (0o640, ExitCode::Ok, 0o640),
        (0o400, ExitCode::Ok, 0o400),
        (0o666, ExitCode::ParamsOrFile, 0o666),
        (0o620, ExitCode::ParamsOrFile, 0o620),
        (0o602, ExitCode::ParamsOrFile, 0o602),
    ] {
        set_mode(&site.ring(), found);
        let checked = site.credentials("conferir", &json!({}));
        assert_eq!(
            (checked.code, mode(&site.ring())),
            (code, left),
            "{found:o} {}",
            said(&checked)
        );
    }
    set_mode(&site.ring(), 0o600);
    for folder in [site.trust(), site.trust().parent().unwrap().to_owned()] {
        let before = mode(&folder);
        set_mode(&folder, 0o777);
        let checked = site.credentials("conferir", &json!({})).expect(ExitCode::ParamsOrFile);
        assert!(said(&checked).contains("everybody may"), "{}", said(&checked));
        set_mode(&folder, before);
    }
    site.credentials("conferir", &json!({})).expect(ExitCode::Ok);
}

#[test]
fn links_pipes_folders_strangers_and_floods_are_refused() {
    let site = Site::new();
    site.store("acme", TOKEN);
    let (ring, aside) = (site.ring(), site.trust().join("aside"));
    fs::rename(&ring, &aside).unwrap();
    let refused = |what: &str, code: ExitCode| {
        for action in ["conferir", "rotacionar"] {
            let ended = site.credentials(action, &json!({}));
            assert_eq!(ended.code, code, "{what}: {}", said(&ended));
        }
        let stored = site.credentials("gravar", &json!({"alias": "b", "segredo": TOKEN}));
        assert_eq!(stored.code, code, "{what}: {}", said(&stored));
    };
    symlink(&aside, &ring).unwrap();
    refused("a link", ExitCode::ParamsOrFile);
    fs::remove_file(&ring).unwrap();
    symlink("/nowhere", &ring).unwrap();
    refused("a dangling link", ExitCode::ParamsOrFile);
    fs::remove_file(&ring).unwrap();
    fs::create_dir(&ring).unwrap();
    refused("a folder", ExitCode::ParamsOrFile);
    fs::remove_dir(&ring).unwrap();
    nix::unistd::mkfifo(&ring, nix::sys::stat::Mode::S_IRUSR).unwrap();
    refused("a pipe", ExitCode::ParamsOrFile);
    fs::remove_file(&ring).unwrap();
    for (what, bytes) in [
        ("nothing", Vec::new()),
        ("a comment", b"# key\n".to_vec()),
        ("a passphrase", b"correct horse battery staple".to_vec()),
        ("bytes", vec![0xff; 40]),
        ("a flood", vec![b'\n'; 1 << 20]),
        (
            "too many",
            format!("{KEY}\n").repeat(2).replace(KEY, &"A".repeat(44)).into_bytes(),
        ),
    ] {
        fs::write(&ring, bytes).unwrap();
        set_mode(&ring, 0o600);
        refused(what, ExitCode::ParamsOrFile);
    }
    if nix::unistd::geteuid().is_root() {
        fs::write(&ring, KEY).unwrap();
        chown(&ring, Some(STRANGER), None).unwrap();
        refused("a stranger's", ExitCode::ParamsOrFile);
    }
    fs::remove_file(&ring).unwrap();
    fs::rename(&aside, &ring).unwrap();
    site.credentials("conferir", &json!({})).expect(ExitCode::Ok);
}

#[test]
fn the_folder_may_be_read_only_or_missing_and_keys_be_given() {
    let site = Site::new();
    let domain = site.trust().parent().unwrap().to_owned();
    let mounted = Mount::read_only(&domain);
    let stored = site.credentials("gravar", &json!({"alias": "acme", "segredo": TOKEN}));
    assert_eq!(stored.code, ExitCode::Move, "{}", said(&stored));
    assert!(said(&stored).contains("GESTOR_PLUGINS_CHAVES"), "{}", said(&stored));
    assert_eq!(site.gestor.database.count("plugins_credenciais", "1"), 0);
    let given = json!({"alias": "acme", "segredo": TOKEN, "chaves": KEY});
    site.credentials("gravar", &given).expect(ExitCode::Ok);
    drop(mounted);
    // No domain knows the database.
    fs::remove_file(domain.join(".env")).unwrap();
    let stored = site.credentials("gravar", &json!({"alias": "b", "segredo": TOKEN}));
    let stored = stored.expect(ExitCode::ParamsOrFile);
    assert!(said(&stored).contains("`confianca`"), "{}", said(&stored));
    let said_folder = site.gestor.root().join("elsewhere");
    let elsewhere = json!({"alias": "b", "segredo": TOKEN, "confianca": said_folder});
    site.credentials("gravar", &elsewhere).expect(ExitCode::Ok);
    assert!(said_folder.join("chaves").exists());
    let two = json!({"chaves": format!("{KEY},{OTHER_KEY}")});
    site.credentials("conferir", &two).expect(ExitCode::Credential);
}

/// Deployments keep what is shared elsewhere, and name it by a link.
#[test]
fn domains_may_be_kept_elsewhere() {
    let site = Site::new();
    let (domains, shared) = (site.gestor.root().join("autenticacoes"), tempfile::tempdir().unwrap());
    fs::rename(domains.join("a.example"), shared.path().join("a.example")).unwrap();
    fs::remove_dir(&domains).unwrap();
    symlink(shared.path(), &domains).unwrap();
    site.store("acme", TOKEN);
    assert!(shared.path().join("a.example/plugins/chaves").exists());
    site.credentials("conferir", &json!({})).expect(ExitCode::Ok);
    // A stranger may rename what stands there.
    fs::remove_dir_all(site.trust()).unwrap();
    set_mode(shared.path(), 0o777);
    let refused = site.credentials("gravar", &json!({"alias": "b", "segredo": TOKEN}));
    let refused = refused.expect(ExitCode::ParamsOrFile);
    assert!(said(&refused).contains("everybody may"), "{}", said(&refused));
    assert!(!site.trust().exists());
    set_mode(shared.path(), 0o700);
}

#[test]
fn root_makes_it_for_the_web_server() {
    assert!(nix::unistd::geteuid().is_root(), "run these tests as root");
    let site = Site::new();
    for entry in walkdir::WalkDir::new(site.gestor.root())
        .into_iter()
        .map(Result::unwrap)
    {
        chown(entry.path(), Some(SITE), Some(SITE)).unwrap();
    }
    site.store("acme", TOKEN);
    for path in [site.trust(), site.ring()] {
        let found = fs::metadata(&path).unwrap();
        assert_eq!((found.uid(), found.gid()), (SITE, SITE), "{}", path.display());
    }
    // Where the folders of domains are root's own.
    fs::remove_dir_all(site.trust()).unwrap();
    chown(site.trust().parent().unwrap(), Some(0), Some(0)).unwrap();
    site.store("other", TOKEN);
    assert_eq!(fs::metadata(site.ring()).unwrap().uid(), SITE);
}
