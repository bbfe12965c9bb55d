//! Random names. The only place that asks the system for randomness.

use std::fs::File;
use std::io::Read;

use super::{Attempt, FsError};

const SOURCE: &str = "/dev/urandom";

/// 128 random bits as 32 hexadecimal digits.
pub fn random_hex() -> Result<String, FsError> {
    Ok(format!("{:032x}", u128::from_be_bytes(random_bytes()?)))
}

/// Random bytes, good enough for keys.
pub fn random_bytes<const COUNT: usize>() -> Result<[u8; COUNT], FsError> {
    let mut bytes = [0; COUNT];
    #[expect(
        clippy::disallowed_methods,
        reason = "a device of the system, not a file of anybody's"
    )]
    let source = File::open(SOURCE);
    source
        .and_then(|mut source| source.read_exact(&mut bytes))
        .map_err(|fault| FsError::new(Attempt::Read, SOURCE, fault))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_differ() {
        let (one, other) = (random_hex().unwrap(), random_hex().unwrap());
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
