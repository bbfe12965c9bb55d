//! The modules of a package: folders below `modules/` and `modulos/`, and the names of their descriptors (SPEC §7).
//! Decides only from paths.

/// The folders that hold modules.
const PARENTS: [&str; 2] = ["modules", "modulos"];

/// The names of a descriptor, in the order in which they count; the last is `<folder>.json`.
const DESCRIPTORS: [&str; 4] = ["module-id.json", "module.json", "modulo-id.json", "modulo.json"];

/// A module of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Module {
    /// The name of its folder.
    pub name: String,
    /// Its folder, without a `/` at the end: `modules/<name>`.
    pub folder: String,
    /// The paths of its descriptors, the one that counts first; empty where it has none.
    pub descriptors: Vec<String>,
}

impl Module {
    /// The modules among sorted paths, in their order.
    pub fn all(paths: &[String]) -> Vec<Self> {
        let mut modules: Vec<Self> = Vec::new();
        for path in paths {
            let Some((folder, name, rest)) = split(path) else {
                continue;
            };
            let module = match modules.last_mut() {
                Some(last) if last.folder == folder => last,
                _ => {
                    modules.push(Self {
                        name: name.to_owned(),
                        folder: folder.to_owned(),
                        descriptors: Vec::new(),
                    });
                    let Some(last) = modules.last_mut() else { continue };
                    last
                }
            };
            if rank(rest, name).is_some() {
                module.descriptors.push(path.clone());
            }
        }
        for module in &mut modules {
            let start = module.folder.len() + 1;
            let name = module.name.clone();
            module.descriptors.sort_by_key(|path| rank(&path[start..], &name));
        }
        modules
    }
}

/// Folder, name and rest of a path inside a module.
fn split(path: &str) -> Option<(&str, &str, &str)> {
    let (parent, below) = path.split_once('/')?;
    let (name, rest) = below.split_once('/')?;
    let named = !name.is_empty() && !name.starts_with('.');
    (PARENTS.contains(&parent) && named).then(|| (&path[..parent.len() + 1 + name.len()], name, rest))
}

fn rank(file: &str, folder: &str) -> Option<usize> {
    DESCRIPTORS
        .iter()
        .position(|name| *name == file)
        .or_else(|| (file.strip_suffix(".json") == Some(folder)).then_some(DESCRIPTORS.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_and_their_descriptors_are_found() {
        let mut paths: Vec<String> = [
            "modules/readme.txt",
            "modules/a/a.json",
            "modules/a/module.json",
            "modules/a/module-id.json",
            "modules/a/resources/module.json",
            "modules/a-b/a-b.json",
            "modules/a-b/other.json",
            "modules/bare/index.php",
            "modules/.git/module.json",
            "modulos/c/modulo.json",
            "modulos/c/modulo-id.json",
            "other/modules/d/module.json",
        ]
        .map(str::to_owned)
        .to_vec();
        paths.sort();
        let modules = Module::all(&paths);
        let shown: Vec<_> = modules
            .iter()
            .map(|module| {
                (
                    module.name.as_str(),
                    module.folder.as_str(),
                    module.descriptors.join(" "),
                )
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("a-b", "modules/a-b", "modules/a-b/a-b.json".to_owned()),
                (
                    "a",
                    "modules/a",
                    "modules/a/module-id.json modules/a/module.json modules/a/a.json".to_owned()
                ),
                ("bare", "modules/bare", String::new()),
                (
                    "c",
                    "modulos/c",
                    "modulos/c/modulo-id.json modulos/c/modulo.json".to_owned()
                ),
            ]
        );
    }
}
