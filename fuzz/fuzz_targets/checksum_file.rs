//! Any bytes as a checksum file: read or refused, and what is read stands in it.
#![no_main]

use gestor_plugins::source::parse_checksum_file;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(digest) = parse_checksum_file(bytes, Some("p.zip")) {
        let digits = digest.to_string();
        // UTF-16 has a zero byte beside each digit.
        let text: String = bytes.iter().filter(|byte| byte.is_ascii_hexdigit()).map(|byte| char::from(*byte)).collect();
        assert!(text.to_ascii_lowercase().contains(&digits), "{digits}");
    }
});
