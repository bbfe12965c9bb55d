//! File systems of a test's own: small ones, full ones, read-only ones. Only root may mount them: a
//! test that needs one fails where it is not run as root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Something mounted over a folder; unmounted with its owner.
pub(crate) struct Mount(PathBuf);

impl Mount {
    /// A small file system in memory over a folder.
    pub(crate) fn memory(folder: &Path, size: &str) -> Self {
        let options = format!("size={size},mode=0755");
        Self::run(folder, &["-t", "tmpfs", "-o", &options, "gestor-plugins-test"])
    }

    /// A folder over a folder, or a file over a file.
    pub(crate) fn bind(from: &Path, to: &Path) -> Self {
        Self::run(to, &["--bind", from.to_str().unwrap()])
    }

    /// The folder over itself, read-only.
    pub(crate) fn read_only(folder: &Path) -> Self {
        let from = folder.to_str().unwrap();
        let mounted = Self::run(folder, &["--bind", from]);
        let remounted = Command::new("mount")
            .args(["-o", "remount,ro,bind"])
            .arg(folder)
            .status()
            .unwrap();
        assert!(remounted.success());
        mounted
    }

    fn run(folder: &Path, arguments: &[&str]) -> Self {
        let output = Command::new("mount").args(arguments).arg(folder).output();
        let output = output.expect("install mount: this test needs it");
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "run as root: this test mounts: {told}");
        Self(folder.to_owned())
    }

    /// Fills it up, but for so many bytes.
    pub(crate) fn fill_but(&self, free: u64) {
        let found = nix::sys::statvfs::statvfs(&self.0).unwrap();
        let available = found.blocks_available() * found.fragment_size();
        let ballast = available.saturating_sub(free);
        fs::write(self.ballast(), vec![1; usize::try_from(ballast).unwrap()]).unwrap();
    }

    /// Takes away what filled it.
    pub(crate) fn empty(&self) {
        fs::remove_file(self.ballast()).unwrap();
    }

    fn ballast(&self) -> PathBuf {
        self.0.join(".ballast")
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
