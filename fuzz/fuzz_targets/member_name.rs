//! Any bytes as the name of the only member of an archive: what passes must stay below the root.
#![no_main]

use std::io::Write;
use std::path::{Component, Path};

use gestor_plugins::archive::{Archive, Blacklist};
use gestor_plugins::config::Limits;
use libfuzzer_sys::fuzz_target;

/// A stored, empty member; the first byte of the input chooses flags and system.
fn archive(choice: u8, name: &[u8]) -> Option<Vec<u8>> {
    let length = u16::try_from(name.len()).ok()?.to_le_bytes();
    let flags = if choice & 1 == 0 { [0, 0] } else { [0, 8] };
    let system = if choice & 2 == 0 { 0 } else { 3 };
    let common = [&[20, 0][..], &flags, &[0; 18], &length, &[0; 2]].concat();
    let local = [b"PK\x03\x04", &common[..], name].concat();
    let central = [b"PK\x01\x02", &[20, system][..], &common, &[0; 14], name].concat();
    let places = [central.len(), local.len()].map(|number| u32::try_from(number).unwrap_or(0).to_le_bytes());
    let end = [b"PK\x05\x06", &[0, 0, 0, 0, 1, 0, 1, 0][..], &places.concat(), &[0, 0]].concat();
    Some([local, central, end].concat())
}

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, name)) = bytes.split_first() else {
        return;
    };
    let Some(bytes) = archive(*choice, name) else {
        return;
    };
    let mut file = tempfile::tempfile().expect("a temporary file");
    file.write_all(&bytes).expect("room for the archive");
    if let Ok(archive) = Archive::open(file, &Limits::default(), &Blacklist::default()) {
        for member in archive.members() {
            let mut parts = Path::new(member.name()).components();
            assert!(parts.all(|part| matches!(part, Component::Normal(_))), "{:?}", member.name());
        }
    }
});
