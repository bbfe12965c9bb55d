//! A new plugin in a folder of its own.

use std::path::{Path, PathBuf};

use super::lints::is_taken;
use crate::author::{AuthorError, Beginning};
use crate::base::fs::{Attempt, FsError, folder_of, is_folder, make_folder, remove_tree, settled_path, write_whole_as};
use crate::data::KnownRelease;
use crate::manifest;
use crate::migrate::creates;
use crate::ops::Error;

/// Writes a new plugin. The folder must not be there yet, or be empty. Gives the paths of what was written.
///
/// # Errors
/// The folder holds something, cannot be written to, or a manifest cannot say what was wanted. Then nothing is left of it.
pub fn create(folder: &Path, beginning: &Beginning) -> Result<Vec<String>, Error> {
    let files = beginning.files();
    if let Some((path, text)) = files.iter().find(|(path, _)| path == manifest::FILE_NAME) {
        manifest::parse(text.as_bytes(), path, beginning.slug(), None)?;
    }
    admit_tables(beginning)?;
    let is_new = !is_folder(folder);
    let place = if is_new {
        let place = settled_path(folder)?;
        drop(make_folder(&place, None, 0o755)?);
        place
    } else {
        empty(folder)?
    };
    if let Err(fault) = write(&place, &files) {
        if is_new {
            let _ = remove_tree(&place);
        }
        return Err(fault);
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// A table that the gestor has is not made by a plugin.
fn admit_tables(beginning: &Beginning) -> Result<(), AuthorError> {
    let made = beginning.migrations();
    let mut made = made.iter().flat_map(|text| creates(text));
    let taken = made.find(|table| is_taken(table, KnownRelease::all()));
    taken.map_or(Ok(()), |table| Err(beginning.refuse_table(&table)))
}

/// The folder, where it holds nothing.
fn empty(folder: &Path) -> Result<PathBuf, Error> {
    let place = crate::base::fs::real_folder(folder)?;
    let entries = place
        .read_dir()
        .map_err(|fault| FsError::new(Attempt::Read, &place, fault))?;
    if entries.count() > 0 {
        return Err(AuthorError::NotEmpty {
            path: folder.to_owned(),
        }
        .into());
    }
    Ok(place)
}

fn write(place: &Path, files: &[(String, String)]) -> Result<(), Error> {
    for (path, text) in files {
        let path = place.join(path);
        make_above(place, folder_of(&path))?;
        write_whole_as(&path, (None, 0o644), text.as_bytes())?;
    }
    Ok(())
}

fn make_above(place: &Path, folder: &Path) -> Result<(), FsError> {
    if folder == place || is_folder(folder) {
        return Ok(());
    }
    make_above(place, folder_of(folder))?;
    make_folder(folder, None, 0o755).map(drop)
}
