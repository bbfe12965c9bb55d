//! Whether a path lies below allowed folders, wherever links lead: the rule of PHP's `open_basedir`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Links that are followed one after the other, as the kernel does.
const LINKS: usize = 40;

/// Whether a path is one of the allowed folders or lies below one. What does not exist yet counts as where it would be
/// made. A path that cannot be followed lies nowhere.
pub fn is_within(allowed: &[PathBuf], path: &Path) -> bool {
    let Some(real) = resolve(path) else { return false };
    allowed
        .iter()
        .filter_map(|folder| resolve(folder))
        .any(|folder| real.starts_with(folder))
}

/// The real path of the longest part that exists, and the rest as it stands.
fn resolve(path: &Path) -> Option<PathBuf> {
    let mut known = std::path::absolute(path).ok()?;
    let mut rest: Vec<OsString> = Vec::new();
    let mut links = 0;
    loop {
        if let Ok(mut real) = known.canonicalize() {
            real.extend(rest.iter().rev());
            return Some(real);
        }
        // A link to what does not exist yet leads there all the same.
        if let Ok(target) = known.read_link() {
            links += 1;
            known = known.parent().filter(|_| links <= LINKS)?.join(target);
            continue;
        }
        // `..` behind a part that does not exist has no name: such a path is refused.
        rest.push(known.file_name()?.to_owned());
        known = known.parent()?.to_owned();
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn folders_end_at_their_name_and_links_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["site/plugins", "site-of-another", "elsewhere"] {
            fs::create_dir_all(at(name)).unwrap();
        }
        fs::write(at("site/a.zip"), "").unwrap();
        fs::write(at("elsewhere/secret"), "").unwrap();
        symlink(at("elsewhere"), at("site/out")).unwrap();
        symlink("../elsewhere/new", at("site/dangling")).unwrap();
        symlink("loop", at("site/loop")).unwrap();
        symlink(at("site"), at("alias")).unwrap();
        for (path, is_inside) in [
            ("site", true),
            ("site/", true),
            ("site/a.zip", true),
            ("site/not/yet/there", true),
            ("site/plugins/../a.zip", true),
            ("alias/a.zip", true),
            ("site-of-another", false),
            ("site/../elsewhere/secret", false),
            ("site/out/secret", false),
            ("site/out/not-there", false),
            ("site/dangling", false),
            ("site/loop", false),
            ("site/none/../../elsewhere/secret", false),
            ("elsewhere/secret", false),
        ] {
            for allowed in [at("site"), at("site/"), at("alias")] {
                assert_eq!(is_within(&[allowed], &at(path)), is_inside, "{path}");
            }
        }
        assert!(is_within(&[at("none"), at("elsewhere")], &at("site/out/secret")));
        assert!(!is_within(&[], &at("site")));
        assert!(is_within(&[PathBuf::from("/")], &at("elsewhere")));
        assert!(is_within(&[PathBuf::from(".")], Path::new("Cargo.toml")));
    }
}
