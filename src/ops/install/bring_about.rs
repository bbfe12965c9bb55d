//! What an installation has gathered is brought about: its own tables stand ready, and the transaction runs.

use super::Installation;
use crate::log::{Message, Reporter};
use crate::migrate::Contraction;
use crate::model::DatabaseIdentity;
use crate::ops::{Error, prune};
use crate::outcome::Report;
use crate::package::{Inspected, PackageRows};
use crate::registry::{self, Feature, Installed, IsNew};
use crate::stage::Layout;
use crate::transaction::{
    Arrival, Change, ChangeRecord, Context, Contract, Run, Target, TransactionReporter, carry_out,
};

impl Installation<'_> {
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
        (package, rows, steps): (&Inspected, &PackageRows, Vec<Contraction>),
        report: &mut Report,
    ) -> Result<(), Error> {
        let rules = self.rules()?;
        let blacklist = self.blacklist();
        let kept = self.kept(&blacklist);
        let arrival = Arrival {
            package,
            rows,
            migrates: self.parts.migrations && package.located.contents().has_migrations(),
            metadata: self.metadata(package),
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
