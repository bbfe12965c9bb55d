//! Any bytes as a request of the C library: an operation that ends, or a reason.
#![no_main]

use std::ffi::CString;

use gestor_plugins::ffi;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = CString::new(bytes) else { return };
    // SAFETY: the request is a C string; a handle that was given is finished once.
    unsafe {
        let operation = ffi::gestor_plugins_start(request.as_ptr());
        if operation.is_null() {
            assert!(!ffi::gestor_plugins_last_error().is_null());
        } else {
            ffi::gestor_plugins_finish(operation, std::ptr::null_mut());
        }
    }
});
