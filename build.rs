//! Names the C library by its soname. Owns nothing else: the header is checked by a test.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libgestor_plugins.so.0");
}
