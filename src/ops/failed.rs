//! What a failed operation was, for its history and for what is counted. Values only.

use crate::config::Site;
use crate::history::Action;
use crate::model::Slug;
use crate::outcome::Report;

/// What a failed operation was.
pub(super) struct Failed<'a> {
    pub(super) site: &'a Site,
    pub(super) slug: &'a Slug,
    pub(super) action: Action,
    pub(super) parameters: &'a str,
    /// Number of the batch that it was a part of.
    pub(super) batch: Option<&'a str>,
    pub(super) actor: Option<&'a str>,
    pub(super) began: &'a str,
    /// The installed version.
    pub(super) from: Option<&'a str>,
    /// The version that was to be.
    pub(super) to: Option<&'a str>,
    /// SHA-256 of its package.
    pub(super) checksum: Option<&'a str>,
}

impl<'a> Failed<'a> {
    /// What a report says of the package.
    pub(super) fn of_report(self, report: &'a Report) -> Self {
        Self {
            from: report.versao_anterior.as_deref(),
            to: report.versao.as_deref(),
            checksum: report.checksum.as_deref(),
            ..self
        }
    }
}
