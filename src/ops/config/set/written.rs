//! Variables as they are written: what was there under the setting's name, or under one that it had, is changed; what was not is
//! added. Inside the transaction.

use crate::base::db::Database;
use crate::ops::Error;
use crate::ops::config::asked::{Asked, Wanted};
use crate::ops::config::ground::Ground;
use crate::ops::config::secrets;
use crate::settings::store::{self, NewVariable, StoredVariable};
use crate::settings::{Field, SettingsError, ValueFault, VariableType, write};

/// What a variable is to hold.
enum Text {
    /// This.
    Is(Option<String>),
    /// What it holds.
    Stays,
}

/// Writes what is asked in each language, and gives variables of former names the new one; the names of those that changed.
pub(super) fn variables(
    database: &mut Database,
    ground: &Ground,
    (asked, languages): (&[Asked<'_>], &[String]),
    rows: &[StoredVariable],
) -> Result<Vec<String>, Error> {
    let mut changed = Vec::new();
    for field in &ground.schema.form().fields {
        let asked = asked.iter().find(|asked| asked.field.id == field.id);
        let text = match asked {
            Some(asked) => Text::Is(text(ground, asked)?),
            None if field.renamed_from.is_empty() => continue,
            None => Text::Stays,
        };
        let mut is_changed = false;
        // A secret is one, whatever language is spoken.
        let languages = if field.is_secret { &ground.languages } else { languages };
        for language in languages {
            is_changed |= one(database, ground, (field, language), (&text, rows))?;
        }
        if is_changed {
            changed.push(field.id.clone());
        }
    }
    Ok(changed)
}

/// The text of what is wanted.
fn text(ground: &Ground, asked: &Asked<'_>) -> Result<Option<String>, Error> {
    let field = asked.field;
    let value = match &asked.wanted {
        Wanted::Value(_) if field.is_secret => {
            let alias = secrets::alias(ground, &field.id)?;
            return Ok(Some(secrets::mark(&alias)));
        }
        Wanted::Value(value) => value,
        Wanted::Reset => match &field.default {
            Some(default) => default,
            None => return Ok(None),
        },
    };
    let written = write(field, value).map_err(|reason| {
        let pointer = field.pointer.clone();
        SettingsError::Values {
            faults: vec![ValueFault { pointer, reason }],
        }
    })?;
    Ok(Some(written))
}

/// Writes one variable of one language; whether something is different now.
fn one(
    database: &mut Database,
    ground: &Ground,
    (field, language): (&Field, &str),
    (text, rows): (&Text, &[StoredVariable]),
) -> Result<bool, Error> {
    let named = |name: &str| -> Vec<&StoredVariable> {
        let of_name = rows.iter().filter(|row| row.language == language && row.id == name);
        of_name.collect()
    };
    let mut all = std::iter::once(&field.id).chain(&field.renamed_from);
    let known = all.find_map(|name| Some(named(name)).filter(|known| !known.is_empty()));
    let Some(known) = known else {
        return added(database, ground, (field, language), text);
    };
    let mut is_changed = false;
    for row in known {
        refuse_other_owner(ground, row)?;
        let kind = field.variable.word();
        let (text, kind) = match text {
            Text::Is(text) => (text.as_deref(), kind),
            Text::Stays => (row.text.as_deref(), row.kind.as_deref().unwrap_or(kind)),
        };
        // What is not checked is `''` to the gestor's editor and NULL to its functions.
        let is_unset = |text: Option<&str>| text.is_none_or(str::is_empty);
        let is_same_truth = field.variable == VariableType::Bool && is_unset(row.text.as_deref()) && is_unset(text);
        let is_same_text = row.text.as_deref() == text || is_same_truth;
        if row.id != field.id || row.kind.as_deref() != Some(kind) || !is_same_text {
            store::update(database, row.number, (&field.id, text, kind))?;
            is_changed = true;
        }
    }
    Ok(is_changed)
}

fn added(
    database: &mut Database,
    ground: &Ground,
    (field, language): (&Field, &str),
    text: &Text,
) -> Result<bool, Error> {
    let Text::Is(Some(text)) = text else { return Ok(false) };
    let new = NewVariable {
        module: &ground.module,
        owner: ground.slug.as_str(),
        language,
        id: &field.id,
        text: Some(text),
        kind: field.variable.word(),
        group: field.group.as_deref(),
        description: &field.label,
    };
    store::insert(database, &new)?;
    Ok(true)
}

/// A variable of another plugin is left alone, and so is everything else.
fn refuse_other_owner(ground: &Ground, row: &StoredVariable) -> Result<(), SettingsError> {
    let owner = row.owner.as_deref().filter(|owner| !owner.is_empty());
    match owner.filter(|owner| *owner != ground.slug.as_str()) {
        None => Ok(()),
        Some(owner) => Err(SettingsError::OtherOwner {
            id: row.id.clone(),
            module: ground.module.clone(),
            owner: owner.to_owned(),
        }),
    }
}
