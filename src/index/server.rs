//! Who is asked for the files of an index: its web server, or nobody where what is remembered has to do.

use crate::base::net::NetError;
use crate::base::tuf::{Answer, Remote, WebFolder};

/// Where the files of an index come from.
pub(super) enum Server<'a> {
    /// Its web server.
    Web(WebFolder<'a>),
    /// Nowhere.
    Nobody,
}

impl Server<'_> {
    /// A file further below.
    pub(super) fn below(&self, parts: &[&str], limit: u64) -> Result<Answer, NetError> {
        match self {
            Self::Web(folder) => folder.below(parts, limit),
            Self::Nobody => Ok(Answer::Absent),
        }
    }
}

impl Remote for Server<'_> {
    type Fault = NetError;

    fn file(&self, name: &str, limit: u64) -> Result<Answer, NetError> {
        self.below(&[name], limit)
    }
}
