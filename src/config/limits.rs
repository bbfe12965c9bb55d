//! Limits on an archive (SPEC §8) and on an operation. Values only.

use super::{Argument, CallError};

/// What a package may cost. Counted on real bytes, not on what headers claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Entries of the archive.
    pub entries: u64,
    /// Bytes unpacked, in all.
    pub total_bytes: u64,
    /// Bytes unpacked of one entry.
    pub entry_bytes: u64,
    /// Bytes unpacked per byte packed, once past `ratio_from` bytes.
    pub ratio: u64,
    /// Bytes unpacked from which the ratio counts.
    pub ratio_from: u64,
    /// Folders below each other.
    pub depth: u64,
    /// Bytes of one part of a name.
    pub name_bytes: u64,
    /// Bytes of the package itself (download and upload).
    pub package_bytes: u64,
    /// Rows of all data files and descriptors together.
    pub rows: u64,
    /// Different columns that the rows of one data file name.
    pub columns: u64,
    /// Data files.
    pub tables: u64,
    /// Modules.
    pub modules: u64,
    /// Resources of one kind and language of one descriptor, or of the legacy file.
    pub resources: u64,
    /// Bytes of one row of a data file, of a descriptor, and of an HTML or CSS file that becomes a row's content.
    pub text_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            entries: 20_000,
            total_bytes: 512 << 20,
            entry_bytes: 128 << 20,
            ratio: 200,
            ratio_from: 10 << 20,
            depth: 32,
            name_bytes: 255,
            package_bytes: 256 << 20,
            rows: 250_000,
            columns: 1_000,
            tables: 300,
            modules: 1_000,
            resources: 20_000,
            text_bytes: 16 << 20,
        }
    }
}

impl Limits {
    /// No limits: for archives of our own making.
    pub fn none() -> Self {
        let none = u64::MAX;
        Self {
            entries: none,
            total_bytes: none,
            entry_bytes: none,
            ratio: none,
            ratio_from: none,
            depth: none,
            name_bytes: none,
            package_bytes: none,
            rows: none,
            columns: none,
            tables: none,
            modules: none,
            resources: none,
            text_bytes: none,
        }
    }

    /// The names of the keys of `limites`.
    pub const KEYS: [&'static str; 13] = [
        "entradas",
        "bytes_total",
        "bytes_entrada",
        "razao",
        "profundidade",
        "bytes_nome",
        "bytes_pacote",
        "linhas",
        "colunas",
        "tabelas",
        "modulos",
        "recursos",
        "bytes_texto",
    ];

    fn field(&mut self, key: &str) -> Option<&mut u64> {
        Some(match key {
            "entradas" => &mut self.entries,
            "bytes_total" => &mut self.total_bytes,
            "bytes_entrada" => &mut self.entry_bytes,
            "razao" => &mut self.ratio,
            "profundidade" => &mut self.depth,
            "bytes_nome" => &mut self.name_bytes,
            "bytes_pacote" => &mut self.package_bytes,
            "linhas" => &mut self.rows,
            "colunas" => &mut self.columns,
            "tabelas" => &mut self.tables,
            "modulos" => &mut self.modules,
            "recursos" => &mut self.resources,
            "bytes_texto" => &mut self.text_bytes,
            _ => return None,
        })
    }

    /// One limit by its key of `limites`.
    pub fn get(mut self, key: &str) -> Option<u64> {
        self.field(key).map(|field| *field)
    }

    /// Sets one limit by its key of `limites`.
    pub fn set(&mut self, key: &str, value: u64) -> Result<(), CallError> {
        let field = self.field(key).ok_or_else(|| CallError::UnknownKey {
            key: format!("limites.{key}"),
            known: Self::KEYS.join(", "),
        })?;
        *field = value;
        Ok(())
    }

    /// Lowers every limit that a call names. What a call asks beyond the machine's limit does not count, and is told.
    pub fn tighten(&mut self, argument: &Argument) -> Result<Vec<HeldLimit>, CallError> {
        if *argument == Argument::Null {
            return Ok(Vec::new());
        }
        let entries = argument.named().ok_or_else(|| CallError::WrongType {
            key: "limites".to_owned(),
            expected: "array",
            found: argument.type_name(),
        })?;
        let mut held = Vec::new();
        for (key, value) in &entries {
            let Some(asked) = value.count(&format!("limites.{key}"))? else {
                continue;
            };
            match self.get(key) {
                Some(allowed) if asked > allowed => held.push(HeldLimit {
                    key: key.clone(),
                    asked,
                    allowed,
                }),
                _ => self.set(key, asked)?,
            }
        }
        Ok(held)
    }
}

/// A call asked for more than the machine allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldLimit {
    /// Key of `limites`.
    pub key: String,
    /// What the call said.
    pub asked: u64,
    /// What counts.
    pub allowed: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_makes_limits_tighter_and_never_wider() {
        let call = Argument::Map(vec![
            ("entradas".to_owned(), Argument::Int(3)),
            ("razao".to_owned(), Argument::Int(201)),
            (
                "bytes_total".to_owned(),
                Argument::Bytes(b"18446744073709551615".to_vec()),
            ),
            ("profundidade".to_owned(), Argument::Int(32)),
        ]);
        let mut limits = Limits::default();
        let held = limits.tighten(&call).unwrap();
        let asked: Vec<_> = held
            .iter()
            .map(|held| (held.key.as_str(), held.asked, held.allowed))
            .collect();
        assert_eq!(asked, [("razao", 201, 200), ("bytes_total", u64::MAX, 512 << 20)]);
        assert_eq!(
            limits,
            Limits {
                entries: 3,
                ..Limits::default()
            }
        );
    }
}
