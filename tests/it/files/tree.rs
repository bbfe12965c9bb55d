//! Trees of a test: made of anything that a file system can hold, and backups read with other programs' eyes.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::stat::{Mode, SFlag, mknod};

/// What stands in a tree: its bytes, where a link leads, or what kind of thing it is. By raw path.
pub(crate) type Content = BTreeMap<Vec<u8>, Vec<u8>>;

/// Numbers that look random and are the same every time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn pick<'a, T: ?Sized>(&mut self, of: &[&'a T]) -> &'a T {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }

    fn name(&mut self) -> Vec<u8> {
        const PLAIN: &[&[u8]] = &[
            b"a.php",
            b"A.php",
            b"cache",
            b"Cache",
            b"caf\xc3\xa9",
            b"cafe\xcc\x81",
            b"x y",
            b"C:x",
            b"-n",
        ];
        const ODD: &[&[u8]] = &[
            b"\xff\xfe",
            b"back\\slash",
            b"new\nline",
            b"bell\x07",
            b"\xc3(",
            b"\x7f",
            b"latin-\xe7",
        ];
        let mut name = match self.below(6) {
            0 => self.pick(ODD).to_vec(),
            1 => vec![b'n'; 255],
            _ => self.pick(PLAIN).to_vec(),
        };
        if name.len() < 200 && self.below(2) == 0 {
            name.extend(self.below(40).to_string().bytes());
        }
        name
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.pick(&[&0_u64, &1, &500, &70_000, &300_000]);
        let seed = u8::try_from(self.below(256)).unwrap();
        (0..*length)
            .map(|at| seed.wrapping_add(u8::try_from(at % 251).unwrap()))
            .collect()
    }

    /// Fills a folder with up to thirty things; names that are taken are left alone.
    pub(crate) fn fill(&mut self, folder: &Path, with_oddities: bool) {
        let mut folders = vec![folder.to_owned()];
        for _ in 0..=self.below(30) {
            let place = folders[usize::try_from(self.below(folders.len() as u64)).unwrap()].clone();
            let mut name = self.name();
            if !with_oddities {
                name = String::from_utf8_lossy(&name)
                    .replace(['\\', '\n', '\u{7}', '\u{7f}'], "_")
                    .into_bytes();
                name.truncate(60);
            }
            let path = place.join(OsStr::from_bytes(&name));
            if fs::symlink_metadata(&path).is_ok() {
                continue;
            }
            match self.below(if with_oddities { 9 } else { 7 }) {
                0 | 1 => {
                    fs::create_dir(&path).unwrap();
                    folders.push(path);
                }
                7 => symlink(
                    OsStr::from_bytes(&[b"../x/./".repeat(30), b"\xff//y/".to_vec()].concat()),
                    &path,
                )
                .unwrap(),
                8 => mknod(&path, SFlag::S_IFIFO, Mode::S_IRWXU, 0).unwrap(),
                _ => {
                    fs::write(&path, self.bytes()).unwrap();
                    let mode = *self.pick(&[&0o644, &0o600, &0o755, &0o444]);
                    fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
                }
            }
        }
    }
}

/// Everything in a tree.
pub(crate) fn content(top: &Path) -> Content {
    let mut found = Content::new();
    let mut waiting = vec![PathBuf::new()];
    while let Some(below) = waiting.pop() {
        for entry in fs::read_dir(top.join(&below)).unwrap().map(Result::unwrap) {
            let path = below.join(entry.file_name());
            let kind = entry.file_type().unwrap();
            let what = if kind.is_dir() {
                waiting.push(path.clone());
                b"folder".to_vec()
            } else if kind.is_symlink() {
                [b"link ", fs::read_link(entry.path()).unwrap().as_os_str().as_bytes()].concat()
            } else if kind.is_fifo() {
                b"fifo".to_vec()
            } else if kind.is_file() {
                [b"file ".to_vec(), fs::read(entry.path()).unwrap()].concat()
            } else {
                b"other".to_vec()
            };
            found.insert(path.as_os_str().as_bytes().to_vec(), what);
        }
    }
    found
}

const READER: &str = r"
import sys, zipfile, tarfile
def put(name, what): print(name.hex(), what.hex())
path = sys.argv[1]
if path.endswith('.zip'):
    with zipfile.ZipFile(path) as z:
        for i in z.infolist():
            put(i.filename.rstrip('/').encode(), b'folder' if i.is_dir() else b'file ' + z.read(i))
else:
    with tarfile.open(path, 'r:gz', encoding='utf-8', errors='surrogateescape') as t:
        for m in t:
            name = m.name.encode('utf-8', 'surrogateescape')
            link = m.linkname.encode('utf-8', 'surrogateescape')
            put(name, b'folder' if m.isdir() else b'link ' + link if m.issym() else b'fifo' if m.isfifo() else b'file ' + t.extractfile(m).read())
";

/// Everything in a backup, as Python reads it; another program must take it as well.
pub(crate) fn backup_content(path: &str) -> Content {
    let test: &[&str] = if Path::new(path).extension().is_some_and(|ending| ending == "zip") {
        &["unzip", "-tqq"]
    } else {
        &["tar", "-tzf"]
    };
    let tested = Command::new(test[0])
        .args(&test[1..])
        .arg(path)
        .output()
        .expect(test[0]);
    assert!(tested.status.success(), "{tested:?}");
    let read = Command::new("python3")
        .args(["-c", READER, path])
        .output()
        .expect("python3");
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let bytes = |text: &str| -> Vec<u8> {
        let digits = text.as_bytes().chunks(2);
        digits
            .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
            .collect()
    };
    let lines = String::from_utf8(read.stdout).unwrap();
    lines
        .lines()
        .map(|line| line.split_once(' ').unwrap())
        .map(|(name, what)| (bytes(name), bytes(what)))
        .collect()
}
