//! Fills in what stands in files: HTML and CSS of a descriptor's rows, and checksums that rows do not bring (SPEC §7).
//! The one file of the room that opens files; two threads read, because unpacking and hashing are all that it costs.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::Arc;

use super::checksum::{self, ResourceChecksum};
use super::descriptor::DescribedRow;
use super::error::Faults;
use super::fields::{is_unsaid, text_of};
use super::resource_files::{DEFAULT_LANGUAGE, ResourceFiles, ResourceTree, Wanted};
use super::{Module, ResourceError, ResourceFault, ResourceKind};
use crate::base::file_tree::FileTree;
use crate::base::hash::{sha256, sha256_through};
use crate::base::json::Position;
use crate::config::Limits;
use crate::model::{Field, PackageRow, RowOrigin, Sha256Digest};

/// Fewer files than this are not worth a thread.
const WORTH_A_THREAD: usize = 32;

/// Gives rows of data files the checksum of their files where they bring none; the number of rows that got one. Rows
/// of other tables than layouts, pages and components have no files.
pub fn fill_checksums(
    tree: &dyn FileTree,
    modules: &[Module],
    table: &str,
    rows: &mut [PackageRow],
    known: &mut KnownDigests,
) -> Result<usize, ResourceError> {
    let Some(kind) = ResourceKind::of_table(table).filter(|kind| kind.has_content()) else {
        return Ok(0);
    };
    let places = ResourceTree::new(tree, modules);
    let jobs: Vec<(usize, ResourceFiles)> = rows
        .iter()
        .enumerate()
        .filter(|(_, row)| checksum::is_blank(row.get("checksum")))
        .filter_map(|(at, row)| Some((at, place_of(row, kind, &places)?)))
        .collect();
    let name: Arc<str> = Arc::from("checksum");
    let count = jobs.len();
    known.learn(tree, &jobs)?;
    for (at, place) in &jobs {
        let checksum = ResourceChecksum::new(known.get(place.html.as_ref()), known.get(place.css.as_ref()));
        if let Some(checksum) = checksum {
            rows[*at].set(&name, Field::Json(checksum.to_json()));
        }
    }
    Ok(count)
}

/// Digests of files that were read already: however many rows mean a file, it is read once.
#[derive(Debug, Default)]
pub struct KnownDigests(HashMap<String, Option<Sha256Digest>>);

impl KnownDigests {
    fn learn(&mut self, tree: &dyn FileTree, jobs: &[(usize, ResourceFiles)]) -> Result<(), ResourceError> {
        let paths = jobs.iter().flat_map(|(_, place)| [&place.html, &place.css]).flatten();
        let unknown: BTreeSet<&String> = paths.filter(|path| !self.0.contains_key(*path)).collect();
        let unknown: Vec<&String> = unknown.into_iter().collect();
        let digests = in_parallel(&unknown, |paths| hash_all(tree, paths));
        for (path, digest) in unknown.into_iter().zip(digests) {
            self.0.insert(path.clone(), digest?);
        }
        Ok(())
    }

    fn get(&self, path: Option<&String>) -> Option<Sha256Digest> {
        self.0.get(path?).copied().flatten()
    }
}

/// What the HTML and CSS of all descriptors together may still have: rows keep their content, and many rows may mean
/// one file.
#[derive(Debug)]
pub(super) struct ContentBudget {
    left: u64,
    limit: u64,
    file: u64,
}

impl ContentBudget {
    pub(super) fn new(limits: &Limits) -> Self {
        let limit = limits.text_bytes.saturating_mul(4);
        Self {
            left: limit,
            limit,
            file: limits.text_bytes,
        }
    }

    /// Counts the files of a resource before they are read. Told once where they are too many.
    fn admits(&mut self, tree: &dyn FileTree, place: &ResourceFiles, faults: &mut Faults) -> bool {
        for path in [&place.html, &place.css].into_iter().flatten() {
            let bytes = tree.size(path).unwrap_or(0);
            let (bytes, limit) = if bytes > self.file {
                (bytes, self.file)
            } else if bytes > self.left {
                (self.limit - self.left + bytes, self.limit)
            } else {
                self.left -= bytes;
                continue;
            };
            let path = path.clone();
            faults.add(|| ResourceFault::TooLarge { path, bytes, limit });
            return false;
        }
        true
    }
}

/// Gives a descriptor's rows their content and checksum, and marks those that have no content.
pub(super) fn fill_content(
    tree: &dyn FileTree,
    places: &ResourceTree<'_>,
    kind: ResourceKind,
    rows: &mut [DescribedRow<'_>],
    budget: &mut ContentBudget,
    faults: &mut Faults,
) -> Result<(), ResourceError> {
    if !kind.has_content() {
        return Ok(());
    }
    let names = Names {
        html: Arc::from("html"),
        css: Arc::from("css"),
        checksum: Arc::from("checksum"),
    };
    let mut jobs = Vec::new();
    for (at, found) in rows.iter_mut().enumerate() {
        match place_of(&found.row, kind, places).or_else(|| place_at_home(found, kind, places)) {
            Some(place) if budget.admits(tree, &place, faults) => jobs.push((at, place)),
            Some(_) => {}
            None => mark_blank(&mut found.row),
        }
    }
    let loaded = in_parallel(&jobs, |jobs| {
        jobs.iter().map(|(_, place)| Loaded::read(tree, place)).collect()
    });
    for ((at, place), loaded) in jobs.iter().zip(loaded) {
        set_content(&mut rows[*at].row, place, loaded?, &names, faults);
    }
    Ok(())
}

fn place_of(row: &PackageRow, kind: ResourceKind, places: &ResourceTree<'_>) -> Option<ResourceFiles> {
    places.find(Wanted {
        kind,
        id: text_of(row, "id")?,
        language: text_of(row, "language")
            .or_else(|| text_of(row, "linguagem_codigo"))
            .unwrap_or(DEFAULT_LANGUAGE),
        module: text_of(row, "modulo").or_else(|| text_of(row, "module")),
    })
}

/// A row that is given to another module still has its files where its descriptor is.
fn place_at_home(found: &DescribedRow<'_>, kind: ResourceKind, places: &ResourceTree<'_>) -> Option<ResourceFiles> {
    let (_, name) = found.home?.split_once('/')?;
    places.find(Wanted {
        kind,
        id: text_of(&found.row, "id")?,
        language: text_of(&found.row, "language")?,
        module: Some(name),
    })
}

/// A descriptor's row without any content says nothing about it, so that an existing row keeps its own. The legacy file
/// describes whole rows and is left as it is.
fn mark_blank(row: &mut PackageRow) {
    let RowOrigin::Module { blank } = &mut row.origin else {
        return;
    };
    let has_html = row
        .fields
        .iter()
        .any(|(name, field)| &**name == "html" && !is_unsaid(Some(field)));
    if has_html {
        return;
    }
    *blank = true;
    row.fields.retain(|(name, field)| match &**name {
        "html" | "css" => !is_unsaid(Some(field)),
        "checksum" => !checksum::is_blank(Some(field)),
        _ => true,
    });
}

/// The names of the fields that are filled in, shared by all rows.
struct Names {
    html: Arc<str>,
    css: Arc<str>,
    checksum: Arc<str>,
}

/// What the files of one resource hold.
#[derive(Debug, Default)]
struct Loaded {
    html: Option<Vec<u8>>,
    css: Option<Vec<u8>>,
    checksum: Option<ResourceChecksum>,
}

impl Loaded {
    fn read(tree: &dyn FileTree, place: &ResourceFiles) -> Result<Self, ResourceError> {
        let bytes = |path: &Option<String>| {
            let Some(path) = path else { return Ok(None) };
            let mut bytes = tree.read(path).map_err(|source| unreadable(path, source))?;
            // The row keeps these bytes until the end; reading leaves room for as many again.
            bytes.iter_mut().for_each(Vec::shrink_to_fit);
            Ok(bytes)
        };
        let (html, css) = (bytes(&place.html)?, bytes(&place.css)?);
        let digest = |bytes: &Option<Vec<u8>>| bytes.as_deref().map(sha256);
        let checksum = ResourceChecksum::new(digest(&html), digest(&css));
        Ok(Self { html, css, checksum })
    }
}

/// What the row says itself counts before its files. A file that is missing beside an HTML file says that there is no
/// such content; without an HTML file the row's own HTML is not touched.
fn set_content(row: &mut PackageRow, place: &ResourceFiles, loaded: Loaded, names: &Names, faults: &mut Faults) {
    let parts = [
        (&names.html, &place.html, loaded.html),
        (&names.css, &place.css, loaded.css),
    ];
    for (name, path, bytes) in parts {
        if !is_unsaid(row.get(name)) {
            continue;
        }
        match (path, bytes) {
            (Some(path), Some(bytes)) => match String::from_utf8(bytes) {
                Ok(text) => row.set(name, Field::Text(text)),
                Err(fault) => faults.add(|| ResourceFault::NotUtf8 {
                    path: path.clone(),
                    at: Position::of(fault.as_bytes(), fault.utf8_error().valid_up_to()),
                }),
            },
            _ if Arc::ptr_eq(name, &names.css) => row.set(name, Field::Null),
            _ => row.fields.retain(|(found, _)| found != name),
        }
    }
    if checksum::is_blank(row.get("checksum"))
        && let Some(checksum) = loaded.checksum
    {
        row.set(&names.checksum, Field::Json(checksum.to_json()));
    }
}

type Hashed = Result<Option<Sha256Digest>, ResourceError>;

fn hash_all(tree: &dyn FileTree, paths: &[&String]) -> Vec<Hashed> {
    let mut buffer = vec![0; 64 * 1024];
    paths.iter().map(|path| hash(tree, path, &mut buffer)).collect()
}

fn hash(tree: &dyn FileTree, path: &str, buffer: &mut [u8]) -> Hashed {
    let reader = tree.open(path).map_err(|source| unreadable(path, source))?;
    let digest = reader.map(|reader| sha256_through(reader, buffer)).transpose();
    Ok(digest
        .map_err(|source| unreadable(path, source))?
        .map(|(digest, _)| digest))
}

fn unreadable(path: &str, source: io::Error) -> ResourceError {
    ResourceError::Unreadable {
        path: path.to_owned(),
        source,
    }
}

/// Does one half of the jobs on another thread; results keep the order of the jobs.
fn in_parallel<J: Sync, T: Send>(jobs: &[J], work: impl Fn(&[J]) -> Vec<T> + Sync) -> Vec<T> {
    if jobs.len() < WORTH_A_THREAD {
        return work(jobs);
    }
    let (first, second) = jobs.split_at(jobs.len() / 2);
    std::thread::scope(|scope| {
        // Where the system refuses a thread, this one does it all.
        let other = std::thread::Builder::new().spawn_scoped(scope, || work(second));
        let mut done = work(first);
        match other.map(std::thread::ScopedJoinHandle::join) {
            Ok(Ok(rest)) => done.extend(rest),
            Ok(Err(panic)) => std::panic::resume_unwind(panic),
            Err(_) => done.extend(work(second)),
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::file_tree::MemoryTree;

    fn row(fields: &[(&str, Field)]) -> PackageRow {
        PackageRow {
            source: Arc::from("db/data/PaginasData.json"),
            number: 1,
            origin: RowOrigin::DataFile,
            fields: fields
                .iter()
                .map(|(name, field)| (Arc::from(*name), field.clone()))
                .collect(),
        }
    }

    fn text(text: &str) -> Field {
        Field::Text(text.to_owned())
    }

    fn checksum(html: Option<&str>, css: Option<&str>) -> String {
        let digest = |text: Option<&str>| text.map(|text| sha256(text.as_bytes()));
        ResourceChecksum::new(digest(html), digest(css)).unwrap().to_json()
    }

    #[test]
    fn data_rows_get_the_checksum_that_they_lack() {
        let tree = MemoryTree::of_texts(&[
            ("pages/a.html", "A"),
            ("resources/en/pages/b/b.css", "B"),
            ("resources/pt-br/pages/c/c.html", "C"),
            ("modules/Mod/resources/en/pages/d/d.html", "D"),
            ("modules/Mod/resources/en/pages/d/d.css", "d"),
        ]);
        let modules = Module::all(tree.paths());
        let blank = Field::Json(r#"{"html":"","css":"","combined":""}"#.to_owned());
        let mut rows = [
            row(&[("id", text("a")), ("html", text("inline"))]),
            row(&[
                ("id", text("b")),
                ("linguagem_codigo", text("en")),
                ("checksum", Field::Null),
            ]),
            row(&[("id", text("c")), ("checksum", blank)]),
            row(&[("id", text("d")), ("language", text("en")), ("modulo", text("mod"))]),
            row(&[("id", text("a")), ("checksum", text("kept"))]),
            row(&[("id", text("none"))]),
            row(&[("nome", text("no id"))]),
        ];
        assert_eq!(
            fill_checksums(&tree, &modules, "paginas", &mut rows, &mut KnownDigests::default()).unwrap(),
            4
        );
        let json = |text: String| Some(Field::Json(text));
        let expected = [
            json(checksum(Some("A"), None)),
            json(checksum(None, Some("B"))),
            json(checksum(Some("C"), None)),
            json(checksum(Some("D"), Some("d"))),
            Some(text("kept")),
            None,
            None,
        ];
        for (row, expected) in rows.iter().zip(expected) {
            assert_eq!(row.get("checksum"), expected.as_ref(), "{row:?}");
        }
        assert_eq!(rows[0].get("html"), Some(&text("inline")));
        assert_eq!(rows[2].get("html"), None);
        for other in ["layouts", "variaveis", "modulos"] {
            let mut rows = [row(&[("id", text("a"))])];
            assert_eq!(
                fill_checksums(&tree, &modules, other, &mut rows, &mut KnownDigests::default()).unwrap(),
                0,
                "{other}"
            );
        }
    }

    #[test]
    fn many_rows_keep_their_order_over_two_threads() {
        let count = WORTH_A_THREAD * 3 + 1;
        let files: Vec<(String, Vec<u8>)> = (0..count)
            .map(|at| (format!("layouts/l{at}.html"), at.to_string().into_bytes()))
            .collect();
        let tree = MemoryTree::new(files);
        let mut rows: Vec<PackageRow> = (0..count).map(|at| row(&[("id", text(&format!("l{at}")))])).collect();
        assert_eq!(
            fill_checksums(&tree, &[], "layouts", &mut rows, &mut KnownDigests::default()).unwrap(),
            count
        );
        for (at, row) in rows.iter().enumerate() {
            let expected = checksum(Some(&at.to_string()), None);
            assert_eq!(row.get("checksum"), Some(&Field::Json(expected)));
        }
    }
}
