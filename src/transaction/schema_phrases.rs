//! What is told of a schema of which something is taken away.

use std::path::Path;

use crate::migrate::LeftOfMigrations;
use crate::model::Phrase;

/// What stays of the migrations of a run that was killed.
pub(super) fn left_of_migrations(left: &LeftOfMigrations) -> Phrase {
    let said = |words: [&str; 3]| {
        let parts = words.into_iter().zip([&left.applied, &left.made, &left.gone]);
        let parts = parts.filter(|(_, names)| !names.is_empty());
        let said = parts.map(|(word, names)| format!("{word}: {}", names.join(", ")));
        said.collect::<Vec<_>>().join("; ")
    };
    Phrase::made(
        format!(
            "a execução interrompida já rodava migrações, e o que elas fizeram no banco de dados fica ({}): uma nova instalação do pacote roda as que faltam, também a que foi interrompida; se não houver uma, remova isso à mão",
            said(["migrações aplicadas", "criado", "removido"])
        ),
        format!(
            "the interrupted run had begun its migrations, and what they did to the database stays ({}): installing the package again runs those that are missing, the one that was cut short too; without that, remove it by hand",
            said(["applied migrations", "made", "taken away"])
        ),
    )
}

/// Where content was copied to.
pub(super) fn schema_kept(path: &Path) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!("conteúdo das tabelas e colunas que as migrações desfazem guardado em {path}"),
        format!("content of the tables and columns that migrations undo kept in {path}"),
    )
}

/// A way back says outright that it drops what no migration of the plugin made.
pub(super) fn not_its_own(names: &[String]) -> Phrase {
    let names = names.join(", ");
    Phrase::made(
        format!("ela removeria {names}, que as migrações do plugin não criaram: pode ser do site"),
        format!("it would drop {names}, which the plugin's migrations did not make: it may be the site's"),
    )
}

/// A way back takes away what another plugin uses.
pub(super) fn used_by(uses: &[(String, String)]) -> Phrase {
    let pt: Vec<String> = uses
        .iter()
        .map(|(name, slug)| format!("{name} (do plugin {slug})"))
        .collect();
    let en: Vec<String> = uses
        .iter()
        .map(|(name, slug)| format!("{name} (of plugin {slug})"))
        .collect();
    Phrase::made(
        format!("ela removeria o que outro plugin usa: {}", pt.join(", ")),
        format!("it would drop what another plugin uses: {}", en.join(", ")),
    )
}

/// Something went that nobody saw the plugin's migrations make.
pub(super) fn strangers_went(names: &[String], path: Option<&Path>) -> Phrase {
    let names = names.join(", ");
    let path = path.map_or_else(String::new, |path| path.display().to_string());
    Phrase::made(
        format!(
            "saiu com o que foi desfeito e não consta como criado pelas migrações do plugin: {names}; o conteúdo está em {path}"
        ),
        format!(
            "went with what was undone, and is not known to have been made by the plugin's migrations: {names}; the content is in {path}"
        ),
    )
}

/// Something went of which there is no copy.
pub(super) fn went_without_copy(names: &[String]) -> Phrase {
    let names = names.join(", ");
    Phrase::made(
        format!("saiu sem cópia: {names}; recupere de um dump do banco de dados"),
        format!("went without a copy: {names}; take it from a dump of the database"),
    )
}

/// Rows went that came after the copy, while nobody kept pages from writing.
pub(super) fn went_unwatched(names: &[String]) -> Phrase {
    let names = names.join(", ");
    Phrase::made(
        format!(
            "saiu enquanto ninguém podia vigiar o que páginas do site ainda gravavam ali: {names}; o que gravaram depois da cópia e antes da remoção não está em cópia nenhuma"
        ),
        format!(
            "went while nobody could watch what pages of the site still wrote there: {names}; what they wrote after the copy and before it went is in no copy"
        ),
    )
}

/// What a run had noted of tables when it was killed.
pub(super) fn rescued(path: &Path) -> Phrase {
    let path = path.display();
    Phrase::made(
        format!(
            "uma execução interrompida removia tabelas ou colunas: o que elas tinham por último, com o que páginas do site gravaram depois da cópia, está em {path}"
        ),
        format!(
            "a run that was interrupted was taking tables or columns away: what they had last, with what pages of the site had written after the copy, is in {path}"
        ),
    )
}

/// Rows that came while a way back was at work on their table stand in a copy that nobody reads by itself.
pub(super) fn written_meanwhile(names: &[String], path: &Path) -> Phrase {
    let (names, path) = (names.join(", "), path.display());
    Phrase::made(
        format!(
            "páginas do site gravaram em {names} enquanto a migração que a remove a alterava: como estava no fim foi guardado em {path}, que uma restauração não lê"
        ),
        format!(
            "pages of the site wrote to {names} while the migration that drops it was changing it: how it was at the end is kept in {path}, which a restore does not read"
        ),
    )
}
