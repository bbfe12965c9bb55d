//! `plugin_index`: the signed indices that a site knows (SPEC 3 §4): shown, added, refreshed, removed, searched.

use std::path::Path;
use std::time::Instant;

use serde_json::{Map, Value, json};

use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, Request};
use super::indices::{self, Indices, Reached};
use super::reporter::OperationReporter;
use super::{Error, look};
use crate::base::clock::Clock;
use crate::base::fs::{open_named, read_all, remove_tree};
use crate::base::hash::sha256;
use crate::config::parameter::{ACTION, INDEX_ROOT, ROOT};
use crate::config::{IndexAction, IndexParameters, NewIndex, Settings, Site};
use crate::index::{Age, IndexFault, IndexName, IndexSettings, forget, root_of};
use crate::log::{Audited, Message, Reporter, redact};
use crate::model::Phrase;
use crate::stage;

/// Bytes of a root.
const ROOT_BYTES: u64 = 512 << 10;
/// Plugins that a search shows.
const MOST_FOUND: usize = 200;

/// What it is to those who offer it.
pub(super) static DEFINITION: Definition = Definition {
    word: "index",
    function: "plugin_index",
    options: &[
        CommandOption {
            name: "indice",
            implies: &[],
            help: Phrase::new(
                "índices assinados deste site: --indice=listar; =adicionar --nome= --url= --raiz=<root.json> --sha256=; =atualizar e =remover --nome=",
                "signed indices of this site: --indice=listar; =adicionar --nome= --url= --raiz=<root.json> --sha256=; =atualizar and =remover --nome=",
            ),
        },
        CommandOption {
            name: "buscar",
            implies: &[],
            help: Phrase::new(
                "procurar plugins nos índices assinados: --buscar=<palavras>",
                "find plugins in the signed indices: --buscar=<words>",
            ),
        },
    ],
    takes: IndexParameters::TAKES,
    requires: &[ROOT, ACTION],
    gives: Gives::Code,
    reports: &["PluginIndexReport"],
    summary: Phrase::new(
        "Os índices assinados que um site conhece: `listar`, `adicionar`, `atualizar`, `remover`, `buscar`. A confiança num índice começa com o root.json e o SHA-256 dele, que quem o publica entrega por outro caminho.",
        "The signed indices that a site knows: `listar`, `adicionar`, `atualizar`, `remover`, `buscar`. Trust in an index begins with its root.json and the SHA-256 of that, which its publisher gives by another way.",
    ),
    read: |given, settings| Ok(Box::new(IndexParameters::read(given, settings)?)),
};

impl Request for IndexParameters {
    fn site(&self) -> &Site {
        &self.site
    }

    fn site_mut(&mut self) -> &mut Site {
        &mut self.site
    }

    fn paths(&self) -> Vec<(&'static str, &Path)> {
        match &self.action {
            IndexAction::Add(new) => vec![(INDEX_ROOT.name, &new.root)],
            _ => Vec::new(),
        }
    }

    fn effect(&self) -> Effect {
        Effect::changes_if(!matches!(self.action, IndexAction::List | IndexAction::Search(_)))
    }

    fn carry_out(&self, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
        let started = Instant::now();
        let reporter = OperationReporter::new(caller, clock, "", self.site.lang);
        let mut report = Map::new();
        report.insert("acao".to_owned(), word(&self.action).into());
        let ended = act(self, settings, &reporter, &mut report);
        look::answer(report, ended, &reporter, started)
    }
}

fn word(action: &IndexAction) -> &'static str {
    match action {
        IndexAction::List => "listar",
        IndexAction::Add(_) => "adicionar",
        IndexAction::Refresh(_) => "atualizar",
        IndexAction::Remove(_) => "remover",
        IndexAction::Search(_) => "buscar",
    }
}

fn act(
    call: &IndexParameters,
    settings: &Settings,
    reporter: &OperationReporter<'_>,
    report: &mut Map<String, Value>,
) -> Result<(), Error> {
    match &call.action {
        IndexAction::List => list(&call.site, report),
        IndexAction::Add(new) => add(&call.site, new, reporter, report),
        IndexAction::Remove(name) => remove(&call.site, &name.parse()?),
        IndexAction::Refresh(name) => refresh((call, settings), name.as_deref(), reporter, report),
        IndexAction::Search(words) => search((call, settings), words, reporter, report),
    }
}

fn list(site: &Site, report: &mut Map<String, Value>) -> Result<(), Error> {
    let known = indices::reading_folder(site)?.list()?;
    let listed = known.iter().map(|known| {
        json!({
            "nome": known.name.as_str(),
            "url": shown(&known.settings),
            "prioridade": known.settings.prioridade,
            "raiz_sha256": sha256(&known.root).to_string(),
        })
    });
    report.insert("indices".to_owned(), listed.collect());
    Ok(())
}

/// What its publisher said by another way has to be what stands in the file.
fn add(
    site: &Site,
    new: &NewIndex,
    reporter: &OperationReporter<'_>,
    report: &mut Map<String, Value>,
) -> Result<(), Error> {
    let folder = indices::folder(site)?;
    let name: IndexName = new.name.parse()?;
    let settings = IndexSettings {
        credencial: new.credential.clone(),
        prioridade: new.priority.map_or(IndexSettings::of("").prioridade, |priority| {
            i64::try_from(priority).unwrap_or(i64::MAX)
        }),
        ..IndexSettings::of(new.url.trim())
    };
    settings.address()?;
    let file = open_named(&new.root, ROOT_BYTES).map_err(IndexFault::Folder)?;
    let root = read_all(file, &new.root, ROOT_BYTES).map_err(IndexFault::Folder)?;
    let found = sha256(&root).to_string();
    if !new.sha256.trim().eq_ignore_ascii_case(&found) {
        let (path, expected) = (new.root.clone(), new.sha256.chars().take(80).collect());
        return Err(IndexFault::RootHash { path, expected, found }.into());
    }
    root_of(&new.root, &root)?;
    let path = folder.add(&name, &settings, &root)?;
    reporter.audit(Audited {
        action: "indice.raiz",
        resource: name.to_string(),
        about: vec![("sha256", found.clone()), ("url", settings.url.clone())],
    });
    let added = json!({
        "nome": name.as_str(),
        "url": shown(&settings),
        "prioridade": settings.prioridade,
        "raiz_sha256": found,
        "pasta": path.display().to_string(),
    });
    report.insert("indices".to_owned(), json!([added]));
    Ok(())
}

/// The address without what may be secret in it.
fn shown(settings: &IndexSettings) -> String {
    let address = settings.address();
    address.map_or_else(|_| redact(&settings.url), |address| address.to_string())
}

/// What was seen of it first: where that cannot be forgotten, all stays as it is.
fn remove(site: &Site, name: &IndexName) -> Result<(), Error> {
    let folder = indices::folder(site)?;
    folder.expect(name)?;
    if site.database.is_some() {
        let mut database = look::connect(&site.root, site.database.as_ref())?;
        forget(&mut database, name)?;
    }
    remove_tree(&site.root.indices().join(name.as_str()))?;
    Ok(folder.remove(name)?)
}

/// Each of them: one that fails keeps none of the others back.
fn refresh(
    (call, settings): (&IndexParameters, &Settings),
    name: Option<&str>,
    reporter: &OperationReporter<'_>,
    report: &mut Map<String, Value>,
) -> Result<(), Error> {
    let reached = Reached::read(&call.site, settings, name, reporter)?;
    stage::prepare_work(&call.site.root)?;
    let indices = Indices::new(&reached, &call.site, reporter, true)?.asking();
    let (mut shown, mut ended) = (Vec::new(), Ok(()));
    for known in indices.all() {
        let opened = indices
            .open(&known.name)
            .and_then(|index| Ok((index.revocations()?, index)));
        shown.push(match &opened {
            Ok((revoked, index)) => json!({
                "nome": known.name.as_str(),
                "situacao": if *index.age() == Age::Fresh { "atual" } else { "tolerancia" },
                "versao": index.version(),
                "vence_em": index.ends().to_rfc3339(),
                "arquivos": index.file_count(),
                "revogados": revoked.is_some(),
            }),
            Err(fault) => {
                json!({"nome": known.name.as_str(), "situacao": "falhou", "codigo": fault.exit_code().number()})
            }
        });
        match (opened, &ended) {
            (Err(fault), Ok(())) => ended = Err(fault),
            (Err(fault), Err(_)) => reporter.message(Message::Warning(Phrase::of(&fault))),
            (Ok(_), _) => {}
        }
    }
    report.insert("indices".to_owned(), shown.into());
    ended
}

fn search(
    (call, settings): (&IndexParameters, &Settings),
    words: &str,
    reporter: &OperationReporter<'_>,
    report: &mut Map<String, Value>,
) -> Result<(), Error> {
    let reached = Reached::read(&call.site, settings, None, reporter)?;
    stage::prepare_work(&call.site.root)?;
    let indices = Indices::new(&reached, &call.site, reporter, true)?;
    let mut shown = Vec::new();
    for known in indices.all() {
        let index = indices.open(&known.name)?;
        let Some(catalogue) = index.catalogue()? else { continue };
        let found = catalogue.search(words).take(MOST_FOUND - shown.len().min(MOST_FOUND));
        shown.extend(found.map(|found| {
            json!({
                "indice": known.name.as_str(),
                "id": found.id,
                "nome": found.nome,
                "resumo": found.resumo,
                "versao": found.versao,
            })
        }));
    }
    report.insert("encontrados".to_owned(), shown.into());
    Ok(())
}
