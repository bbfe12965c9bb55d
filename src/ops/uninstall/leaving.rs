//! What goes of one plugin, gathered and admitted as far as it is about that plugin alone. Nothing is touched.

use super::super::departing;
use super::super::known::RecordedPlugin;
use super::super::passage::{Before, Passage};
use super::super::purge::Purge;
use super::super::sharing;
use crate::archive::Blacklist;
use crate::config::{Removal, RowPolicy, Settings, UninstallParameters};
use crate::data::AdoptedRow;
use crate::ledger;
use crate::migrate::{Contraction, Pending};
use crate::model::Slug;
use crate::ops::{Error, PluginRefusal, RemovalRefusal};
use crate::outcome::Report;
use crate::package::KeptPackages;
use crate::registry::Installed;
use crate::stage::removed;
use crate::transaction::{BaseSource, ChangeRecord, Context, Departure, Paused, RowRules, Waiting};

/// What an uninstallation works with from its first step to its last.
#[derive(Clone, Copy)]
pub(super) struct Uninstallation<'a> {
    pub(super) call: &'a UninstallParameters,
    pub(super) settings: &'a Settings,
    pub(super) passage: Passage<'a>,
    /// Plugins that may inherit rows; their locks are held, too.
    pub(super) heirs: &'a [Slug],
    /// It was gone before, but for what is kept of it: whoever takes its locks does that.
    pub(super) awaits_forgetting: bool,
}

/// What it has gathered.
pub(super) struct Gathered {
    pub(super) installed: Installed,
    known: RecordedPlugin,
    pub(super) base: BaseSource,
    paused: Option<Paused>,
    keeps_tree: bool,
    adopted: Vec<AdoptedRow>,
    pub(super) purge: Purge,
    dropped: Vec<String>,
}

impl Uninstallation<'_> {
    /// Gathers what goes; nothing where it is gone already.
    pub(super) fn gather(
        &self,
        cx: &mut Context<'_>,
        before: Before,
        report: &mut Report,
    ) -> Result<Option<Gathered>, Error> {
        let Before { installed, known } = before;
        let slug = self.passage.slug;
        if self.call.removal == Removal::Pause {
            known.refuse_paused(slug)?;
        }
        let paused = departing::paused(&self.passage, &known, self.call.force)?;
        if paused.is_none() && !known.is_installed(&installed) {
            self.forget_gone(cx, &known, report)?;
            return Ok(None);
        }
        let blacklist = self.blacklist();
        let kept = self.passage.kept(&blacklist);
        let base = self.base_source(cx, &kept, (&known, &installed), paused.is_some())?;
        let others = sharing::admit(cx, slug, None, &self.call.passage.bases)?;
        // What nobody recorded may stand in files that an earlier release set aside.
        let adopted = match base {
            BaseSource::Package(_) => departing::adopted(&self.passage)?,
            BaseSource::Recorded | BaseSource::Unknown => Vec::new(),
        };
        Ok(Some(Gathered {
            installed,
            known,
            base,
            paused,
            keeps_tree: !others.is_empty(),
            adopted,
            purge: Purge::default(),
            dropped: Vec::new(),
        }))
    }

    pub(super) fn blacklist(&self) -> Blacklist {
        Blacklist::from_settings(self.settings.blacklist.as_deref())
    }

    pub(super) fn rules(&self) -> Result<RowRules<'_>, Error> {
        let site = &self.call.passage.site;
        let (root, version) = (&site.root, site.gestor_version.as_deref());
        Ok(RowRules::read(self.passage.slug, root, version, RowPolicy::default())?)
    }

    /// It is gone already. What is kept of it may go still.
    fn forget_gone(&self, cx: &mut Context<'_>, known: &RecordedPlugin, report: &mut Report) -> Result<(), Error> {
        let slug = self.passage.slug;
        let pending = known.state.as_ref().and_then(|state| state.pending.as_deref());
        let left = Pending::read(pending).shown();
        if !left.is_empty() {
            let (slug, left) = (slug.to_string(), left.join(", "));
            return Err(RemovalRefusal::Unfinished { slug, left }.into());
        }
        let is_kept = removed::is_anything_kept(self.passage.root(), slug);
        if self.call.forgets && self.awaits_forgetting && !is_kept {
            return Ok(());
        }
        if !self.call.forgets || !is_kept {
            return Err(PluginRefusal::NotInstalled { slug: slug.to_string() }.into());
        }
        if self.call.passage.dry_run {
            return Ok(());
        }
        departing::forget(cx, slug, report)
    }

    fn base_source(
        &self,
        cx: &mut Context<'_>,
        kept: &KeptPackages<'_>,
        (known, installed): (&RecordedPlugin, &Installed),
        is_paused: bool,
    ) -> Result<BaseSource, Error> {
        if is_paused {
            return Ok(BaseSource::Recorded);
        }
        let has_base = !ledger::tables(&mut cx.session.database, kept.slug)?.is_empty();
        departing::base_source(kept, (known, has_base), installed, self.passage.reporter)
    }

    /// What is taken away after the commit: of the schema when everything goes, and what is kept when nothing is to be.
    /// `gone`: what goes with it, and before it.
    pub(super) fn plan_purge(&self, cx: &mut Context<'_>, gathered: &mut Gathered, gone: &[Slug]) -> Result<(), Error> {
        let Gathered { known, installed, .. } = &*gathered;
        let mut purge = Purge::default();
        if self.call.removal == Removal::Purge {
            let blacklist = self.blacklist();
            let kept = self.passage.kept(&blacklist);
            let (version, checksum) = (known.version(installed), known.checksum(installed));
            let current = (version.as_deref(), checksum.as_deref());
            purge = Purge::of(cx, &kept, (current, gone), self.passage.reporter)?;
        }
        purge.steps.extend(self.call.forgets.then_some(Contraction::Forget));
        gathered.dropped = purge.steps.iter().filter_map(dropped_table).collect();
        gathered.purge = purge;
        Ok(())
    }

    pub(super) fn departure<'d>(&self, gathered: &'d Gathered) -> Departure<'d>
    where
        Self: 'd,
    {
        Departure {
            removal: self.call.removal,
            force: self.call.force,
            keeps_tree: gathered.keeps_tree,
            paused: gathered.paused.as_ref(),
            adopted: &gathered.adopted,
            heirs: self.heirs,
            dropped: &gathered.dropped,
        }
    }

    pub(super) fn account(&self, gathered: &Gathered, (base, waiting): (BaseSource, Waiting)) -> ChangeRecord<'_> {
        let Gathered { known, installed, .. } = gathered;
        ChangeRecord {
            parameters: Some(self.passage.parameters.to_owned()),
            batch: self.passage.batch,
            actor: self.call.passage.actor.as_deref(),
            version: known.version(installed),
            checksum: known.checksum(installed),
            external: known.external(installed),
            state: known.state.clone(),
            base,
            waiting,
            ..ChangeRecord::of(self.passage.action)
        }
    }
}

/// The table that a step takes away.
fn dropped_table(step: &Contraction) -> Option<String> {
    match step {
        Contraction::DropTable { tabela } => Some(tabela.clone()),
        Contraction::DropColumn(_) | Contraction::DropObject(_) | Contraction::Undo(_) | Contraction::Forget => None,
    }
}
