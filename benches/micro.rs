//! Parts by themselves: hashing, unpacking, packing, reading data files, planning, building SQL, judging signatures, the audit
//! log. `bin/bench --micro` starts the server that planning asks (`MARIADB_SOCKET` names it); without one, `cargo bench` leaves
//! planning and SQL out. Whole installations are measured by `bin/bench`.

#![allow(clippy::disallowed_methods, reason = "a tool opens what it is told to")]
#![expect(clippy::unwrap_used, reason = "a fault ends the measurement")]

use std::fmt::Write as _;
use std::fs::File;
use std::io::Write as _;
use std::ops::ControlFlow;
use std::os::fd::AsFd as _;
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use gestor_plugins::archive::{Archive, Blacklist, PackOptions, pack_folder};
use gestor_plugins::base::clock::{Clock as _, SystemClock};
use gestor_plugins::base::db::Database;
use gestor_plugins::base::fs::Owner;
use gestor_plugins::base::hash::sha256;
use gestor_plugins::config::{DatabaseSettings, Limits, RowPolicy};
use gestor_plugins::data::{self, Contracts, CoreKeys, Request, TableRows, parse_data_file, table_of_file};
use gestor_plugins::log::Silent;
use gestor_plugins::model::Slug;
use gestor_plugins::observe::audit::{self, Log, Place, Purpose, Record};
use gestor_plugins::trust::{self, TrustFolder};

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
        bencher.iter(|| pack_folder(folder.path(), &tempfile::tempfile().unwrap(), PackOptions::default()).unwrap());
    });
}

const DATA_FILE: &str = "db/data/PaginasData.json";

/// A data file of pages; those of another version differ in all their texts.
fn data_file(version: u64) -> Vec<u8> {
    let row = |number| {
        let id = format!("p{number}");
        serde_json::json!({"id": id, "language": "en", "nome": "Page", "caminho": id + "/", "tipo": "pagina", "status": "A",
            "html": page(number + version * FILES)})
    };
    serde_json::to_vec(&(0..FILES).map(row).collect::<Vec<_>>()).unwrap()
}

fn data_files(criterion: &mut Criterion) {
    let text = data_file(1);
    let mut group = criterion.benchmark_group("data file");
    group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(20);
    group.bench_function("parse", |bencher| {
        bencher.iter(|| parse_data_file(text.as_slice(), DATA_FILE).unwrap());
    });
}

fn rows(version: u64) -> Vec<TableRows> {
    let parsed = parse_data_file(data_file(version).as_slice(), DATA_FILE).unwrap();
    TableRows::collect([(table_of_file(DATA_FILE).unwrap(), parsed)]).unwrap()
}

/// A database with the gestor's tables.
fn database(socket: &Path) -> Database {
    const NAME: &str = "bench_micro";
    let mut settings = DatabaseSettings {
        socket: Some(socket.to_owned()),
        user: "root".to_owned(),
        ..DatabaseSettings::default()
    };
    let mut server = Database::connect(&settings).unwrap();
    server.execute(format!("DROP DATABASE IF EXISTS {NAME}")).unwrap();
    server.execute(format!("CREATE DATABASE {NAME}")).unwrap();
    let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/gestor.sql");
    let filled = Command::new("mariadb")
        .args(["--no-defaults", "--user=root", NAME, "--socket"])
        .arg(socket)
        .stdin(File::open(tables).unwrap())
        .status();
    assert!(filled.unwrap().success());
    NAME.clone_into(&mut settings.name);
    Database::connect(&settings).unwrap()
}

fn rows_of_a_table(criterion: &mut Criterion) {
    #[expect(clippy::disallowed_methods, reason = "bin/bench names its server this way")]
    let Some(socket) = std::env::var_os("MARIADB_SOCKET") else {
        return;
    };
    let mut database = database(Path::new(&socket));
    let (slug, contracts) = (Slug::normalize("bench").unwrap(), Contracts::new(None));
    let core = CoreKeys::read(None, Path::new("/nowhere")).unwrap();
    let request = |tables| Request {
        slug: &slug,
        tables,
        policy: RowPolicy::default(),
        contracts: &contracts,
        core: &core,
        previous: None,
    };
    let mut group = criterion.benchmark_group("rows");
    group.throughput(Throughput::Elements(FILES)).sample_size(20);
    let versions = [rows(1), rows(2)];
    for (tables, plans, builds) in [
        (&versions[0], "plan inserts", "build INSERT"),
        (&versions[0], "plan nothing", ""),
        (&versions[1], "plan updates", "build UPDATE"),
    ] {
        let request = request(tables);
        let mut plan = || {
            database.begin().unwrap();
            let plan = data::plan(&mut database, &request, &Silent).unwrap();
            database.rollback().unwrap();
            plan
        };
        group.bench_function(plans, |bencher| bencher.iter(&mut plan));
        let planned = plan();
        if !builds.is_empty() {
            let build = || data::statements(&planned, &request, 128 << 10).map(|text| text.unwrap().len());
            group.bench_function(builds, |bencher| bencher.iter(|| build().sum::<usize>()));
        }
        database.begin().unwrap();
        data::apply(&mut database, &planned, &request, &Silent).unwrap();
        database.commit().unwrap();
    }
}

/// Certificates of RSA, as openssl makes them: a folder in which the first is believed, and an author's key and certificates
/// that lead to it over one other.
fn certificates(folder: &Path) {
    let script = "set -e; mkdir raizes; k() { openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out $1.key; }\n\
        k root; k mid; k own\n\
        openssl req -x509 -new -key root.key -subj /CN=root -days 9 -out raizes/root.pem -addext basicConstraints=critical,CA:TRUE\n\
        printf 'basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign\\n' > mid.ext\n\
        printf 'basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,digitalSignature\\nextendedKeyUsage=codeSigning\\nsubjectAltName=URI:urn:gestor-plugins:dev:acme,URI:urn:gestor-plugins:plugin:*\\n' > own.ext\n\
        openssl req -new -key mid.key -subj /CN=mid | openssl x509 -req -CA raizes/root.pem -CAkey root.key -set_serial 2 -days 9 -extfile mid.ext -out mid.pem\n\
        openssl req -new -key own.key -subj /CN=own | openssl x509 -req -CA mid.pem -CAkey mid.key -set_serial 3 -days 9 -extfile own.ext -out own.pem\n\
        cat mid.pem >> own.pem";
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

/// What a signature costs: a list of so many files, and a package of 10 MiB with a chain of two.
fn signatures(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let read = |name: &str| std::fs::read(folder.path().join(name)).unwrap();
    let (key, author) = (
        trust::SigningKey::read(&read("own.key")).unwrap(),
        trust::prepare(&read("own.pem")).unwrap(),
    );
    let slug = Slug::normalize("p").unwrap();
    let signed = |count: u64| {
        let file = |number: u64| trust::StatedFile {
            path: format!("resources/en/pages/p{number:06}/p{number:06}.html"),
            size: 4_500,
            sha256: sha256(&number.to_le_bytes()),
            is_executable: false,
        };
        let statement = trust::Statement {
            id: slug.clone(),
            version: "1.0.0".parse().unwrap(),
            developer: "acme".to_owned(),
            signed_at: chrono::DateTime::UNIX_EPOCH,
            files: (0..count).map(file).collect(),
        };
        let text = trust::sign(&statement, &key, &author).unwrap();
        (statement, text)
    };
    let believed = TrustFolder::read(Some(folder.path()), Owner::of(folder.path()).unwrap()).unwrap();
    let judge = |(statement, text): &(trust::Statement, String)| {
        let found = |file: &'_ trust::StatedFile| (file.path.clone(), file.size);
        let files: Vec<_> = statement.files.iter().map(found).collect();
        let files: Vec<_> = files
            .iter()
            .map(|(path, size)| trust::FoundFile {
                path,
                size: *size,
                is_executable: false,
            })
            .collect();
        let package = trust::Package {
            slug: &slug,
            sha256: None,
            files: Some(&files),
            signature: Some(text.as_bytes()),
            evidence: &trust::Evidence::default(),
        };
        let now = SystemClock.now().to_utc();
        let judged = trust::judge(package, trust::Believed { folder: &believed, now });
        assert_eq!(judged.verdict(), trust::Verdict::Valid);
    };
    let (few, many) = (signed(10), signed(11_056));
    let bytes = vec![7; 10 << 20];
    let mut group = criterion.benchmark_group("signature");
    group.sample_size(20);
    group.bench_function("10 MiB, RSA-PSS, chain of two", |bencher| {
        bencher.iter(|| {
            judge(&few);
            sha256(&bytes)
        });
    });
    group.bench_function("list of 11056 files", |bencher| bencher.iter(|| judge(&many)));
}

fn audit_place(folder: &Path) -> Place {
    Place {
        top: folder.to_owned(),
        folder: folder.join("_auditoria"),
        server: folder.join("servidor.id"),
        owner: Owner::of(folder).unwrap(),
    }
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

/// Records of four writers at once, what is on the disk before anybody hears of it, and checking a log.
fn audit_log(criterion: &mut Criterion) {
    const ALL: audit::Limits = audit::Limits { days: 0, bytes: 0 };
    let folder = tempfile::tempdir().unwrap();
    let place = audit_place(folder.path());
    let open = || Log::open(place.clone(), ALL).unwrap();
    let some: Vec<_> = (0..10).map(|number| record(number, true)).collect();
    let mut group = criterion.benchmark_group("audit");
    group.throughput(Throughput::Elements(40)).sample_size(10);
    group.bench_function("ten records each of four writers", |bencher| {
        bencher.iter_custom(|rounds| {
            let started = Instant::now();
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        let mut log = open();
                        for _ in 0..rounds {
                            log.append(&some, Purpose::Allowed, SystemClock.now()).unwrap();
                        }
                    });
                }
            });
            started.elapsed()
        });
    });
    group.throughput(Throughput::Elements(1));
    for (what, purpose) in [
        ("a refusal", Purpose::Refused),
        ("the end of an operation", Purpose::End),
    ] {
        let mut log = open();
        group.bench_function(what, |bencher| {
            bencher.iter(|| log.append(&[record(0, false)], purpose, SystemClock.now()).unwrap());
        });
    }
    let checked = tempfile::tempdir().unwrap();
    let place = audit_place(checked.path());
    let mut log = Log::open(place.clone(), ALL).unwrap();
    for _ in 0..20_000 {
        log.append(&some, Purpose::Allowed, SystemClock.now()).unwrap();
    }
    let server = place.server().unwrap().unwrap();
    group.throughput(Throughput::Elements(200_000));
    group.bench_function("check", |bencher| {
        bencher.iter(|| audit::check(&place, &server, &[]).unwrap());
    });
    group.finish();
}

criterion_group!(
    benches,
    hashing,
    archives,
    data_files,
    rows_of_a_table,
    signatures,
    audit_log
);
criterion_main!(benches);
