//! The files of a package that the gestor is to serve, and under which address each (SPEC 2 §9). Decides from paths and
//! descriptors; must not know what stands in `assets/`.

use serde_json::Value;

use super::error::Faults;
use super::{ResourceError, ResourceFault, ResourceWarning};
use crate::base::file_tree::FileTree;
use crate::model::{Asset, Slug, Version};

/// Files of a version stand in a folder of its name in here.
const FOLDER: &str = "assets/";
/// Where the gestor loads modules of plugins from.
const MODULES: &str = "modules/";
/// Extensions for which servers run a file, beside those of PHP with a number. Languages have `pl` and `py`.
const RUN: [&str; 8] = ["pht", "phtml", "phar", "cgi", "fcgi", "shtml", "shtm", "inc"];
/// Bytes of a descriptor that is looked into.
const DESCRIPTOR_LIMIT: u64 = 4 << 20;

/// Looks at the names of files that are to be served.
///
/// # Errors
/// [`ResourceFault::AssetName`] for each that the gestor would run, hide, or not serve.
pub fn check_asset_names(paths: &[String]) -> Result<Vec<ResourceWarning>, ResourceError> {
    let mut faults = Faults::default();
    let mut warnings = Vec::new();
    for path in paths {
        let is_of_version = split_version(path).is_some();
        if is_of_version && !may_be_served(path) {
            faults.add(|| ResourceFault::AssetName { path: path.clone() });
        } else if (is_of_version || is_of_module(path)) && may_run(path) {
            warnings.push(ResourceWarning::ServerScript { path: path.clone() });
        } else if is_of_version && ending(path) == "mjs" {
            warnings.push(ResourceWarning::ModuleScript { path: path.clone() });
        }
    }
    faults.finish()?;
    Ok(warnings)
}

/// The files that a plugin publishes, by address. Where two have one address, the first counts.
pub fn assets(tree: &dyn FileTree, slug: &Slug) -> Result<Vec<Asset>, ResourceError> {
    let mut found = Vec::new();
    let mut module: Option<ModuleAssets> = None;
    for path in tree.paths() {
        if let Some((version, _)) = split_version(path).filter(|_| may_be_served(path) && !may_run(path)) {
            let folder = format!("plugins/{slug}/{version}");
            found.push(Asset {
                source: path.clone(),
                target: format!("plugins/{slug}/{}", &path[FOLDER.len()..]),
                version: None,
                folder: Some(folder.len()),
            });
        } else if let Some((name, file)) = split_module(path).filter(|_| !may_run(path)) {
            let module = match &mut module {
                Some(known) if known.name == name => known,
                other => other.insert(ModuleAssets::read(tree, name)?),
            };
            found.extend(module.asset(path, file));
        }
    }
    // `<m>.js` before `<m>.js.js`, which would have its address.
    found.sort_by(|one, other| (&one.target, one.source.len()).cmp(&(&other.target, other.source.len())));
    found.dedup_by(|later, first| later.target == first.target);
    Ok(found)
}

/// What the gestor makes of a module's descriptor for the addresses of its files.
struct ModuleAssets {
    name: String,
    /// Below which name its script stands: the descriptor's `plugin`.
    plugin: Option<String>,
    version: Option<String>,
}

impl ModuleAssets {
    fn read(tree: &dyn FileTree, name: &str) -> Result<Self, ResourceError> {
        let path = format!("{MODULES}{name}/{name}.json");
        let is_small = tree.size(&path).is_none_or(|size| size <= DESCRIPTOR_LIMIT);
        let bytes = if is_small { tree.read(&path) } else { Ok(None) };
        let bytes = bytes.map_err(|source| ResourceError::Unreadable { path, source })?;
        // What is no JSON is nothing to PHP either.
        let descriptor = bytes.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let text = |key: &str| Some(descriptor.as_ref()?.get(key)?.as_str()?.to_owned());
        let filled = |key: &str| text(key).filter(|text| !text.is_empty());
        Ok(Self {
            name: name.to_owned(),
            plugin: text("plugin").filter(|plugin| Slug::normalize(plugin).is_ok_and(|slug| slug.as_str() == plugin)),
            version: filled("asset_version").or_else(|| filled("versao")),
        })
    }

    /// `<m>.js`, `<m>.css`, `<m>.<option>.js`, `<m>.<option>.css`; nothing else is asked for.
    fn asset(&self, path: &str, file: &str) -> Option<Asset> {
        let rest = file.strip_prefix(self.name.as_str())?.strip_prefix('.')?;
        let name = &self.name;
        let target = match (rest, rest.rsplit_once('.')) {
            ("js", _) => match &self.plugin {
                Some(plugin) => format!("{plugin}/{name}/js.js"),
                None => format!("{name}/js.js"),
            },
            ("css", _) => format!("{name}/css.css"),
            (_, Some((option, "js" | "css"))) if !option.is_empty() && !option.starts_with('.') => {
                format!("{name}/{rest}")
            }
            _ => return None,
        };
        Some(Asset {
            source: path.to_owned(),
            target,
            version: self.version.clone(),
            folder: None,
        })
    }
}

/// Version and rest of `assets/<version>/<rest>`.
fn split_version(path: &str) -> Option<(&str, &str)> {
    let (version, rest) = path.strip_prefix(FOLDER)?.split_once('/')?;
    let is_version = version
        .parse::<Version>()
        .is_ok_and(|known| known.to_string() == version);
    (is_version && !rest.is_empty()).then_some((version, rest))
}

/// Module and file name of `modules/<m>/<file>`.
fn split_module(path: &str) -> Option<(&str, &str)> {
    let (module, file) = path.strip_prefix(MODULES)?.split_once('/')?;
    let is_module = !module.is_empty() && !module.starts_with('.');
    (is_module && !file.contains('/')).then_some((module, file))
}

/// Whether a file of a module is one that is published.
fn is_of_module(path: &str) -> bool {
    let rest = split_module(path).and_then(|(module, file)| file.strip_prefix(module)?.strip_prefix('.'));
    rest.is_some_and(|rest| matches!(rest.rsplit('.').next(), Some("js" | "css")))
}

/// Some servers run a file for an extension that is not its last (Apache's `AddHandler`), and more than PHP.
fn may_run(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let mut extensions = name.split('.').skip(1).map(str::to_ascii_lowercase);
    extensions.any(|extension| {
        let of_php = extension.strip_prefix("php");
        let is_php = of_php.is_some_and(|rest| rest == "s" || rest.bytes().all(|byte| byte.is_ascii_digit()));
        is_php || RUN.contains(&extension.as_str())
    })
}

/// Behind the last dot of a file's name, in lower case.
fn ending(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    ending.to_ascii_lowercase()
}

/// No server runs it, no part of its path is hidden, and it has an extension, without which the gestor answers with a page.
fn may_be_served(path: &str) -> bool {
    let ending = ending(path);
    let runs = ending.starts_with("php") || ending.starts_with("pht") || ending == "phar";
    !ending.is_empty() && !runs && !path.split('/').any(|part| part.starts_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::file_tree::MemoryTree;

    fn published(files: &[(&str, &str)]) -> Vec<(String, String)> {
        let found = assets(&MemoryTree::of_texts(files), &Slug::normalize("p").unwrap()).unwrap();
        found.into_iter().map(|asset| (asset.source, asset.target)).collect()
    }

    #[test]
    fn each_file_gets_the_address_that_the_gestor_asks_for() {
        let found = published(&[
            ("assets/1.0.0/img/a.svg", ""),
            ("assets/1.0/b.svg", ""),
            ("assets/c.svg", ""),
            ("modules/m/m.json", r#"{"plugin": "p"}"#),
            ("modules/m/m.js", ""),
            ("modules/m/m.css", ""),
            ("modules/m/m.list.js", ""),
            ("modules/m/m.list.css", ""),
            ("modules/m/m.php", ""),
            ("modules/m/other.js", ""),
            ("modules/m/sub/m.js", ""),
            ("modules/n/n.js", ""),
            ("modules/n/n.js.js", ""),
            ("modules/o/o.json", r#"{"plugin": "other"}"#),
            ("modules/o/o.js", ""),
            ("modules/q/q.json", r#"{"plugin": "../x"}"#),
            ("modules/q/q.js", ""),
            ("modulos/r/r.js", ""),
        ]);
        let expected = [
            ("modules/m/m.css", "m/css.css"),
            ("modules/m/m.list.css", "m/list.css"),
            ("modules/m/m.list.js", "m/list.js"),
            ("modules/n/n.js", "n/js.js"),
            ("modules/o/o.js", "other/o/js.js"),
            ("modules/m/m.js", "p/m/js.js"),
            ("assets/1.0.0/img/a.svg", "plugins/p/1.0.0/img/a.svg"),
            ("modules/q/q.js", "q/js.js"),
        ];
        assert_eq!(
            found,
            expected.map(|(source, target)| (source.to_owned(), target.to_owned()))
        );
    }

    #[test]
    fn a_folder_of_a_version_is_one_unit_and_the_rest_are_files() {
        let files = [
            ("assets/1.0.0/img/a.svg", ""),
            ("modules/m/m.css", ""),
            ("modules/m/m.json", r#"{"versao": "7"}"#),
        ];
        let found = assets(&MemoryTree::of_texts(&files), &Slug::normalize("p").unwrap()).unwrap();
        let units: Vec<_> = found
            .iter()
            .map(|asset| (asset.unit(), asset.version.as_deref()))
            .collect();
        assert_eq!(units, [("m/css.css", Some("7")), ("plugins/p/1.0.0", None)]);
    }

    #[test]
    fn names_that_no_gestor_may_serve_are_refused() {
        for (path, is_refused) in [
            ("assets/1.0.0/x.php", true),
            ("assets/1.0.0/x.PHP", true),
            ("assets/1.0.0/x.php7", true),
            ("assets/1.0.0/sub/x.phtml", true),
            ("assets/1.0.0/x.phar", true),
            ("assets/1.0.0/.hidden.js", true),
            ("assets/1.0.0/.git/x.js", true),
            ("assets/1.0.0/LICENSE", true),
            ("assets/1.0.0/x.", true),
            ("assets/1.0.0/x.php.js", false),
            ("assets/1.0.0/x.js", false),
            ("assets/x.php", false),
            ("modules/m/m.php", false),
        ] {
            let told = check_asset_names(&[path.to_owned()]);
            assert_eq!(told.is_err(), is_refused, "{path}");
            if let Err(fault) = told {
                assert!(fault.to_string().contains(path));
            }
        }
        let warned = check_asset_names(&["assets/1.0.0/x.mjs".to_owned()]).unwrap();
        assert!(matches!(&warned[..], [ResourceWarning::ModuleScript { .. }]));
    }

    #[test]
    fn what_some_server_runs_is_told_and_not_published() {
        for (path, runs) in [
            ("assets/1.0.0/x.php.txt", true),
            ("assets/1.0.0/x.PHP5.js", true),
            ("assets/1.0.0/sub/x.phar.gz", true),
            ("assets/1.0.0/x.pHtml.en.html", true),
            ("assets/1.0.0/x.phps.txt", true),
            ("assets/1.0.0/x.cgi", true),
            ("assets/1.0.0/x.shtml", true),
            ("assets/1.0.0/x.inc", true),
            ("assets/1.0.0/x.inc.js", true),
            ("modules/m/m.x.php.js", true),
            ("modules/m/m.cgi.css", true),
            ("assets/1.0.0/php.js", false),
            ("assets/1.0.0/x.phpunit.xml", false),
            ("assets/1.0.0/texts.pl.json", false),
            ("assets/1.0.0/include.js", false),
            ("assets/1.0.0/x.php/a.js", false),
            ("modules/m/m.list.js", false),
        ] {
            let told = check_asset_names(&[path.to_owned()]).unwrap();
            let is_told = matches!(&told[..], [ResourceWarning::ServerScript { path: named }] if named == path);
            assert_eq!(is_told, runs, "{path}: {told:?}");
            assert_eq!(published(&[(path, "")]).is_empty(), runs, "{path}");
        }
        // What is not published anyway is not told of.
        for path in ["modules/m/other.php.js", "assets/x.cgi", "modules/m/m.php", "lib/x.inc"] {
            assert!(check_asset_names(&[path.to_owned()]).unwrap().is_empty(), "{path}");
        }
    }
}
