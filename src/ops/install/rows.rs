//! stub
use super::package::Inspected;
use super::{Begun, Installation};
use crate::Error;
use crate::ops::session::Session;
use crate::outcome::Report;
use crate::registry::{self, Metadata};
use crate::stage::Layout;
pub(super) struct PackageRows;
impl Installation<'_> {
    pub(super) fn read_rows(&self, _p: &Inspected) -> Result<PackageRows, Error> {
        Ok(PackageRows)
    }
    pub(super) fn show_plan(
        &self,
        _s: &mut Session,
        layout: &Layout,
        p: &Inspected,
        _r: &PackageRows,
        report: &mut Report,
    ) -> Result<(), Error> {
        report.arquivos = self.compare_only(layout, p)?;
        Ok(())
    }
    pub(super) fn plan_before_migrations(
        &self,
        _s: &mut Session,
        _p: &Inspected,
        _r: &PackageRows,
    ) -> Result<(), Error> {
        Ok(())
    }
    pub(super) fn write_rows(
        &self,
        s: &mut Session,
        b: &Begun,
        p: &Inspected,
        _r: &PackageRows,
        _report: &mut Report,
    ) -> Result<(), Error> {
        s.database.begin()?;
        registry::write(
            &mut s.database,
            self.slug,
            &Metadata {
                name: &p.manifest.name,
                origin: self.call.origin.word(),
                reference: p.stored_reference.as_deref(),
                tag: p.tag.as_deref(),
                credential: None,
                version: p.manifest.version,
                checksum: self.parts.are_complete().then_some(p.sha256),
                manifest: &p.manifest.raw,
            },
        )?;
        registry::record_operation(&mut s.database, b.journal.operation(), self.slug)?;
        Ok(())
    }
}
