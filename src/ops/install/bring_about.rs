//! What an installation has gathered is brought about: its own tables stand ready, and the transaction runs.

use super::Installation;
use super::before::Before;
use crate::log::{Message, Reporter};
use crate::migrate::Contraction;
use crate::model::DatabaseIdentity;
use crate::ops::{Error, messages, prune, returning};
use crate::outcome::Report;
use crate::package::{Inspected, PackageRows};
use crate::registry::{self, Feature, Installed, IsNew};
use crate::stage::{Layout, removed};
use crate::transaction::{
    Arrival, Change, ChangeRecord, Context, Contract, Removed, Run, Target, TransactionReporter, carry_out,
};

/// What an installation has gathered.
pub(super) struct Given<'g> {
    pub(super) package: &'g Inspected,
    pub(super) rows: &'g PackageRows,
    /// What is taken away of the schema.
    pub(super) steps: Vec<Contraction>,
    /// What went when the plugin was uninstalled, and is taken back.
    pub(super) taken_back: Vec<Removed>,
}

impl Installation<'_> {
    /// The archives of which rows are taken back, where the call wants that; else they are told of, where there are any.
    pub(super) fn take_back(&self, cx: &mut Context<'_>, before: &Before) -> Result<Vec<Removed>, Error> {
        let known = (&before.known, &before.installed);
        if self.call.takes_back {
            return returning::archives(cx, (&self.call.site.root, self.slug), known, false);
        }
        let archive = before
            .known
            .state
            .as_ref()
            .and_then(|state| state.removed_archive.as_ref());
        if let Some(archive) = archive.filter(|_| !before.is_installed())
            && removed::names(&self.call.site.root, self.slug)?.contains(archive)
        {
            self.reporter
                .message(Message::Warning(messages::can_take_back(archive)));
        }
        Ok(Vec::new())
    }

    /// Our own tables, made where they are missing, before the journal names the database that they tell of. A server that
    /// may forget what it committed is told of where it begins to matter: at first, and with each new plugin.
    pub(super) fn prepare_tables(
        &self,
        cx: &mut Context<'_>,
        installed: &Installed,
    ) -> Result<DatabaseIdentity, Error> {
        let (database, IsNew(is_new)) = registry::prepare(&mut cx.session.database, &|| self.reporter.is_wanted())?;
        registry::prepare_for(&mut cx.session.database, Feature::Records, &|| {
            self.reporter.is_wanted()
        })?;
        if is_new || installed.version.is_none() {
            // A server that does not say what it does is none that can be warned of.
            if let Ok(Some(settings)) = registry::weak_commits(&mut cx.session.database) {
                self.reporter.message(Message::WeakCommits { settings });
            }
        }
        Ok(database)
    }

    /// Steps 11 to 18.
    pub(super) fn bring_about(
        &self,
        cx: &mut Context<'_>,
        (layout, database, account): (Layout, DatabaseIdentity, ChangeRecord<'_>),
        given: Given<'_>,
        report: &mut Report,
    ) -> Result<(), Error> {
        let Given {
            package,
            rows,
            steps,
            taken_back,
        } = given;
        let rules = self.rules()?;
        let blacklist = self.blacklist();
        let kept = self.kept(&blacklist);
        let arrival = Arrival {
            package,
            rows,
            migrates: self.parts.migrations && package.located.contents().has_migrations(),
            metadata: self.metadata(package),
            taken_back,
        };
        let change = Change {
            slug: self.slug,
            after: Target::Present(arrival),
            rules: &rules,
            account,
            contract: Contract {
                kept: Some(&kept),
                steps,
            },
        };
        let identity = database.clone();
        let mut runs = [Run::promise(change, layout, database, report, cx)?];
        let ended = carry_out(&mut runs, cx).map_err(Error::from);
        let [run] = runs;
        let is_grown = run.has_brought_back();
        let is_committed = ended.as_ref().err().is_none_or(Error::is_committed);
        if self.wanted.is_some() {
            report.confirmado = Some(is_committed);
        }
        if is_committed {
            prune::afterwards(cx, &self.call.site, self.slug, self.reporter);
        }
        if is_committed && is_grown {
            self.synchronize_again(cx, (rows, identity))?;
        }
        ended.map_err(|fault| self.blame(package.located.archive(), fault))
    }
}
