//! One blocking connection to MariaDB, and literals of SQL. Knows nothing of plugins: which statements are sent is
//! for the rooms to decide.
//!
//! A [`Database`] owns a current-thread runtime and one connection; nothing of it survives its drop. An open
//! transaction is rolled back by the server when the connection ends.

mod connection;
mod error;
mod literal;
mod messages;
mod session;
mod tls;
mod transaction;
mod way;

pub use connection::{Affected, Database, Server, lock_name};
pub use error::DbError;
pub use literal::{exact_value, push_binary, push_text};
pub use mysql_async::prelude::FromValue;
pub use mysql_async::{Params, Row, Value};
pub use transaction::Trial;
