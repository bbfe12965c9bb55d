//! The two languages that log lines are written in.

/// Language of log texts; Portuguese is what a gestor speaks by default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    /// Brazilian Portuguese, `pt-br`.
    #[default]
    PtBr,
    /// English, `en`.
    En,
}

impl Lang {
    /// Reads a language code as a gestor writes it (`pt-br`, `en`, any case; `en-us` is `en`).
    pub fn from_code(code: &str) -> Option<Self> {
        match code.trim().to_ascii_lowercase().as_str() {
            "pt" | "pt-br" | "pt_br" => Some(Self::PtBr),
            "en" | "en-us" | "en-gb" | "en_us" => Some(Self::En),
            _ => None,
        }
    }
}
