//! Where the HTML and CSS of a resource stand in a package (SPEC §7). Decides only from paths; each resource costs a
//! handful of binary searches.

use std::collections::HashMap;

use super::{Module, ResourceKind};
use crate::base::file_tree::FileTree;

/// The language of a row that names none: the DEFAULT of the gestor's resource tables.
pub(super) const DEFAULT_LANGUAGE: &str = "pt-br";

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) kind: ResourceKind,
    pub(super) id: &'a str,
    pub(super) language: &'a str,
    pub(super) module: Option<&'a str>,
}

/// The files of one resource; at least one is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResourceFiles {
    pub(super) html: Option<String>,
    pub(super) css: Option<String>,
}

/// A package's tree with its modules by name.
pub(super) struct ResourceTree<'a> {
    tree: &'a dyn FileTree,
    folders: HashMap<String, Vec<&'a str>>,
}

impl<'a> ResourceTree<'a> {
    pub(super) fn new(tree: &'a dyn FileTree, modules: &'a [Module]) -> Self {
        let mut folders: HashMap<String, Vec<&str>> = HashMap::new();
        for module in modules {
            folders
                .entry(module.name.to_lowercase())
                .or_default()
                .push(&module.folder);
        }
        Self { tree, folders }
    }

    /// The first place that has a file. HTML and CSS are taken from one place, so that a resource is never put together
    /// from two of the same name; a module's own folder therefore comes before the package's `resources/`.
    pub(super) fn find(&self, wanted: Wanted<'_>) -> Option<ResourceFiles> {
        let Wanted {
            kind,
            id,
            language,
            module,
        } = wanted;
        let folder = kind.section();
        let below_language = format!("resources/{language}/{folder}/{id}/{id}");
        let of_module = module
            .and_then(|name| self.folders.get(&name.trim().to_lowercase()))
            .map(Vec::as_slice)
            .unwrap_or_default();
        self.at(&format!("{folder}/{id}"))
            .or_else(|| self.at(&format!("{folder}/{id}/index")))
            .or_else(|| {
                of_module
                    .iter()
                    .find_map(|module| self.at(&format!("{module}/{below_language}")))
            })
            .or_else(|| self.at(&below_language))
    }

    fn at(&self, base: &str) -> Option<ResourceFiles> {
        let existing = |kind: &str| Some(format!("{base}.{kind}")).filter(|path| self.tree.contains(path));
        let (html, css) = (existing("html"), existing("css"));
        (html.is_some() || css.is_some()).then_some(ResourceFiles { html, css })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::file_tree::MemoryTree;

    fn find(paths: &[&str], module: Option<&str>) -> Option<String> {
        let tree = MemoryTree::new(paths.iter().map(|path| ((*path).to_owned(), Vec::new())));
        let modules = Module::all(tree.paths());
        let wanted = Wanted {
            kind: ResourceKind::Page,
            id: "x",
            language: "en",
            module,
        };
        let place = ResourceTree::new(&tree, &modules).find(wanted)?;
        let shown: Vec<String> = [place.html, place.css].into_iter().flatten().collect();
        Some(shown.join(" "))
    }

    #[test]
    fn places_are_tried_in_order() {
        let all = [
            "pages/x.css",
            "pages/x/index.html",
            "modules/Mod/resources/en/pages/x/x.html",
            "modulos/mod/resources/en/pages/x/x.html",
            "resources/en/pages/x/x.html",
        ];
        for first in 0..all.len() {
            assert_eq!(
                find(&all[first..], Some(" mod ")).as_deref(),
                Some(all[first]),
                "{first}"
            );
        }
    }

    #[test]
    fn only_the_resource_itself_is_found() {
        for (paths, module, found) in [
            (
                &["pages/x.css", "pages/x.html"][..],
                None,
                Some("pages/x.html pages/x.css"),
            ),
            (&["pages/x.css", "pages/x/index.html"], None, Some("pages/x.css")),
            (&["resources/pt-br/pages/x/x.html"], None, None),
            (&["layouts/x.html", "pages/xx.html", "pages/x.htm"], None, None),
            (&["modules/m/resources/en/pages/x/x.html"], None, None),
            (&["modules/m/resources/en/pages/x/x.html"], Some("n"), None),
            (
                &["resources/en/pages/x/x.html"],
                Some("n"),
                Some("resources/en/pages/x/x.html"),
            ),
        ] {
            assert_eq!(find(paths, module).as_deref(), found, "{paths:?} {module:?}");
        }
    }
}
