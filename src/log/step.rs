//! The steps of an operation, and how far one has come. Values only.

use serde_json::{Value, json};

use crate::model::Lang;

/// The steps of an operation, in the order of SPEC §5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Step {
    /// Parameters, locks, recovery.
    Prepare,
    /// Package into staging.
    Fetch,
    /// SHA-256 and "unchanged".
    Verify,
    /// Inspection of the archive, manifest.
    Inspect,
    /// Unpacking.
    Extract,
    /// Data files, resources, plan.
    Plan,
    /// ZIP of the installed folder.
    Backup,
    /// Migrations.
    Migrate,
    /// Rows.
    Sync,
    /// Swap of the folder and commit.
    Commit,
    /// Kept package, removal of staging and the old tree.
    Finish,
    /// Post-installation scripts.
    Scripts,
}

impl Step {
    /// Every step, in order.
    pub const ALL: [Self; 12] = [
        Self::Prepare,
        Self::Fetch,
        Self::Verify,
        Self::Inspect,
        Self::Extract,
        Self::Plan,
        Self::Backup,
        Self::Migrate,
        Self::Sync,
        Self::Commit,
        Self::Finish,
        Self::Scripts,
    ];

    /// The name that the progress callback and `duracao_ms` show.
    pub fn name(self) -> &'static str {
        match self {
            Self::Prepare => "preparar",
            Self::Fetch => "obter",
            Self::Verify => "verificar",
            Self::Inspect => "inspecionar",
            Self::Extract => "extrair",
            Self::Plan => "planejar",
            Self::Backup => "backup",
            Self::Migrate => "migrar",
            Self::Sync => "sincronizar",
            Self::Commit => "confirmar",
            Self::Finish => "concluir",
            Self::Scripts => "scripts",
        }
    }

    /// Its place, from 1.
    pub fn index(self) -> usize {
        Self::ALL.iter().position(|step| *step == self).map_or(0, |at| at + 1)
    }
}

/// How far a step has come. Throttled by the reporter, so it may be sent as often as work is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    /// The step.
    pub step: Step,
    /// Units done.
    pub done: u64,
    /// Units in all; 0 when that is not known.
    pub of: u64,
    /// What is counted: `bytes`, `arquivos`, `linhas`, `scripts`, or nothing at all.
    pub unit: &'static str,
}

impl Progress {
    /// What a progress callback gets (SPEC §3).
    pub fn to_value(&self, lang: Lang) -> Value {
        json!({
            "etapa": self.step.name(),
            "indice": self.step.index(),
            // Most operations have no scripts, and end with the step before these.
            "total": self.step.index().max(Step::Finish.index()),
            "feito": self.done,
            "de": self.of,
            "unidade": self.unit,
            "mensagem": super::step_text(self.step, lang),
        })
    }
}
