//! What an administrator can do about a file or folder, as commands that a shell takes. None of them follows a link, and
//! none is given that would change nothing.

use std::fmt;
use std::path::Path;

/// What to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advice {
    /// Nobody of the site made it.
    Remove,
    /// It may be the site's after all: then these commands make it so.
    Claim(Vec<String>),
    /// As root.
    AsRoot(Vec<String>),
    /// It is right as it is, and this process is somebody else.
    Another {
        /// Who may.
        user: String,
        /// What would let this process.
        commands: Vec<String>,
    },
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Remove => f.write_str("find out who made it and remove it"),
            Self::Claim(commands) => write!(
                f,
                "find out who made it and remove it; or, if it is the site's, as root: {}",
                commands.join(" && ")
            ),
            Self::AsRoot(commands) => write!(f, "as root: {}", commands.join(" && ")),
            Self::Another { user, commands } => write!(
                f,
                "do this as {user}; or, if this user shall do it from now on, as root: {}",
                commands.join(" && ")
            ),
        }
    }
}

/// Gives something itself to a user and group.
pub(super) fn give(owner: &str, path: &Path) -> String {
    format!("chown -h {owner} {}", quoted(path))
}

/// Gives something with all that is in it.
pub(super) fn give_all(owner: &str, path: &Path) -> String {
    format!("chown -hR {owner} {}", quoted(path))
}

/// Changes permissions.
pub(super) fn permit(change: &str, path: &Path) -> String {
    format!("chmod {change} {}", quoted(path))
}

/// Takes attributes back that nobody may pass.
pub(super) fn make_mutable(path: &Path) -> String {
    format!("chattr -i -a {}", quoted(path))
}

/// Makes a folder for somebody.
pub(super) fn make(user: &str, group: &str, path: &Path) -> String {
    format!("install -d -o {user} -g {group} {}", quoted(path))
}

/// A path as one word of a shell, whatever it is made of.
fn quoted(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_and_no_link_is_followed() {
        for (path, expected) in [
            ("/g/temp", "chown -h a:b '/g/temp'"),
            ("/g/it's; rm -r /", r"chown -h a:b '/g/it'\''s; rm -r /'"),
        ] {
            assert_eq!(give("a:b", Path::new(path)), expected);
        }
        assert!(give_all("a:b", Path::new("/g")).starts_with("chown -hR a:b "));
        let claim = Advice::Claim(vec!["one".to_owned(), "two".to_owned()]);
        assert!(claim.to_string().ends_with("as root: one && two"));
    }
}
