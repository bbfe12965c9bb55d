//! What the tests share: a private MariaDB, gestor trees, packages, and how an operation is run.

pub(crate) mod rust_source;
