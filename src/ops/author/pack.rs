//! A package made of a folder: the same tree gives the same bytes on any machine. It appears under its name only when it is whole,
//! with its SHA-256 beside it.

use std::io;
use std::path::{Path, PathBuf};

use super::source::Source;
use super::validate::{Validated, Validation, judge};
use crate::author::AuthorError;
use crate::base::fs::{Attempt, FsError, from_start, is_folder, remove_file, settled_path};
use crate::model::Sha256Digest;
use crate::ops::Error;
use crate::outcome::ExitCode;
use crate::package::{SignedOutput, checksum_line};

/// A package that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packed {
    /// Where it stands.
    pub path: PathBuf,
    /// Of the whole file.
    pub sha256: Sha256Digest,
    /// Its bytes.
    pub bytes: u64,
}

/// How a package is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Packing {
    /// Also where `validate` refuses it.
    pub anyway: bool,
    /// It is signed next: until then it has `.unsigned` behind its name, so that nobody takes it for the signed one.
    pub unsigned: bool,
}

impl Packed {
    /// The name that it has once it is signed.
    pub fn signed_path(&self) -> PathBuf {
        self.path.with_extension("")
    }

    /// Its SHA-256 and its path, as sha256sum writes them.
    pub fn line(&self) -> String {
        String::from_utf8_lossy(&checksum_line(self.sha256, self.path.as_os_str())).into_owned()
    }

    /// Takes it away again, with its SHA-256.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn discard(&self) -> Result<(), Error> {
        remove_file(&self.path)?;
        Ok(remove_file(&SignedOutput::beside(&self.path, "sha256"))?)
    }
}

/// Packs a folder. Where `validate` refuses it, it is not written, unless that is said.
///
/// # Errors
/// What was said cannot be done; what is wrong with the package is in what was found.
pub fn pack(
    wanted: &Validation<'_>,
    (output, folder): (Option<&Path>, &Path),
    packing: Packing,
) -> Result<(Validated, Option<Packed>), Error> {
    if !is_folder(wanted.path) {
        return Err(AuthorError::NoFolder {
            path: wanted.path.to_owned(),
        }
        .into());
    }
    let (validated, package) = judge(wanted)?;
    if validated.code() != ExitCode::Ok && !packing.anyway {
        return Ok((validated, None));
    }
    let source = match package {
        Some((source, _)) => source,
        None => Source::read(wanted.path, wanted.rules, (wanted.limits, wanted.work))?,
    };
    let name = match (&validated.slug, &validated.version) {
        (Some(slug), Some(version)) => format!("{slug}-{version}.zip"),
        _ => "gestor-plugin.zip".to_owned(),
    };
    let path = settled_path(&output.map_or_else(|| folder.join(name), Path::to_owned))?;
    let path = if packing.unsigned {
        SignedOutput::beside(&path, "unsigned")
    } else {
        path
    };
    let packed = write(&source, path)?;
    Ok((validated, Some(packed)))
}

fn write(source: &Source, path: PathBuf) -> Result<Packed, Error> {
    if is_folder(&path) {
        return Err(AuthorError::IsFolder { path }.into());
    }
    if source.root.as_ref().is_some_and(|root| path.starts_with(root)) && !source.rules.leaves_out(below(source, &path))
    {
        return Err(AuthorError::Inside { path }.into());
    }
    let output = SignedOutput::begin(&path)?;
    let mut file = output.reopened()?;
    let copied = io::copy(&mut from_start(source.verified.file()), &mut file);
    let bytes = copied.map_err(|fault| FsError::new(Attempt::Write, &path, fault))?;
    let sha256 = source.verified.sha256();
    output.publish(sha256)?;
    Ok(Packed { path, sha256, bytes })
}

/// The first part of a path below the plugin's root.
fn below<'p>(source: &Source, path: &'p Path) -> &'p Path {
    let below = source.root.as_ref().and_then(|root| path.strip_prefix(root).ok());
    let first = below.and_then(|below| below.iter().next());
    first.map_or(Path::new(""), Path::new)
}
