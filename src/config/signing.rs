//! Parameters of the calls that make and judge signatures of packages. Checks shapes; what they mean is decided in `ops`.

use std::path::PathBuf;

use super::parameter::{
    ATTACH, CERTIFICATES, DATABASE, FILE, FOLDER, FRESH_KEY, KEY_FILE, LANG, OUTPUT, PREPARE, ROOT, SIGNATURE, SLUG,
    TRUST,
};
use super::{Argument, CallError, Given, Parameter, Settings, Site, messages};
use crate::model::Phrase;

/// What becomes a signed package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unsigned {
    /// A package.
    File(PathBuf),
    /// A folder that is packed.
    Folder(PathBuf),
}

impl Unsigned {
    /// Its path.
    pub fn path(&self) -> &PathBuf {
        let (Self::File(path) | Self::Folder(path)) = self;
        path
    }
}

/// What an author wants done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signing {
    /// A fresh key, in this file.
    FreshKey(PathBuf),
    /// Signed with the key in this file.
    Key(PathBuf),
    /// The bytes that are to be signed elsewhere.
    Prepare,
    /// The signature that was made of them, in this file.
    Attach(PathBuf),
}

/// Parameters of `plugin_sign`.
#[derive(Debug, Clone, PartialEq)]
pub struct SignParameters {
    /// What is wanted.
    pub signing: Signing,
    /// What is signed; nothing is for a fresh key.
    pub unsigned: Option<Unsigned>,
    /// The author's certificates.
    pub certificates: Option<PathBuf>,
    /// The signed package.
    pub output: Option<PathBuf>,
    /// Limits of archives, the language, and who is believed.
    pub site: Site,
}

fn missing<T>(key: &'static str, hint: Phrase, found: Option<T>) -> Result<T, CallError> {
    found.ok_or(CallError::Missing { key, hint })
}

fn unsigned(given: &Given) -> Result<Option<Unsigned>, CallError> {
    let (file, folder) = (given.path(&FILE)?, given.path(&FOLDER)?);
    Ok(file.map(Unsigned::File).or(folder.map(Unsigned::Folder)))
}

impl SignParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[
        FILE,
        FOLDER,
        KEY_FILE,
        CERTIFICATES,
        OUTPUT,
        PREPARE,
        ATTACH,
        FRESH_KEY,
        TRUST,
        ROOT,
        DATABASE,
        LANG,
    ];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        let key = given.path(&KEY_FILE)?;
        let signing = match (given.flag(&FRESH_KEY)?, given.flag(&PREPARE)?, given.path(&ATTACH)?) {
            (true, ..) => Signing::FreshKey(missing(KEY_FILE.name, messages::FRESH_KEY, key)?),
            (false, true, _) => Signing::Prepare,
            (false, false, Some(signature)) => Signing::Attach(signature),
            (false, false, None) => Signing::Key(missing(KEY_FILE.name, messages::SIGNING_KEY, key)?),
        };
        let unsigned = unsigned(&given)?;
        let (certificates, output) = (given.path(&CERTIFICATES)?, given.path(&OUTPUT)?);
        if !matches!(signing, Signing::FreshKey(_)) {
            missing(FOLDER.name, messages::UNSIGNED, unsigned.as_ref())?;
            missing(CERTIFICATES.name, messages::CERTIFICATES, certificates.as_ref())?;
            missing(OUTPUT.name, messages::OUTPUT, output.as_ref())?;
        }
        Ok(Self {
            signing,
            unsigned,
            certificates,
            output,
            site: Site::read(&given, settings, 0)?,
        })
    }
}

/// Parameters of `plugin_signature`.
#[derive(Debug, Clone, PartialEq)]
pub struct SignatureParameters {
    /// The plugin, where the call says that it has to be this.
    pub slug: Option<String>,
    /// The package.
    pub file: PathBuf,
    /// The gestor.
    pub site: Site,
}

impl SignatureParameters {
    /// What it takes.
    pub const TAKES: &'static [Parameter] = &[SLUG, FILE, SIGNATURE, TRUST, ROOT, DATABASE, LANG];

    /// Reads a call.
    pub fn read(argument: Argument, settings: &Settings) -> Result<Self, CallError> {
        let given = Given::new(argument, Self::TAKES)?;
        Ok(Self {
            slug: given.text(&SLUG)?,
            file: given.wanted_path(&FILE, messages::SIGNED_FILE)?,
            site: Site::read(&given, settings, 0)?,
        })
    }
}
