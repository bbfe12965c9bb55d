//! Packages as archives: inspected whole before a byte is written, unpacked below an open folder, and packed again.
//!
//! Owns everything that is known about the ZIP format (SPEC §8) and the writing of backups (SPEC §5, 11). Must not know
//! what a plugin is: manifests, data files and the order of steps belong to others.
//!
//! | file | what it does |
//! | --- | --- |
//! | `magic` | what kind of file an upload is, by its first bytes |
//! | `bytes`, `end_record`, `central`, `extra`, `local`, `directory` | reads and compares every header |
//! | `member_name`, `collision`, `kind`, `blacklist`, `budget`, `shown` | decide about names, kinds and claims; no I/O |
//! | `window`, `unpack`, `reader`, `tree` | bytes of members |
//! | `extract`, `extract_job`, `extracted`, `targets`, `folders`, `earlier` | writes members to disk |
//! | `package_folder` | what a folder gives to a package |
//! | `pack`, `packer`, `pack_record`, `pack_tar`, `backup`, `join` | writes archives |
//! | `unpack_backup`, `records` | backups of trees and archives of rows, read again |

mod backup;
mod blacklist;
mod budget;
mod bytes;
mod central;
mod collision;
mod directory;
mod earlier;
mod end_record;
mod error;
mod extra;
mod extract;
mod extract_job;
mod extracted;
mod folders;
mod join;
mod kind;
mod local;
mod magic;
mod member;
mod member_name;
mod messages;
mod open;
mod pack;
mod pack_record;
mod pack_tar;
mod package_folder;
mod packer;
mod phrases;
mod reader;
mod records;
mod rules;
mod shown;
mod targets;
mod tree;
mod unpack;
mod unpack_backup;
mod window;

#[cfg(test)]
mod claim_tests;
#[cfg(test)]
mod corpus_tests;
#[cfg(test)]
mod edge_tests;
#[cfg(test)]
mod extract_tests;
#[cfg(test)]
mod hostile_member_tests;
#[cfg(test)]
mod hostile_tests;
#[cfg(test)]
mod mutation_tests;
#[cfg(test)]
mod raw_zip;

pub use backup::{BackupForm, is_whole_backup, pack_backup, verify_backup};
pub use blacklist::{Blacklist, is_litter};
pub use earlier::{Earlier, EarlierFile, PackedEarlier};
pub use error::ArchiveError;
pub use extracted::{Extracted, ExtractedFile};
pub use join::{Part, join_archives};
pub use member::Member;
pub use open::{Archive, ArchiveWarning};
pub use pack::{PackOptions, Packed, PackedMember, pack_folder, pack_zip};
pub use package_folder::{PackageFolder, list_package};
pub use records::{RecordReader, RecordWriter, WrittenRecords, verify_records};
pub use rules::RULES;
pub use tree::ArchiveTree;
pub use unpack::Unpackers;
pub use unpack_backup::unpack_backup;
