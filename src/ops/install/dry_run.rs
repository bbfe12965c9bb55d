//! What a dry run shows: rows, files and pending migrations, in a folder of its own (SPEC §5.10).

use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt;

use super::Installation;
use crate::base::fs::{Attempt, FsError, Inventory, Item, ItemKind, TreeId};
use crate::data::{Plan, TableRows};
use crate::ops::Error;
use crate::outcome::Report;
use crate::package::{Inspected, PackageRows};
use crate::registry::Installed;
use crate::stage::Layout;
use crate::transaction::{
    BaseSource, Context, Fingerprint, TreeChange, compare, is_data, list_tree, pending_migrations, rehearse_rows,
    tell_conflicts, tell_notices,
};

/// Content that no file of a package has: of links and special files, and of files that are other anyway.
const OTHER: (u64, u32) = (u64::MAX, 0);

impl Installation<'_> {
    /// The private folder of a dry run.
    pub(super) fn dry_layout(&self) -> Layout {
        Layout::of_dry_run(self.call.site.root.clone(), self.slug.clone())
    }

    /// A dry run shows rows, files and pending migrations.
    pub(super) fn show_plan(
        &self,
        cx: &mut Context<'_>,
        (layout, folder): (&Layout, &File),
        (package, rows, base): (&Inspected, &PackageRows, &BaseSource),
        (installed, report): (&Installed, &mut Report),
    ) -> Result<(), Error> {
        let files = compare_only(layout, package)?;
        report.arquivos = files.counts();
        if self.parts.migrations && package.located.contents().has_migrations() {
            // A caller that cannot run any is told of all.
            report.migracoes = if self.call.can_migrate {
                pending_migrations(layout, folder, self.slug, package, cx)?
            } else {
                package.located.contents().migrations.clone()
            };
        }
        if self.parts.rows {
            let plan = rehearse_rows(&self.rules()?, rows, base, cx)?;
            tell_notices(&plan, self.reporter);
            report.tabelas = plan.counts();
            tell_conflicts(&plan, self.reporter, report);
            let planned = Some((&plan, rows.tables.as_slice()));
            self.show_differences(cx, (installed, report), (package, &files), planned)?;
            plan.check(self.call.policy.conflicts)?;
            return Ok(());
        }
        self.show_differences(cx, (installed, report), (package, &files), None)
    }

    fn show_differences(
        &self,
        cx: &mut Context<'_>,
        (installed, report): (&Installed, &mut Report),
        files: (&Inspected, &TreeChange),
        planned: Option<(&Plan, &[TableRows])>,
    ) -> Result<(), Error> {
        if self.differs {
            let found = self.differences(
                &mut cx.session.database,
                installed,
                (files.0, files.1, &report.migracoes),
                planned,
            )?;
            report.diferencas = Some(found);
        }
        Ok(())
    }
}

/// What the swap would change, for a dry run: the new tree is known from its directory, of the old one only those files
/// are read that may be equal.
fn compare_only(layout: &Layout, package: &Inspected) -> Result<TreeChange, Error> {
    let members = package
        .located
        .archive()
        .members()
        .iter()
        .filter(|member| !member.is_folder());
    let new = members.filter_map(|member| {
        let path = member.name().strip_prefix(package.located.prefix())?;
        (!is_data(path)).then(|| (path.as_bytes().into(), (member.size(), member.crc32())))
    });
    let new: Fingerprint = new.collect();
    let mut old = Fingerprint::new();
    if TreeId::of(&layout.installed())?.is_some() {
        let inventory = list_tree(&layout.installed())?;
        for item in inventory.items().iter().filter(|item| item.kind != ItemKind::Folder) {
            let path: Box<[u8]> = item.path.as_os_str().as_bytes().into();
            let print = read_print(&inventory, item, new.get(&path))?;
            old.insert(path, print);
        }
    }
    Ok(compare(&old, &new))
}

fn read_print(inventory: &Inventory, item: &Item, new: Option<&(u64, u32)>) -> Result<(u64, u32), FsError> {
    let may_be_equal = item.kind == ItemKind::File && new.is_some_and(|(size, _)| *size == item.size);
    if !may_be_equal {
        return Ok(OTHER);
    }
    let mut hashing = Hashing(crc32fast::Hasher::new());
    let read = inventory
        .open(item)
        .and_then(|mut file| io::copy(&mut file, &mut hashing));
    let size = read.map_err(|fault| FsError::new(Attempt::Read, inventory.place(item), fault))?;
    Ok((size, hashing.0.finalize()))
}

struct Hashing(crc32fast::Hasher);

impl io::Write for Hashing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
