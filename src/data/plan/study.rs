//! Makes the plan: asks the database through `fetch`, lets the pure files decide, and goes through rows and contents a
//! window at a time, so that no more than a window of either is ever in memory. Never writes.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::compare::Comparison;
use super::fetch;
use super::follow::Following;
use super::ground::Ground;
use super::known_table::{KnownTable, find_at_once, set_identities};
use super::merge_call::Merging;
use super::merge_study::Seen;
use super::naming::tell;
use super::order;
use super::park::{self, Park, Parking};
use super::paths;
use super::plan::{Plan, TablePlan};
use super::renamed;
use super::request::Request;
use super::resolve::{fail_on, resolve};
use super::search;
use super::sequence::{order_inserts, referred, taken};
use super::settle::{Settled, TableFacts, settle};
use super::survey::Survey;
use super::unique::{self, Claim, Clash, Exchange, Givers};
use super::update::Update;
use super::watch::Watch;
use crate::base::db::Database;
use crate::base::listed::Listed;
use crate::config::{Conflicts, Orphans};
use crate::data::fit::find::{Finding, PrimaryKey, find};
use crate::data::fit::value::Value;
use crate::data::package::conflict::Notice;
use crate::data::package::error::DataError;
use crate::data::package::fault::{self, Fault};
use crate::data::table::inspect;
use crate::data::table::said::Inspected;
use crate::log::Reporter;
use crate::model::TableName;

/// Makes the plan of a request. Call it inside a transaction: the rows that the plan stands on are locked, so that
/// nothing changes before `apply`.
///
/// # Errors
/// All faults of the package that can be known before writing, at once; conflicts are part of the plan.
pub fn plan(database: &mut Database, request: &Request<'_>, reporter: &dyn Reporter) -> Result<Plan, DataError> {
    make(database, request, (None, Following::Nothing), reporter)
}

/// The same, merged with what users changed since. Tables of which the package brings nothing any more are to be named in
/// the request without rows, so that their entries are seen.
pub fn plan_merged(
    database: &mut Database,
    request: &Request<'_>,
    merging: Option<Merging<'_>>,
    reporter: &dyn Reporter,
) -> Result<Plan, DataError> {
    make(database, request, (merging, Following::Nothing), reporter)
}

/// The same, where rows were written already.
pub(in crate::data) fn make(
    database: &mut Database,
    request: &Request<'_>,
    (merging, following): (Option<Merging<'_>>, Following<'_>),
    reporter: &dyn Reporter,
) -> Result<Plan, DataError> {
    let names: Vec<&TableName> = request.tables.iter().map(|rows| &rows.table).collect();
    let inspected = inspect::inspect(database, &names, request.policy.orphans != Orphans::Ignore)?;
    let limit = database.server().max_allowed_packet;
    let ground = Ground::Database(database);
    conduct((ground, inspected, limit), request, (merging, following), reporter)
}

/// The same for tables of which is known how they look.
pub(super) fn conduct(
    (mut ground, inspected, limit): (Ground<'_>, Inspected, usize),
    request: &Request<'_>,
    (merging, following): (Option<Merging<'_>>, Following<'_>),
    reporter: &dyn Reporter,
) -> Result<Plan, DataError> {
    let Inspected {
        mut schemas,
        views,
        owned,
    } = inspected;
    let mut plan = Plan::default();
    let problem = request.contracts.problem.iter();
    plan.notices
        .extend(problem.map(|reason| Notice::Contracts { reason: reason.clone() }));
    set_identities(request, &mut schemas)?;
    let known = resolve(request, &schemas, &views, &mut plan)?;
    let mut surveys = Vec::with_capacity(known.len());
    let mut faults = Listed::default();
    let progress = Watch::new(request, reporter);
    for table in &known {
        let mut survey = table.survey(limit, &progress)?;
        std::mem::take(&mut survey.faults).drain_into(&mut faults, fault::keep);
        plan.notices.extend(survey.notices());
        surveys.push(survey);
    }
    fail_on(faults)?;
    let nowhere = vec![None; known.len()];
    let found = ground.ask(nowhere, |database| find_at_once(database, request, &known, &surveys))?;
    let mut study = Study {
        ground,
        request,
        plan,
        faults: Listed::default(),
        progress,
        merging,
        following,
    };
    for ((table, survey), found) in known.iter().zip(surveys).zip(found) {
        study.table(table, survey, found.as_deref())?;
    }
    fail_on(std::mem::take(&mut study.faults))?;
    study.find_abandoned(owned)?;
    let mut plan = study.plan;
    plan.notices.extend(renamed::notices(&known, &plan.tables)?);
    order::parents_first(&mut plan.tables);
    if request.policy.conflicts == Conflicts::Skip {
        let skipped: Vec<Notice> = plan.conflicts.iter().cloned().map(Notice::Skipped).collect();
        plan.notices.extend(skipped);
        plan.notices.count_more(plan.conflicts.more());
    }
    Ok(plan)
}

/// Rows whose key another row of the table has already. The key that a user changed is not written.
fn key_clashes(known: &KnownTable<'_>, survey: &Survey<'_>, seen: &Seen<'_>) -> HashMap<usize, Clash> {
    let unique = unique::key_index(known.schema, &known.contract);
    let filled = (survey.wanted.as_slice(), survey.filled.as_slice());
    let mut found = unique::key_clashes(unique, filled, &seen.findings, &seen.present);
    let keeps_key = |row: usize| (seen.merging.as_ref()).is_some_and(|merging| merging.keeps_key(row));
    found.retain(|row, _| !keeps_key(*row));
    found
}

/// A plan that is being made.
pub(super) struct Study<'a> {
    pub(super) ground: Ground<'a>,
    pub(in crate::data) request: &'a Request<'a>,
    pub(in crate::data) plan: Plan,
    /// What is wrong with rows that would have to be inserted.
    faults: Listed<Fault>,
    progress: Watch<'a>,
    pub(in crate::data) merging: Option<Merging<'a>>,
    pub(super) following: Following<'a>,
}

impl<'a> Study<'a> {
    /// Adds a table to the plan. The rows that the package could mean may have been found already.
    fn table(
        &mut self,
        known: &KnownTable<'_>,
        survey: Survey<'_>,
        found: Option<&[PrimaryKey]>,
    ) -> Result<(), DataError> {
        let seen = self.look(known, &survey, found)?;
        self.settle(known, survey, &seen)?;
        self.progress.done(known.rows.len())
    }

    /// Which rows of the table are meant, and what the base knows of them.
    fn look(
        &mut self,
        known: &KnownTable<'_>,
        survey: &Survey<'_>,
        found: Option<&[PrimaryKey]>,
    ) -> Result<Seen<'a>, DataError> {
        let request = self.request;
        let ask = |database: &mut Database| known.present(database, request, survey, found);
        let mut present = self.ground.ask(Vec::new(), ask)?;
        let mut merging = self.begin_merging(known, survey, &mut present)?;
        let mut findings = find(
            &survey.wanted,
            &present,
            &search::gaps(known.schema, &known.contract, self.request.policy.adoption),
            known.contract.insert_only,
            merging.as_ref().map_or(&HashMap::new(), |merging| &merging.renamed),
        );
        if let Some(merging) = &mut merging {
            merging.bind(&findings, &present);
        }
        let is_asked = merging.as_ref().is_some_and(|merging| merging.asks_core(known.schema));
        let core = known.core(self.request, &findings, &present, is_asked)?;
        let left = self.settle_remembered(known, survey, merging.as_mut(), &core, (&mut findings, &present))?;
        Ok(Seen {
            present,
            findings,
            merging,
            core,
            left,
        })
    }

    /// Decides about a table's rows, and adds it to the plan.
    fn settle(&mut self, known: &KnownTable<'_>, mut survey: Survey<'_>, seen: &Seen<'_>) -> Result<(), DataError> {
        let (schema, contract) = (known.schema, &known.contract);
        let (findings, present, merging) = (&seen.findings, &seen.present, seen.merging.as_ref());
        let claims = std::mem::take(&mut survey.claims);
        let mut comparison = Comparison::new(&survey.guards, claims, findings);
        if !contract.insert_only {
            let found = (findings.as_slice(), present.as_slice());
            let progress = &mut self.progress;
            (self.ground).ask((), |database| comparison.run(database, known, found, merging, progress))?;
        }
        let Comparison {
            claims,
            givers,
            differences,
            ..
        } = comparison;
        let taken = taken(schema, &claims, &survey);
        let (clashes, exchanges) =
            self.find_clashes(known, &survey, key_clashes(known, &survey, seen), claims, &givers)?;
        let nothing = HashSet::new();
        let mut facts = TableFacts {
            schema,
            contract,
            rows: known.rows,
            wanted: &survey.wanted,
            present,
            findings,
            differences,
            core: &seen.core,
            previous: &known.previous_keys(self.request)?,
            clashes,
            managers: &survey.managers,
            adoption: self.request.policy.adoption,
            orphans: self.request.policy.orphans != Orphans::Ignore,
            remembered: merging.map_or(&nothing, |merging| &merging.remembered),
        };
        let mut settled = settle(&facts);
        let parks = self.settle_exchanges(&mut facts, &mut settled, exchanges, &taken)?;
        settled.updates.sort_by_cached_key(Update::columns);
        order_inserts(known, &mut settled)?;
        self.find_lacking(known, &survey, &settled.inserts)?;
        let refers_to = referred(known, &settled)?;
        let merge = self.remember(known, seen, &facts.differences, &mut settled)?;
        tell(known, &mut settled, &mut self.plan)?;
        let paths = paths::notices(&mut self.ground, known, &settled)?;
        self.plan.notices.extend(paths);
        self.plan.tables.push(TablePlan {
            source: known.source,
            schema: schema.clone(),
            contract: contract.clone(),
            refers_to,
            circle: Vec::new(),
            parks,
            inserts: settled.inserts,
            updates: settled.updates,
            orphans: settled.orphans,
            counts: settled.counts,
            overruled: count_overruled(facts.findings),
            merge,
        });
        Ok(())
    }

    /// Rows that would be inserted without a column that the table needs.
    fn find_lacking(
        &mut self,
        known: &KnownTable<'_>,
        survey: &Survey<'_>,
        inserts: &[usize],
    ) -> Result<(), DataError> {
        for row in inserts.iter().filter(|row| survey.lacking.contains(row)) {
            if self.faults.has_room() {
                let row = known.rows.get(*row).map_err(DataError::Rows)?;
                survey
                    .lacks(&row)
                    .into_iter()
                    .for_each(|fault| fault::keep(&mut self.faults, fault));
            } else {
                self.faults.count_more(1);
            }
        }
        Ok(())
    }

    /// What stands behind UNIQUE indexes already, beside the clashes of keys that were found.
    fn find_clashes(
        &mut self,
        known: &KnownTable<'_>,
        survey: &Survey<'_>,
        mut found: HashMap<usize, Clash>,
        claims: Vec<Vec<Claim>>,
        givers: &[Givers],
    ) -> Result<(HashMap<usize, Clash>, Vec<Exchange>), DataError> {
        let mut exchanges = Vec::new();
        for ((guard, mut claims), givers) in survey.guards.iter().zip(claims).zip(givers) {
            claims.sort_by_key(|claim| claim.row);
            if claims.is_empty() {
                continue;
            }
            let tuples: Vec<Vec<Value<'_>>> = claims.iter().map(|claim| claim.values.clone()).collect();
            let (schema, slug) = (known.schema, self.request.slug);
            let ask = |database: &mut Database| fetch::read_occupied(database, schema, &guard.columns, slug, &tuples);
            let occupied = self.ground.ask(Vec::new(), ask)?;
            for (row, clash) in unique::clashes(guard, &claims, &occupied, givers, &mut exchanges) {
                found.entry(row).or_insert(clash);
            }
        }
        Ok((found, exchanges))
    }

    /// Decides again while a row counts on a value that another one does not give up after all; then finds the values
    /// which those that do give theirs up have in between.
    fn settle_exchanges(
        &mut self,
        facts: &mut TableFacts<'_>,
        settled: &mut Settled,
        mut exchanges: Vec<Exchange>,
        taken: &HashSet<(usize, Box<str>)>,
    ) -> Result<Vec<Park>, DataError> {
        loop {
            let written: HashSet<usize> = (settled.inserts.iter().copied())
                .chain(settled.updates.iter().map(|update| update.row))
                .collect();
            exchanges.retain(|exchange| written.contains(&exchange.row));
            let (mut good, mut bad) = unique::split_exchanges(std::mem::take(&mut exchanges), &settled.updates);
            if bad.is_empty() {
                // Rows are inserted after those that give their values up, unless these may come to refer to them.
                let new: HashSet<usize> = settled.inserts.iter().copied().collect();
                let after = order::own_references(facts.schema).is_empty();
                let mut rows: Vec<(PrimaryKey, usize)> = good
                    .iter()
                    .filter(|exchange| !(after && new.contains(&exchange.row)))
                    .map(|exchange| (exchange.giver.clone(), exchange.column))
                    .collect();
                rows.sort();
                rows.dedup();
                let (schema, slug) = (facts.schema, self.request.slug);
                let parks = |database: &mut Database| park::parks(database, schema, slug, &rows, taken);
                match self.ground.ask(Parking::Parked(Vec::new()), parks)? {
                    Parking::Parked(parks) => return Ok(parks),
                    Parking::Full => bad.append(&mut good),
                    Parking::Held { column, foreign_key } => {
                        let held = good.extract_if(.., |exchange| exchange.column == column);
                        bad.extend(held.map(|exchange| exchange.held_by(&foreign_key)));
                    }
                }
            }
            for exchange in bad {
                facts.clashes.entry(exchange.row).or_insert(exchange.clash);
            }
            *settled = settle(facts);
            exchanges = good;
        }
    }

    /// Rows of this plugin in those tables with an owner of which the package brings nothing.
    fn find_abandoned(&mut self, mut tables: Vec<TableName>) -> Result<(), DataError> {
        let brought: HashSet<&TableName> = self.request.tables.iter().map(|rows| &rows.table).collect();
        tables.retain(|table| !brought.contains(table));
        let slug = self.request.slug;
        let count = |database: &mut Database| inspect::count_owned(database, &tables, slug);
        let mut abandoned = self.ground.ask(BTreeMap::new(), count)?;
        abandoned.retain(|_, rows| *rows > 0);
        self.plan.abandoned = abandoned;
        Ok(())
    }
}

/// Rows of descriptors that say nothing, because a data file has their key.
fn count_overruled(findings: &[Finding]) -> u64 {
    findings.iter().filter(|found| **found == Finding::Overruled).count() as u64
}
