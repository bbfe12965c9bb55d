//! The client of `base::tuf` as the program that tuf-conformance calls (CONTRIBUTING says how):
//! `tuf-client --metadata-dir <folder> [--metadata-url <address>] init <root.json> | refresh | download`.

#![allow(clippy::disallowed_methods, reason = "a tool opens what it is told to")]
#![expect(
    clippy::print_stderr,
    clippy::unwrap_used,
    reason = "whoever runs the cases reads why one failed"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gestor_plugins::base::clock::{Clock as _, SystemClock};
use gestor_plugins::base::net::{Address, Client as Web, ClientSettings, NetError};
use gestor_plugins::base::progress::{Cancelled, Retry, Watcher};
use gestor_plugins::base::tuf::{Answer, Client, Kept, Store, Trouble, WebFolder, encoded, place_of};

/// The folder of the files that are believed; its root is the one to begin with.
struct Folder(PathBuf);

impl Folder {
    fn path(&self, role: &str) -> PathBuf {
        self.0.join(format!("{}.json", encoded(role)))
    }
}

impl Store for Folder {
    type Fault = io::Error;

    fn root(&self, _: u64) -> io::Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn role(&self, role: &str) -> io::Result<Option<Vec<u8>>> {
        match fs::read(self.path(role)) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    fn keep(&self, kept: &Kept<'_>) -> io::Result<()> {
        let new = self.0.join("new");
        fs::write(&new, kept.bytes)?;
        fs::rename(new, self.path(kept.role))
    }

    fn forget(&self, role: &str) -> io::Result<()> {
        match fs::remove_file(self.path(role)) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

struct Nobody;

impl Watcher for Nobody {
    fn received(&self, _: u64, _: u64) -> Result<(), Cancelled> {
        Ok(())
    }

    fn retried(&self, retry: Retry) {
        eprintln!("again: {}", retry.reason);
    }
}

/// What the command line says; `--target-name` may stand there several times.
#[derive(Default)]
struct Call {
    options: BTreeMap<String, Vec<String>>,
    words: Vec<String>,
}

impl Call {
    fn read() -> Self {
        let mut call = Self::default();
        let mut arguments = std::env::args().skip(1);
        while let Some(word) = arguments.next() {
            match word.strip_prefix("--") {
                Some(name) => {
                    let value = arguments.next().unwrap_or_default();
                    call.options.entry(name.to_owned()).or_default().push(value);
                }
                None => call.words.push(word),
            }
        }
        call
    }

    fn option(&self, name: &str) -> Result<&str, String> {
        let given = self.options.get(name).and_then(|values| values.first());
        given.map(String::as_str).ok_or_else(|| format!("--{name} is missing"))
    }

    fn address(&self, name: &str) -> Result<Address, String> {
        Address::parse(self.option(name)?).map_err(|fault| fault.to_string())
    }
}

fn said(trouble: &Trouble<NetError, io::Error>) -> String {
    match trouble {
        Trouble::Remote(fault) => fault.to_string(),
        Trouble::Store(fault) => fault.to_string(),
        Trouble::Refused(fault) => fault.to_string(),
    }
}

/// Brings a target, unless the one that is there is it.
fn download(
    client: &Client<&WebFolder<'_>, &Folder>,
    from: &WebFolder<'_>,
    to: &Path,
    name: &str,
) -> Result<(), String> {
    let facts = client.target(name).map_err(|trouble| said(&trouble))?;
    let facts = facts.ok_or_else(|| format!("nobody speaks for {name}"))?;
    let path = to.join(encoded(name));
    if fs::read(&path).is_ok_and(|bytes| facts.check(name, &bytes).is_ok()) {
        return Ok(());
    }
    let place = place_of(name, &facts, client.root().role.consistent_snapshot);
    let parts: Vec<&str> = place.iter().map(String::as_str).collect();
    match from.below(&parts, facts.length).map_err(|fault| fault.to_string())? {
        Answer::File(bytes) => {
            facts.check(name, &bytes).map_err(|fault| fault.to_string())?;
            fs::write(path, bytes).map_err(|fault| fault.to_string())
        }
        answer => Err(format!("{name}: {answer:?}")),
    }
}

fn run(call: &Call) -> Result<(), String> {
    let folder = Folder(PathBuf::from(call.option("metadata-dir")?));
    let command = call.words.first().map_or("", String::as_str);
    if command == "init" {
        let root = call.words.get(1).ok_or("no root is named")?;
        return fs::copy(root, folder.path("root"))
            .map(|_| ())
            .map_err(|fault| fault.to_string());
    }
    let web = Web::new(ClientSettings::new("tuf-client")).map_err(|fault| fault.to_string())?;
    let remote = WebFolder::new(&web, call.address("metadata-url")?, &Nobody);
    let root = folder.role("root").unwrap().ok_or("there is no root.json")?;
    let client = Client::open(&root, &remote, &folder, SystemClock.now());
    let mut client = client.map_err(|trouble| said(&trouble))?;
    client.refresh().map_err(|trouble| said(&trouble))?;
    if command == "download" {
        let targets = WebFolder::new(&web, call.address("target-base-url")?, &Nobody);
        let to = PathBuf::from(call.option("target-dir")?);
        for name in call.options.get("target-name").into_iter().flatten() {
            download(&client, &targets, &to, name)?;
        }
    }
    Ok(())
}

fn main() -> ExitCode {
    match run(&Call::read()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::FAILURE
        }
    }
}
