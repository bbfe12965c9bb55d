//! What becomes of a plugin's rows when it goes (SPEC 2 §6). Values, and a decision from facts alone; `absence_study` reads.

use std::collections::{BTreeMap, BTreeSet};

use super::standing::CurrentTable;
use super::standing_write::FieldWrite;
use crate::config::Removal;
use crate::data::fit::find::PrimaryKey;
use crate::data::package::error::DataError;
use crate::data::package::hanging::HangingRows;
use crate::data::table::contract::Contracts;
use crate::ledger::{Base, EntryOrigin, RowKey, SavedRow};
use crate::model::{Slug, TableName};
use crate::outcome::TableCounts;

/// A plugin that goes.
#[derive(Debug, Clone, Copy)]
pub struct Departing<'d> {
    /// The plugin.
    pub slug: &'d Slug,
    /// How much of it goes.
    pub removal: Removal,
    /// It was paused before: of what its packages brought only rows stand there that pausing leaves.
    pub is_paused: bool,
    /// What its packages last brought.
    pub base: &'d Base,
    /// What another installer's package brought since.
    pub since: Option<&'d Base>,
    /// What was set aside for it, the oldest first.
    pub saved: &'d [SavedRow],
    /// Rows as they were before the plugin adopted them, where a release set them aside that recorded no base.
    pub adopted: &'d [AdoptedRow],
    /// What others' packages brought to tables without owners, by plugin.
    pub others: &'d BTreeMap<Slug, Base>,
    /// Tables that are taken away with it.
    pub dropped: &'d [String],
    /// How the gestor declares its tables.
    pub contracts: &'d Contracts,
}

/// A row before the plugin adopted it: its table, and by column what the server showed.
pub type AdoptedRow = (TableName, BTreeMap<String, Option<Vec<u8>>>);

/// Why a row goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Going {
    /// A package brought it.
    Brought,
    /// It was made at run time in the plugin's name.
    RunTime,
    /// A permission of one of its modules, of which no row is left.
    Grant,
    /// A hook of it.
    Hook,
    /// A row of others that hangs by a foreign key on one that goes: the database deletes it as well.
    Hanging,
}

impl Going {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Brought, Self::RunTime, Self::Grant, Self::Hook, Self::Hanging];

    /// The word that an archive holds.
    pub fn word(self) -> &'static str {
        match self {
            Self::Brought => "pacote",
            Self::RunTime => "execucao",
            Self::Grant => "permissao",
            Self::Hook => "gancho",
            Self::Hanging => "dependente",
        }
    }
}

/// Why a row of the plugin's stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Staying {
    /// It was made at run time.
    RunTime,
    /// Rows of its table are only ever added.
    InsertOnly,
    /// It is an account that manages the gestor.
    Account,
    /// The site's project has changed it.
    Project,
    /// Nobody saw whether the plugin inserted it, and its table has no owners.
    Unknown,
}

impl Staying {
    /// The word that a report holds.
    pub fn word(self) -> &'static str {
        match self {
            Self::RunTime => "execucao",
            Self::InsertOnly => "somente_insercao",
            Self::Account => "conta_do_gestor",
            Self::Project => "projeto",
            Self::Unknown => "desconhecida",
        }
    }
}

/// What is known of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent facts")]
pub(super) struct RowFacts {
    /// How it became the plugin's; nothing where no package brought it.
    pub origin: Option<EntryOrigin>,
    /// Its table has owners.
    pub owned: bool,
    /// Rows of its table are only added.
    pub insert_only: bool,
    /// Another plugin's packages bring it, too.
    pub shared: bool,
    /// It is an account that manages the gestor.
    pub manages: bool,
    /// The site's project has changed it.
    pub project: bool,
    /// What it held before the plugin came is known.
    pub saved: bool,
}

/// What becomes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is deleted.
    Goes(Going),
    /// It becomes again whose it was, and what it was where nobody has edited it.
    Returns,
    /// It is another plugin's from now on.
    Inherited,
    /// It stays, and is named.
    Stays(Staying),
    /// It never was the plugin's.
    Left,
}

/// Decides.
pub(super) fn decide(facts: RowFacts, removal: Removal) -> Fate {
    let purges = removal == Removal::Purge;
    match facts.origin {
        _ if facts.manages => Fate::Stays(Staying::Account),
        _ if facts.project => Fate::Stays(Staying::Project),
        None if purges => Fate::Goes(Going::RunTime),
        None => Fate::Stays(Staying::RunTime),
        Some(EntryOrigin::Shared) => Fate::Left,
        Some(EntryOrigin::Adopted) => Fate::Returns,
        Some(EntryOrigin::Unknown) if facts.owned && facts.saved => Fate::Returns,
        Some(_) if facts.shared => Fate::Inherited,
        Some(_) if facts.insert_only && !purges => Fate::Stays(Staying::InsertOnly),
        Some(EntryOrigin::Unknown) if !facts.owned => Fate::Stays(Staying::Unknown),
        Some(EntryOrigin::Inserted | EntryOrigin::Unknown) => Fate::Goes(Going::Brought),
    }
}

/// A row that goes.
#[derive(Debug)]
pub struct GoingRow {
    /// Its primary key.
    pub identity: PrimaryKey,
    /// Why.
    pub going: Going,
}

/// A row that is given back.
#[derive(Debug)]
pub struct ReturningRow {
    /// Its primary key.
    pub identity: PrimaryKey,
    /// What is written into it.
    pub write: FieldWrite,
}

/// A row that stays.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StayingRow {
    /// Its primary key.
    pub identity: PrimaryKey,
    /// Its key in words.
    pub shown: String,
    /// Why.
    pub staying: Staying,
}

/// One table of a plugin that goes.
#[derive(Debug)]
pub struct TableAbsence {
    /// The table.
    pub table: CurrentTable,
    /// Rows that go.
    pub going: Vec<GoingRow>,
    /// Rows that are given back.
    pub returning: Vec<ReturningRow>,
    /// Rows that stay.
    pub staying: Vec<StayingRow>,
    /// Rows that stay, and that the database empties because they hang by a foreign key on rows that go: columns.
    pub emptied: BTreeMap<PrimaryKey, BTreeSet<usize>>,
    /// Rows that go hang on each other, and go in this order.
    pub one_by_one: bool,
}

impl TableAbsence {
    /// A table of which nothing is known to go.
    pub(super) fn of(table: CurrentTable) -> Self {
        Self {
            table,
            going: Vec::new(),
            returning: Vec::new(),
            staying: Vec::new(),
            emptied: BTreeMap::new(),
            one_by_one: false,
        }
    }
}

/// What becomes of all rows of a plugin that goes.
#[derive(Debug, Default)]
pub struct Absence {
    /// Its tables, those that others refer to before these.
    pub tables: Vec<TableAbsence>,
    /// Rows that are another plugin's from now on, by that plugin.
    pub inherited: BTreeMap<Slug, Vec<(TableName, RowKey)>>,
    /// Profiles that go and that users have who stay.
    pub profiles_in_use: Vec<String>,
    /// Rows of others that hang by foreign keys on rows that go.
    pub hanging: Vec<HangingRows>,
    /// Rows of others that name what goes.
    pub references: Vec<Naming>,
}

/// Rows of others in which a column names rows that go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Naming {
    /// Their table.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The table of the rows that go.
    pub names: &'static str,
    /// How many.
    pub rows: u64,
}

impl Absence {
    /// Stops where users would be left without a profile, or rows of others would go or lose what they say. With `force`
    /// they may, where the archive holds them.
    pub fn check(&self, force: bool) -> Result<(), DataError> {
        let written = self
            .tables
            .iter()
            .filter(|table| !(table.going.is_empty() && table.returning.is_empty()));
        let unsafe_tables = written.filter(|table| !table.table.schema().transactional);
        let tables: Vec<TableName> = unsafe_tables.map(|table| table.table.name().clone()).collect();
        if !tables.is_empty() {
            return Err(DataError::NotTransactional { tables });
        }
        if self.hanging.iter().any(|rows| !(force && rows.fate.is_kept())) {
            let hanging = self.hanging.clone();
            return Err(DataError::RowsHang { hanging });
        }
        if force || self.profiles_in_use.is_empty() {
            return Ok(());
        }
        Err(DataError::ProfileInUse {
            profiles: self.profiles_in_use.clone(),
        })
    }

    /// The archive holds rows of others.
    pub fn holds_others(&self) -> bool {
        let mut tables = self.tables.iter();
        tables.any(|table| !table.emptied.is_empty() || table.going.iter().any(|row| row.going == Going::Hanging))
    }

    /// Counts by table, where there is something to count.
    pub fn counts(&self) -> BTreeMap<String, TableCounts> {
        let counts = self.tables.iter().map(|absence| {
            let counts = TableCounts {
                removidos: absence.going.len() as u64,
                devolvidos: absence.returning.len() as u64,
                alterados: absence.emptied.len() as u64,
                ..TableCounts::default()
            };
            (absence.table.name().to_string(), counts)
        });
        counts.filter(|(_, counts)| *counts != TableCounts::default()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: RowFacts = RowFacts {
        origin: Some(EntryOrigin::Inserted),
        owned: true,
        insert_only: false,
        shared: false,
        manages: false,
        project: false,
        saved: false,
    };

    #[test]
    fn each_row_has_the_fate_that_its_facts_say() {
        use EntryOrigin::{Adopted, Inserted, Shared, Unknown};
        let of = |origin| RowFacts { origin, ..PLAIN };
        let ownerless = |origin| RowFacts {
            owned: false,
            ..of(Some(origin))
        };
        let brought = Fate::Goes(Going::Brought);
        for (facts, removed, purged) in [
            (of(Some(Inserted)), brought, brought),
            (of(Some(Unknown)), brought, brought),
            (of(Some(Adopted)), Fate::Returns, Fate::Returns),
            (of(None), Fate::Stays(Staying::RunTime), Fate::Goes(Going::RunTime)),
            (ownerless(Inserted), brought, brought),
            (ownerless(Shared), Fate::Left, Fate::Left),
            (
                ownerless(Unknown),
                Fate::Stays(Staying::Unknown),
                Fate::Stays(Staying::Unknown),
            ),
            (
                RowFacts {
                    shared: true,
                    ..ownerless(Inserted)
                },
                Fate::Inherited,
                Fate::Inherited,
            ),
            (
                RowFacts {
                    insert_only: true,
                    ..PLAIN
                },
                Fate::Stays(Staying::InsertOnly),
                brought,
            ),
            (
                RowFacts { manages: true, ..PLAIN },
                Fate::Stays(Staying::Account),
                Fate::Stays(Staying::Account),
            ),
            (
                RowFacts {
                    project: true,
                    ..of(None)
                },
                Fate::Stays(Staying::Project),
                Fate::Stays(Staying::Project),
            ),
            (
                RowFacts {
                    saved: true,
                    ..of(Some(Unknown))
                },
                Fate::Returns,
                Fate::Returns,
            ),
        ] {
            assert_eq!(decide(facts, Removal::Remove), removed, "{facts:?}");
            assert_eq!(decide(facts, Removal::Purge), purged, "{facts:?}");
        }
    }
}
