//! How scripts end that do not end well, and what they leave.

use std::time::{Duration, Instant};

use gestor_plugins::log::{Progress, Step};
use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::{Host, Site, alive, output, package, package_of, says, told};

/// One script with a time of a second.
fn short(text: &str) -> super::Package {
    let said = json!([{"script": "s/a.php", "timeout": 1}, "s/b.php"]);
    package_of("1.0.0", &said, &[("s/a.php", text), ("s/b.php", &says("b"))])
}

#[test]
fn one_that_hangs_is_stopped_with_all_that_it_started() {
    for (name, text, code, least) in [
        ("hangs", "echo 'x'; sleep(600);", "143", 1),
        (
            "closes its output",
            "fclose(STDOUT); fclose(STDERR); sleep(600);",
            "143",
            1,
        ),
        (
            "ignores",
            "pcntl_async_signals(true); pcntl_signal(SIGTERM, SIG_IGN); if (pcntl_fork() === 0) { pcntl_signal(SIGTERM, SIG_IGN); while (true) sleep(600); } if (pcntl_fork() === 0) { posix_setsid(); if (pcntl_fork() === 0) pcntl_exec('/bin/sleep', ['701.5']); while (true) sleep(600); } while (true) sleep(600);",
            "137",
            6,
        ),
    ] {
        let site = Site::new();
        let begun = Instant::now();
        let ended = site.install(&short(text)).expect(ExitCode::Script);
        let taken = begun.elapsed();
        assert!(
            taken >= Duration::from_secs(least) && taken < Duration::from_secs(least + 8),
            "{name}: {taken:?}"
        );
        assert_eq!(told(&ended.report), format!("s/a.php {code}"), "{name}");
        assert!(
            ended.report["erros"][0]
                .as_str()
                .unwrap()
                .contains("did not end within 1 s"),
            "{name}"
        );
        assert_eq!(site.pending(), "s/a.php falhou, s/b.php espera", "{name}");
        let mark = site.installed().to_str().unwrap().to_owned();
        assert_eq!((alive(&mark), alive("701.5")), (0, 0), "{name}");
    }
}

#[test]
fn what_it_leaves_behind_ends_with_it() {
    let site = Site::new();
    let text = "if (pcntl_fork() === 0) { posix_setsid(); pcntl_exec('/bin/sleep', ['702.5']); } exec('sleep 703.5 > /dev/null 2>&1 &'); if (pcntl_fork() === 0) { sleep(600); } usleep(200000); echo 'done';";
    let begun = Instant::now();
    let ended = site
        .install(&package("1.0.0", &[("s/a.php", text)]))
        .expect(ExitCode::Ok);
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
    assert_eq!(output(&ended.report, 0), "done");
    let mark = site.installed().to_str().unwrap().to_owned();
    assert_eq!((alive("702.5"), alive("703.5"), alive(&mark)), (0, 0, 0));
}

#[test]
fn however_it_ends_it_is_told() {
    for (text, code, fault) in [
        ("exit(3);", "3", "ended with code 3"),
        (
            "posix_kill(getmypid(), SIGSEGV); sleep(5);",
            "139",
            "was ended by signal 11",
        ),
        ("throw new Exception('no');", "255", "ended with code 255"),
        ("syntax error", "255", "ended with code 255"),
        (
            "ini_set('memory_limit', '-1'); posix_kill(posix_getppid(), SIGKILL); sleep(600);",
            "null",
            "nobody knows how",
        ),
    ] {
        let site = Site::new();
        let ended = site
            .install(&package("1.0.0", &[("s/a.php", text)]))
            .expect(ExitCode::Script);
        assert_eq!(
            told(&ended.report),
            format!("s/a.php {code}"),
            "{text}: {}",
            ended.report
        );
        assert!(
            ended.report["erros"][0].as_str().unwrap().contains(fault),
            "{text}: {}",
            ended.report
        );
        let mark = site.installed().to_str().unwrap().to_owned();
        assert_eq!(alive(&mark), 0, "{text}");
    }
}

#[test]
fn however_much_it_writes_little_is_kept() {
    let site = Site::new();
    let said = json!([{"script": "s/a.php", "on_error": "continuar"}, {"script": "s/b.php", "timeout": 1}]);
    let all = "$x = str_repeat(\"line of it\\n\", 9000); for ($i = 0; $i < 1100; $i++) echo $x; echo 'end';";
    let endless = "while (true) echo str_repeat('y', 65536);";
    let ended = site.install(&package_of("1.0.0", &said, &[("s/a.php", all), ("s/b.php", endless)]));
    let ended = ended.expect(ExitCode::Script);
    assert_eq!(told(&ended.report), "s/a.php 0, s/b.php 143");
    for at in [0, 1] {
        let text = output(&ended.report, at);
        assert!(text.len() <= 64 << 10 && text.len() > 60 << 10, "{}", text.len());
        assert!(text.contains(" bytes ...]"));
    }
    assert!(output(&ended.report, 0).ends_with("line of it\nend"));
    assert!(site.history().1.len() < 140 << 10);
    assert!(site.gestor.log().len() < 1 << 20, "{}", site.gestor.log().len());
}

#[test]
fn many_outputs_have_one_room() {
    let site = Site::new();
    let names: Vec<String> = (0..12).map(|at| format!("s/{at}.php")).collect();
    let scripts: Vec<(&str, &str)> = names
        .iter()
        .map(|name| (name.as_str(), "echo str_repeat('x', 60000);"))
        .collect();
    let ended = site.install(&package("1.0.0", &scripts)).expect(ExitCode::Ok);
    let all: usize = (0..12).map(|at| output(&ended.report, at).len()).sum();
    assert!(all > 500_000 && all < 530_000, "{all}");
}

#[test]
fn what_is_no_text_is_shown_as_what_it_is() {
    let site = Site::new();
    let ended = site.install(&package("1.0.0", &[("s/a.php", "echo \"a\\xffb\\xc3\\x28\\x00é\";")]));
    let ended = ended.expect(ExitCode::Ok);
    assert_eq!(output(&ended.report, 0), "a\u{fffd}b\u{fffd}(\\u{0}é");
    let told = site.history().1;
    assert!(told.contains("a\u{fffd}b") && !told.contains('\0'), "{told:?}");
}

#[test]
fn one_that_takes_its_tree_away_stops_those_after_it() {
    let site = Site::new();
    let ended = site.install(&package(
        "1.0.0",
        &[
            ("s/a.php", "unlink(__FILE__);"),
            ("s/b.php", "exec('rm -rf ' . escapeshellarg(getcwd()));"),
            ("s/c.php", ""),
        ],
    ));
    let ended = ended.expect(ExitCode::Script);
    assert_eq!(told(&ended.report), "s/a.php 0, s/b.php 0, s/c.php null");
    assert!(
        ended.report["erros"][0]
            .as_str()
            .unwrap()
            .contains("s/c.php is not there any more"),
        "{}",
        ended.report
    );
    assert_eq!(site.pending(), "s/c.php falhou");
}

#[test]
fn one_that_was_changed_is_not_run() {
    for (change, fault) in [
        (
            "file_put_contents('s/b.php', '<?php echo 1;');",
            "somebody has changed it",
        ),
        (
            "unlink('s/b.php'); symlink('a.php', 's/b.php');",
            "somebody has changed it",
        ),
        ("unlink('s/b.php'); mkdir('s/b.php');", "somebody has changed it"),
        ("rename('s', 't'); symlink('t', 's');", "somebody has changed it"),
    ] {
        let site = Site::new();
        let ended = site.install(&package("1.0.0", &[("s/a.php", change), ("s/b.php", &says("b"))]));
        let ended = ended.expect(ExitCode::Script);
        assert!(
            ended.report["erros"][0].as_str().unwrap().contains(fault),
            "{change}: {}",
            ended.report
        );
        assert_eq!(site.said(), "", "{change}");
    }
}

#[test]
fn what_a_failure_means_is_said_by_each() {
    let site = Site::new();
    let say = |name: &str, on_error: &str| json!({"script": format!("s/{name}.php"), "on_error": on_error});
    let said = json!([
        say("a", "continuar"),
        say("b", "continuar"),
        say("c", "parar"),
        say("d", "parar")
    ]);
    let files = [
        ("s/a.php", "exit(1);".to_owned()),
        ("s/b.php", says("b")),
        ("s/c.php", "exit(2);".to_owned()),
        ("s/d.php", says("d")),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let ended = site
        .install(&package_of("1.0.0", &said, &files))
        .expect(ExitCode::Script);
    assert_eq!(told(&ended.report), "s/a.php 1, s/b.php 0, s/c.php 2");
    assert_eq!(
        (site.said().as_str(), site.pending().as_str()),
        ("b\n", "s/a.php falhou, s/c.php falhou, s/d.php espera")
    );
    let fault = ended.report["erros"][0].as_str().unwrap();
    assert!(
        fault.contains("s/a.php ended with code 1, s/c.php ended with code 2"),
        "{fault}"
    );
}

/// Says stop once scripts run.
struct Stops(u32);

impl Host for Stops {
    fn progress(&mut self, progress: &Progress) -> bool {
        if progress.step == Step::Scripts {
            assert_eq!((progress.of, progress.unit), (2, "scripts"));
            self.0 += 1;
        }
        self.0 < 3
    }
}

#[test]
fn somebody_who_says_stop_stops_it() {
    let site = Site::new();
    let begun = Instant::now();
    let package = package("1.0.0", &[("s/a.php", "sleep(50);"), ("s/b.php", &says("b"))]);
    let ended = site
        .install_with(&package, &json!({}), &mut Stops(0))
        .expect(ExitCode::Script);
    assert!(begun.elapsed() < Duration::from_secs(20));
    assert_eq!(told(&ended.report), "s/a.php 143");
    assert!(
        ended.report["erros"][0]
            .as_str()
            .unwrap()
            .contains("s/a.php was stopped"),
        "{}",
        ended.report
    );
    assert_eq!(site.pending(), "s/a.php falhou, s/b.php espera");
}

/// Asks from outside, as another process would.
struct Asks<'s>(&'s Site, u32);

impl Host for Asks<'_> {
    fn progress(&mut self, progress: &Progress) -> bool {
        self.1 += u32::from(progress.step == Step::Scripts);
        if progress.step == Step::Scripts && self.1 == 2 {
            let call = json!({"raiz": self.0.gestor.root(), "lang": "en"});
            let ask = |word: &'static str, slug: bool| {
                let mut call = call.clone();
                if slug {
                    call["slug"] = json!(super::SLUG);
                }
                let settings = Site::settings();
                let asked = std::thread::spawn(move || {
                    super::run(
                        super::called(word, super::Argument::from(&call), &settings),
                        settings,
                        &mut super::Quiet,
                    )
                });
                asked.join().unwrap()
            };
            let running = ask("running", false).expect(ExitCode::Ok).report;
            assert_eq!(running["execucoes"][0]["etapa"], "scripts", "{running}");
            ask("cancel", true).expect(ExitCode::Ok);
        }
        true
    }
}

#[test]
fn another_process_can_stop_it() {
    let site = Site::new();
    let package = package("1.0.0", &[("s/a.php", "sleep(50);")]);
    let ended = site
        .install_with(&package, &json!({}), &mut Asks(&site, 0))
        .expect(ExitCode::Script);
    assert_eq!(told(&ended.report), "s/a.php 143");
    assert_eq!(site.pending(), "s/a.php falhou");
}

#[test]
fn in_a_batch_each_has_its_own_end() {
    let site = Site::new();
    let one = |slug: &str, text: &str| {
        let manifest = json!({"id": slug, "name": slug, "version": "1.0.0", "post_install_scripts": ["a.php"]});
        let package = super::Package::with_manifest(&manifest).file("a.php", format!("<?php {text}"));
        json!({"arquivo": site.written(&package)})
    };
    let packages = json!([one("q1", "exit(4);"), one("q2", &says("q2")), one("q3", "exit(5);")]);
    let mut call = site.call(&json!({"pacotes": packages, "scripts": "executar"}));
    call.as_object_mut().unwrap().remove("slug");
    let settings = Site::settings();
    let called = super::called("batch", super::Argument::from(&call), &settings);
    let ended = super::run(called, settings, &mut super::Quiet).expect(ExitCode::Script);
    let of = |at: usize, key: &str| ended.report["plugins"][at][key].clone();
    assert_eq!(
        [of(0, "codigo"), of(1, "codigo"), of(2, "codigo")],
        [json!(36), json!(0), json!(36)],
        "{}",
        ended.report
    );
    assert_eq!(
        [of(0, "confirmado"), of(1, "confirmado"), of(2, "confirmado")],
        [json!(true), json!(true), json!(true)]
    );
    assert!(of(0, "erros").to_string().contains("code 4") && of(2, "erros").to_string().contains("code 5"));
    assert_eq!(ended.report["erros"].as_array().unwrap().len(), 2);
    assert_eq!(site.said(), "q2\n");
    let codes = "SELECT GROUP_CONCAT(codigo ORDER BY id) FROM gestor_plugins_historico";
    assert_eq!(site.gestor.database.value(codes).as_deref(), Some("36,0,36"));
    let left = site
        .gestor
        .database
        .count("gestor_plugins_estado", "pendencias IS NOT NULL");
    assert_eq!(left, 2);
}

#[test]
fn a_thousand_are_run() {
    let site = Site::new();
    let said: Vec<&str> = vec!["a.php"; 1_000];
    // A program that is quicker to start than PHP, and says what it is.
    let quick = site.folder.path().join("quick");
    std::fs::write(&quick, "#!/bin/sh\n[ \"$1\" = -n ] && printf cli && exit; echo x\n").unwrap();
    std::process::Command::new("chmod")
        .arg("755")
        .arg(&quick)
        .status()
        .unwrap();
    let package = package_of("1.0.0", &json!(said), &[("a.php", "")]);
    let ended = site
        .install_with(&package, &json!({"php": quick}), &mut super::Quiet)
        .expect(ExitCode::Ok);
    assert_eq!(ended.report["scripts"].as_array().unwrap().len(), 1_000);
    assert_eq!(site.pending(), "");
}
