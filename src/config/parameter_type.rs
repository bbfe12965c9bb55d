//! What a parameter of a call takes. Values only.

/// What a parameter takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ParameterType {
    /// A text.
    Text,
    /// A path of this machine.
    Path,
    /// One of a few words.
    Word,
    /// A status word.
    Status,
    /// Yes or no.
    Flag,
    /// A whole number, 0 or more.
    Count,
    /// One number, several, or `todos`.
    Numbers,
    /// Packages, each with parameters of its own.
    Packages,
    /// Records of the audit log.
    Records,
    /// Settings of a plugin and their values, or the JSON text of them.
    Values,
    /// How the database is reached.
    Database,
    /// Limits, by name.
    Limits,
    /// What runs migrations.
    Callable,
}

impl ParameterType {
    /// As PHP writes it.
    pub fn php(self) -> &'static str {
        match self {
            Self::Text | Self::Path | Self::Word => "string",
            Self::Status => "PLG_STATUS_*",
            Self::Flag => "bool",
            Self::Count => "int",
            Self::Numbers => "int|string|list<int|string>",
            Self::Packages => "list<PluginPackage>",
            Self::Records => "list<PluginAuditEntry>",
            Self::Values => "array<string, mixed>|string",
            Self::Database => "PluginDatabase",
            Self::Limits => "PluginLimits",
            Self::Callable => "callable",
        }
    }
}
