//! What samples are made of, each with letters of its own, so that its text shows whether it is said.

use std::io;
use std::path::PathBuf;

use crate::base::json::Position;
use crate::data::{Conflict, ConflictReason, Fault, FaultKind, RowPlace};
use crate::dependencies::Lack;
use crate::model::{Component, Dependency, Phrase, Slug, TableName};

pub(super) fn text(number: u32) -> String {
    format!("v{number}")
}

pub(super) fn path(number: u32) -> PathBuf {
    PathBuf::from(format!("/p{number}"))
}

pub(super) fn slug(number: u32) -> Slug {
    Slug::normalize(&text(number)).unwrap()
}

pub(super) fn lack(number: u32) -> Lack {
    Lack {
        by: slug(number),
        need: Dependency {
            on: Component::Plugin(slug(number + 1)),
            range: ">=87".parse().unwrap(),
            optional: false,
        },
        found: None,
    }
}

pub(super) fn said(number: u32) -> Phrase {
    Phrase::of_others(format!("w{number}"))
}

pub(super) fn system(number: u32) -> io::Error {
    io::Error::other(format!("io{number}"))
}

pub(super) fn at() -> Position {
    Position { line: 71, column: 72 }
}

pub(super) fn json() -> serde_json::Error {
    serde_json::from_str::<bool>("{").unwrap_err()
}

pub(super) fn http() -> reqwest::Error {
    reqwest::Proxy::all("http://[no host").unwrap_err()
}

pub(super) fn table() -> TableName {
    TableName::new("tabela81").unwrap()
}

pub(super) fn place() -> RowPlace {
    RowPlace {
        number: 82,
        key: "id=k83".to_owned(),
    }
}

pub(super) fn fault() -> Fault {
    Fault::of_file(&"f84".into(), FaultKind::TooManyRows { limit: 85 })
}

pub(super) fn conflict() -> Conflict {
    Conflict {
        source: "f86".into(),
        place: place(),
        table: table(),
        reason: ConflictReason::Shared,
    }
}
