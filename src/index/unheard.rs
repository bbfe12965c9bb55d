//! Why the word of an index is not known that is only asked for what it withdraws, and since when it has packages. Pure.

use super::IndexFault;
use crate::base::net::NetError;
use crate::base::tuf::TufError;
use crate::model::Phrase;

/// Why it is not known. May be told more than once.
#[derive(Debug, Clone)]
pub enum Unheard {
    /// It cannot be had, or what is remembered is too old.
    Stale {
        /// The index.
        index: String,
        /// Why there is nothing newer.
        reason: Phrase,
        /// Days for which it would have been used all the same.
        days: u32,
    },
    /// It is not believed.
    Refused {
        /// The index.
        index: String,
        /// Why.
        fault: TufError,
    },
    /// A file of it cannot be understood.
    Entry {
        /// The index.
        index: String,
        /// The file.
        file: String,
        /// Why.
        reason: Phrase,
    },
    /// Another process works with it.
    Busy {
        /// The index.
        index: String,
        /// How long it was waited for.
        seconds: u64,
    },
}

impl Unheard {
    /// What a fault means for its word. `index` and `days` are for one that cannot be reached: it is as one that is too old.
    ///
    /// # Errors
    /// The fault itself, where it is none of the index.
    pub fn of(fault: IndexFault, index: &str, days: u32) -> Result<Self, IndexFault> {
        let stale = |reason: Phrase| Self::Stale {
            index: index.to_owned(),
            reason,
            days,
        };
        Ok(match fault {
            IndexFault::Unreachable {
                source: NetError::Cancelled(_),
                ..
            } => return Err(fault),
            IndexFault::Unreachable { source, .. } => stale(Phrase::of(&source)),
            IndexFault::Silent { reason, .. } => stale(reason),
            IndexFault::Refused {
                fault: fault @ TufError::Missing { .. },
                ..
            } => stale(Phrase::of(&fault)),
            IndexFault::Stale { index, reason, days } => Self::Stale { index, reason, days },
            IndexFault::Refused { index, fault } => Self::Refused { index, fault },
            IndexFault::Entry { index, file, reason } => Self::Entry { index, file, reason },
            IndexFault::Busy { index, seconds } => Self::Busy { index, seconds },
            other => return Err(other),
        })
    }

    /// It is no silence: somebody shows what is not the index's.
    pub fn is_refused(&self) -> bool {
        matches!(self, Self::Refused { .. })
    }

    /// The fault of whoever cannot do without it.
    pub fn fault(self) -> IndexFault {
        match self {
            Self::Stale { index, reason, days } => IndexFault::Stale { index, reason, days },
            Self::Refused { index, fault } => IndexFault::Refused { index, fault },
            Self::Entry { index, file, reason } => IndexFault::Entry { index, file, reason },
            Self::Busy { index, seconds } => IndexFault::Busy { index, seconds },
        }
    }
}
