//! The execution status of a plugin (`plugins.status_execucao`) and its transitions (SPEC §4).

/// What a plugin is doing, or how its last operation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExecutionStatus {
    /// Nothing has happened yet.
    Idle,
    /// A first installation runs.
    Installing,
    /// An update runs.
    Updating,
    /// The last operation failed.
    Failed,
    /// The last operation succeeded.
    Ok,
    /// An uninstallation runs.
    Uninstalling,
    /// Reserved.
    Paused,
    /// Reserved.
    AwaitingDependency,
}

impl ExecutionStatus {
    /// Every status with its stored word and the suffix of its PHP constant `PLG_STATUS_*`.
    pub const ALL: [(Self, &'static str, &'static str); 8] = [
        (Self::Idle, "idle", "IDLE"),
        (Self::Installing, "instalando", "INSTALANDO"),
        (Self::Updating, "atualizando", "ATUALIZANDO"),
        (Self::Failed, "erro", "ERRO"),
        (Self::Ok, "ok", "OK"),
        (Self::Uninstalling, "desinstalando", "DESINSTALANDO"),
        (Self::Paused, "pausado", "PAUSADO"),
        (Self::AwaitingDependency, "aguardando_dependencia", "AGUARDANDO"),
    ];

    /// The word that is stored.
    pub fn word(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(status, ..)| *status == self)
            .map_or("idle", |(_, word, _)| word)
    }

    /// Reads a stored word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, stored, _)| *stored == word)
            .map(|(status, ..)| *status)
    }

    /// Whether an operation is running.
    pub fn is_running(self) -> bool {
        matches!(self, Self::Installing | Self::Updating | Self::Uninstalling)
    }

    /// The statuses to store, in order, to get from `self` to `next`; `None` when that is not allowed. The same
    /// status again needs none; a failed plugin is updated by way of `idle`.
    pub fn path_to(self, next: Self) -> Option<Vec<Self>> {
        use ExecutionStatus::{Failed, Idle, Installing, Ok, Updating};
        match (self, next) {
            (from, to) if from == to => Some(Vec::new()),
            (Idle | Failed, Installing)
            | (Idle | Ok, Updating)
            | (Installing | Updating, Ok | Failed)
            | (Ok | Failed, Idle) => Some(vec![next]),
            (Failed, Updating) => Some(vec![Idle, Updating]),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::ExecutionStatus::{Failed, Idle, Installing, Ok, Paused, Updating};
    use super::*;

    #[test]
    fn transitions_are_those_of_the_table() {
        for (from, to, path) in [
            (Idle, Installing, Some(vec![Installing])),
            (Idle, Updating, Some(vec![Updating])),
            (Idle, Ok, None),
            (Installing, Ok, Some(vec![Ok])),
            (Installing, Failed, Some(vec![Failed])),
            (Installing, Updating, None),
            (Updating, Updating, Some(vec![])),
            (Failed, Updating, Some(vec![Idle, Updating])),
            (Failed, Installing, Some(vec![Installing])),
            (Failed, Ok, None),
            (Ok, Updating, Some(vec![Updating])),
            (Ok, Idle, Some(vec![Idle])),
            (Ok, Failed, None),
            (Paused, Idle, None),
        ] {
            assert_eq!(from.path_to(to), path, "{from:?} → {to:?}");
        }
        for (status, word, _) in ExecutionStatus::ALL {
            assert_eq!(ExecutionStatus::from_word(word), Some(status));
            assert_eq!(status.word(), word);
        }
    }
}
