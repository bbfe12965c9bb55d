//! What an index costs: a folder of 10,000 plugins in five versions each is read, and a set of them found. The folder is made
//! where it is empty: `cargo run --release --example index -- /dev/shm/index`. Prints seconds and the most memory.

#![allow(clippy::disallowed_methods, reason = "a tool opens what it is told to")]
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a fault ends the measurement, whose answer is printed"
)]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use gestor_plugins::archive::Blacklist;
use gestor_plugins::base::fs::{BelievedFolder, Owner};
use gestor_plugins::config::Limits;
use gestor_plugins::dependencies::{Candidate, Problem, Reason, Standing, Wish, solve};
use gestor_plugins::model::{Release, Slug, VersionRange};
use gestor_plugins::package::{Opening, PackageIndex};

const PLUGINS: usize = 10_000;
const VERSIONS: usize = 5;

/// Each plugin needs the next one in some versions, and one far behind.
fn make(folder: &Path) {
    for plugin in 0..PLUGINS {
        for version in 0..VERSIONS {
            let file = File::create(folder.join(format!("p{plugin}-1.{version}.0.zip"))).unwrap();
            let mut zip = zip::ZipWriter::new(file);
            let options = zip::write::SimpleFileOptions::default();
            let needs = [plugin + 1, plugin + 997].map(|on| format!("\"p{on}\": \"^1.{}\"", version.min(3)));
            let known = if plugin + 997 < PLUGINS {
                needs.join(", ")
            } else {
                String::new()
            };
            zip.start_file("manifest.json", options).unwrap();
            write!(
                zip,
                r#"{{"id": "p{plugin}", "name": "P", "version": "1.{version}.0", "dependencies": {{{known}}}}}"#
            )
            .unwrap();
            zip.start_file("modules/m/m.php", options).unwrap();
            zip.write_all(b"<?php\n").unwrap();
            zip.finish().unwrap();
        }
    }
}

fn problem(index: PackageIndex) -> Problem {
    let mut problem = Problem::default();
    let range = "*".parse::<VersionRange>().unwrap().releases().clone();
    let wish = Wish {
        range,
        reason: Reason::Named,
    };
    problem.wanted.insert(Slug::normalize("p0").unwrap(), wish);
    for (slug, versions) in index.offered {
        let candidate = |(release, package): (Release, gestor_plugins::package::OfferedPackage)| {
            let (dependencies, standing) = (package.dependencies, Standing::Offered);
            (release, Candidate { dependencies, standing })
        };
        problem
            .candidates
            .insert(slug, versions.into_iter().map(candidate).collect::<BTreeMap<_, _>>());
    }
    problem
}

/// MiB that this process had at most.
fn memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn main() {
    let folder = std::env::args().nth(1).expect("the folder");
    let folder = Path::new(&folder);
    fs::create_dir_all(folder).unwrap();
    if fs::read_dir(folder).unwrap().next().is_none() {
        make(folder);
    }
    let (limits, blacklist) = (Limits::default(), Blacklist::from_settings(None));
    let opening = Opening {
        limits: &limits,
        blacklist: &blacklist,
    };
    let started = Instant::now();
    let believed = BelievedFolder::open(folder, Owner::of(folder).unwrap()).unwrap();
    let index = PackageIndex::read(believed, &|_| true, opening).unwrap();
    assert!(index.left_out.is_empty());
    let read = started.elapsed();
    let after_reading = memory();
    let problem = problem(index);
    let asked = Instant::now();
    let found = solve(&problem).unwrap();
    println!(
        "read {:.2} s, solved {:.2} s ({} plugins), together {:.2} s, {after_reading} MiB, {} MiB",
        read.as_secs_f64(),
        asked.elapsed().as_secs_f64(),
        found.order.len(),
        started.elapsed().as_secs_f64(),
        memory()
    );
}
