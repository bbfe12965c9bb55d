//! `plugin_rollback` (SPEC 2 §5): back to a point of the history, or to any version whose package is kept. It is an
//! installation of that package, merged towards it: what nobody touched returns, edits stay where both versions agree. Every
//! refusal comes before anything is touched.

use serde_json::Value;

use super::before::Before;
use super::gather::Gathered;
use super::package::Obtained;
use super::set::{self, Part};
use super::{Installation, mark_running, report, start};
use crate::base::clock::Clock;
use crate::config::parameter::{ROOT, SLUG};
use crate::config::{RollbackParameters, Settings, WantedPoint};
use crate::data::MergeRules;
use crate::history::{self, Action, StoredPoint};
use crate::log::{Message, Reporter, Step};
use crate::manifest;
use crate::migrate::{Contraction, Migration};
use crate::model::{DatabaseIdentity, Phrase, Sha256Digest, Version};
use crate::ops::caller::{Caller, Outcome};
use crate::ops::definition::{CommandOption, Definition, Effect, Gives, request};
use crate::ops::{Error, PluginRefusal, committed, messages, sharing};
use crate::outcome::Report;
use crate::package::{Inspected, PackageRows, VerifiedPackage};
use crate::registry;
use crate::stage;
use crate::transaction::{
    Change, ChangeRecord, Context, Contract, RowRules, Run, Target, TransactionReporter, applied_after, way_back,
};

/// What it is to those who offer it.
pub(in crate::ops) static DEFINITION: Definition = Definition {
    word: "rollback",
    function: "plugin_rollback",
    options: &[CommandOption {
        name: "rollback",
        implies: &[],
        help: Phrase::new(
            "voltar ao ponto anterior, à versão guardada de --version=<versão> ou ao ponto de --ponto=<número> (veja --history): linhas, arquivos, e as migrações aplicadas desde então, que são desfeitas; --manter-esquema as deixa, e --forcar também",
            "go back to the previous point, to the kept version of --version=<version>, or to the point of --ponto=<number> (see --history): rows, files, and the migrations applied since, which are undone; --manter-esquema leaves them, and so does --forcar",
        ),
    }],
    takes: RollbackParameters::TAKES,
    requires: &[SLUG, ROOT],
    gives: Gives::Code,
    reports: &["PluginInstallReport"],
    summary: Phrase::new(
        "Volta a um ponto anterior do plugin, ou a qualquer versão guardada (`version`, `ponto`; nenhum: o último ponto bom antes deste). As migrações aplicadas desde então são desfeitas, a menos que `manter_esquema` ou `forcar` as deixe.",
        "Goes back to an earlier point of a plugin, or to any kept version (`version`, `ponto`; none: the last good point before). Migrations that were applied since are undone, unless `manter_esquema` or `forcar` leaves them.",
    ),
    read: |given, settings| Ok(Box::new(RollbackParameters::read(given, settings)?)),
};

request!(RollbackParameters.install, rollback, |call| Effect::unless_dry(
    call.install.dry_run
));

/// Where a way back leads.
pub(in crate::ops) struct WayBack {
    /// The point; nothing for a kept package that has none.
    point: Option<u64>,
    package: VerifiedPackage,
    source: Source,
}

/// Where the package of a point came from, as its operation recorded it.
#[derive(Default)]
pub(super) struct Source {
    pub(super) origin: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) tag: Option<String>,
}

impl Source {
    fn read(text: Option<&str>) -> Self {
        let value: Value = text
            .and_then(|text| serde_json::from_str(text).ok())
            .unwrap_or_default();
        let word = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
        Self {
            origin: word("tipo"),
            reference: word("referencia"),
            tag: word("tag"),
        }
    }
}

impl WayBack {
    /// By what rows are told from those that came later. Of a package without a point none came later.
    pub(super) fn since(&self) -> u64 {
        self.point.unwrap_or(u64::MAX)
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    fn obtained(&self) -> Obtained {
        Obtained {
            verified: self.package.clone(),
            origin: self.package.path().to_string_lossy().into_owned(),
            tag: self.source.tag.clone(),
            credential: None,
            credential_reference: None,
            is_folder: false,
            meant: None,
        }
    }
}

/// Goes back.
fn rollback(call: &RollbackParameters, settings: &Settings, caller: &Caller, clock: &dyn Clock) -> Outcome {
    start(&call.install, settings, (caller, clock), (false, Some(call)))
}

impl Installation<'_> {
    /// Chooses the point, and goes there.
    pub(super) fn attempt_back(
        &self,
        cx: &mut Context<'_>,
        before: &Before,
        (wanted, report): (&RollbackParameters, &mut Report),
    ) -> Result<(), Error> {
        if !before.is_installed() {
            let slug = self.slug.to_string();
            return Err(PluginRefusal::NotInstalled { slug }.into());
        }
        stage::check_place(&self.call.site.root, self.slug)?;
        self.reporter.begin(Step::Fetch)?;
        let way = self.choose(cx, before, &wanted.wanted)?;
        let going = Installation {
            back: Some(&way),
            ..*self
        };
        going.go_back(cx, before, (wanted, &way), report)
    }

    fn go_back(
        &self,
        cx: &mut Context<'_>,
        before: &Before,
        (wanted, way): (&RollbackParameters, &WayBack),
        report: &mut Report,
    ) -> Result<(), Error> {
        let installed = &before.installed;
        let obtained = way.obtained();
        let sha256 = way.package.sha256();
        report::obtained(report, self.reporter, (&obtained.origin, sha256));
        self.reporter.begin(Step::Verify)?;
        if is_there(before, way) && self.is_unchanged(installed, sha256) {
            return self.leave_unchanged(cx.session, report, installed);
        }
        stage::check_mounts(&self.call.site.root, self.slug)?;
        self.tell_standing(cx.session, installed, sha256);
        sharing::admit(cx, self.slug, Some(sha256), &self.call.bases)?;
        let (package, mut rows) = self.examine(cx, before, obtained, report)?;
        let base = self.remember(cx, before, &mut rows)?;
        self.admit_epoch(before, (wanted, &package))?;
        let staging = self.open_staging()?;
        let gathered = Gathered {
            package,
            rows,
            base,
            taken_back: Vec::new(),
            staging,
        };
        let mut parts = [Part::new(*self, before, gathered, report)];
        set::admit(&mut parts, cx)?;
        let [part] = &mut parts;
        part.steps = self.migrations_back(cx, before, (wanted, way, &part.gathered.package), part.report)?;
        if !self.call.dry_run {
            part.report.migracoes_desfeitas.clear();
            mark_running(cx.session, installed)?;
        }
        set::bring_about(&mut parts, cx)
    }

    /// The point, and its package among those that are kept.
    fn choose(&self, cx: &mut Context<'_>, before: &Before, wanted: &WantedPoint) -> Result<WayBack, Error> {
        let slug = || self.slug.to_string();
        let points = history::applied_points(&mut cx.session.database, self.slug)?;
        let numbered = |number: u64| points.iter().find(|point| point.id == number);
        let found = match wanted {
            WantedPoint::Previous => {
                let previous = before.known.state.as_ref().and_then(|state| state.previous_point);
                let found = previous.and_then(numbered);
                found.ok_or_else(|| PluginRefusal::NoPoint { slug: slug() })?
            }
            WantedPoint::Number(number) => numbered(*number).ok_or_else(|| PluginRefusal::UnknownPoint {
                slug: slug(),
                point: *number,
            })?,
            WantedPoint::Version(text) => {
                let version = self.version(text)?;
                match points.iter().find(|point| point.version == version.to_string()) {
                    Some(point) => point,
                    None => return self.kept_without_point(version),
                }
            }
        };
        self.kept_of(found)
    }

    fn version(&self, text: &str) -> Result<Version, Error> {
        text.trim().parse().map_err(|_| self.not_kept(text))
    }

    fn not_kept(&self, version: &str) -> Error {
        let (slug, version) = (self.slug.to_string(), version.to_owned());
        PluginRefusal::NotKept { slug, version }.into()
    }

    fn kept_of(&self, point: &StoredPoint) -> Result<WayBack, Error> {
        let not_kept = || self.not_kept(&point.version);
        let version: Version = point.version.parse().map_err(|_| not_kept())?;
        let sha256: Sha256Digest = point.checksum.parse().map_err(|_| not_kept())?;
        let blacklist = self.blacklist();
        let found = self.kept(&blacklist).find_package(version, sha256)?;
        Ok(WayBack {
            point: Some(point.id),
            package: found.ok_or_else(not_kept)?,
            source: Source::read(point.source.as_deref()),
        })
    }

    /// One that an earlier release kept: it must be what stands beside it.
    fn kept_without_point(&self, version: Version) -> Result<WayBack, Error> {
        let blacklist = self.blacklist();
        let found = self.kept(&blacklist).find_noted(version)?;
        Ok(WayBack {
            point: None,
            package: found.ok_or_else(|| self.not_kept(&version.to_string()))?,
            source: Source::default(),
        })
    }

    fn admit_epoch(&self, before: &Before, (wanted, package): (&RollbackParameters, &Inspected)) -> Result<(), Error> {
        let recorded = before.known.state.as_ref().map_or(0, |state| state.epoch);
        let manifest = before.installed.manifest.as_deref();
        let current = manifest.map_or(0, manifest::epoch_of).max(recorded);
        let target = package.manifest.epoch;
        if current <= target {
            return Ok(());
        }
        let refused = PluginRefusal::Epoch {
            slug: self.slug.to_string(),
            current,
            target,
        };
        if passes(wanted) {
            self.reporter.message(Message::warning(&refused));
            return Ok(());
        }
        Err(refused.into())
    }

    /// The migrations that are undone after the commit: those that were applied after the point, and that the package of
    /// the point does not bring.
    fn migrations_back(
        &self,
        cx: &mut Context<'_>,
        before: &Before,
        (wanted, way, package): (&RollbackParameters, &WayBack, &Inspected),
        report: &mut Report,
    ) -> Result<Vec<Contraction>, Error> {
        let brought = package.located.migration_versions();
        let groups = applied_after(&mut cx.session.database, self.slug, way.point, &brought)?;
        let names: Vec<String> = groups
            .iter()
            .flat_map(|group| group.migrations.iter().rev().map(Migration::shown))
            .collect();
        if passes(wanted) {
            if !names.is_empty() {
                self.reporter.message(Message::Warning(messages::schema_stays(&names)));
            }
            return Ok(Vec::new());
        }
        let blacklist = self.blacklist();
        let current = before.known.point.as_ref();
        let current = (
            before.installed.version.as_deref(),
            current.and_then(|point| point.checksum.as_deref()),
        );
        let (undo, blocked) = way_back(cx, &self.kept(&blacklist), groups, current)?;
        if !blocked.is_empty() {
            return Err(PluginRefusal::NoWayBack {
                slug: self.slug.to_string(),
                migrations: messages::irreversible(&blocked),
            }
            .into());
        }
        report.migracoes_desfeitas = names;
        Ok(undo.into_iter().map(Contraction::Undo).collect())
    }

    /// Migrations that were undone brought tables or columns back: the rows are brought to them as well.
    pub(super) fn synchronize_again(
        &self,
        cx: &mut Context<'_>,
        (rows, database): (&PackageRows, DatabaseIdentity),
    ) -> Result<(), Error> {
        let rules = RowRules::read(
            self.slug,
            &self.call.site.root,
            self.call.site.gestor_version.as_deref(),
            self.call.policy,
        )?;
        let rules = rules.merging(MergeRules {
            fusion: self.call.fusion,
            ..MergeRules::default()
        });
        let Before { known, installed, .. } = Before::read(&mut cx.session.database, self.slug)?;
        let account = ChangeRecord {
            actor: self.call.actor.as_deref(),
            version: installed.version,
            state: known.state,
            ..ChangeRecord::of(Action::Synchronize)
        };
        let change = Change {
            slug: self.slug,
            after: Target::Rows(rows),
            rules: &rules,
            account,
            contract: Contract::default(),
        };
        let owner = stage::owner(&self.call.site.root)?;
        let layout = stage::layout(&self.call.site.root, self.slug, owner)?;
        stage::open(&layout, owner)?;
        let mut report = Report::new(self.slug.as_str());
        let run = Run::promise(change, layout, database, &mut report, cx)?;
        Ok(committed::carry_out(&mut [run], cx, &self.call.site)?)
    }

    /// Says where the plugin is now.
    pub(super) fn tell_points(&self, cx: &mut Context<'_>, report: &mut Report) -> Result<(), Error> {
        if let Some(state) = registry::read_state(&mut cx.session.database, self.slug)? {
            (report.ponto, report.ponto_anterior) = (state.point, state.previous_point);
        }
        Ok(())
    }
}

/// Migrations stay as they are.
fn passes(wanted: &RollbackParameters) -> bool {
    wanted.keep_schema || wanted.install.force
}

/// The point is the current one: nothing was done after it.
fn is_there(before: &Before, way: &WayBack) -> bool {
    let current = before.known.state.as_ref().and_then(|state| state.point);
    match (way.point, current) {
        (Some(point), Some(current)) => point >= current,
        _ => true,
    }
}
