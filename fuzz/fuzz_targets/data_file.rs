//! Any bytes as a data file: as many rows as another reader finds, or refused.
#![no_main]

use gestor_plugins::data::parse_data_file;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|bytes: &[u8]| {
    let ours = parse_data_file(bytes, "f");
    let text = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    if let Ok(theirs) = serde_json::from_slice::<Vec<Map<String, Value>>>(text) {
        assert_eq!(ours.expect("what another reader reads").len(), theirs.len());
    }
});
