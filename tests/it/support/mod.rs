//! What the tests share: a private MariaDB, gestor trees, packages, and how an operation is run.

mod arguments;
pub(crate) mod authority;
pub(crate) mod child;
pub(crate) mod core_data;
pub(crate) mod draw;
pub(crate) mod gestor;
pub(crate) mod github;
pub(crate) mod hostile;
pub(crate) mod mariadb;
pub(crate) mod mount;
pub(crate) mod operation;
pub(crate) mod package;
pub(crate) mod person;
pub(crate) mod proxy;
pub(crate) mod rust_source;
pub(crate) mod scene;
pub(crate) mod schema;
pub(crate) mod sql_migrations;

pub(crate) use arguments::{argument, english, fixture, text_argument, told};
