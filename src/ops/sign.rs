//! `plugin_sign`: makes a signed package of a folder or a ZIP, for its author; for keys that do not leave their place, first
//! the bytes to be signed and then the package with the signature (SPEC 3 §3). Needs no database.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::believe::{Belief, refusal, shown};
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::index_words::IndexWords;
use super::look;
use super::reporter::OperationReporter;
use crate::archive::{Blacklist, PackOptions, list_package, pack_zip};
use crate::base::clock::Clock;
use crate::base::file_tree::FileTree;
use crate::base::fs::{folder_of, nameless_file, open_named, read_small, real_folder, settled_path};
use crate::base::hash::sha256_reader;
use crate::config::parameter::{ATTACH, CERTIFICATES, FILE, FOLDER, KEY_FILE, OUTPUT, ROOT};
use crate::config::{Settings, SignParameters, Signing, Site, Unsigned};
use crate::manifest;
use crate::model::{Phrase, Slug, Version};
use crate::ops::Error;
use crate::package::{self, LocatedPackage, PackageError, SignedOutput, VerifiedPackage, find_root, is_left_out};
use crate::trust::{self, Evidence, FILE_NAME, Prepared, SigningKey, StatedFile, Statement, TrustError, Verdict};

/// Bytes of a file with a key, certificates or a signature.
const SMALL: u64 = 256 << 10;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "sign",
    function: "plugin_sign",
    options: &[CommandOption {
        name: "assinar",
        implies: &[],
        help: Phrase::new(
            "faz de uma pasta ou de um ZIP um pacote assinado",
            "makes a signed package of a folder or a ZIP",
        ),
    }],
    takes: SignParameters::TAKES,
    requires: &[ROOT],
    gives: Gives::Report,
    reports: &["PluginSignReport", "PluginInstallReport"],
    summary: Phrase::new(
        "Faz de uma pasta ou de um ZIP um pacote assinado; ou uma chave nova.",
        "Makes a signed package of a folder or a ZIP; or a fresh key.",
    ),
    read: |given, settings| Ok(Box::new(SignParameters::read(given, settings)?)),
};

impl Request for SignParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn paths(&self) -> Vec<(&'static str, &Path)> {
        let unsigned = self.unsigned.as_ref().map(|unsigned| match unsigned {
            Unsigned::File(path) => (FILE.name, path.as_path()),
            Unsigned::Folder(path) => (FOLDER.name, path.as_path()),
        });
        let signing = match &self.signing {
            Signing::FreshKey(path) | Signing::Key(path) => Some((KEY_FILE.name, path.as_path())),
            Signing::Attach(path) => Some((ATTACH.name, path.as_path())),
            Signing::Prepare => None,
        };
        let named = |key: &'static str, path: &'_ Option<PathBuf>| path.is_some().then_some(key);
        let others = [(CERTIFICATES.name, &self.certificates), (OUTPUT.name, &self.output)];
        let others = others
            .into_iter()
            .filter_map(|(key, path)| Some((named(key, path)?, path.as_deref()?)));
        unsigned.into_iter().chain(signing).chain(others).collect()
    }

    fn effect(&self) -> Effect {
        // What an author makes is no site's.
        Effect::Looks
    }

    fn carry_out(&self, _settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        let started = Instant::now();
        let reporter = OperationReporter::new(caller, clock, "", self.site.lang);
        let mut found = Map::new();
        let ended = sign(self, clock, &reporter, &mut found);
        look::answer(found, ended, &reporter, started)
    }
}

fn sign(
    call: &SignParameters,
    clock: &dyn Clock,
    reporter: &OperationReporter<'_>,
    found: &mut Map<String, Value>,
) -> Result<(), Error> {
    if let Signing::FreshKey(path) = &call.signing {
        return make_key(path, found);
    }
    let (Some(unsigned), Some(certificates), Some(path)) = (&call.unsigned, &call.certificates, &call.output) else {
        return Ok(());
    };
    let author = Author::read(certificates)?;
    let path = &settled_path(path)?;
    let source = Source::read(call, unsigned, folder_of(path))?;
    let prepared_path = SignedOutput::beside(path, "dsse");
    let (statement, text) = match &call.signing {
        Signing::Prepare => {
            let statement = source.statement(&author, clock)?;
            SignedOutput::write_whole(&prepared_path, &Prepared::bytes(&statement))?;
            tell(&statement, found);
            found.insert("preparado".to_owned(), prepared_path.to_string_lossy().into());
            return Ok(());
        }
        Signing::Attach(signature) => author.attach(&prepared_path, signature)?,
        Signing::Key(key) | Signing::FreshKey(key) => {
            let statement = source.statement(&author, clock)?;
            let text = author.sign(&statement, key)?;
            (statement, text)
        }
    };
    tell(&statement, found);
    source.finish(call, (path, &text), clock, reporter, found)
}

fn tell(statement: &Statement, found: &mut Map<String, Value>) {
    found.insert("slug".to_owned(), statement.id.as_str().into());
    found.insert("versao".to_owned(), statement.version.to_string().into());
    found.insert("desenvolvedor".to_owned(), statement.developer.as_str().into());
    found.insert("assinados".to_owned(), statement.files.len().into());
}

/// A fresh Ed25519 key, where nothing stands yet.
fn make_key(path: &Path, found: &mut Map<String, Value>) -> Result<(), Error> {
    let (pem, public) = trust::fresh_key().ok_or(TrustError::NoRandom)?;
    let path = &settled_path(path)?;
    SignedOutput::write_new(path, pem.as_bytes())?;
    found.insert("chave".to_owned(), path.to_string_lossy().into());
    found.insert("publica".to_owned(), public.into());
    Ok(())
}

/// The certificates of an author.
struct Author<'c> {
    path: &'c Path,
    prepared: Prepared,
}

impl<'c> Author<'c> {
    fn read(path: &'c Path) -> Result<Self, Error> {
        let prepared = trust::prepare(&read_small(path, SMALL)?).map_err(|reason| TrustError::Certificates {
            path: path.to_owned(),
            reason,
        })?;
        Ok(Self { path, prepared })
    }

    fn sign(&self, statement: &Statement, key: &Path) -> Result<String, Error> {
        let pem = zeroize::Zeroizing::new(read_small(key, SMALL)?);
        let path = key.to_owned();
        let key = SigningKey::read(&pem).ok_or(TrustError::Key { path })?;
        let signed = trust::sign(statement, &key, &self.prepared);
        Ok(signed.ok_or_else(|| self.unfit(trust::not_its_key()))?)
    }

    fn attach(&self, prepared: &Path, signature: &Path) -> Result<(Statement, String), Error> {
        let bytes = read_small(prepared, trust::MAX_BYTES)?;
        let unfit = || TrustError::Attached {
            signature: signature.to_owned(),
            prepared: prepared.to_owned(),
        };
        let statement = Prepared::statement(&bytes).ok_or_else(unfit)?;
        let text = trust::attach(&bytes, &read_small(signature, SMALL)?, &self.prepared);
        Ok((statement, text.ok_or_else(unfit)?))
    }

    fn unfit(&self, reason: Phrase) -> TrustError {
        TrustError::Certificates {
            path: self.path.to_owned(),
            reason,
        }
    }
}

/// What is signed, as a package that is open.
struct Source {
    slug: Slug,
    version: Version,
    located: LocatedPackage,
    /// The folder that it was packed of.
    root: Option<PathBuf>,
}

impl Source {
    fn read(call: &SignParameters, unsigned: &Unsigned, beside: &Path) -> Result<Self, Error> {
        let (file, root) = match unsigned {
            Unsigned::File(path) => (open_named(path, call.site.limits.package_bytes)?, None),
            Unsigned::Folder(folder) => {
                let root = find_root(&real_folder(folder)?, &[], |tree| manifest::sole(tree))?;
                (packed(&root, call, beside)?, Some(root))
            }
        };
        let (slug, version, located) = located(unsigned.path(), file, &call.site)?;
        Ok(Self {
            slug,
            version,
            located,
            root,
        })
    }

    fn statement(&self, author: &Author<'_>, clock: &dyn Clock) -> Result<Statement, Error> {
        if !author.prepared.covers(&self.slug) {
            let developer = author.prepared.developer().to_owned();
            return Err(author
                .unfit(Phrase::of(&trust::Reason::NotCovered { developer }))
                .into());
        }
        let tree = self.located.tree();
        let mut files = Vec::new();
        for path in tree.paths().iter().filter(|path| *path != FILE_NAME) {
            let unreadable = |fault| PackageError::unreadable(path, fault);
            let (Some(reader), Some(member)) = (tree.open(path).map_err(unreadable)?, tree.member(path)) else {
                continue;
            };
            let (sha256, size) = sha256_reader(reader).map_err(unreadable)?;
            files.push(StatedFile {
                path: path.clone(),
                size,
                sha256,
                is_executable: member.is_executable(),
            });
        }
        Ok(Statement {
            id: self.slug.clone(),
            version: self.version,
            developer: author.prepared.developer().to_owned(),
            signed_at: clock.now().to_utc(),
            files,
        })
    }

    /// Writes the package with its signature, and reads it back as an installation would.
    fn finish(
        &self,
        call: &SignParameters,
        (path, text): (&Path, &str),
        clock: &dyn Clock,
        reporter: &OperationReporter<'_>,
        found: &mut Map<String, Value>,
    ) -> Result<(), Error> {
        let output = SignedOutput::begin(path)?;
        output.pack(&self.located, text)?;
        let (slug, version, mut read) = located(path, output.reopened()?, &call.site)?;
        let belief = Belief::of(&call.site, clock, &IndexWords::none())?;
        let judgement = read.judge(&slug, &Evidence::default(), belief.believed())?;
        let judgement = read.judge_version(judgement, (&slug, version), belief.believed());
        read.archive().verify(&|_, _| ControlFlow::Continue(()))?;
        if !matches!(
            judgement.verdict(),
            Verdict::Valid | Verdict::Unknown | Verdict::Expired
        ) {
            return Err(refusal(&judgement).into());
        }
        if let Some(root) = &self.root {
            SignedOutput::write_whole(&root.join(FILE_NAME), text.as_bytes())?;
        }
        output.publish(read.sha256())?;
        found.insert("arquivo".to_owned(), path.to_string_lossy().into());
        found.insert("checksum".to_owned(), read.sha256().to_string().into());
        found.insert("assinatura".to_owned(), json!(shown(&judgement, reporter.lang())));
        Ok(())
    }
}

/// A folder, packed where no path leads to it.
fn packed(root: &Path, call: &SignParameters, beside: &Path) -> Result<File, Error> {
    let wanted = |path: &Path, _| !is_left_out(path);
    let listed = list_package(root, &call.site.limits, &wanted)?;
    let file = nameless_file(beside)?;
    pack_zip(&listed.inventory, &file, PackOptions { level: 6 })?;
    Ok(file)
}

/// A package with the plugin in it, and what that says that it is.
fn located(path: &Path, file: File, site: &Site) -> Result<(Slug, Version, LocatedPackage), Error> {
    let blacklist = Blacklist::from_settings(site.blacklist.as_deref());
    let opened = package::open(&VerifiedPackage::packed(path, file)?, &site.limits, &blacklist)?;
    let slug = Slug::normalize(&opened.id()?)?;
    let located = opened.locate(&slug)?;
    let manifest = located.read_manifest(&slug, None)?;
    Ok((slug, manifest.version, located))
}
