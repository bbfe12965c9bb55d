//! What tests stand on. Knows how the world behaves, not what we do.

pub(crate) mod github;
