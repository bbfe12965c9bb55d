//! What is asked of a plan.

use crate::config::RowPolicy;
use crate::data::fit::gestor_files::CoreKeys;
use crate::data::package::tables::TableRows;
use crate::data::table::contract::Contracts;
use crate::model::Slug;

/// What is to be synchronized, and how.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The plugin.
    pub slug: &'a Slug,
    /// Its rows, one entry a table (see [`crate::data::Tables`]).
    pub tables: &'a [TableRows],
    /// What happens to rows of nobody, in conflict, and no longer brought.
    pub policy: RowPolicy,
    /// The contracts (see [`crate::data::read_contracts`]).
    pub contracts: &'a Contracts,
    /// The gestor's own rows (see [`CoreKeys::read`]).
    pub core: &'a CoreKeys,
    /// Rows of the previously installed package of this plugin, for tables without owner column.
    pub previous: Option<&'a [TableRows]>,
}
