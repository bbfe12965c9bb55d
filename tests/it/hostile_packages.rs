//! Packages that say more than a package may: refused by the limit that they break, in bounded memory, and a caller
//! that cancels while they are read is heard.

use std::path::Path;
use std::time::{Duration, Instant};

use gestor_plugins::config::Argument;
use gestor_plugins::log::{Progress, Step};
use gestor_plugins::outcome::ExitCode;
use serde_json::Value;

use crate::support::child;
use crate::support::gestor::Gestor;
use crate::support::operation::{Host, install, install_with};
use crate::support::package::Package;

/// Memory of a process that refuses a package, with all that the test binary needs itself.
const MEMORY: u64 = 160 << 20;

const SLUG: &str = "hostil";

fn package() -> Package {
    Package::new(SLUG, "1.0.0")
}

fn repeated(count: usize, one: impl Fn(usize) -> String) -> String {
    let items: Vec<String> = (0..count).map(one).collect();
    items.join(",")
}

/// A text that cannot be packed: a bomb would be refused before it is read.
fn long(bytes: usize) -> String {
    let mut state = 1_u32;
    let mut letter = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b'a' + u8::try_from(state >> 28).unwrap())
    };
    (0..bytes).map(|_| letter()).collect()
}

fn row_of_columns(first: usize, count: usize) -> String {
    format!("{{{}}}", repeated(count, |at| format!("\"c{}\":1", first + at)))
}

fn descriptor(resources: &str) -> String {
    format!("{{\"resources\":{{{resources}}}}}")
}

/// What breaks a limit, and the words by which it is refused.
fn hostile() -> Vec<(&'static str, Package, ExitCode, &'static str)> {
    let data = |rows: String| package().file("db/data/PaginasData.json", format!("[{rows}]"));
    let resources = |text: String| package().file("modules/m/m.json", descriptor(&text));
    let language = |at: usize| format!("\"l{at}\":{{}}");
    let page = |at: usize| format!("{{\"id\":\"p{at}\"}}");
    let modules = (0..9_000).fold(package(), |package, at| {
        package.file(&format!("modules/m{at}/m{at}.json"), "{}")
    });
    let tables = (0..400).fold(package(), |package, at| {
        package.file(&format!("db/data/T{at}Data.json"), "[]")
    });
    let refused = ExitCode::Validate;
    vec![
        (
            "a million rows",
            data(repeated(1_000_000, |_| "{}".to_owned())),
            refused,
            "`linhas`",
        ),
        (
            "100,000 columns",
            data(row_of_columns(0, 100_000)),
            refused,
            "`colunas`",
        ),
        (
            "100,000 columns in many rows",
            data(repeated(1_000, |at| row_of_columns(at * 100, 100))),
            refused,
            "`colunas`",
        ),
        (
            "500,000 languages",
            resources(repeated(500_000, language)),
            refused,
            "200 entries",
        ),
        (
            "300,000 pages",
            resources(format!("\"en\":{{\"pages\":[{}]}}", repeated(300_000, page))),
            refused,
            "`recursos`",
        ),
        ("9,000 modules", modules, refused, "`modulos`"),
        ("400 data files", tables, refused, "`tabelas`"),
        (
            "a long row",
            data(format!("{{\"id\":\"{}\"}}", "x".repeat(17 << 20))),
            ExitCode::ZipInvalid,
            "razao",
        ),
    ]
}

/// Names of any length, and the words by which they are refused.
fn long_names() -> Vec<(&'static str, Package, ExitCode, &'static str)> {
    let data = |rows: String| package().file("db/data/PaginasData.json", format!("[{rows}]"));
    let resources = |text: String| package().file("modules/m/m.json", descriptor(&text));
    let refused = ExitCode::Validate;
    vec![
        (
            "a column of a megabyte",
            data(repeated(12, |at| {
                format!("{{\"id\":\"x\",\"{}{at}\":1}}", long(1 << 20))
            })),
            refused,
            "64 characters",
        ),
        (
            "a language of a megabyte",
            resources(format!(
                "\"{}\":{{\"variables\":[{}]}}",
                long(1 << 20),
                repeated(2_000, |at| format!("{{\"id\":\"v{at}\"}}"))
            )),
            refused,
            "64 characters",
        ),
        (
            "a key of a megabyte in each section",
            resources(repeated(3, |at| {
                let keys = repeated(9, |key| format!("\"{}{key}\":1", long(1 << 18)));
                format!("\"l{at}\":{{\"pages\":[{{{keys}}}],{keys}}}")
            })),
            refused,
            "64 characters",
        ),
    ]
}

#[test]
fn a_package_that_says_too_much_is_refused_in_bounded_memory() {
    let gestor = Gestor::new();
    let before = gestor.database.dump(&["plugins"]);
    for (what, package, code, words) in hostile().into_iter().chain(long_names()) {
        let ended = gestor.install(&package, &[]).expect(code);
        let errors = ended.report["erros"].to_string();
        assert!(errors.contains(words), "{what}: {errors}");
        assert!(errors.len() < 64 << 10, "{what}: {} bytes of errors", errors.len());
        assert!(gestor.tree(SLUG).is_empty(), "{what} left a folder");
        assert_eq!(gestor.database.dump(&["plugins"]), before, "{what} left rows");
        let archive = gestor.root().join("hostil.zip");
        package.write(&archive);
        let (number, peak) = peak_of_child(&child::call(&gestor, &archive, SLUG, false));
        println!("{what}: {} MiB", peak >> 20);
        assert_eq!(number, Some(code.number()), "{what} in a process of its own");
        assert!(peak < MEMORY, "{what}: {} MiB", peak >> 20);
    }
}

/// What a list of a report is as long as the package likes is cut, and the log is as well.
#[test]
fn what_is_told_is_bounded() {
    let gestor = Gestor::new();
    let text = "\u{202e}".repeat(60);
    let rows = repeated(5_000, |at| {
        format!("{{\"id\":\"{at}{text}\",\"{text}{at}\":1,\"language\":7}}")
    });
    let names = |at: usize| format!("modules/{text}{at}/x.txt");
    let package = (0..900).fold(package(), |package, at| package.file(&names(at), ""));
    let package = package.file("db/data/PaginasData.json", format!("[{rows}]"));
    let log = gestor.root().join("logs/plugins/installer.log");
    for _ in 0..2 {
        let before = std::fs::metadata(&log).map_or(0, |found| found.len());
        let ended = gestor.install(&package, &[]);
        let report = ended.report.to_string();
        assert!(report.len() < 600 << 10, "a report of {} bytes", report.len());
        assert!(!report.contains('\u{202e}'), "a text of the package as it is");
        let wrote = std::fs::metadata(&log).unwrap().len() - before;
        assert!(wrote < 400 << 10, "{wrote} bytes of log");
    }
}

/// A name beyond the letters of people is shown by numbers in every text of the report.
#[test]
fn no_text_of_the_report_pretends() {
    let gestor = Gestor::new();
    let package = package().file("modules/a\u{202e}[PLUGIN:b]\u{fe0f}/x.txt", "1");
    for dry_run in [true, false] {
        let ended = gestor
            .install(&package, &[("dry_run", Argument::Bool(dry_run))])
            .expect(ExitCode::Ok);
        let modules = ended.report["modulos"].to_string();
        assert!(
            modules.contains("\\\\u{202e}\\\\u{5b}PLUGIN:b]\\\\u{fe0f}"),
            "{modules}"
        );
    }
}

/// Damage counts before anything else that is wrong, wherever it stands, and a dry run finds it as well.
#[test]
fn a_damaged_package_is_that_whatever_else_is_wrong_with_it() {
    let good = || {
        package()
            .file("assets/photo.bin", "x".repeat(3_000))
            .file("__MACOSX/._x", "y".repeat(3_000))
    };
    let forbidden = |package: Package| package.file("db/data/SessoesData.json", "[]");
    let no_fit = |package: Package| {
        let row =
            r#"[{"id": "a", "language": "pt-br", "nome": "n", "layout_id": "l", "tipo": "page", "raiz": "no number"}]"#;
        package.file("db/data/PaginasData.json", row)
    };
    for (what, package, code) in [
        ("nothing", good(), ExitCode::Ok),
        ("a forbidden table", forbidden(good()), ExitCode::Validate),
        ("a value that does not fit", no_fit(good()), ExitCode::Sync),
        ("a manifest", good().file("manifest.json", "{}"), ExitCode::Validate),
    ] {
        let gestor = Gestor::new();
        let archive = gestor.root().join("damaged.zip");
        package.write(&archive);
        let whole = std::fs::read(&archive).unwrap();
        for dry_run in [true, false] {
            let ended = install(gestor.call(&archive, SLUG, &[("dry_run", Argument::Bool(dry_run))]));
            assert_eq!(ended.code, code, "{what}, whole, {}", ended.report["erros"]);
            for member in ["assets/photo.bin", "__MACOSX/._x"] {
                let name = whole
                    .windows(member.len())
                    .position(|found| found == member.as_bytes())
                    .unwrap();
                let mut bytes = whole.clone();
                bytes[name + member.len() + 6] ^= 0x55;
                std::fs::write(&archive, &bytes).unwrap();
                let ended = install(gestor.call(&archive, SLUG, &[("dry_run", Argument::Bool(dry_run))]));
                assert_eq!(
                    ended.code,
                    ExitCode::ZipInvalid,
                    "{what}, {member}, {}",
                    ended.report["erros"]
                );
            }
            std::fs::write(&archive, &whole).unwrap();
        }
    }
}

/// Exit code of a child that installs, and the most memory that it was seen to have.
fn peak_of_child(call: &Value) -> (Option<i32>, u64) {
    let mut child = child::start(call, None);
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        peak = peak.max(high_water(Path::new(&status)).unwrap_or(0));
        if let Some(ended) = child.try_wait().unwrap() {
            assert!(peak > 0, "the child was never seen");
            return (ended.code(), peak);
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

fn high_water(status: &Path) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim()
        .strip_suffix(" kB")?
        .trim()
        .parse::<u64>()
        .ok()
        .map(|kilobytes| kilobytes << 10)
}

/// Cancels at the first word from within the reading of rows, and remembers when.
#[derive(Default)]
struct Cancelling {
    step: Option<Step>,
    cancelled: Option<Instant>,
}

impl Host for Cancelling {
    fn progress(&mut self, progress: &Progress) -> bool {
        // The second word of a step is said from within it.
        let is_reading = self.step == Some(progress.step) && progress.unit == "linhas";
        self.step = Some(progress.step);
        if is_reading && self.cancelled.is_none() {
            self.cancelled = Some(Instant::now());
        }
        self.cancelled.is_none()
    }
}

#[test]
fn cancelling_while_rows_are_read_is_heard_within_a_second() {
    let gestor = Gestor::new();
    let row = |at: usize| format!("{{\"id\":\"p{at}\",\"nome\":\"Página {at}\",\"n\":[1,2,{{\"a\":null}}]}}");
    let page = |at: usize| format!("{{\"id\":\"p{at}\",\"name\":\"{}\"}}", "é".repeat(60));
    let rows = package().file("db/data/PaginasData.json", format!("[{}]", repeated(240_000, row)));
    let pages = (0..12).fold(package(), |package, module| {
        let list = format!("\"en\":{{\"pages\":[{}]}}", repeated(19_000, page));
        package.file(&format!("modules/m{module}/m{module}.json"), descriptor(&list))
    });
    for (what, package) in [("rows", rows), ("pages", pages)] {
        let archive = gestor.root().join("longo.zip");
        package.write(&archive);
        let mut host = Cancelling::default();
        let ended = install_with(gestor.call(&archive, SLUG, &[]), &mut host);
        let waited = host
            .cancelled
            .expect("it was read faster than progress is told")
            .elapsed();
        println!("{what}: heard after {} ms", waited.as_millis());
        assert_eq!(ended.code, ExitCode::Cancelled, "{what}: {}", ended.report["erros"]);
        assert!(waited < Duration::from_secs(1), "{what}: {waited:?}");
        assert_eq!(gestor.leftovers(), Vec::<std::path::PathBuf>::new());
    }
}
