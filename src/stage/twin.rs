//! Copies that say the same: of a retry that failed again the second one says nothing new.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use super::StageError;
use super::kept::trusted;
use crate::base::fs::{self as base, Attempt, FsError};
use crate::model::{GestorRoot, Slug};

/// Takes away a copy that was written just now, where an earlier one of its kind holds the same bytes and nobody else can
/// have written that. Gives the one that stays.
pub fn without_twin(root: &GestorRoot, slug: &Slug, written: PathBuf) -> Result<PathBuf, StageError> {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let Some(own) = name(&written) else { return Ok(written) };
    let kind = own.split('-').next().unwrap_or_default().to_owned();
    let ending = own.split_once('.').map_or("", |(_, ending)| ending).to_owned();
    for other in base::file_names(&root.kept(slug))? {
        let is_like = other != own && other.starts_with(&format!("{kind}-")) && other.ends_with(&format!(".{ending}"));
        if !is_like {
            continue;
        }
        // One that others can have written is none to be relied on.
        let Ok(Some((path, file))) = trusted(root, slug, root.kept(slug).join(other)) else {
            continue;
        };
        let mine = base::open_to_read(&written, u64::MAX)?;
        if is_same(mine, file).map_err(|fault| FsError::new(Attempt::Read, &path, fault))? {
            base::remove_file(&written)?;
            return Ok(path);
        }
    }
    Ok(written)
}

fn is_same(one: File, other: File) -> std::io::Result<bool> {
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut one, mut other) = (BufReader::new(one), BufReader::new(other));
    loop {
        let (left, right) = (one.fill_buf()?, other.fill_buf()?);
        let count = left.len().min(right.len());
        if count == 0 {
            return Ok(left.len() == right.len());
        }
        if left[..count] != right[..count] {
            return Ok(false);
        }
        one.consume(count);
        other.consume(count);
    }
}
