//! `plugin_restore` and `plugin_enable`: a plugin comes back out of the archive that it left (SPEC 2 §6). What it brings
//! was read back when it was written; every refusal comes before anything is touched.

use serde_json::Value;

use super::believe::{Belief, evidence, level_of, shown};
use super::caller::{Caller, Outcome};
use super::definition::{CommandOption, Definition, Effect, Gives, request};
use super::index_words::{IndexWords, followed};
use super::needs_stored::{self, Stored};
use super::passage::{Before, Passage, bring_about, conduct};
use super::reporter::OperationReporter;
use super::{look, made, needs, returning, sharing};
use crate::archive::Blacklist;
use crate::base::clock::Clock;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{Conflicts, RestoreParameters, RowPolicy, Settings, SignatureLevel};
use crate::history::Action;
use crate::log::{Message, Reporter, Step};
use crate::model::{Phrase, Sha256Digest, Slug, Version};
use crate::ops::{Error, RemovalRefusal, messages};
use crate::outcome::{ExecutionStatus, Report};
use crate::package::LocatedPackage;
use crate::stage;
use crate::transaction::{
    Change, ChangeRecord, Context, Contract, OldTree, Removed, Return, RowRules, Target, TransactionReporter, Waiting,
    rehearse_return, tell_revival,
};
use crate::trust::{self, Policy, Verdict};

/// What `plugin_restore` is to those who offer it.
pub(super) static RESTORE: Definition = Definition {
    word: "restore",
    function: "plugin_restore",
    options: &[CommandOption {
        name: "restore",
        implies: &[],
        help: Phrase::new(
            "trazer de volta o que --uninstall tirou, como era; --conflitos=pular deixa no arquivo as linhas cuja chave outra linha tem agora ou que a tabela não aceita mais",
            "bring back what --uninstall took away, as it was; --conflitos=pular leaves rows in the archive whose key another row has now, or that their table does not take any more",
        ),
    }],
    takes: RestoreParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "Traz de volta o que `plugin_uninstall` tirou, do arquivo, como era.",
        "Brings back what `plugin_uninstall` took away, out of its archive, as it was.",
    ),
    read: |given, settings| Ok(Box::new(RestoreParameters::read(given, settings)?)),
};

/// What `plugin_enable` is to those who offer it.
pub(super) static ENABLE: Definition = Definition {
    word: "enable",
    function: "plugin_enable",
    options: &[CommandOption {
        name: "enable",
        implies: &[],
        help: Phrase::new(
            "trazer de volta um plugin pausado, como era",
            "bring a paused plugin back, as it was",
        ),
    }],
    takes: RestoreParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "Traz de volta um plugin pausado, como era.",
        "Brings a paused plugin back, as it was.",
    ),
    read: |given, settings| Ok(Box::new(RestoreParameters::read_enable(given, settings)?)),
};

request!(RestoreParameters.passage, restore, |call| Effect::unless_dry(
    call.passage.dry_run
));

/// Restores a plugin that was uninstalled, or enables one that is paused.
pub(super) fn restore(call: &RestoreParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    let passing = (&call.passage, action(call));
    conduct(passing, settings, (caller, clock), |slug, reporter, report| {
        run(call, settings, (slug, reporter), report)
    })
}

fn action(call: &RestoreParameters) -> Action {
    if call.enables { Action::Enable } else { Action::Restore }
}

fn run(
    call: &RestoreParameters,
    settings: &Settings,
    (slug, reporter): (&Slug, &OperationReporter<'_>),
    report: &mut Report,
) -> Result<(), Error> {
    reporter.begin(Step::Prepare)?;
    // What a name that nobody knows makes: nothing. It is asked for before the locks, which make files.
    let mut database = look::connect(&call.passage.site.root, call.passage.site.database.as_ref())?;
    let meant = sharing::meant(&mut database, slug, reporter)?;
    let slug = meant.as_ref().unwrap_or(slug);
    report.slug = slug.to_string();
    if !returning::has_been_here(&mut database, slug)? {
        return Err(RemovalRefusal::NotRemoved { slug: slug.to_string() }.into());
    }
    drop(database);
    let site = &call.passage.site;
    let looks = |policy: &Policy| level_of(policy, site, slug) != SignatureLevel::Off;
    let followed = followed((site, settings), reporter, looks)?;
    let words = IndexWords::of(followed.as_ref(), site, reporter, !call.passage.dry_run)?;
    words.read_ahead(slug)?;
    let parameters = serde_json::json!({"conflitos": call.conflicts.word()}).to_string();
    let passage = Passage {
        call: &call.passage,
        action: action(call),
        parameters: &parameters,
        reporter,
        slug,
        batch: None,
    };
    passage.run(&[], report, |cx, before, report| {
        attempt((call, settings, &words), &passage, cx, before, report)
    })
}

fn attempt(
    (call, settings, words): (&RestoreParameters, &Settings, &IndexWords<'_>),
    passage: &Passage<'_>,
    cx: &mut Context<'_>,
    before: Before,
    report: &mut Report,
) -> Result<(), Error> {
    let mut archives = returning::archives(
        cx,
        (passage.root(), passage.slug),
        (&before.known, &before.installed),
        call.enables,
    )?;
    let about = archives[0].about.clone();
    report.versao.clone_from(&about.versao);
    report.checksum.clone_from(&about.checksum);
    let package = about
        .checksum
        .as_deref()
        .and_then(|text| text.parse::<Sha256Digest>().ok());
    let others = sharing::admit(cx, passage.slug, package, &call.passage.bases)?;
    let waiting = admit((call, settings, words), passage, &mut archives, (cx, &mut *report))?;
    let old = old_tree(settings, passage, (&archives, package), !others.is_empty())?;
    let migrations = migrations(settings, passage, &archives)?;
    let schema = returning::schema(cx, passage, &archives, migrations.as_deref())?.map(Box::new);
    let mut back = Return {
        archives,
        tree: old.as_ref(),
        package,
        migrations,
        schema,
        skips: call.conflicts == Conflicts::Skip,
        enables: call.enables,
    };
    admit_schema(settings, passage, &back, cx)?;
    let rules = RowRules::read(
        passage.slug,
        passage.root(),
        call.passage.site.gestor_version.as_deref(),
        RowPolicy::default(),
    )?;
    if call.passage.dry_run {
        passage.reporter.begin(Step::Plan)?;
        let revival = rehearse_return(&rules, &mut back, cx)?;
        revival.check(back.skips)?;
        tell_revival(&revival, passage.reporter, report);
        return Ok(());
    }
    passage.check_premises()?;
    let account = ChangeRecord {
        parameters: Some(passage.parameters.to_owned()),
        actor: call.passage.actor.as_deref(),
        state: before.known.state,
        waiting,
        ..ChangeRecord::of(passage.action)
    };
    let opened = passage.open(cx, (&before.installed, ExecutionStatus::Installing))?;
    let change = Change {
        slug: passage.slug,
        after: Target::Returning(back),
        rules: &rules,
        account,
        contract: Contract::default(),
    };
    bring_about((cx, &call.passage.site), opened, change, report)
}

/// Whether it may come back: by its signature, and by what it needs.
fn admit(
    (call, settings, words): (&RestoreParameters, &Settings, &IndexWords<'_>),
    passage: &Passage<'_>,
    archives: &mut [Removed],
    (cx, report): (&mut Context<'_>, &mut Report),
) -> Result<Waiting, Error> {
    admit_signature((settings, words), passage, archives, (cx, report))?;
    admit_needs(call, passage, cx, archives.last_mut())
}

/// What is thought today of the package that comes back, where that is kept: it comes in as any other does. Of one that is
/// not kept only its version and bytes are known, which may have been withdrawn.
fn admit_signature(
    (settings, words): (&Settings, &IndexWords<'_>),
    passage: &Passage<'_>,
    archives: &[Removed],
    (cx, report): (&mut Context<'_>, &mut Report),
) -> Result<(), Error> {
    let (site, slug, about) = (&passage.call.site, passage.slug, &archives[0].about);
    let belief = Belief::of(site, cx.reporter.clock(), words)?;
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let checksum = about
        .checksum
        .as_deref()
        .and_then(|text| text.parse::<Sha256Digest>().ok());
    let Some(sha256) = checksum else { return Ok(()) };
    let version = about.versao.as_deref().and_then(|text| text.parse::<Version>().ok());
    let kept = passage.kept(&blacklist);
    let package = kept
        .open(about.versao.as_deref(), about.checksum.as_deref())
        .ok()
        .flatten();
    let level = belief.level(site, slug);
    words.admit(level)?;
    let judgement = match package.filter(|_| level != SignatureLevel::Off) {
        Some(mut package) => {
            let found = evidence(words, Some(&mut cx.session.database), (slug, sha256))?;
            package.judge(slug, &found, belief.believed())?
        }
        None => trust::only_revoked(slug, sha256, &belief.folder),
    };
    let judgement = match version {
        Some(version) => judgement.of_version((slug, Some(sha256)), version, &belief.folder),
        None => judgement,
    };
    report.assinatura = Some(shown(&judgement, passage.reporter.lang()));
    let is_known = judgement.verdict() != Verdict::Unchecked;
    belief.admit(
        &judgement,
        if is_known { level } else { SignatureLevel::Off },
        passage.reporter,
    )?;
    Ok(())
}

/// Whether the plugin has what it needs, and fits those that need it, as its record in the archive says.
fn admit_needs(
    call: &RestoreParameters,
    passage: &Passage<'_>,
    cx: &mut Context<'_>,
    archive: Option<&mut Removed>,
) -> Result<Waiting, Error> {
    let row = archive.map(|archive| archive.records("plugins")).transpose()?;
    let row = row.into_iter().flatten().next().unwrap_or_default();
    let text = |column: &str| row.get(column).and_then(Value::as_str);
    let stored = Stored {
        slug: passage.slug,
        version: text("versao_instalada"),
        checksum: text("checksum_pacote"),
        manifest: text("manifest_json"),
    };
    let (member, is_unread) = needs_stored::member(&call.passage.site, &stored);
    if is_unread {
        let told = messages::needs_unread(passage.slug.as_str());
        passage.reporter.message(Message::Warning(told));
    }
    let wanted = needs::Wanted {
        slug: passage.slug,
        after: Some(member),
        ignores: call.passage.ignores_dependencies,
        // What was here is let in as it was.
        force: true,
    };
    needs::admit_alone(&mut cx.session.database, &call.passage.site, wanted, passage.reporter)
}

/// What its migrations made stayed when it went. Somebody else may have dropped it; what comes anew is not missing.
fn admit_schema(
    settings: &Settings,
    passage: &Passage<'_>,
    back: &Return<'_>,
    cx: &mut Context<'_>,
) -> Result<(), Error> {
    if back.schema.is_some() {
        return Ok(());
    }
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let (kept, about) = (passage.kept(&blacklist), &back.archives[0].about);
    let opened = match about.checksum.as_deref() {
        Some(sha256) => kept.open(about.versao.as_deref(), Some(sha256)).ok().flatten(),
        None => None,
    };
    let texts = opened.and_then(|package| package.texts_by_version().ok());
    made::admit(&mut cx.session.database, passage.slug, texts, back.migrations.is_some())
}

/// The package with the plugin's migrations: those that are not applied run, as they do with an installation. Nothing where
/// it has none, is not kept, or the call can run none.
fn migrations(
    settings: &Settings,
    passage: &Passage<'_>,
    archives: &[Removed],
) -> Result<Option<Box<LocatedPackage>>, Error> {
    let about = &archives[0].about;
    let Some(sha256) = about.checksum.as_deref().filter(|_| passage.call.can_migrate) else {
        return Ok(None);
    };
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    let package = passage.kept(&blacklist).open(about.versao.as_deref(), Some(sha256))?;
    Ok(package
        .filter(|package| package.contents().has_migrations())
        .map(Box::new))
}

/// The tree that comes back; nothing where it stands already, because other databases use it.
fn old_tree(
    settings: &Settings,
    passage: &Passage<'_>,
    (archives, package): (&[Removed], Option<Sha256Digest>),
    is_shared: bool,
) -> Result<Option<OldTree>, Error> {
    let stands = is_shared && package.is_some() && stage::installed_package(passage.root(), passage.slug) == package;
    if stands {
        return Ok(None);
    }
    let blacklist = Blacklist::from_settings(settings.blacklist.as_deref());
    returning::old_tree(&passage.kept(&blacklist), archives, passage.reporter).map(Some)
}
