//! What can be wrong with a manifest, in words that its author can act on. Values only.

use std::io;

use crate::base::json::{JsonFault, JsonType, Position};
use crate::model::{RangeError, SlugError, VersionError};

/// Why a package has no usable manifest. All are exit class VALIDATE, save `Unreadable`, which is the archive's or the
/// disk's fault.
#[derive(Debug, thiserror::Error)]
pub enum ManifestError {
    /// No `manifest.json` within three folders.
    #[error(
        "the package has no manifest.json in its root or up to three folders below: put one with `id`, `name` and \
         `version` beside the plugin's folders (`db/`, `modules/`, …)"
    )]
    Missing,
    /// Several at the same depth, and none is the plugin that was asked for.
    #[error(
        "the package has several manifest.json at the same depth and none has the id {slug:?}: {}: ask for one of \
         these ids, or pack the plugin alone",
        shown(candidates)
    )]
    Ambiguous {
        /// The plugin that was asked for.
        slug: String,
        /// Path and id of each; no id where it cannot be read.
        candidates: Vec<(String, Option<String>)>,
    },
    /// It does not say which plugin it is, and the call does not either.
    #[error("{path}: no `id` that can be read: give it one, or name the plugin in the call (`slug`)")]
    Unnamed {
        /// The manifest's path in the package.
        path: String,
    },
    /// More bytes than the column takes.
    #[error("{path}: larger than {limit} bytes: shorten it, the gestor stores the whole manifest")]
    TooLarge {
        /// The manifest's path in the package.
        path: String,
        /// The most bytes.
        limit: usize,
    },
    /// The package could not be read there.
    #[error("{path}: cannot be read from the package: {source}")]
    Unreadable {
        /// The manifest's path in the package.
        path: String,
        /// What the archive or the disk said.
        source: io::Error,
    },
    /// Everything that is wrong with its content, at once.
    #[error("{}", joined(path, faults))]
    Faults {
        /// The manifest's path in the package.
        path: String,
        /// At least one.
        faults: Vec<ManifestFault>,
    },
}

fn shown(candidates: &[(String, Option<String>)]) -> String {
    let shown: Vec<String> = candidates
        .iter()
        .take(10)
        .map(|(path, id)| match id {
            Some(id) => format!("{path} ({id:?})"),
            None => format!("{path} (no readable id)"),
        })
        .collect();
    shown.join(", ")
}

fn joined(path: &str, faults: &[ManifestFault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("{path}: {fault}")).collect();
    lines.join("; ")
}

/// One thing that is wrong with a manifest's content.
#[derive(Debug, thiserror::Error)]
pub enum ManifestFault {
    /// Not UTF-8 or not JSON.
    #[error(transparent)]
    Json(#[from] JsonFault),
    /// JSON, but no object.
    #[error("{at}: must be one JSON object with `id`, `name` and `version`, found {found}")]
    NotAnObject {
        /// Where.
        at: Position,
        /// What stands there.
        found: JsonType,
    },
    /// A required key is absent, null or empty.
    #[error("`{key}` is missing: add it, for example \"{key}\": {example:?}")]
    Missing {
        /// The key.
        key: &'static str,
        /// What could stand there.
        example: String,
    },
    /// A value of the wrong type.
    #[error("{at}: `{key}` must be a text in quotes, found {found}")]
    WrongType {
        /// Where.
        at: Position,
        /// The key as it was written.
        key: String,
        /// What stands there.
        found: JsonType,
    },
    /// No epoch.
    #[error("{at}: `{key}` must be a whole number from 0 to 2147483647, found {found}")]
    Epoch {
        /// Where.
        at: Position,
        /// The key as it was written.
        key: String,
        /// What stands there.
        found: JsonType,
    },
    /// Longer than its column.
    #[error("{at}: `{key}` has {length} characters, at most {limit} fit: shorten it")]
    TooLong {
        /// Where.
        at: Position,
        /// The key as it was written.
        key: String,
        /// Characters found.
        length: usize,
        /// Characters that fit.
        limit: usize,
    },
    /// A line break, NUL or other control character.
    #[error("{at}: `{key}` has a control character: write it as one line of plain text")]
    ControlCharacter {
        /// Where.
        at: Position,
        /// The key as it was written.
        key: String,
    },
    /// Not x.y.z, or too large.
    #[error("{at}: `{key}`: {source}")]
    Version {
        /// Where.
        at: Position,
        /// The key as it was written.
        key: String,
        /// What is wrong with it.
        source: VersionError,
    },
    /// What the plugin says to need.
    #[error("{at}: `dependencies`: {fault}")]
    Dependency {
        /// Where.
        at: Position,
        /// What is wrong with it.
        fault: DependencyFault,
    },
    /// Where the plugin writes is not said as it should be.
    #[error(
        "{at}: `gravaveis` must be a list of files and folders below the plugin's own, such as [\"cache/*\", \"state.json\"]"
    )]
    Writable {
        /// Where.
        at: Position,
    },
    /// What the plugin wants run.
    #[error("{at}: `{key}`: {fault}")]
    Script {
        /// Where.
        at: Position,
        /// The key as it was written.
        key: String,
        /// What is wrong with it.
        fault: ScriptFault,
    },
    /// A name that means the gestor or PHP where plugins say what they need.
    #[error("{at}: `id` is {id:?}, which means something else where plugins say what they need: choose another")]
    ReservedId {
        /// Where.
        at: Position,
        /// The manifest's id.
        id: String,
    },
    /// The package is another plugin than the one that was asked for.
    #[error("{at}: the package is the plugin {id:?}, not {slug:?}: install it with the id {id:?}, or correct `id`")]
    OtherPlugin {
        /// Where.
        at: Position,
        /// The manifest's id.
        id: String,
        /// The plugin that was asked for.
        slug: String,
    },
}

/// What is wrong with what a plugin says to need.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DependencyFault {
    /// Neither a map nor a list.
    #[error(
        "must be an object of ids and ranges, {{\"p1\": \"^1.2\"}}, or a list of {{\"id\": \"p1\", \"range\": \"^1.2\"}}, found {found}"
    )]
    Form {
        /// What stands there.
        found: JsonType,
    },
    /// An entry of a list that does not say what it needs.
    #[error("an entry needs the id of what the plugin needs: {{\"id\": \"p1\", \"range\": \"^1.2\"}}")]
    WithoutId,
    /// What is needed has no name that a plugin can have.
    #[error("{source}")]
    Id {
        /// What is wrong with it.
        source: SlugError,
    },
    /// A range that is neither a text nor a number.
    #[error("{id}: the versions must be a text such as \"^1.2\", found {found}")]
    RangeType {
        /// What is needed.
        id: String,
        /// What stands there.
        found: JsonType,
    },
    /// No range.
    #[error("{id}: {source}")]
    Range {
        /// What is needed.
        id: String,
        /// What is wrong with it.
        source: RangeError,
    },
    /// The plugin's own id.
    #[error("{id} is the plugin itself: take the entry out")]
    Itself {
        /// The id as it was written.
        id: String,
    },
    /// Bounds, or an id that stands there twice, that leave no version.
    #[error("{id}: no version is in both {first:?} and {second:?}: correct one of them")]
    Disjoint {
        /// What is needed.
        id: String,
        /// The versions, of the earlier ones.
        first: String,
        /// The versions, of the last one.
        second: String,
    },
}

/// What is wrong with what a plugin wants run.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScriptFault {
    /// No list.
    #[error("must be a list of paths, [\"scripts/a.php\"], found {found}")]
    NoList {
        /// What stands there.
        found: JsonType,
    },
    /// More than anybody wants.
    #[error("more than {limit} scripts: call them from fewer")]
    TooMany {
        /// How many there may be.
        limit: usize,
    },
    /// Neither a path nor an object.
    #[error(
        "an entry must be a path or {{\"script\": \"scripts/a.php\", \"timeout\": 60, \"on_error\": \"parar\"}}, found {found}"
    )]
    Form {
        /// What stands there.
        found: JsonType,
    },
    /// An object that does not say what to run.
    #[error("an entry needs the path of its script: {{\"script\": \"scripts/a.php\"}}")]
    WithoutScript,
    /// Absolute, or above the plugin.
    #[error("{path:?} leaves the plugin's folder: write the path below it, such as \"scripts/a.php\"")]
    Outside {
        /// As it was written.
        path: String,
    },
    /// Not a name of a PHP file.
    #[error("{path:?} is no PHP file: name one, such as \"scripts/a.php\"")]
    NoPhp {
        /// As it was written.
        path: String,
    },
    /// In the folder that is not installed.
    #[error("{path:?} would not be there: db/ is not installed, put the script into another folder")]
    NotInstalled {
        /// The path.
        path: String,
    },
    /// The package has no such file.
    #[error("{path:?} is no file of the package: put it there, or take the entry out")]
    Absent {
        /// The path.
        path: String,
    },
    /// No time.
    #[error("`timeout` is {found}; allowed: a whole number of seconds from 1 to 600")]
    Timeout {
        /// As it was written.
        found: String,
    },
    /// No such word.
    #[error("`on_error` is {found}; allowed: \"parar\", \"continuar\"")]
    OnError {
        /// As it was written.
        found: String,
    },
}

/// What an author or operator should know, though it stops nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestWarning {
    /// The installed plugin already had this other id.
    #[error("{path}: `id` is {id:?} though the plugin is installed as {slug:?}, as before: use one name")]
    KnownOtherId {
        /// The manifest's path in the package.
        path: String,
        /// The manifest's id.
        id: String,
        /// The plugin.
        slug: String,
    },
    /// The id is the slug only after normalization.
    #[error("{path}: `id` is {id:?}, which the gestor stores as {slug:?}: write it that way")]
    NormalizedId {
        /// The manifest's path in the package.
        path: String,
        /// The manifest's id.
        id: String,
        /// The plugin.
        slug: String,
    },
    /// A form of `compatibility` that is not understood; it limits nothing.
    #[error(
        "{path}: {at}: `{key}` is not understood ({found}) and limits nothing: write \"compatibility\": {{\"min\": \
         \"1.0.0\", \"max\": \"2.x\"}}"
    )]
    Compatibility {
        /// The manifest's path in the package.
        path: String,
        /// Where.
        at: Position,
        /// `compatibility`, or a key in it.
        key: String,
        /// What stands there, shortened.
        found: String,
    },
}
