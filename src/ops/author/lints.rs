//! What there is to say of a package that an empty gestor takes.

use super::examined::Examined;
use super::source::Source;
use crate::author::{Finding, Observation, PackageFacts, RowLints, file_findings, migration_findings};
use crate::data::{DataError, KnownRelease, Notice};
use crate::migrate::{creates, has_way_back};
use crate::model::Phrase;
use crate::ops::Error;

/// All findings, by file and line.
pub(super) fn findings(examined: &Examined, source: &Source, release: KnownRelease) -> Result<Vec<Finding>, Error> {
    let contents = examined.located.contents();
    let facts = PackageFacts {
        tree: examined.located.tree(),
        migrations: &contents.migrations,
        rules: &source.rules,
    };
    let mut rows = RowLints::default();
    for table in &examined.rows.tables {
        for window in table.rows.windows() {
            let loaded = table.rows.load(window).map_err(DataError::Rows)?;
            for row in &loaded {
                rows.add(table.table.as_str(), row);
            }
        }
    }
    let mut found = file_findings(&facts, &rows.brought());
    found.extend(rows.finish());
    found.extend(migration_findings(&facts));
    let texts = examined.located.migration_texts(None)?;
    found.extend(of_migrations(examined, &texts));
    found.extend(of_tables(examined, &texts, release));
    found.extend(of_core(examined, release));
    found.extend(of_notices(examined, &texts));
    let installer = |said: &Phrase| Finding::of_package(Observation::Installer(said.clone()));
    found.extend(examined.warnings.iter().map(installer));
    let ignored = contents.ignored.iter();
    found.extend(ignored.map(|path| Finding::of_file(path, Observation::Installer(not_data()))));
    let left_out = source.left_out.iter().map(|path| path.to_string_lossy());
    found.extend(left_out.map(|path| Finding::of_file(&path, Observation::Installer(no_place()))));
    found.sort_by(|one, other| (&one.file, one.line).cmp(&(&other.file, other.line)));
    Ok(found)
}

fn not_data() -> Phrase {
    Phrase::new(
        "não é lido como dados nem como migração: em db/data/ só *Data.json, em db/migrations/ só *.php",
        "is read neither as data nor as a migration: *Data.json alone in db/data/, *.php alone in db/migrations/",
    )
}

fn no_place() -> Phrase {
    Phrase::new(
        "um pacote não pode conter links nem arquivos especiais: fica de fora",
        "a package can hold no links and no special files: it is left out",
    )
}

fn of_migrations<'e>(examined: &'e Examined, texts: &'e [String]) -> impl Iterator<Item = Finding> + 'e {
    let paths = &examined.located.contents().migrations;
    let stuck = paths.iter().zip(texts).filter(|(_, text)| !has_way_back(text));
    stuck.map(|(path, _)| Finding::of_file(path, Observation::WayBack))
}

/// Migrations that make a table that is there already.
fn of_tables<'e>(
    examined: &'e Examined,
    texts: &'e [String],
    release: KnownRelease,
) -> impl Iterator<Item = Finding> + 'e {
    let migrations = examined.located.contents().migrations.iter().zip(texts);
    migrations.flat_map(move |(path, text)| {
        let taken = creates(text)
            .into_iter()
            .filter(move |table| is_taken(table, [release]));
        taken.map(|table| Finding::of_file(path, Observation::MigrationTable { table }))
    })
}

/// Whether a table is one of a gestor's, or of ours in it.
pub(super) fn is_taken(table: &str, releases: impl IntoIterator<Item = KnownRelease>) -> bool {
    let is_ours = table.starts_with("gestor_plugins_") || table == "plugins_credenciais";
    is_ours || releases.into_iter().any(|release| release.has_table(table))
}

fn of_core(examined: &Examined, release: KnownRelease) -> impl Iterator<Item = Finding> {
    examined.core.iter().map(move |row| {
        let what = Observation::CoreRow {
            table: row.table.to_string(),
            key: row.place.key.clone(),
            release: release.version().to_owned(),
        };
        Finding::of_file(&row.source, what)
    })
}

/// What the installer notices of rows. What a migration of the package makes is no stranger.
fn of_notices(examined: &Examined, texts: &[String]) -> Vec<Finding> {
    let is_made = |name: &str| texts.iter().any(|text| text.contains(name));
    let mut found = Vec::new();
    for notice in &examined.notices {
        let said = Phrase::of(notice);
        let what = match notice {
            Notice::UnknownTable { table, .. } if is_made(table.as_str()) => continue,
            Notice::UnknownColumn { table, column, .. } if is_made(table.as_str()) && is_made(column) => continue,
            // Said with both pages.
            Notice::PathTaken { .. } => continue,
            Notice::UnknownTable { .. } | Notice::UnknownColumn { .. } => Observation::Column(said),
            _ => Observation::Installer(said),
        };
        found.push(Finding::of_package(what));
    }
    found
}
