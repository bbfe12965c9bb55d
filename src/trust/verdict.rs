//! The words for what is thought of a package's signature.

/// What is thought of a package's signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Signed by somebody who is believed, and as it was signed.
    Valid,
    /// The same, but for a certificate that has ended.
    Expired,
    /// Signed by somebody for whom nobody vouches.
    Unknown,
    /// Not signed.
    Absent,
    /// What should be a signature is none.
    Malformed,
    /// The signature was not made of this.
    Invalid,
    /// A file is not as it was signed.
    Differs,
    /// Signed for another plugin, version or developer.
    OutOfScope,
    /// Withdrawn.
    Revoked,
    /// Nobody asked.
    Unchecked,
}

impl Verdict {
    /// Every one.
    pub const ALL: [Self; 10] = [
        Self::Valid,
        Self::Expired,
        Self::Unknown,
        Self::Absent,
        Self::Malformed,
        Self::Invalid,
        Self::Differs,
        Self::OutOfScope,
        Self::Revoked,
        Self::Unchecked,
    ];

    /// Its word, in reports and tables.
    pub fn word(self) -> &'static str {
        match self {
            Self::Valid => "valida",
            Self::Expired => "expirada",
            Self::Unknown => "desconhecida",
            Self::Absent => "ausente",
            Self::Malformed => "malformada",
            Self::Invalid => "invalida",
            Self::Differs => "difere",
            Self::OutOfScope => "fora_do_escopo",
            Self::Revoked => "revogada",
            Self::Unchecked => "nao_conferida",
        }
    }
}
