//! For tests: a small file system of its own.

use std::path::Path;
use std::process::Command;

/// A small file system in memory, for tests of full disks. Only root may mount one.
pub(crate) struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// Fails the test where this user may not mount.
    pub(crate) fn mount(size: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let options = format!("size={size}");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "gestor-plugins-test"])
            .arg(folder.path())
            .output()
            .is_ok_and(|output| output.status.success());
        assert!(mounted, "run as root: this test mounts a tmpfs");
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}
