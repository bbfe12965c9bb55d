//! Makes the compiled-in knowledge of one release of the gestor from its `db/data/` folder: contracts and core keys.
//!
//! `cargo run --example core_keys -- GESTOR/db/data 2.9.43` writes `src/data/gestor/2.9.43.{contracts.json,keys}`.
//! Then name the release in `src/data/core_keys.rs`, and the contracts in `src/data/contract.rs`.

#![expect(clippy::disallowed_methods, reason = "a tool for the house's own sources")]

use std::error::Error;
use std::fs::{self, File};
use std::path::Path;

use gestor_plugins::data::{Declarations, parse_data_file, table_of_file, write_core_keys};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, release] = arguments.as_slice() else {
        return Err("usage: core_keys FOLDER RELEASE".into());
    };
    let folder = Path::new(folder);
    let target = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/data/gestor");
    let declared: Declarations = serde_json::from_slice(&fs::read(folder.join("schema-metadata.json"))?)?;
    let mut contracts = serde_json::to_string_pretty(&declared)?;
    contracts.push('\n');
    let keys = keys_of(folder, &declared)?;
    fs::write(target.join(format!("{release}.contracts.json")), contracts)?;
    fs::write(target.join(format!("{release}.keys")), keys)?;
    Ok(())
}

fn keys_of(folder: &Path, declared: &Declarations) -> Result<String, Box<dyn Error>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut keys = String::new();
    for path in paths {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if !name.ends_with("Data.json") || name == "Data.json" {
            continue;
        }
        let table = table_of_file(name).map_err(|fault| fault.to_string())?;
        let rows = parse_data_file(File::open(&path)?, name).map_err(|fault| fault.to_string())?;
        let Some(contract) = declared.tables.get(table.as_str()) else {
            return Err(format!("{name}: schema-metadata.json has no contract for `{table}`").into());
        };
        let mut columns = contract.natural_key_columns.clone();
        if contract.strategy == "pk" {
            columns = contract
                .id_numerico
                .clone()
                .into_iter()
                .chain(["id".to_owned()])
                .collect();
        }
        keys.push_str(&write_core_keys(table.as_str(), &columns, &rows));
    }
    Ok(keys)
}
