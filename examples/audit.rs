//! What the audit log costs: records of four writers at once, refusals, and checking it.
//!
//! `cargo run --release --example audit -- FOLDER`, an empty folder on the disk that is meant.

#![allow(clippy::disallowed_methods, reason = "a tool opens what it is told to")]
#![allow(clippy::print_stdout, reason = "it says what it measured")]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use chrono::Utc;
use gestor_plugins::base::fs::Owner;
use gestor_plugins::observe::audit::{Limits, Log, Place, Purpose, Record, check};

const WRITERS: u32 = 4;
const BATCHES: u32 = 20_000;
const BATCH: u32 = 10;
const REFUSALS: u32 = 200;
const LIMITS: Limits = Limits { days: 0, bytes: 0 };

fn place(folder: &Path) -> Result<Place, Box<dyn Error>> {
    Ok(Place {
        top: folder.to_owned(),
        folder: folder.join("_auditoria"),
        server: folder.join("servidor.id"),
        owner: Owner::of(folder)?,
    })
}

fn record(number: u32, is_allowed: bool) -> Record {
    Record {
        plugin: Some("acme-shop".to_owned()),
        resource: Some(format!("contents/plugins/acme-shop/{number}.json")),
        is_allowed,
        reason: (!is_allowed).then(|| "the manifest does not ask for it".to_owned()),
        ..Record::new("arquivo.ler", "0123456789abcdef0123456789abcdef")
    }
}

fn write(folder: &Path) -> Result<(), Box<dyn Error>> {
    let mut log = Log::open(place(folder)?, LIMITS)?;
    for batch in 0..BATCHES {
        let records: Vec<_> = (0..BATCH).map(|number| record(batch * BATCH + number, true)).collect();
        log.append(&records, Purpose::Allowed, Utc::now().into())?;
    }
    Ok(())
}

fn micros(started: Instant, count: u32) -> f64 {
    started.elapsed().as_secs_f64() * 1e6 / f64::from(count)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (folder, is_writer) = match arguments.as_slice() {
        [folder] => (PathBuf::from(folder), false),
        [folder, _] => (PathBuf::from(folder), true),
        _ => return Err("usage: audit FOLDER".into()),
    };
    if is_writer {
        return write(&folder);
    }
    let started = Instant::now();
    let start = || {
        Command::new(std::env::current_exe()?)
            .arg(&folder)
            .arg("writer")
            .spawn()
    };
    let mut writers = (0..WRITERS).map(|_| start()).collect::<Result<Vec<_>, _>>()?;
    for writer in &mut writers {
        writer.wait()?;
    }
    let all = WRITERS * BATCHES * BATCH;
    println!(
        "{WRITERS} writers, batches of {BATCH}: {:.1} µs a record",
        micros(started, all)
    );
    let mut log = Log::open(place(&folder)?, LIMITS)?;
    for (what, purpose) in [("a refusal", Purpose::Refused), ("an operation's end", Purpose::End)] {
        let started = Instant::now();
        for number in 0..REFUSALS {
            log.append(&[record(number, false)], purpose, Utc::now().into())?;
        }
        println!("{what}: {:.0} µs", micros(started, REFUSALS));
    }
    let place = place(&folder)?;
    let server = place.server()?.unwrap_or_default();
    let started = Instant::now();
    let checked = check(&place, &server, &[])?;
    let seconds = started.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let rate = checked.records as f64 / seconds;
    println!("checked {} records: {rate:.0} a second", checked.records);
    Ok(())
}
