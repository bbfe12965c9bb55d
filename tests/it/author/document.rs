//! `docs/plugins.md`: every command in it is run, in its order, as it stands there.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

/// The commands of the document: what stands in its `sh` blocks.
fn commands(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut blocks = text.split("```sh\n").skip(1);
    while let Some(block) = blocks.next().and_then(|rest| rest.split("\n```").next()) {
        found.push(block.to_owned());
    }
    found
}

#[test]
fn every_command_of_the_document_runs() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/plugins.md")).unwrap();
    let commands = commands(&text);
    assert!(commands.len() > 5, "{commands:?}");
    let folder = tempfile::tempdir().unwrap();
    let programs = folder.path().join("bin");
    fs::create_dir(&programs).unwrap();
    symlink(env!("CARGO_BIN_EXE_gestor-plugins"), programs.join("gestor-plugins")).unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let work = folder.path().join("work");
    fs::create_dir(&work).unwrap();
    for block in commands {
        let output = Command::new("bash")
            .args(["-euc", &block])
            .env("PATH", &path)
            .current_dir(&work)
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        assert!(output.status.success(), "{block}\n{}", String::from_utf8_lossy(&said));
    }
    for made in [
        "loja/manifest.json",
        "gestor-plugin.zip",
        "gestor-plugin.zip.sha256",
        "signed/gestor-plugin.zip",
    ] {
        assert!(work.join(made).exists(), "{made}");
    }
}
