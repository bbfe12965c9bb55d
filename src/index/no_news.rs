//! What a failed refresh means: nothing newer, which is gone on without for a while, or something that is refused. Pure.

use super::folder::KnownIndex;
use super::{IndexFault, IndexName};
use crate::base::db::DbError;
use crate::base::net::NetError;
use crate::base::tuf::{Trouble, TufError};
use crate::model::Phrase;

/// What of an index went wrong.
pub(super) fn fault_of(index: &IndexName, trouble: Trouble<NetError, DbError>) -> IndexFault {
    let index = index.to_string();
    match trouble {
        Trouble::Remote(source) => IndexFault::Unreachable { index, source },
        Trouble::Store(fault) => fault.into(),
        Trouble::Refused(fault) => IndexFault::Refused { index, fault },
    }
}

/// Why there is nothing newer, where that is no reason to believe nothing any more.
pub(super) enum NoNews {
    Unreachable(NetError),
    /// It was so a moment ago.
    Failed(Phrase),
    Incomplete(TufError),
    Ended(TufError),
}

/// Tells what is no attack from what is refused.
pub(super) fn without_news(known: &KnownIndex, trouble: Trouble<NetError, DbError>) -> Result<NoNews, IndexFault> {
    match trouble {
        Trouble::Remote(fault @ NetError::Cancelled(_)) => Err(fault_of(&known.name, Trouble::Remote(fault))),
        Trouble::Remote(fault) => Ok(NoNews::Unreachable(fault)),
        Trouble::Refused(fault @ TufError::Missing { .. }) => Ok(NoNews::Incomplete(fault)),
        Trouble::Refused(fault @ TufError::Expired { .. }) => Ok(NoNews::Ended(fault)),
        other => Err(fault_of(&known.name, other)),
    }
}

impl NoNews {
    pub(super) fn phrase(&self) -> Phrase {
        match self {
            Self::Unreachable(fault) => Phrase::of(fault),
            Self::Failed(said) => said.clone(),
            Self::Incomplete(fault) | Self::Ended(fault) => Phrase::of(fault),
        }
    }

    /// Nothing is remembered.
    pub(super) fn fault(self, known: &KnownIndex, days: u32) -> IndexFault {
        match self {
            Self::Unreachable(source) => fault_of(&known.name, Trouble::Remote(source)),
            Self::Incomplete(fault) => fault_of(&known.name, Trouble::Refused(fault)),
            Self::Failed(reason) => IndexFault::Silent {
                index: known.name.to_string(),
                reason,
            },
            Self::Ended(_) => IndexFault::stale(known.name.as_str(), self.phrase(), days),
        }
    }
}
