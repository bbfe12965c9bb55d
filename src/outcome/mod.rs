//! How an operation ended: exit code, status, report. No I/O.

mod exit_code;
mod report;
mod status;

pub use exit_code::ExitCode;
pub use report::{
    DependencyReport, ExplanationReport, FileCounts, Leftovers, NamingRows, PlannedPlugin, Report, ReportedConflict,
    ReportedScript, SignatureReport, StayingRow, TableCounts,
};
pub use status::ExecutionStatus;
