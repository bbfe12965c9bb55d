//! Any bytes as a manifest: read, or refused with a reason.
#![no_main]

use gestor_plugins::manifest;
use gestor_plugins::model::Slug;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let slug = Slug::normalize("p").expect("a slug");
    match manifest::parse(bytes, "manifest.json", &slug, None) {
        Ok(manifest) => assert!(!manifest.name.is_empty()),
        Err(fault) => assert!(!fault.messages(gestor_plugins::model::Lang::En).is_empty()),
    }
});
