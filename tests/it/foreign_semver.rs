//! Ranges as npm reads them: node-semver's own fixtures (`tests/fixtures/semver`, ISC), but those of increments and
//! truncations, which nobody here does. Rows that the reader of ranges takes otherwise stand in `differences.txt`, so that a
//! change of it shows: npm's `loose` reading, which it has not; versions before a release in ranges of `includePrerelease`;
//! empty ranges; build marks behind an `x`. Where an author may write such a range (`~x`, `1.0 - x`), ours is read before it.

use std::fs;

use gestor_plugins::model::{Release, VersionRange};
use nodejs_semver::{Range, Version};
use serde_json::Value;

fn rows(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/fixtures/semver/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn text(row: &Value, at: usize) -> &str {
    row[at].as_str().unwrap_or_default()
}

/// Versions before a release count like others.
fn before_releases(row: &Value) -> bool {
    let options = row.as_array().unwrap().last().unwrap();
    options["includePrerelease"].as_bool() == Some(true)
}

fn range(text: &str) -> Option<Range> {
    Range::parse(text).ok()
}

fn version(text: &str) -> Option<Version> {
    Version::parse(text).ok()
}

fn satisfies(row: &Value) -> Option<bool> {
    Some(version(text(row, 1))?.satisfies_with_prerelease(&range(text(row, 0))?, before_releases(row)))
}

/// Whether a row says what the reader says.
fn agrees(name: &str, row: &Value) -> bool {
    let both = || Some((version(text(row, 0))?, version(text(row, 1))?));
    match name {
        "comparisons" => both().is_some_and(|(greater, less)| greater > less),
        "equality" => both().is_some_and(|(one, other)| one == other),
        "invalid-versions" => !row[0].is_string() || version(text(row, 0)).is_none(),
        "valid-versions" => version(text(row, 0)).is_some_and(|version| {
            (Some(version.major()), Some(version.minor()), Some(version.patch()))
                == (row[1].as_u64(), row[2].as_u64(), row[3].as_u64())
        }),
        "range-include" => satisfies(row) == Some(true),
        "range-exclude" => satisfies(row) != Some(true),
        "range-parse" => match row[1].as_str() {
            None => range(text(row, 0)).is_none(),
            Some(canonical) => range(text(row, 0)).is_some_and(|found| Some(found) == range(canonical)),
        },
        "range-intersection" | "comparator-intersection" => {
            let (one, other) = (range(text(row, 0)), range(text(row, 1)));
            one.zip(other)
                .is_some_and(|(one, other)| Some(one.allows_any(&other)) == row[2].as_bool())
        }
        // Whether a version lies outside, on one side.
        _ => outside(name, row),
    }
}

fn outside(name: &str, row: &Value) -> bool {
    use nodejs_semver::OutsideDirection::{Higher, Lower};
    let side = if name.contains("gt") { Higher } else { Lower };
    let (Some(range), Some(version)) = (range(text(row, 0)), version(text(row, 1))) else {
        return name.contains("not");
    };
    range.outside(&version, side, before_releases(row)) == Ok(!name.contains("not"))
}

#[test]
fn ranges_are_read_as_npm_reads_them() {
    let (mut all, mut differing) = (0, Vec::new());
    for name in [
        "comparator-intersection",
        "comparisons",
        "equality",
        "invalid-versions",
        "range-exclude",
        "range-include",
        "range-intersection",
        "range-parse",
        "valid-versions",
        "version-gt-range",
        "version-lt-range",
        "version-not-gt-range",
        "version-not-lt-range",
    ] {
        for row in rows(name) {
            all += 1;
            if !agrees(name, &row) {
                differing.push(format!("{name} {row}"));
            }
        }
    }
    assert_eq!(all, 822);
    let path = format!("{}/tests/fixtures/semver/differences.txt", env!("CARGO_MANIFEST_DIR"));
    let stated = fs::read_to_string(path).unwrap();
    assert_eq!(differing, stated.lines().collect::<Vec<_>>());
}

#[test]
fn ranges_are_sets_of_releases_as_npm_means_them() {
    let mut plain = 0;
    for (name, inside) in [("range-include", true), ("range-exclude", false)] {
        for row in rows(name) {
            let is_release = |text: &str| {
                text.trim_start_matches('v').split('.').count() == 3
                    && text
                        .trim_start_matches('v')
                        .split('.')
                        .all(|part| part.parse::<u64>().is_ok())
            };
            let is_plain =
                row.as_array().unwrap().len() == 2 || row[2].as_object().is_some_and(serde_json::Map::is_empty);
            if !is_plain || !is_release(text(&row, 1)) {
                continue;
            }
            plain += 1;
            let release = Release::leading(text(&row, 1)).unwrap();
            let admits = text(&row, 0)
                .parse::<VersionRange>()
                .is_ok_and(|range| range.admits(release));
            assert_eq!(admits, inside, "{row}");
        }
    }
    assert_eq!(plain, 138);
}
