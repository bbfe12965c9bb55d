//! Which version of a plugin is meant. Pure.

use super::entry::{Channel, PluginEntry, VersionEntry};
use crate::model::{Phrase, Release, VersionRange};

use super::messages as said;

/// What is wanted of a plugin.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// In which versions.
    pub range: Option<VersionRange>,
    /// The installed version.
    pub installed: Option<Release>,
    /// The gestor's version.
    pub gestor: Option<Release>,
}

/// A version, and what of it should be known.
pub type Choice<'e> = &'e VersionEntry;

/// Why no version fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChooseFault {
    /// None in the range.
    NoneInRange,
    /// Those in the range were withdrawn; why the newest was.
    Withdrawn(Phrase),
    /// Those in the range are for whoever names them.
    PreviewsOnly,
}

/// The newest version that is wanted and that this gestor may have; where it may have none, the newest, which the manifest
/// then refuses with its own words. A preview only where the range names nothing else; what was withdrawn only where it is
/// installed.
pub fn choose<'e>(entry: &'e PluginEntry, wanted: &Wanted) -> Result<Choice<'e>, ChooseFault> {
    let is_wanted = |version: &&VersionEntry| {
        let range = wanted.range.as_ref();
        range.is_none_or(|range| range.admits(version.release()))
    };
    let named = |version: &VersionEntry| {
        let range = wanted.range.as_ref();
        range.is_some_and(|range| names_alone(range, version.release()))
    };
    let in_range: Vec<&VersionEntry> = entry.versions.iter().filter(is_wanted).collect();
    let newest = in_range.first().ok_or(ChooseFault::NoneInRange)?;
    let is_installed = |version: &VersionEntry| wanted.installed == Some(version.release());
    let standing: Vec<&VersionEntry> = in_range
        .iter()
        .copied()
        .filter(|version| version.withdrawn.is_none() || is_installed(version))
        .collect();
    if standing.is_empty() {
        let why = newest.withdrawn.as_deref().unwrap_or_default();
        return Err(ChooseFault::Withdrawn(said::why_withdrawn(
            &newest.version.to_string(),
            why,
        )));
    }
    let is_open =
        |version: &&&VersionEntry| version.channel == Channel::Estavel || named(version) || is_installed(version);
    let open: Vec<&VersionEntry> = standing.iter().filter(is_open).copied().collect();
    let fits = |version: &&VersionEntry| wanted.gestor.is_none_or(|gestor| version.admits_gestor(gestor));
    let best = open.iter().copied().find(fits).or_else(|| open.first().copied());
    best.ok_or(ChooseFault::PreviewsOnly)
}

/// Whether a range takes this release and neither of its neighbours.
fn names_alone(range: &VersionRange, release: Release) -> bool {
    let before = Release {
        patch: release.patch.wrapping_sub(1),
        ..release
    };
    range.admits(release) && !range.admits(release.next()) && (release.patch == 0 || !range.admits(before))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::model::Slug;

    fn entry() -> PluginEntry {
        let version = |version: &str, canal: &str, retirada: Option<&str>, gestor: &str| {
            json!({"versao": version, "sha256": "a".repeat(64), "tamanho": 9, "urls": ["https://a.org/p.zip"],
                "publicada_em": "2026-01-02T03:04:05Z", "canal": canal, "retirada": retirada, "compatibilidade": gestor})
        };
        let text = json!({"formato": 1, "id": "p", "nome": "P", "versoes": [
            version("2.1.0", "previa", None, "*"),
            version("2.0.0", "estavel", None, ">=3"),
            version("1.3.0", "estavel", Some("apaga dados"), "*"),
            version("1.2.0", "estavel", None, "*"),
            version("1.1.0", "estavel", None, "*")]});
        PluginEntry::parse("i", &Slug::normalize("p").unwrap(), text.to_string().as_bytes()).unwrap()
    }

    fn chosen(range: &str, installed: Option<&str>, gestor: Option<&str>) -> Result<String, ChooseFault> {
        let wanted = Wanted {
            range: (!range.is_empty()).then(|| range.parse().unwrap()),
            installed: installed.and_then(Release::leading),
            gestor: gestor.and_then(Release::leading),
        };
        choose(&entry(), &wanted).map(|version| version.version.to_string())
    }

    #[test]
    fn the_newest_that_fits_is_chosen() {
        for (range, installed, gestor, expected) in [
            ("", None, None, "2.0.0"),
            ("", None, Some("2.9.43"), "1.2.0"),
            ("2.0.0", None, Some("2.9.43"), "2.0.0"),
            ("2.1.0", None, None, "2.1.0"),
            ("^2", Some("2.1.0"), None, "2.1.0"),
            ("^1", None, None, "1.2.0"),
            ("<1.2", None, None, "1.1.0"),
            ("1.3.0", Some("1.3.0"), None, "1.3.0"),
            ("", Some("1.3.0"), Some("2.9.43"), "1.3.0"),
        ] {
            assert_eq!(
                chosen(range, installed, gestor).as_deref(),
                Ok(expected),
                "{range} {installed:?} {gestor:?}"
            );
        }
        assert_eq!(chosen("^3", None, None), Err(ChooseFault::NoneInRange));
        assert_eq!(chosen(">2.0.0", None, None), Err(ChooseFault::PreviewsOnly));
        assert!(matches!(chosen("1.3.0", None, None), Err(ChooseFault::Withdrawn(_))));
        assert!(matches!(
            chosen("1.3.0", Some("1.2.0"), None),
            Err(ChooseFault::Withdrawn(_))
        ));
    }
}
