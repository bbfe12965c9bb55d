//! Calls the runner with migrations of a kept package. While it undoes some, pages of the site go on writing to tables that
//! are copied out already: the runner is told what the copies have, keeps others from writing to a table from before it
//! goes until it is gone, and hands over what has come since (SPEC 2 §5).

use std::io::Read;
use std::path::{Path, PathBuf};

use super::schema_copy::{self, SchemaCopy};
use super::{Context, TransactionError, schema_phrases};
use crate::base::fs::{Attempt, FsError, open_to_read};
use crate::log::Message;
use crate::migrate::{Migration, MigrationCall, Watched};
use crate::model::Slug;
use crate::package::{KeptPackages, LocatedPackage};
use crate::stage::{self, Layout};

/// Undoes migrations; what came after the copy stands in one more then, also where they fail. In the folder of the call
/// the runner leaves what it has to say of tables: by the place of one among those that it was told of, `<n>.jsonl` with
/// all that stood there last, `<n>.depois.jsonl` where the migration itself had been at work on it before, `<n>.vigiada`
/// where nobody else wrote to it until it was gone.
pub(super) fn undo(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    package: &LocatedPackage,
    mut call: MigrationCall,
    copy: &mut SchemaCopy,
) -> Result<Vec<Migration>, TransactionError> {
    if copy.said.is_empty() {
        return with_migrations(cx, kept, package, call, |_| Ok(()));
    }
    let folder = stage::late_rows::open(kept.root, kept.slug)?;
    call.guardar = Some(Watched {
        folder: folder.clone(),
        parts: copy.said.values().cloned().collect(),
    });
    with_migrations(cx, kept, package, call, |cx| {
        collect(cx, kept, copy, &folder)?;
        Ok(stage::late_rows::close(kept.root, kept.slug)?)
    })
}

/// What a run had left of this when it was killed comes into a copy that the operations name which it was at work for.
pub(super) fn rescue(cx: &mut Context<'_>, slug: &Slug) -> Result<(), TransactionError> {
    let root = cx.site.root;
    let found = stage::late_rows::found(root, slug)?;
    if !found.is_empty() {
        let path = schema_copy::write_file((root, slug), cx.reporter.clock(), |put| join(&found, put))?;
        schema_copy::note_rescued(cx, slug, &path)?;
        cx.reporter.message(Message::Warning(schema_phrases::rescued(&path)));
    }
    Ok(stage::late_rows::close(root, slug)?)
}

/// Calls the runner with the migrations of a kept package, which are unpacked for it alone. `after`: what is done before
/// they are removed.
pub(super) fn with_migrations<'c>(
    cx: &mut Context<'c>,
    kept: &KeptPackages<'_>,
    package: &LocatedPackage,
    mut call: MigrationCall,
    after: impl FnOnce(&mut Context<'c>) -> Result<(), TransactionError>,
) -> Result<Vec<Migration>, TransactionError> {
    let layout = Layout::of_dry_run(kept.root.clone(), kept.slug.clone());
    let owner = stage::owner(kept.root)?;
    let folder = stage::open_dry_run(&layout, owner)?;
    call.pasta = layout.staging().join("db").join("migrations");
    let prepared = package.unpack_migrations(&folder).map_err(TransactionError::from);
    let ran = prepared.and_then(|()| {
        let ran = cx.reporter.run(call);
        after(cx)?;
        Ok(ran?)
    });
    let closed = stage::close_dry_run(&layout);
    let ran = ran?;
    closed?;
    Ok(ran)
}

fn collect(
    cx: &mut Context<'_>,
    kept: &KeptPackages<'_>,
    copy: &mut SchemaCopy,
    folder: &Path,
) -> Result<(), TransactionError> {
    let (mut last, mut changed, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (at, part) in copy.said.values().enumerate() {
        let found = |ending: &str| folder.join(format!("{at}.{ending}"));
        if found("jsonl").is_file() {
            last.push(found("jsonl"));
        }
        if found("depois.jsonl").is_file() {
            changed.push(found("depois.jsonl"));
            names.push(part.tabela.clone());
        }
        if found("vigiada").is_file() {
            copy.watched.insert(part.tabela.clone());
        }
    }
    if !last.is_empty() {
        let path = schema_copy::write_file((kept.root, kept.slug), cx.reporter.clock(), |put| join(&last, put))?;
        schema_copy::note_again(cx, kept.slug, copy, &path)?;
        cx.reporter.message(Message::Told(schema_phrases::schema_kept(&path)));
    }
    if !changed.is_empty() {
        let path = schema_copy::write_file((kept.root, kept.slug), cx.reporter.clock(), |put| join(&changed, put))?;
        let told = schema_phrases::written_meanwhile(&names, &path);
        cx.reporter.message(Message::Warning(told));
    }
    Ok(())
}

fn join(files: &[PathBuf], put: schema_copy::PutLine<'_>) -> Result<(), TransactionError> {
    let mut bytes = vec![0; 64 << 10];
    for path in files {
        let mut file = open_to_read(path, u64::MAX)?;
        loop {
            let read = file.read(&mut bytes);
            match read.map_err(|fault| FsError::new(Attempt::Read, path, fault))? {
                0 => break,
                count => put(bytes.get(..count).unwrap_or_default())?,
            }
        }
    }
    Ok(())
}
