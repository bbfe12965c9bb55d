//! Files of resources that no row of the package stands for. Pure.

use super::row_lints::Brought;

/// Folders of resources, and the tables whose rows they hold texts of.
const FOLDERS: [(&str, &str); 4] = [
    ("pages", "paginas"),
    ("layouts", "layouts"),
    ("components", "componentes"),
    ("templates", "templates"),
];

/// The `id` that a file of resources is named after, where no row has it. `brought`: tables and `id`s of the rows.
pub(super) fn unused(path: &str, brought: &Brought) -> Option<String> {
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts.iter().position(|part| *part == "resources")?;
    let [_language, folder, id, _file] = parts.get(at + 1..)? else {
        return None;
    };
    if !matches!(parts[0], "modules" | "modulos" | "resources") {
        return None;
    }
    let (_, table) = FOLDERS.iter().find(|(name, _)| name == folder)?;
    let is_brought = brought.get(*table).is_some_and(|ids| ids.contains(*id));
    (!is_brought).then(|| (*id).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_row_is_found() {
        let brought = Brought::from([("paginas".to_owned(), ["a".to_owned()].into())]);
        for (path, expected) in [
            ("modules/m/resources/en/pages/a/a.html", None),
            ("modules/m/resources/en/pages/b/b.html", Some("b")),
            ("modules/m/resources/en/layouts/a/a.css", Some("a")),
            ("modules/m/resources/en/other/b/b.html", None),
            ("modules/m/resources/lang.json", None),
            ("x/resources/en/pages/b/b.html", None),
            ("modules/m/m.php", None),
        ] {
            assert_eq!(unused(path, &brought).as_deref(), expected, "{path}");
        }
    }
}
