//! A set: a lock file and the packages that it names, in one file, for another site. Writes one and reads one; of what stands
//! in a set only that is read which its lock file names, and only what is that to the byte.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::VerifiedPackage;
use crate::archive::{ArchiveError, RecordReader, RecordWriter, verify_records};
use crate::base::fs::{Attempt, FsError, from_start, write_new};
use crate::base::hash::Hasher;
use crate::dependencies::{LOCK_BYTES, LockFault, LockFile, Locked};
use crate::model::{Bilingual, Phrase, Sha256Digest};
use crate::stage::{SetStaging, StageError};

/// The member that says what a set is made of.
const LOCK: &str = "plugins.lock.json";
/// The folder of the packages.
const PACKAGES: &str = "pacotes";
/// It is for the one who asked for it.
const MODE: u32 = 0o600;

/// Why a set, or a part of it, is not taken.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// It is no set.
    #[error("{} is no set of plugins ({reason}): give a file that `--exportar` wrote", path.display())]
    NotOne {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: Phrase,
    },
    /// The lock file in it is none.
    #[error("{}: {LOCK}: {source}", path.display())]
    Lock {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: LockFault,
    },
    /// A package in it is another one than the lock file names, or is larger than the site takes.
    #[error(
        "{}: {member} is not the package that the lock file in it names (SHA-256 {wanted}), or has more than {limit} bytes: copy the set again, or export it again",
        path.display()
    )]
    OtherPackage {
        /// The set.
        path: PathBuf,
        /// The package.
        member: String,
        /// Its SHA-256.
        wanted: Sha256Digest,
        /// Bytes that a package may have.
        limit: u64,
    },
    /// Of plugins that would be in it no package is kept.
    #[error(
        "of these plugins no package is kept here that is what is installed: {}. Install the same version again from its package with `reprocessar`: it is kept then",
        plugins.join(", ")
    )]
    NotKept {
        /// Plugins with their versions.
        plugins: Vec<String>,
    },
    /// It could not be written, or what was written could not be read back.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A file that is taken out of it.
    #[error(transparent)]
    Stage(#[from] StageError),
    /// A file.
    #[error(transparent)]
    Fs(#[from] FsError),
}

impl Bilingual for SetError {
    fn portuguese(&self) -> String {
        match self {
            Self::NotOne { path, reason } => format!(
                "{} não é um conjunto de plugins ({}): informe um arquivo que `--exportar` gravou",
                path.display(),
                reason.portuguese()
            ),
            Self::Lock { path, source } => format!("{}: {LOCK}: {}", path.display(), source.portuguese()),
            Self::OtherPackage {
                path,
                member,
                wanted,
                limit,
            } => format!(
                "{}: {member} não é o pacote que o arquivo de bloqueio nele nomeia (SHA-256 {wanted}), ou tem mais de {limit} bytes: copie o conjunto de novo, ou exporte-o de novo",
                path.display()
            ),
            Self::NotKept { plugins } => format!(
                "destes plugins não está guardado aqui nenhum pacote que seja o que está instalado: {}. Instale a mesma versão de novo do seu pacote com `reprocessar`: aí ele fica guardado",
                plugins.join(", ")
            ),
            Self::Archive(fault) => fault.portuguese(),
            Self::Stage(fault) => fault.portuguese(),
            Self::Fs(fault) => fault.portuguese(),
        }
    }
}

/// Makes a set under a name that is free, and reads it back before it has that name.
///
/// # Errors
/// What could not be read or written; a package that is not what it was.
pub fn write_set(path: &Path, lock: &LockFile, packages: &[(Locked, VerifiedPackage)]) -> Result<(), SetError> {
    write_new(path, (None, MODE), |file| fill((path, file), lock, packages))
}

fn fill((path, file): (&Path, &File), lock: &LockFile, packages: &[(Locked, VerifiedPackage)]) -> Result<(), SetError> {
    let unwritten = |fault| FsError::new(Attempt::Write, path, fault);
    let mut writer = RecordWriter::new(file);
    writer.begin(LOCK)?;
    writer.write_all(&lock.to_bytes()).map_err(unwritten)?;
    for (one, package) in packages {
        // A package is compressed already.
        writer.begin_stored(&member_of(one))?;
        io::copy(&mut from_start(package.file()), &mut writer).map_err(unwritten)?;
    }
    let written = writer.finish()?;
    for ((one, package), (_, digest)) in packages.iter().zip(&written[1..]) {
        if one.sha256 != *digest {
            let changed = io::Error::from(io::ErrorKind::InvalidData);
            return Err(FsError::new(Attempt::Read, package.path(), changed).into());
        }
    }
    Ok(verify_records(path, file, &written)?)
}

fn member_of(one: &Locked) -> String {
    format!("{PACKAGES}/{}-{}.zip", one.slug, one.version)
}

/// A set that is read.
pub struct PackageSet {
    path: PathBuf,
    records: RecordReader,
    /// What it is made of.
    pub lock: LockFile,
}

impl PackageSet {
    /// Opens a file that may have been made by anybody.
    ///
    /// # Errors
    /// [`SetError::NotOne`], [`SetError::Lock`].
    pub fn open(path: &Path, file: File) -> Result<Self, SetError> {
        let not_one = |fault: &ArchiveError| SetError::NotOne {
            path: path.to_owned(),
            reason: Phrase::of(fault),
        };
        let mut records = RecordReader::open(path, file).map_err(|fault| not_one(&fault))?;
        let mut bytes = Vec::new();
        let is_whole = records.copy(LOCK, LOCK_BYTES, &mut bytes);
        let is_whole = is_whole.map_err(|fault| not_one(&fault))?;
        let read = if is_whole {
            LockFile::parse(&bytes)
        } else {
            Err(LockFault::TooMany)
        };
        let lock = read.map_err(|source| SetError::Lock {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            records,
            lock,
        })
    }

    /// Takes a package out of it, into a private folder. Gives where it stands; nothing where the set lacks it.
    ///
    /// # Errors
    /// [`SetError::OtherPackage`] where it is not the one that is named.
    pub fn take(&mut self, one: &Locked, staging: &SetStaging, limit: u64) -> Result<Option<PathBuf>, SetError> {
        let member = member_of(one);
        if !self.records.has(&member) {
            return Ok(None);
        }
        let (path, file) = staging.create(&format!("{}-{}.zip", one.slug, one.version))?;
        let mut copy = Hashing {
            file: &file,
            hasher: Hasher::default(),
        };
        let is_whole = self.records.copy(&member, limit, &mut copy)?;
        if !is_whole || copy.hasher.finish() != one.sha256 {
            return Err(SetError::OtherPackage {
                path: self.path.clone(),
                member,
                wanted: one.sha256,
                limit,
            });
        }
        Ok(Some(path))
    }
}

/// A file whose bytes are hashed while they are written.
struct Hashing<'f> {
    file: &'f File,
    hasher: Hasher,
}

impl Write for Hashing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes)?;
        self.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
