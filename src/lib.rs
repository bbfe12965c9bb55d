//! Installs plugins of the Conn2Flow gestor: fast, all or nothing, and with an account of what was done.
//!
//! # The house
//!
//! Dependencies point down only; `tests/it/architecture.rs` reads the `use` lines and fails on any other edge.
//!
//! | layer | module | what it does | look here first |
//! | --- | --- | --- | --- |
//! | boundaries | `php` (the target `gestor_plugins_php`, feature `php`) | the extension: names, constants, `phpinfo()`, settings of php.ini; the command line is PHP that calls it | `php/module` |
//! | | [`native`] | the program `gestor-plugins`: its arguments, the domain's settings, who the process is | `native/run` |
//! | | [`ffi`] | the C library | `include/gestor_plugins.h` |
//! | operations | [`ops`] | a file for each operation that a call can name, from its parameters to its report: what it admits and what must be forced (versions, ages, conflicts on the user's word), which status it leaves; what an operation says before it does it (a dry run, what `expurgar` would drop besides) | `ops/catalogue`, the list of all; `ops/policy`, `ops/purge` |
//! | | [`ops::author`] | what an author does without a gestor, and so no call of the catalogue: a package judged as an installation on an empty gestor would | `ops/author/validate` |
//! | | | everything that can end an operation, and the exit code of each | `ops/error`, `ops/exit_code` |
//! | assemblies | [`transaction`] | carries out every change: the steps in their order (locks on disk and in the database, files, rows, commit, schema), their undoing, recovery after a kill | `transaction/driver`, `transaction/participants/` |
//! | | [`package`] | a package as a whole, each step a type: verified, opened, the plugin located in it, its rows; kept packages found and opened | `package/opened` |
//! | rooms | [`source`] | gets a package (upload, path, GitHub, URL) and compares its SHA-256 with whatever was offered for it: by the call, a release, a `.sha256` file; releases and their tags | `source/package`, `source/github/` |
//! | | [`archive`] | reads and writes ZIP and tar: what an upload is by its size and first bytes, which headers, names and sizes are allowed (bombs), unpacking, packing | `archive/directory`, `archive/budget` |
//! | | [`author`] | what authors are told of their packages before there is a gestor: lints by name, how they weigh | `author/lint`, `author/row_lints` |
//! | | [`manifest`] | where in a package the plugin is, its name and version, which gestor and which plugins it asks for | `manifest/parse` |
//! | | [`dependencies`] | whether plugins that are needed are there, which versions go together, in which order; what a lock file says | `dependencies/check`, `dependencies/solve` |
//! | | [`resources`] | modules, descriptors, HTML and CSS of a package | `resources/read` |
//! | | [`retention`] | what of everything that is kept may go | `retention/decide` |
//! | | [`data`] | rows: which ones of the site a package means, who owns them (grants included), merging with what users changed; what stands in a conflict's row; rows that go (`absence`) and that are given back (`comeback`) | `data/plan/study`, `data/write/` |
//! | | [`history`] | the record of every operation, failed ones too | `history/entry`, `history/store` |
//! | | [`observe`] | what happened and how often: events, counters, metrics as others read them, the statistics of a month | `observe/event`, `observe/store` |
//! | | [`index`] | signed indices of plugins: which files are the publisher's own and the newest, what they say of a plugin, which version is meant; publishing one (the folder of packages of `pasta_indice` is [`package`]'s) | `index/fetch`, `index/choose` |
//! | | [`observe`] | the audit log: what was done or refused, in files of which can be shown that nothing was changed | `observe/audit/log`, `observe/audit/verify` |
//! | | [`ledger`] | what packages last brought to each row, as digests: what merging compares with | `ledger/entry` |
//! | | [`stage`] | files, written, named and synced: staging, journal, backups, kept packages, snapshots of rows, the exchange of the trees | `stage/swap`, `stage/snapshot` |
//! | | [`migrate`] | migrations: PHP runs them; here their text is read (can it be undone?), and what they made of the schema (facts) is remembered, dropped, copied out and written back | `migrate/readable`, `migrate/schema` |
//! | | [`settings`] | what a package says of its settings (JSON Schema), and how each value stands among the gestor's variables | `settings/form`, `settings/variable` |
//! | | [`scripts`] | post-installation scripts: PHP found and called in a process of its own, what is left of them, what they wrote | `scripts/run`, `scripts/pending` |
//! | | [`updates`] | updates that come by themselves: the decision and its sentence, what is remembered of it, how sources are asked and how a site is probed | `updates/decide`, `updates/standing` |
//! | | [`vault`] | the site's credentials: sealed rows, the key ring that opens them, what `cred_ref` means | `vault/envelope`, `vault/key_ring` |
//! | | [`registry`] | the row in `plugins`, and our own tables but those of `history` and `ledger`; the definitions of all | `registry/steps` |
//! | | [`trust`] | whether a package is believed: signatures, chains of certificates, what the operator asks for, what was withdrawn; makes signatures for authors | `trust/judgement`, `trust/policy` |
//! | base | [`base`] | would serve any program: what a file system, a network (TLS, authorities), a database can do; programs that run beside ours (`process`); JSON, hashes, secrets redacted out of texts | `base/fs/`, `base/net/`, `base/db/`, `base/process/` |
//! | | [`log`] | what an operator is told while an operation runs: progress, lines of the log | `log/reporter` |
//! | words | [`model`] | names, versions, digests, and every path on disk | `model/paths` |
//! | | [`outcome`] | exit codes by name and number, statuses, the shape of a report | `outcome/exit_code` |
//! | | [`config`] | parameters of calls and settings of the machine: read, checked, limits | `config/parameter`, the table of all; `config/site` |
//!
//! A room's `mod` is its map and holds no logic; `error` has what can go wrong in it, with the text in English, and `messages` that
//! in Portuguese; `phrases` has parts of texts in both (`texts_tests` reads all of them). Deciding is pure: a room's `mod` names the files that
//! read or write something. An operation that is more than one file has a folder (`ops/install/`).
//!
//! # What is on disk, and who owns it
//!
//! Every path comes from [`model::GestorRoot`] (`model/paths`). The owner decides what such a file is like and when it goes.
//!
//! | below the gestor | what | owner |
//! | --- | --- | --- |
//! | `plugins/<slug>/` | the installed tree, without `db/` | [`stage`], replaced in one step |
//! | `plugins/.instalado/<slug>` | SHA-256 of the package that the tree is made of | [`stage`] |
//! | `plugins/.instalado/<slug>.assets` | which files of `assets/` are the plugin's | [`stage`] |
//! | `assets/<module>/…`, `assets/<slug>/<module>/…`, `assets/plugins/<slug>/<version>/…` | files that the gestor serves | [`stage`], by what [`resources`] says |
//! | `assets/.plugins/<slug>/` | private, where `assets/` is a file system of its own: what is published next, or was; gone after each operation | [`stage`] |
//! | `plugins/_backups/<slug>-assets/` | published files that somebody wrote to, before they were replaced or removed | [`stage`] |
//! | `plugins/_backups/<slug>-<time>.{zip,tar.gz}` | the tree that an update replaced | [`stage`] |
//! | `plugins/.staging/<slug>/` | the new tree, where `temp/` is on another file system | [`stage`] |
//! | `temp/plugins/<slug>/` | private staging and the journal; gone after each operation | [`stage`] |
//! | `temp/plugins/.<slug>.dry/` | private folder of a dry run; gone after it | [`stage`] |
//! | `{temp/plugins,plugins/.staging,assets/.plugins}/.leftover-<slug>-<n>` | what could not be removed | [`stage`] |
//! | `temp/plugins/.conjunto-<digits>/` | private: packages that were taken out of a set; gone after it | [`stage`] |
//! | `temp/plugins/<slug>.lock` | the process lock | [`transaction`] |
//! | `temp/plugins/<slug>.{progress,cancel}` | how far the operation is that holds it, and which one is to stop; gone after it | [`stage`] |
//! | `temp/plugins/<slug>.arvore` | by what files of the installed tree are known to be untouched; can be lost at any time | [`stage`] |
//! | `temp/plugins/_indices/<name>/{<sha256>,consultado}` | files of signed indices, verified at each read, and when their server was asked last; can be lost at any time | [`index`] |
//! | `backups/plugins/<slug>/<version>.zip` | the kept package, with its `.sha256` | [`stage`] |
//! | `backups/plugins/bases.json` | the databases that use `plugins/`, and each plugin's point in them | [`stage`], written by [`transaction`] |
//! | `temp/plugins/.bases.lock` | the lock of that list | [`stage`] |
//! | `backups/plugins/plugins.lock.json`, `plugins-<digits>.lock.json` | what the database has, to the byte; that of another database of the tree | [`stage`], written by [`transaction`] |
//! | `temp/plugins/.plugins.lock` | the lock of that file | [`stage`] |
//! | `backups/plugins/servidor.id` | a random id of the machine with this tree | [`observe`] |
//! | `backups/plugins/_auditoria/<server>/` | the audit log: records, head, checkpoints | [`observe`] |
//! | `backups/plugins/<slug>/{adotados,orfaos-*}-<time>.json` | rows set aside | [`stage`], filled by [`data`] |
//! | `backups/plugins/<slug>/removido-<time>.zip` | what left the database with an uninstalled plugin | [`stage`], filled by [`transaction`] |
//! | `backups/plugins/<slug>/.vigiadas/` | private: what tables say before a migration takes something of them away, until it is in a copy | [`stage`], filled by the migrations' runner, emptied by [`transaction`] |
//! | `backups/plugins/<slug>/esquema-<time>.jsonl.gz` | what stood in tables and columns that were taken away | [`transaction`] |
//! | `logs/plugins/installer.log` | the operator's log | [`log`] |
//! | `logs/plugins/estatisticas-<month>.json` | how often plugins were installed and updated in a month, where the site counts that | [`stage`], by what [`observe`] says |
//! | `temp/plugins/.estatisticas.lock` | the lock of those files | [`stage`] |
//! | `autenticacoes/<domain>/plugins/chaves` | the key ring: keys of the site's credentials | [`vault`] |
//! | `db/data/` | the gestor's contracts and core rows, where it still has them: read only | [`data`] |
//!
//! # What is in the database, and who owns it
//!
//! "Base" is always what packages brought (`gestor_plugins_base`), but for the module [`base`]; a plugin's "point" is what
//! an operation installed, by the operation's number in the history; values "set aside" gave way and can be had back.
//!
//! | table | what | owner |
//! | --- | --- | --- |
//! | `plugins` | one row a plugin: version, checksum, manifest, status | [`registry`] |
//! | `gestor_plugins_esquema` | one row: which database this is, and which library may write our tables | [`registry`] |
//! | `gestor_plugins_operacoes` | a row from the commit of an operation until its journal is closed | [`registry`] |
//! | `gestor_plugins_estado` | a row a plugin: its current point, and what its row in `plugins` has no place for | [`registry`] |
//! | `gestor_plugins_conflitos` | what waits for a decision (`ops/resolve` carries it out), and what was decided | [`registry`] |
//! | `gestor_plugins_guardados` | values that gave way | [`registry`] |
//! | `gestor_plugins_ajustes` | the site's settings | [`registry`] |
//! | `gestor_plugins_indices` | what was last believed of each signed index | [`index`], defined in [`registry`] |
//! | `gestor_plugins_versoes` | the packages that were ever installed: when first, signed by whom | [`trust`] |
//! | `gestor_plugins_auditoria` | checkpoints of audit logs: sizes and roots | [`observe`], defined in [`registry`] |
//! | `gestor_plugins_historico` | a row an operation | [`history`] |
//! | `gestor_plugins_eventos` | a row for what happened and is no operation | [`observe`] |
//! | `gestor_plugins_contadores` | how often what happened to each plugin, and how long it took | [`observe`] |
//! | `gestor_plugins_base` | what packages last brought to each row, as digests | [`ledger`] |
//! | `gestor_plugins_atualizacoes` | a row a plugin: what an operator wants of its updates, and where it is on its way to a newer version | [`updates`], defined in [`registry`] |
//! | `gestor_plugins_fontes` | the last list of releases of each repository, and when it may be asked for again | [`updates`], defined in [`registry`] |
//! | `plugins_credenciais` | the site's credentials, sealed | [`vault`] |
//! | the gestor's own tables | the plugin's rows, by their `plugin` column; grants of its modules | [`data`] |
//! | `phinxlog_<slug>` | applied migrations | the migrations' runner in PHP |

#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        reason = "tests put things in the way that the house would not make"
    )
)]

pub mod archive;
pub mod author;
pub mod base;
pub mod config;
pub mod data;
pub mod dependencies;

pub mod ffi;
pub mod history;
pub mod index;
pub mod ledger;
pub mod log;
pub mod manifest;
pub mod migrate;
pub mod model;
pub mod native;
pub mod observe;
pub mod ops;
pub mod outcome;
pub mod package;
pub mod registry;
pub mod resources;
pub mod retention;
pub mod scripts;
pub mod settings;
pub mod source;
pub mod stage;
#[cfg(test)]
mod texts_tests;
pub mod transaction;
pub mod trust;
pub mod updates;
pub mod vault;

pub use ops::Error;
