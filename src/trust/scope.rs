//! Whose a signature is, and of which plugins: the names in the certificate (URI names of `urn:gestor-plugins:`). Decides
//! only.

use crate::model::Slug;

const DEVELOPER: &str = "urn:gestor-plugins:dev:";
const PLUGIN: &str = "urn:gestor-plugins:plugin:";
const OURS: &str = "urn:gestor-plugins:";
/// Characters of a developer's name; those of the column `desenvolvedor`.
const LONGEST: usize = 64;

/// Whether a text is the name of a developer: `[a-z0-9][a-z0-9._-]{0,63}`.
pub(super) fn is_developer(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let starts_well = name.bytes().next().is_some_and(is_letter);
    starts_well && name.len() <= LONGEST && name.bytes().all(|byte| is_letter(byte) || b"._-".contains(&byte))
}

/// Which plugins are meant: one, those with a beginning, or all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PluginPattern(String);

impl PluginPattern {
    /// Reads `slug`, `prefix*` or `*`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let name = text.strip_suffix('*').unwrap_or(text);
        let is_whole = name.len() == text.len();
        let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let fits = name.bytes().all(|byte| is_letter(byte) || b"-_".contains(&byte));
        let starts_well = name.bytes().next().map_or(!is_whole, is_letter);
        (fits && starts_well && name.len() <= 90).then(|| Self(text.to_owned()))
    }

    /// How closely it names what it means: a whole name before any beginning, a long beginning before a short one.
    pub(super) fn closeness(&self) -> (bool, usize) {
        (!self.0.ends_with('*'), self.0.len())
    }

    /// Whether it means a plugin.
    pub(super) fn covers(&self, slug: &Slug) -> bool {
        match self.0.strip_suffix('*') {
            Some(beginning) => slug.as_str().starts_with(beginning),
            None => slug.as_str() == self.0,
        }
    }
}

/// Whose a certificate says that it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signer {
    /// The developer.
    pub developer: String,
    /// The plugins that the developer may sign.
    plugins: Vec<PluginPattern>,
}

impl Signer {
    /// Reads the URI names of a certificate: one developer, one plugin or more, and nothing else of ours.
    pub(super) fn of_names<'n>(names: impl Iterator<Item = &'n str>) -> Option<Self> {
        let (mut developer, mut plugins) = (None, Vec::new());
        for name in names.filter(|name| name.starts_with(OURS)) {
            if let Some(name) = name.strip_prefix(DEVELOPER) {
                let is_again = developer.replace(name.to_owned()).is_some();
                if is_again || !is_developer(name) {
                    return None;
                }
            } else {
                plugins.push(PluginPattern::read(name.strip_prefix(PLUGIN)?)?);
            }
        }
        let developer = developer.filter(|_| !plugins.is_empty())?;
        Some(Self { developer, plugins })
    }

    /// Whether the developer may sign a plugin.
    pub(super) fn covers(&self, slug: &Slug) -> bool {
        self.plugins.iter().any(|pattern| pattern.covers(slug))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_say() {
        let slug = |name| Slug::normalize(name).unwrap();
        for (pattern, name, covers) in [
            ("acme-shop", "acme-shop", true),
            ("acme-shop", "acme-shop2", false),
            ("acme-*", "acme-shop", true),
            ("acme-*", "acme", false),
            ("acme-*", "other", false),
            ("*", "anything", true),
        ] {
            assert_eq!(
                PluginPattern::read(pattern).unwrap().covers(&slug(name)),
                covers,
                "{pattern} {name}"
            );
        }
        for wrong in ["", "**", "a*b", "*a", "A", "a b", "-a", "a/b", &"a".repeat(91)] {
            assert_eq!(PluginPattern::read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_signer_is_one_developer_of_known_plugins() {
        let read = |names: &[&str]| Signer::of_names(names.iter().copied());
        let good = read(&[
            "https://acme.example",
            "urn:gestor-plugins:dev:acme",
            "urn:gestor-plugins:plugin:acme-*",
            "urn:gestor-plugins:plugin:other",
        ]);
        let good = good.unwrap();
        assert_eq!(good.developer, "acme");
        assert!(good.covers(&Slug::normalize("other").unwrap()));
        for wrong in [
            &[][..],
            &["urn:gestor-plugins:dev:acme"],
            &["urn:gestor-plugins:plugin:*"],
            &["urn:gestor-plugins:dev:Acme", "urn:gestor-plugins:plugin:*"],
            &["urn:gestor-plugins:dev:", "urn:gestor-plugins:plugin:*"],
            &[
                "urn:gestor-plugins:dev:a",
                "urn:gestor-plugins:dev:b",
                "urn:gestor-plugins:plugin:*",
            ],
            &["urn:gestor-plugins:dev:a", "urn:gestor-plugins:plugin:a*b"],
            &[
                "urn:gestor-plugins:dev:a",
                "urn:gestor-plugins:plugin:*",
                "urn:gestor-plugins:new:x",
            ],
        ] {
            assert_eq!(read(wrong), None, "{wrong:?}");
        }
    }
}
