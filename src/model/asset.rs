//! A file that a gestor is to serve, and from where. Values only.

/// A file of a package that is published below `assets/`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its path in the package.
    pub source: String,
    /// Its path below `assets/`.
    pub target: String,
    /// The version by which browsers tell it from an earlier one, as its module's descriptor has it.
    pub version: Option<String>,
    /// It belongs to a folder that is published as a whole: the first letters of `target`, as many as that folder's path has.
    pub folder: Option<usize>,
}

impl Asset {
    /// What is published in one step: the file, or the folder that it belongs to.
    pub fn unit(&self) -> &str {
        self.folder.map_or(&self.target, |length| &self.target[..length])
    }
}
