//! Parts by themselves: hashing, unpacking, packing, reading data files. `cargo bench --bench micro`; whole installations
//! are measured by `bin/bench`.

#![expect(clippy::unwrap_used, reason = "a fault ends the measurement")]

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::os::fd::AsFd as _;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use gestor_plugins::archive::{Archive, Blacklist, PackOptions, pack_folder};
use gestor_plugins::base::hash::sha256;
use gestor_plugins::config::Limits;
use gestor_plugins::data::parse_data_file;

const FILES: u64 = 2_000;

/// A text of a page's size that packs about as well as one.
fn page(number: u64) -> String {
    let mut text = String::new();
    let mut state = number;
    while text.len() < 4_500 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let _ = writeln!(
            text,
            "<p class=\"card-{}\">palavra {} texto</p>",
            state >> 58,
            state >> 50
        );
    }
    text
}

fn archive(file: File) -> File {
    let mut writer = zip::ZipWriter::new(file);
    let options = zip::write::SimpleFileOptions::default();
    for number in 0..FILES {
        writer
            .start_file(format!("resources/en/pages/p{number}/p{number}.html"), options)
            .unwrap();
        writer.write_all(page(number).as_bytes()).unwrap();
    }
    writer.finish().unwrap()
}

fn hashing(criterion: &mut Criterion) {
    let bytes = vec![7; 64 << 20];
    let mut group = criterion.benchmark_group("sha256");
    group.throughput(Throughput::Bytes(bytes.len() as u64)).sample_size(20);
    group.bench_function("64 MiB in memory", |bencher| bencher.iter(|| sha256(&bytes)));
}

fn archives(criterion: &mut Criterion) {
    let file = archive(tempfile::tempfile().unwrap());
    let (limits, blacklist) = (Limits::default(), Blacklist::from_settings(None));
    let open = || Archive::open(file.try_clone().unwrap(), &limits, &blacklist).unwrap();
    let mut group = criterion.benchmark_group("archive");
    group.throughput(Throughput::Elements(FILES)).sample_size(10);
    group.bench_function("inspect", |bencher| bencher.iter(open));
    group.bench_function("extract", |bencher| {
        let archive = open();
        bencher.iter_batched_ref(
            || tempfile::tempdir().unwrap(),
            |folder| {
                let folder = File::open(folder.path()).unwrap();
                archive
                    .extract(folder.as_fd(), "", &|_| false, &|_, _| ControlFlow::Continue(()))
                    .unwrap()
            },
            BatchSize::PerIteration,
        );
    });
    let folder = tempfile::tempdir().unwrap();
    let handle = File::open(folder.path()).unwrap();
    open()
        .extract(handle.as_fd(), "", &|_| false, &|_, _| ControlFlow::Continue(()))
        .unwrap();
    group.bench_function("pack", |bencher| {
        bencher.iter(|| {
            pack_folder(
                folder.path(),
                &tempfile::tempfile().unwrap(),
                &|_| false,
                PackOptions::default(),
            )
            .unwrap()
        });
    });
}

fn data_files(criterion: &mut Criterion) {
    let rows: Vec<_> = (0..FILES).map(|number| serde_json::json!({"id": format!("p{number}"), "language": "en", "nome": "Page", "html": page(number)})).collect();
    let text = serde_json::to_vec(&rows).unwrap();
    let mut group = criterion.benchmark_group("data file");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("parse", |bencher| {
        bencher.iter(|| parse_data_file(text.as_slice(), "db/data/PaginasData.json").unwrap());
    });
}

criterion_group!(benches, hashing, archives, data_files);
criterion_main!(benches);
