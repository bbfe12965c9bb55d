//! Finds the root of the plugin in a package: the folder of the shallowest manifest (SPEC §5.8). Must not judge the
//! manifest's content beyond its id.

use std::io::Read;

use super::{FILE_NAME, MAX_BYTES, ManifestError, parse};
use crate::base::file_tree::FileTree;
use crate::model::Slug;

/// The most folders above the plugin's manifest.
pub const MAX_DEPTH: usize = 3;

/// The folder that is the plugin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PluginRoot {
    /// What all paths of the plugin start with: empty, or folders with a `/` at the end.
    pub prefix: String,
    /// The manifest's path in the package.
    pub manifest_path: String,
}

impl PluginRoot {
    fn of(manifest_path: &str) -> Self {
        Self {
            prefix: manifest_path[..manifest_path.len() - FILE_NAME.len()].to_owned(),
            manifest_path: manifest_path.to_owned(),
        }
    }
}

/// Finds the shallowest manifest, at most three folders down. Of several at that depth it is the one with the plugin's
/// id; deeper ones are ordinary files.
pub fn locate(tree: &dyn FileTree, slug: &Slug) -> Result<PluginRoot, ManifestError> {
    let mut candidates = shallowest(tree.paths());
    match candidates.as_slice() {
        [] => Err(ManifestError::Missing),
        [only] => Ok(PluginRoot::of(only)),
        _ => {
            let mut ids = Vec::with_capacity(candidates.len());
            for path in candidates.drain(..) {
                let id = parse::id_of(&read_bounded(tree, path)?);
                if id.as_deref().is_some_and(|id| parse::names(id, slug)) {
                    return Ok(PluginRoot::of(path));
                }
                ids.push((path.to_owned(), id));
            }
            Err(ManifestError::Ambiguous {
                slug: slug.to_string(),
                candidates: ids,
            })
        }
    }
}

/// The id of the plugin that a package holds, as the shallowest manifest says it.
///
/// # Errors
/// [`ManifestError::Missing`], [`ManifestError::Ambiguous`] where several are, [`ManifestError::Unnamed`].
pub fn named(tree: &dyn FileTree) -> Result<String, ManifestError> {
    match shallowest(tree.paths()).as_slice() {
        [] => Err(ManifestError::Missing),
        [only] => parse::said_id(&read_bounded(tree, only)?, only),
        several => {
            let id = |path: &&str| Ok(((*path).to_owned(), parse::id_of(&read_bounded(tree, path)?)));
            Err(ManifestError::Ambiguous {
                slug: String::new(),
                candidates: several.iter().map(id).collect::<Result<_, ManifestError>>()?,
            })
        }
    }
}

/// The root that the one manifest of a package marks, which says an id.
///
/// # Errors
/// As [`named`] and [`read`].
pub fn sole(tree: &dyn FileTree) -> Result<PluginRoot, ManifestError> {
    let (root, bytes) = sole_text(tree)?;
    parse::said_id(&bytes, &root.manifest_path)?;
    Ok(root)
}

/// The one manifest of a package: where it stands, and its bytes, in which nothing was looked at.
///
/// # Errors
/// As [`sole`], but for what stands in it.
pub fn sole_text(tree: &dyn FileTree) -> Result<(PluginRoot, Vec<u8>), ManifestError> {
    let [only] = shallowest(tree.paths())[..] else {
        named(tree)?;
        return Err(ManifestError::Missing);
    };
    let root = PluginRoot::of(only);
    let bytes = read(tree, &root)?;
    Ok((root, bytes))
}

/// Reads the manifest that [`locate`] found; never more than a manifest may have.
pub fn read(tree: &dyn FileTree, root: &PluginRoot) -> Result<Vec<u8>, ManifestError> {
    let bytes = read_bounded(tree, &root.manifest_path)?;
    if bytes.len() > MAX_BYTES {
        return Err(ManifestError::TooLarge {
            path: root.manifest_path.clone(),
            limit: MAX_BYTES,
        });
    }
    Ok(bytes)
}

fn shallowest(paths: &[String]) -> Vec<&str> {
    let manifests: Vec<(usize, &str)> = paths
        .iter()
        .filter(|path| path.rsplit('/').next() == Some(FILE_NAME))
        .map(|path| (path.matches('/').count(), path.as_str()))
        .filter(|(depth, _)| *depth <= MAX_DEPTH)
        .collect();
    let least = manifests.iter().map(|(depth, _)| *depth).min();
    manifests
        .into_iter()
        .filter(|(depth, _)| Some(*depth) == least)
        .map(|(_, path)| path)
        .collect()
}

/// One byte more than fits, so that too many are noticed.
fn read_bounded(tree: &dyn FileTree, path: &str) -> Result<Vec<u8>, ManifestError> {
    let unreadable = |source| ManifestError::Unreadable {
        path: path.to_owned(),
        source,
    };
    let reader = tree.open(path).map_err(unreadable)?.ok_or(ManifestError::Missing)?;
    let most = MAX_BYTES as u64 + 1;
    let size = tree.size(path).unwrap_or(0).min(most);
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    reader.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::file_tree::MemoryTree;

    fn found(files: &[(&str, &str)]) -> Result<String, ManifestError> {
        let slug = Slug::normalize("p1").unwrap();
        locate(&MemoryTree::of_texts(files), &slug).map(|root| {
            assert_eq!(root.manifest_path, format!("{}manifest.json", root.prefix));
            root.prefix
        })
    }

    #[test]
    fn the_shallowest_manifest_marks_the_root() {
        let (mine, other) = (r#"{"id": "p1"}"#, r#"{"id": "q"}"#);
        for (files, prefix) in [
            (&[("manifest.json", other), ("a/manifest.json", mine)][..], ""),
            (&[("a/manifest.json", other), ("a/modules/x/manifest.json", mine)], "a/"),
            (&[("a/b/c/manifest.json", mine)], "a/b/c/"),
            (&[("a/manifest.json", other), ("b/manifest.json", mine)], "b/"),
            (&[("a/manifest.json", "broken"), ("b/manifest.json", mine)], "b/"),
            (
                &[
                    ("manifest.json.bak", mine),
                    ("x-manifest.json", mine),
                    ("z/manifest.json", other),
                ],
                "z/",
            ),
        ] {
            assert_eq!(found(files).unwrap(), prefix, "{files:?}");
        }
    }

    #[test]
    fn a_package_without_a_clear_manifest_is_refused() {
        assert!(matches!(found(&[]), Err(ManifestError::Missing)));
        assert!(matches!(
            found(&[("a/b/c/d/manifest.json", "{}")]),
            Err(ManifestError::Missing)
        ));
        assert!(matches!(found(&[("Manifest.json", "{}")]), Err(ManifestError::Missing)));
        let fault = found(&[("a/manifest.json", r#"{"id": "q"}"#), ("b/manifest.json", "[")]).unwrap_err();
        let text = fault.to_string();
        assert!(
            text.contains("a/manifest.json (\"q\")") && text.contains("b/manifest.json (no readable id)"),
            "{text}"
        );
    }

    #[test]
    fn a_manifest_is_read_up_to_its_limit() {
        for (length, fits) in [(MAX_BYTES, true), (MAX_BYTES + 1, false), (MAX_BYTES * 3, false)] {
            let tree = MemoryTree::of_texts(&[("manifest.json", &" ".repeat(length))]);
            let root = PluginRoot::of("manifest.json");
            assert_eq!(read(&tree, &root).is_ok(), fits, "{length}");
        }
    }
}
