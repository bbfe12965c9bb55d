//! The four kinds of resources: what they are called in descriptors, folders and tables. Words only.

/// A kind of resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceKind {
    /// `layouts`
    Layout,
    /// `pages`, table `paginas`
    Page,
    /// `components`, table `componentes`
    Component,
    /// `variables`, table `variaveis`
    Variable,
}

impl ResourceKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Layout, Self::Page, Self::Component, Self::Variable];

    /// The name of its section in a descriptor, and of its folder.
    pub fn section(self) -> &'static str {
        match self {
            Self::Layout => "layouts",
            Self::Page => "pages",
            Self::Component => "components",
            Self::Variable => "variables",
        }
    }

    /// The name of its table.
    pub fn table(self) -> &'static str {
        match self {
            Self::Layout => "layouts",
            Self::Page => "paginas",
            Self::Component => "componentes",
            Self::Variable => "variaveis",
        }
    }

    /// Reads a section's name, English or Portuguese.
    pub fn from_section(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.section() == name || kind.table() == name)
    }

    /// The kind whose rows stand in a table.
    pub fn of_table(table: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.table() == table)
    }

    /// Whether it has HTML and CSS, and so a checksum.
    pub fn has_content(self) -> bool {
        self != Self::Variable
    }
}
