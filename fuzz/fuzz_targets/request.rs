//! Any bytes as a request of the C library: an operation that ends, or a reason.
//!
//! A request may name any path and host. So that an input cannot do to the machine what it says, whatever can be read as
//! a request is confined first: its gestor is a folder of its own, other paths are allowed below that folder only, its
//! database is a socket that nobody listens on, and nothing is fetched from the network.
#![no_main]

use std::ffi::CString;
use std::path::Path;

use gestor_plugins::ffi;
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value, json};

/// What `gestor_plugins_finish` gives for a success and for a panic.
const IMPOSSIBLE: [i32; 2] = [0, 99];

fn confine(request: &mut Map<String, Value>, folder: &str) {
    request.insert("open_basedir".to_owned(), json!(folder));
    request.insert("sockets".to_owned(), json!([]));
    // Names a file to read, hosts and patience.
    request.remove("ini");
    let Some(Value::Object(params)) = request.get_mut("params") else {
        return;
    };
    params.insert("raiz".to_owned(), json!(folder));
    params.insert("espera_lock".to_owned(), json!(0));
    if let Some(Value::Object(database)) = params.get_mut("db") {
        database.remove("host");
        database.insert("socket".to_owned(), json!(format!("{folder}/nobody.sock")));
    }
    for key in ["url", "download_url", "sha256_url"] {
        params.remove(key);
    }
    let remote = |origin: &Value| origin.as_str().is_some_and(|origin| origin.starts_with("github") || origin == "url");
    if params.get("origem_tipo").is_some_and(remote) {
        params.insert("origem_tipo".to_owned(), json!("upload"));
    }
}

/// The request that is run, in place of the bytes.
fn confined(bytes: &[u8], folder: &Path) -> Vec<u8> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(mut request)) => {
            confine(&mut request, folder.to_str().expect("a plain path"));
            Value::Object(request).to_string().into_bytes()
        }
        // Refused before anything is done: an operation is named in an object.
        _ => bytes.to_vec(),
    }
}

fuzz_target!(|bytes: &[u8]| {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // Relative paths lead there too.
    std::env::set_current_dir(folder.path()).expect("the folder");
    let Ok(request) = CString::new(confined(bytes, folder.path())) else {
        return;
    };
    // SAFETY: the request is a C string; a handle that was given is finished once.
    unsafe {
        let operation = ffi::gestor_plugins_start(request.as_ptr());
        if operation.is_null() {
            assert!(!ffi::gestor_plugins_last_error().is_null());
        } else {
            let code = ffi::gestor_plugins_finish(operation, std::ptr::null_mut());
            // A recovery of an empty gestor has nothing to do, and that is a success.
            assert!(!IMPOSSIBLE.contains(&code) || code == 0 && recovers(request.to_bytes()), "{code}");
        }
    }
    std::env::set_current_dir("/").expect("the root");
});

fn recovers(request: &[u8]) -> bool {
    serde_json::from_slice::<Value>(request).is_ok_and(|request| request["operacao"] == "recover")
}
