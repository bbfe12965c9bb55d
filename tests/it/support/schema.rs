//! The description of reports, `schemas/report.schema.json`: whatever an operation of a test reports is held against it.

use std::path::Path;

use boon::{Compiler, SchemaIndex, Schemas};
use serde_json::Value;

/// The compiled description.
pub(crate) struct Schema {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Schema {
    /// Reads it; fails the test where it is no JSON Schema itself.
    pub(crate) fn new() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report.schema.json");
        let text = std::fs::read(path).unwrap();
        let mut compiler = Compiler::new();
        compiler
            .add_resource("report.json", serde_json::from_slice(&text).unwrap())
            .unwrap();
        let mut schemas = Schemas::new();
        let index = compiler.compile("report.json", &mut schemas).unwrap();
        Self { schemas, index }
    }

    /// What a report has that the description does not know, or lacks.
    pub(crate) fn faults(&self, report: &Value) -> Option<String> {
        let fault = self.schemas.validate(report, self.index).err()?;
        Some(format!("{fault:#}"))
    }
}

/// Fails the test where a report is not as described.
#[track_caller]
pub(crate) fn assert_described(report: &Value) {
    thread_local! {
        static SCHEMA: Schema = Schema::new();
    }
    let faults = SCHEMA.with(|schema| schema.faults(report));
    assert_eq!(faults, None, "{report:#}");
}
