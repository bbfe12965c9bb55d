//! Files and folders beyond what `std` offers: durable writes, atomic swaps, locks, ownership, removal without following
//! links. Knows nothing of plugins.

mod advice;
mod believed;
mod copy;
mod durable;
mod error;
mod folder_tree;
mod free;
mod held;
mod inventory;
mod kind;
mod lock;
mod make;
mod messages;
mod mounts;
mod owner;
mod part;
mod random;
mod read;
mod remove;
mod rename;
mod separate;
#[cfg(test)]
mod small_disk;
mod stamp;
mod trust;
mod walk;
mod way;
mod within;

pub use advice::Advice;
pub use believed::BelievedFolder;
pub use copy::{copy_special, copy_tree, is_overlay};
pub use durable::{fsync_dir, missing_folders, sync_file, syncfs, write_new, write_whole, write_whole_as};
pub use error::{Attempt, FsError};
pub use folder_tree::FolderTree;
pub use free::{FreeSpace, free_space};
pub use held::{HeldFile, open_to_update};
pub use inventory::{Choice, FileId, Inventory, Item, ItemKind};
pub use kind::{followed, is_folder, is_special, may_stand};
pub use lock::{FileLock, FolderLock, Holder, LockError, LockState, lock_folder, lock_state};
pub use make::{
    close_folder, ensure_folders, make_folder, may_write, nameless_file, open_folder_up, open_to_append, replace_file,
};
pub use messages::system_words;
pub use mounts::{Reach, refuse_mounts};
pub use owner::{Owner, Ownership, chown_tree, settle_tree};
pub use part::{SharedFiles, remove_shared};
pub use random::{random_bytes, random_hex};
pub use read::{
    FromStart, check_same, folder_of, from_start, open_named, open_to_read, read_all, read_small, real_folder,
    real_path, settled_path,
};
pub use remove::{remove_empty_folder, remove_file, remove_tree};
pub use rename::{TreeId, exchange, link_file, rename_no_replace, rename_over, same_file_system};
pub use separate::separate_files;
#[cfg(test)]
pub(crate) use small_disk::SmallDisk;
pub use stamp::{FileTime, Stamp, keeps_stamps, stamping_clock};
pub use trust::{check_top, open_trusted, open_trusted_in, trusted_folder};
pub use way::{LinkFacts, file_names, folder_names, link_names, open_folder, read_link};
pub use within::is_within;
