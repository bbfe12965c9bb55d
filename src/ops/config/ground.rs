//! Where the settings of a plugin are: its schema, the module in whose variables their values stand, and its languages.

use crate::base::db::Database;
use crate::config::Site;
use crate::model::{GestorRoot, Lang, Slug};
use crate::ops::look::PluginOverview;
use crate::ops::reporter::OperationReporter;
use crate::ops::{Error, PluginRefusal, RemovalRefusal, sharing};
use crate::settings::store::StoredVariable;
use crate::settings::{Field, Form, SettingsError, SettingsSchema, read_file, store};

/// The language of a gestor that has no modules.
const FIRST: &str = "pt-br";

/// Where settings are.
pub(super) struct Ground {
    pub(super) slug: Slug,
    pub(super) schema: SettingsSchema,
    pub(super) module: String,
    /// The languages of the module.
    pub(super) languages: Vec<String>,
    /// That whose values are shown, and by which those that are not given are judged.
    pub(super) language: String,
}

/// The plugin that a call means.
pub(super) fn slug(database: &mut Database, name: &str, reporter: &OperationReporter<'_>) -> Result<Slug, Error> {
    let slug = Slug::normalize(name)?;
    Ok(sharing::meant(database, &slug, reporter)?.unwrap_or(slug))
}

/// Refuses a plugin that is not there, or paused: its variables are in no table then.
pub(super) fn of_installed(
    database: &mut Database,
    root: &GestorRoot,
    slug: &Slug,
    reporter: &OperationReporter<'_>,
) -> Result<(), Error> {
    let known = PluginOverview::read(database, root, slug, reporter)?;
    let slug = slug.to_string();
    if known.is_paused() {
        return Err(RemovalRefusal::Paused { slug }.into());
    }
    if !known.is_installed() {
        return Err(PluginRefusal::NotInstalled { slug }.into());
    }
    Ok(())
}

impl Ground {
    /// Finds it; nothing where the plugin has no settings.
    pub(super) fn find(
        database: &mut Database,
        site: &Site,
        (slug, language): (&Slug, Option<&str>),
    ) -> Result<Option<Self>, Error> {
        let Some(bytes) = read_file(&site.root.installed(slug))? else {
            return Ok(None);
        };
        let schema = SettingsSchema::read(&bytes)?;
        let module = module(database, slug, schema.form())?;
        let mut languages = store::languages(database, &module)?;
        if languages.is_empty() {
            languages.push(FIRST.to_owned());
        }
        Ok(Some(Self {
            language: chosen(&languages, language, site.lang)?,
            slug: slug.clone(),
            schema,
            module,
            languages,
        }))
    }

    /// The languages in which a call saves.
    pub(super) fn written(&self, language: Option<&str>) -> &[String] {
        match language {
            Some(_) => std::slice::from_ref(&self.language),
            None => &self.languages,
        }
    }
}

/// The module: what the schema says, else the one of the plugin's name, else its only one.
fn module(database: &mut Database, slug: &Slug, form: &Form) -> Result<String, SettingsError> {
    let mut own = store::modules(database, slug.as_str())?;
    let name = slug.as_str();
    let module = match (&form.module, own.as_slice()) {
        (Some(said), _) => said.clone(),
        (None, [one]) => one.clone(),
        (None, all) if all.is_empty() || all.iter().any(|module| module == name) => name.to_owned(),
        (None, all) => {
            let (slug, modules) = (name.to_owned(), all.join(", "));
            return Err(SettingsError::Modules { slug, modules });
        }
    };
    own.retain(|known| *known == module);
    // A module that no table knows may be the core's all the same: its variables show it.
    let may_be = !own.is_empty() || (module == name && !store::is_of_another(database, &module, name)?);
    if !may_be {
        let slug = name.to_owned();
        return Err(SettingsError::OtherModule { slug, module });
    }
    Ok(module)
}

/// The variable of a field that counts in a language: the last one of its name, as the gestor reads them, else of a name that
/// it had.
pub(super) fn counting<'r>(field: &Field, rows: &'r [StoredVariable], language: &str) -> Option<&'r StoredVariable> {
    let names = std::iter::once(&field.id).chain(&field.renamed_from);
    let mut found = names.filter_map(|name| rows.iter().rfind(|row| row.language == language && row.id == *name));
    found.next()
}

fn chosen(languages: &[String], said: Option<&str>, lang: Lang) -> Result<String, SettingsError> {
    let of_call = match lang {
        Lang::PtBr => "pt-br",
        Lang::En => "en",
    };
    let found = match said {
        Some(said) => languages.iter().find(|known| *known == said),
        None => languages.iter().find(|known| *known == of_call).or(languages.first()),
    };
    found.cloned().ok_or_else(|| SettingsError::Language {
        language: said.unwrap_or_default().to_owned(),
        known: languages.join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_one_that_was_said_or_that_of_the_call() {
        let languages = ["pt-br", "en"].map(str::to_owned);
        for (said, lang, expected) in [
            (None, Lang::En, Some("en")),
            (None, Lang::PtBr, Some("pt-br")),
            (Some("pt-br"), Lang::En, Some("pt-br")),
            (Some("fr"), Lang::En, None),
        ] {
            assert_eq!(chosen(&languages, said, lang).ok().as_deref(), expected);
        }
        assert_eq!(chosen(&languages[..1], None, Lang::En).unwrap(), "pt-br");
    }
}
