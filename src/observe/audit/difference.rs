//! The first thing of a log that is not as it was written.

/// Who says what a log was like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// The file of checkpoints.
    Points,
    /// The table of checkpoints.
    Table,
    /// The head.
    Head,
    /// The first line of the next segment.
    Segment,
}

/// The first thing that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Difference {
    /// One of several records.
    #[error("among the records {from} to {to} one is not what was written (by the {told_by})")]
    Changed {
        /// The first that may be it.
        from: u64,
        /// The last.
        to: u64,
        /// Who says so.
        told_by: Source,
    },
    /// Records are gone.
    #[error("the records {from} to {to} are missing")]
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// A line is not the record that is due.
    #[error(
        "{segment}.jsonl, line {line}: {}, and it should be record {expected}",
        found.map_or_else(|| "it is no record".to_owned(), |found| format!("there stands record {found}"))
    )]
    Line {
        /// The number of the segment.
        segment: u64,
        /// The line in it, from 1 on.
        line: u64,
        /// The record that is due.
        expected: u64,
        /// The one that stands there.
        found: Option<u64>,
    },
    /// A segment of the name of records that another one has.
    #[error("{first}.jsonl begins before record {expected}, which is the one that is due")]
    Segment {
        /// Its number.
        first: u64,
        /// The record that is due.
        expected: u64,
    },
    /// A segment does not say what stood before it.
    #[error("{first}.jsonl does not begin with what stood before it")]
    Beginning {
        /// Its number.
        first: u64,
    },
    /// A log of a server that the file of the id does not name.
    #[error("the log {server} is there, and servidor.id does not name it")]
    Nobodys {
        /// Its server.
        server: String,
    },
    /// The head.
    #[error("the file cabeca is not there, or not what was written")]
    Head,
    /// A checkpoint of the file.
    #[error("pontos.jsonl, line {line}: it is not the checkpoint that was written")]
    Point {
        /// The line.
        line: usize,
    },
    /// A checkpoint of the table.
    #[error("gestor_plugins_auditoria, tamanho {size}: it is not the checkpoint that was written")]
    Row {
        /// Records, as the row says.
        size: u64,
    },
    /// One that is not in the table, where later ones are.
    #[error("gestor_plugins_auditoria: there is no row of tamanho {size}, and later ones are there")]
    NoRow {
        /// Records.
        size: u64,
    },
    /// Records are gone, and the table has not forgotten them.
    #[error(
        "the records {from} to {to} are missing, and gestor_plugins_auditoria still knows those until {size}: either they were taken away, or the database was restored from before they went"
    )]
    Unforgotten {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
        /// Records, as the row says.
        size: u64,
    },
}
