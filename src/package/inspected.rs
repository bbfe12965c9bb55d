//! What is known of a package once every header, its manifest and its data have been looked at, and what is recorded of it.

use super::LocatedPackage;
use crate::data::TableRows;
use crate::manifest::Manifest;
use crate::trust::Judgement;

/// A package of which every header, the manifest and the version have been looked at.
pub struct Inspected {
    /// The package.
    pub located: LocatedPackage,
    /// What is thought of its signature.
    pub signature: Judgement,
    /// Its scripts may run without being asked for.
    pub runs_scripts: bool,
    /// Its manifest.
    pub manifest: Manifest,
    /// The release that it came from.
    pub tag: Option<String>,
    /// What is recorded as `origem_referencia`.
    pub reference: String,
    /// What is recorded as `origem_credencial_ref`.
    pub credential: Option<String>,
    /// By what the plugin's next call finds its token.
    pub credential_reference: Option<String>,
}

/// What a package, or a folder of data files, brings to the database.
#[derive(Debug, Default)]
pub struct PackageRows {
    /// Its rows.
    pub tables: Vec<TableRows>,
    /// Those of the package that is installed now, where they are known.
    pub previous: Option<Vec<TableRows>>,
    /// They come from a legacy `Data.json`.
    pub legacy: bool,
    /// They are wanted at all.
    pub wanted: bool,
}
