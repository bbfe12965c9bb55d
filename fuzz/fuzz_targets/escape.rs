//! Any text of others: one line that claims to be no plugin's, and escaping it again changes nothing.
#![no_main]

use gestor_plugins::log::escape;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let once = escape(text).into_owned();
    assert!(!once.chars().any(char::is_control), "{once:?}");
    assert!(!once.to_ascii_uppercase().contains("[PLUGIN:"), "{once:?}");
    assert_eq!(escape(&once), once.as_str());
});
