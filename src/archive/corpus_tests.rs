//! Archives by others: a folder of them named by `GESTOR_TEST_CORPORA`, and the tools of the machine.

use std::collections::BTreeMap;
use std::fs::File;
use std::ops::ControlFlow;
use std::os::fd::AsFd;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Archive, ArchiveError, Blacklist, Extracted, PackOptions, list_package, pack_folder, pack_zip};
use crate::base::file_tree::FileTree;
use crate::config::Limits;

pub(super) fn extract(archive: &Archive, folder: &Path) -> Result<Extracted, ArchiveError> {
    let handle = File::open(folder).unwrap();
    archive.extract(handle.as_fd(), "", &|_| false, &|_, _| ControlFlow::Continue(()))
}

fn judge(path: &Path) -> Result<Extracted, ArchiveError> {
    let archive = Archive::open(File::open(path).unwrap(), &Limits::default(), &Blacklist::default())?;
    let folder = tempfile::tempdir().unwrap();
    let extracted = extract(&archive, folder.path());
    if extracted.is_err() {
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            0,
            "{path:?} left something"
        );
    }
    let tree = archive.tree("");
    for file in &extracted.as_ref().map_or(vec![], |extracted| extracted.files.clone()) {
        let bytes = std::fs::read(folder.path().join(&file.path)).unwrap();
        assert_eq!(tree.read(&file.path).unwrap().unwrap(), bytes);
    }
    extracted
}

fn archives_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            archives_below(&path, found);
        } else if path
            .extension()
            .is_some_and(|ending| ending == "zip" || ending == "jar")
        {
            found.push(path);
        }
    }
}

/// What an archive gives, or the rule that refuses it.
fn verdict(path: &Path) -> String {
    match judge(path) {
        Ok(extracted) => format!("accepted {} {}", extracted.files.len(), extracted.folders),
        Err(error) => error.to_string().split(':').next().unwrap().to_owned(),
    }
}

#[test]
#[ignore = "needs GESTOR_TEST_CORPORA, a folder with the archives of corpus_verdicts.txt"]
#[expect(clippy::disallowed_methods, reason = "the folder is named by whoever runs the test")]
fn archives_of_others_are_judged_as_listed() {
    let folder = std::env::var_os("GESTOR_TEST_CORPORA").expect("GESTOR_TEST_CORPORA names the folder");
    let mut paths = Vec::new();
    archives_below(Path::new(&folder), &mut paths);
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    let found: BTreeMap<String, String> = paths.iter().map(|path| (name(path), verdict(path))).collect();
    let listed = include_str!("corpus_verdicts.txt").lines();
    let listed = listed.filter(|line| !line.starts_with('#')).map(|line| {
        let (name, verdict) = line.split_once('\t').unwrap();
        (name.to_owned(), verdict.to_owned())
    });
    assert_eq!(found, listed.collect());
}

fn make_tree(folder: &Path) {
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    write("manifest.json", b"{}");
    write("empty.txt", b"");
    write("modules/a/ação.html", "<p>olá</p>".repeat(50).as_bytes());
    write("modules/a/run.sh", b"#!/bin/sh\n");
    write(
        "assets/big.bin",
        &(0_u32..300_000).flat_map(u32::to_le_bytes).collect::<Vec<_>>(),
    );
    write("assets/logo.png", &[7; 5000]);
    std::fs::create_dir_all(folder.join("empty/below")).unwrap();
    make_executable(&folder.join("modules/a/run.sh"));
}

fn make_executable(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// Paths, modes and bytes of a tree.
fn look(folder: &Path) -> Vec<(String, u32, Vec<u8>)> {
    use std::os::unix::fs::MetadataExt;
    let entries = walkdir::WalkDir::new(folder).min_depth(1).sort_by_file_name();
    let look = |entry: walkdir::DirEntry| {
        let metadata = entry.metadata().unwrap();
        let bytes = if metadata.is_file() {
            std::fs::read(entry.path()).unwrap()
        } else {
            vec![]
        };
        let path = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
        (path, metadata.mode() & 0o777, bytes)
    };
    entries.into_iter().map(|entry| look(entry.unwrap())).collect()
}

fn open(file: &File) -> Archive {
    Archive::open(file.try_clone().unwrap(), &Limits::default(), &Blacklist::default()).unwrap()
}

#[test]
fn packing_and_unpacking_gives_the_same_tree() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    make_tree(from.path());
    for level in [0, 1, 6, 9] {
        let to = tempfile::tempdir_in(to.path()).unwrap();
        let output = tempfile::tempfile().unwrap();
        let packed = pack_folder(from.path(), &output, PackOptions { level }).unwrap();
        assert_eq!(packed.members.iter().filter(|member| member.is_folder()).count(), 5);
        assert_eq!(packed.members.len(), 11);
        super::pack::verify_zip(&output, &packed).unwrap();
        assert_eq!(packed.packed, output.metadata().unwrap().len());
        let extracted = extract(&open(&output), to.path()).unwrap();
        assert_eq!(extracted.bytes, packed.bytes);
        assert_eq!(look(from.path()), look(to.path()));
    }
}

#[test]
fn packing_twice_gives_the_same_bytes_and_leaves_out_what_it_should() {
    let from = tempfile::tempdir().unwrap();
    make_tree(from.path());
    std::os::unix::fs::symlink("/etc/passwd", from.path().join("link")).unwrap();
    let pack = || {
        let output = tempfile::NamedTempFile::new().unwrap();
        let wanted = |path: &Path, _| path != Path::new("assets") && !path.ends_with("run.sh");
        let listed = list_package(from.path(), &Limits::default(), &wanted).unwrap();
        let packed = pack_zip(&listed.inventory, output.as_file(), PackOptions::default()).unwrap();
        (packed, listed.left_out, std::fs::read(output.path()).unwrap())
    };
    let (_, left_out, bytes) = pack();
    assert_eq!(pack().2, bytes);
    assert_eq!(left_out, [Path::new("link")]);
    assert!(pack_folder(from.path(), &tempfile::tempfile().unwrap(), PackOptions::default()).is_err());
    let archive = open(&super::raw_zip::file_of(&bytes));
    assert_eq!(
        archive.tree("").paths(),
        ["empty.txt", "manifest.json", "modules/a/ação.html"]
    );
}

/// What `bin/setup` installs; a machine may lack the other tools.
const ALWAYS_THERE: [&str; 3] = ["zip", "sh", "php"];

/// Runs a tool in a folder; one that the machine may lack, and does, is left out with a printed line.
fn run(folder: &Path, tool: &str, arguments: &[&str]) -> bool {
    let Ok(output) = Command::new(tool).args(arguments).current_dir(folder).output() else {
        assert!(
            !ALWAYS_THERE.contains(&tool),
            "{tool} is not installed: run bin/setup test"
        );
        println!("{tool} is not installed: left out");
        return false;
    };
    assert!(output.status.success(), "{tool} {arguments:?}: {output:?}");
    true
}

const PYTHON_STREAMED: &str = "import zipfile,sys,os
class Pipe:
    def __init__(self, f): self.f = f
    def write(self, b): return self.f.write(b)
    def flush(self): self.f.flush()
with open('../made.zip', 'wb') as f, zipfile.ZipFile(Pipe(f), 'w', zipfile.ZIP_DEFLATED) as z:
    for base, folders, files in os.walk('.'):
        for name in folders + files: z.write(os.path.join(base, name))";
const PYTHON_WIDE: &str = "import zipfile,os
with zipfile.ZipFile('../made.zip', 'w', zipfile.ZIP_DEFLATED) as z:
    for base, folders, files in os.walk('.'):
        for name in folders: z.write(os.path.join(base, name))
        for name in files:
            path = os.path.join(base, name)
            info = zipfile.ZipInfo.from_file(path)
            with z.open(info, 'w', force_zip64=True) as f: f.write(open(path, 'rb').read())";
const PHP: &str = "$z = new ZipArchive; $z->open('../made.zip', ZipArchive::CREATE);
foreach (new RecursiveIteratorIterator(new RecursiveDirectoryIterator('.', FilesystemIterator::SKIP_DOTS), 1) as $f) {
  $n = substr($f->getPathname(), 2);
  if ($f->isDir()) { $z->addEmptyDir($n); } else { $z->addFile($f->getPathname(), $n); }
}
$z->close();";

#[test]
fn archives_of_other_programs_are_read() {
    for (tool, arguments) in [
        ("zip", &["-qr", "../made.zip", "."][..]),
        ("sh", &["-c", "zip -qr - . > ../made.zip"]),
        ("sh", &["-c", "zip -qr -fz ../made.zip ."]),
        ("python3", &["-c", PYTHON_STREAMED]),
        ("python3", &["-c", PYTHON_WIDE]),
        ("php", &["-r", PHP]),
        ("7z", &["a", "-bd", "-tzip", "../made.zip", "."]),
        ("jar", &["cfM", "../made.zip", "."]),
        ("bsdtar", &["-acf", "../made.zip", "."]),
        ("git", &["-c", "init.defaultBranch=m", "init", "-q"]),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let from = folder.path().join("from");
        make_tree(&from);
        if !run(&from, tool, arguments) {
            continue;
        }
        if tool == "git" {
            std::fs::remove_dir_all(from.join("empty")).unwrap();
            let me = ["-c", "user.name=n", "-c", "user.email=e@x"];
            assert!(run(&from, "git", &["add", "."]));
            assert!(run(&from, "git", &[&me[..], &["commit", "-qm", "x"]].concat()));
            assert!(run(
                &from,
                "git",
                &["archive", "--format=zip", "-o", "../made.zip", "HEAD"]
            ));
            std::fs::remove_dir_all(from.join(".git")).unwrap();
        }
        let archive = open(&File::open(folder.path().join("made.zip")).unwrap());
        let to = folder.path().join("to");
        std::fs::create_dir(&to).unwrap();
        extract(&archive, &to).unwrap();
        let without_mode = |tree: Vec<(String, u32, Vec<u8>)>| {
            tree.into_iter()
                .map(|(path, _, bytes)| (path, bytes))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            without_mode(look(&from)),
            without_mode(look(&to)),
            "{tool} {arguments:?}"
        );
    }
}

#[test]
fn other_programs_read_ours() {
    let folder = tempfile::tempdir().unwrap();
    let from = folder.path().join("from");
    make_tree(&from);
    let output = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(folder.path().join("ours.zip"))
        .unwrap();
    pack_folder(&from, &output, PackOptions::default()).unwrap();
    for (tool, arguments) in [
        ("unzip", &["-tq", "ours.zip"][..]),
        ("7z", &["t", "-bd", "ours.zip"]),
        (
            "python3",
            &[
                "-c",
                "import zipfile; assert zipfile.ZipFile('ours.zip').testzip() is None",
            ],
        ),
        (
            "php",
            &[
                "-r",
                "$z = new ZipArchive; exit($z->open('ours.zip', ZipArchive::CHECKCONS) === true ? 0 : 1);",
            ],
        ),
    ] {
        run(folder.path(), tool, arguments);
    }
    if run(folder.path(), "unzip", &["-q", "ours.zip", "-d", "to"]) {
        assert_eq!(look(&from), look(&folder.path().join("to")));
    }
}
