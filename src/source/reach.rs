//! What PHP lets the script read.

use std::path::Path;

use super::SourceError;
use crate::base::fs::is_within;
use crate::config::{CallError, InstallParameters};

/// Whether PHP lets the script read a path (`open_basedir`), wherever links lead.
pub(super) fn allow(parameters: &InstallParameters, key: &'static str, path: &Path) -> Result<(), SourceError> {
    match &parameters.site.reach.folders {
        Some(folders) if !is_within(folders, path) => Err(SourceError::Outside(CallError::Outside {
            key,
            path: path.to_owned(),
            allowed: parameters.site.reach.text(),
        })),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Argument, Settings};

    #[test]
    fn what_php_keeps_out_is_refused() {
        let entries = vec![("raiz".to_owned(), Argument::Bytes(b"/g".to_vec()))];
        let mut call = InstallParameters::read(Argument::Map(entries), &Settings::default()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let (inside, outside) = (folder.path().join("a.zip"), Path::new("/etc/hostname"));
        call.site.reach.folders = None;
        assert!(allow(&call, "arquivo", &inside).is_ok() && allow(&call, "arquivo", outside).is_ok());
        call.site.reach.folders = Some(vec![folder.path().to_owned()]);
        assert!(allow(&call, "arquivo", &inside).is_ok());
        let fault = allow(&call, "arquivo", outside).unwrap_err();
        assert!(matches!(fault, SourceError::Outside(_)), "{fault}");
    }
}
