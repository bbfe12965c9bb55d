//! Whether our sets are those of other resolvers: the cases that `CocoaPods` and Bundler share (`GESTOR_TEST_COCOAPODS` names the
//! git folder of `CocoaPods/Resolver-Integration-Specs`), and the plain ones of pub's own tests (`GESTOR_TEST_PUB`, of
//! `dart-lang/pub`), read from their repositories and converted while the test runs.
//!
//! Versions of gems become numbers in the order in which `RubyGems` has them. What needs itself in a circle is a set there and
//! none here.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use gestor_plugins::dependencies::{Candidate, NoSet, Problem, Reason, Standing, Wish, solve};
use gestor_plugins::model::{Component, Dependency, Release, Slug, VersionRange};
use serde_json::Value;

use crate::support::told;

/// The states of the repositories that the numbers below are of.
const COCOAPODS: &str = "13a6c2e";
const PUB: &str = "ec276d1";

/// Cases with more than one answer, of which Bundler prefers another one: ours is looked at, whether it is a set.
const CHOICES: [&str; 3] = [
    "case/complex_conflict_unwinding.json",
    "case/complex_package_selection.json",
    "case/pruned_unresolved_orphan.json",
];

/// Whether what is found has all that is asked for and needed.
fn is_set(problem: &Problem) -> bool {
    let Ok(found) = solve(problem) else { return false };
    let is_in = |slug: &Slug, takes: &dyn Fn(Release) -> bool| found.versions.get(slug).is_some_and(|one| takes(*one));
    let has = |need: &Dependency| match &need.on {
        Component::Plugin(slug) => is_in(slug, &|release| need.range.admits(release)),
        Component::Gestor | Component::Php => false,
    };
    let candidates = found
        .versions
        .iter()
        .map(|(slug, release)| problem.candidate(slug, *release).unwrap());
    let mut wanted = problem.wanted.iter();
    wanted.all(|(slug, wish)| is_in(slug, &|release| wish.range.contains(&release)))
        && candidates
            .into_iter()
            .all(|candidate| candidate.dependencies.iter().all(has))
}

fn git(repository: &Path, arguments: &[&str]) -> String {
    let shown = Command::new("git")
        .arg("-C")
        .arg(repository)
        .args(arguments)
        .output()
        .unwrap();
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    String::from_utf8(shown.stdout).unwrap()
}

fn file(repository: &Path, commit: &str, name: &str) -> String {
    git(repository, &["show", &format!("{commit}:{name}")])
}

/// A text of JSON in which lines of comment stand.
fn json(text: &str) -> Value {
    let lines = text.lines().map(|line| line.split("//").next().unwrap_or_default());
    let without = lines.collect::<Vec<_>>().join("\n");
    serde_json::from_str(&without)
        .or_else(|_| serde_json::from_str(text))
        .unwrap()
}

/// A gem's version: numbers and words.
#[derive(Debug, Clone, PartialEq, Eq)]
struct GemVersion(Vec<Result<u64, String>>);

impl GemVersion {
    fn of(text: &str) -> Self {
        let mut parts = Vec::new();
        let text = text.trim().replace('-', ".pre.");
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let mut rest = part;
            while !rest.is_empty() {
                let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
                let end = rest
                    .find(|c: char| c.is_ascii_digit() != is_number)
                    .unwrap_or(rest.len());
                let (one, after) = rest.split_at(end);
                parts.push(one.parse::<u64>().map_err(|_| one.to_owned()));
                rest = after;
            }
        }
        while parts.last() == Some(&Ok(0)) && parts.len() > 1 {
            parts.pop();
        }
        Self(parts)
    }

    fn is_before_release(&self) -> bool {
        self.0.iter().any(Result::is_err)
    }

    /// What `~>` is bounded by.
    fn bumped(text: &str) -> Self {
        let numbers: Vec<u64> = text.trim().split('.').map_while(|part| part.parse().ok()).collect();
        let mut kept = numbers[..numbers.len().saturating_sub(1).max(1)].to_vec();
        *kept.last_mut().unwrap() += 1;
        Self(kept.into_iter().map(Ok).collect())
    }
}

impl PartialOrd for GemVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for GemVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = Ok(0);
        for at in 0..self.0.len().max(other.0.len()) {
            let (one, two) = (self.0.get(at).unwrap_or(&zero), other.0.get(at).unwrap_or(&zero));
            let order = match (one, two) {
                (Ok(one), Ok(two)) => one.cmp(two),
                (Err(one), Err(two)) => one.cmp(two),
                (Ok(_), Err(_)) => Ordering::Greater,
                (Err(_), Ok(_)) => Ordering::Less,
            };
            if order != Ordering::Equal {
                return order;
            }
        }
        Ordering::Equal
    }
}

/// Whether a gem's version is one that is asked for.
fn is_asked(requirement: &str, version: &GemVersion) -> bool {
    let parts = requirement.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts.into_iter().all(|part| {
        let end = part.find(|c: char| !"~<>=! ".contains(c)).unwrap_or(part.len());
        let (operator, text) = (part[..end].trim(), &part[end..]);
        let bound = GemVersion::of(text);
        match operator {
            "~>" => *version >= bound && *version < GemVersion::bumped(text),
            ">=" => *version >= bound,
            "<=" => *version <= bound,
            ">" => *version > bound,
            "<" => *version < bound,
            "!=" => *version != bound,
            _ => *version == bound,
        }
    })
}

/// What there is of a package: texts of versions, and what each needs.
type Needs = BTreeMap<String, Vec<String>>;

/// An index as `CocoaPods`' cases have it.
struct Index {
    packages: BTreeMap<String, Vec<(GemVersion, String, Needs)>>,
}

fn needs(value: &Value) -> Needs {
    let mut found = Needs::new();
    for (name, requirement) in value.as_object().into_iter().flatten() {
        // The same name twice has a mark behind it.
        let name = name.trim_end_matches(char::is_control).to_owned();
        let text = match requirement {
            Value::Array(parts) => parts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
            other => other.as_str().unwrap_or_default().to_owned(),
        };
        found.entry(name).or_default().push(text);
    }
    found
}

impl Index {
    fn read(value: &Value) -> Self {
        let mut packages = BTreeMap::new();
        for (name, versions) in value.as_object().unwrap() {
            let versions = versions.as_array().unwrap().iter().map(|one| {
                let text = one["version"].as_str().unwrap().to_owned();
                (GemVersion::of(&text), text, needs(&one["dependencies"]))
            });
            let mut versions: Vec<_> = versions.collect();
            versions.sort_by(|one, other| one.0.cmp(&other.0));
            versions.dedup_by(|later, first| later.0 == first.0);
            packages.insert(name.clone(), versions);
        }
        Self { packages }
    }

    /// The names that a question can lead to.
    fn reachable<'i>(&'i self, requested: &'i Needs) -> BTreeSet<&'i str> {
        let mut seen = BTreeSet::new();
        let mut waiting: Vec<&str> = requested.keys().map(String::as_str).collect();
        while let Some(name) = waiting.pop() {
            if seen.insert(name) {
                let versions = self.packages.get(name).into_iter().flatten();
                waiting.extend(versions.flat_map(|(_, _, needs)| needs.keys().map(String::as_str)));
            }
        }
        seen
    }

    fn problem(&self, requested: &Needs, base: &BTreeMap<String, String>) -> (Problem, BTreeMap<Slug, String>) {
        let reachable = self.reachable(requested);
        let number = |name: &str| reachable.iter().position(|one| *one == name).unwrap();
        let slug = |name: &str| Slug::normalize(&format!("n{}", number(name))).unwrap();
        let mut known: BTreeMap<(String, String), VersionRange> = BTreeMap::new();
        let mut range = |name: &str, requirements: &[String]| {
            let text = requirements.join(",");
            let key = (name.to_owned(), text.clone());
            let make = || self.range(name, &text);
            known.entry(key).or_insert_with(make).clone()
        };
        let mut problem = Problem::default();
        for (name, requirements) in requested {
            let range = range(name, requirements).releases().clone();
            let reason = Reason::Named;
            problem.wanted.insert(slug(name), Wish { range, reason });
        }
        for name in &reachable {
            let mut candidates = BTreeMap::new();
            for (rank, (version, text, needs)) in self.packages.get(*name).into_iter().flatten().enumerate() {
                let dependencies = needs.iter().map(|(on, requirements)| Dependency {
                    on: Component::Plugin(slug(on)),
                    range: range(on, requirements),
                    optional: false,
                });
                let standing = if base.get(*name) == Some(text) {
                    Standing::Installed
                } else {
                    Standing::Offered
                };
                let dependencies = dependencies.collect();
                candidates.insert(release(rank, version), Candidate { dependencies, standing });
            }
            problem.candidates.insert(slug(name), candidates);
        }
        let names = reachable.iter().map(|name| (slug(name), (*name).to_owned())).collect();
        (problem, names)
    }

    /// The versions that are asked for, as numbers: one range for each run of them. Those before a release are only asked for
    /// by who names one.
    fn range(&self, name: &str, requirement: &str) -> VersionRange {
        let all = requirement.contains(|c: char| c.is_ascii_alphabetic());
        let mut runs = Vec::new();
        for before in [false, true] {
            let versions = self.packages.get(name).into_iter().flatten().enumerate();
            let mut open: Option<(Release, Release)> = None;
            for (rank, (version, ..)) in versions.filter(|(_, (version, ..))| version.is_before_release() == before) {
                let (number, is_in) = (
                    release(rank, version),
                    is_asked(requirement, version) && (all || !before),
                );
                open = match (open, is_in) {
                    (Some((first, _)), true) => Some((first, number)),
                    (None, true) => Some((number, number)),
                    (run, false) => {
                        runs.extend(run);
                        None
                    }
                };
            }
            runs.extend(open);
        }
        let runs: Vec<String> = runs.iter().map(|(first, last)| format!(">={first} <={last}")).collect();
        let text = if runs.is_empty() {
            "<0.0.0".to_owned()
        } else {
            runs.join("||")
        };
        text.parse().unwrap_or_else(|_| panic!("{name} {requirement}: {text}"))
    }

    fn version(&self, name: &str, found: Release) -> &GemVersion {
        let rank = usize::try_from(found.patch).unwrap() - 1;
        &self.packages[name][rank].0
    }
}

/// A version by its place; those before a release are lower than all others.
fn release(rank: usize, version: &GemVersion) -> Release {
    Release {
        major: u64::from(!version.is_before_release()),
        minor: 0,
        patch: rank as u64 + 1,
    }
}

/// Names and versions of a case's graph.
fn flat(nodes: &Value, found: &mut BTreeMap<String, String>) {
    for node in nodes.as_array().into_iter().flatten() {
        let (name, version) = (node["name"].as_str().unwrap(), node["version"].as_str().unwrap());
        found.insert(name.to_owned(), version.to_owned());
        flat(&node["dependencies"], found);
    }
}

#[test]
#[ignore = "needs CocoaPods' cases: GESTOR_TEST_COCOAPODS=<git folder> cargo test --test it -- --ignored sets_are_those_of_cocoapods"]
fn sets_are_those_of_cocoapods() {
    let repository = told("GESTOR_TEST_COCOAPODS").expect("GESTOR_TEST_COCOAPODS names the git folder of its cases");
    let repository = Path::new(&repository);
    let listed = git(repository, &["ls-tree", "--name-only", COCOAPODS, "case/"]);
    let names: Vec<&str> = listed.lines().collect();
    assert_eq!(names.len(), 27);
    let mut indexes: BTreeMap<String, Index> = BTreeMap::new();
    let mut faults = Vec::new();
    for name in names {
        let case = json(&file(repository, COCOAPODS, name));
        let index = case["index"].as_str().unwrap_or("awesome").to_owned();
        let index = indexes
            .entry(index.clone())
            .or_insert_with(|| Index::read(&json(&file(repository, COCOAPODS, &format!("index/{index}.json")))));
        let (mut expected, mut base) = (BTreeMap::new(), BTreeMap::new());
        flat(&case["resolved"], &mut expected);
        flat(&case["base"], &mut base);
        let versions = expected.iter().map(|(name, text)| (name.clone(), GemVersion::of(text)));
        let wanted: BTreeMap<String, GemVersion> = versions.collect();
        let is_conflict = case["conflicts"]
            .as_array()
            .is_some_and(|conflicts| !conflicts.is_empty());
        let (problem, names) = index.problem(&needs(&case["requested"]), &base);
        let found = match solve(&problem) {
            Ok(solution) => {
                let versions = solution.versions.iter();
                let chosen = versions.map(|(slug, found)| {
                    let name = &names[slug];
                    (name.clone(), index.version(name, *found).clone())
                });
                Ok(chosen.collect::<BTreeMap<_, _>>())
            }
            Err(fault) => Err(fault),
        };
        match found {
            Ok(found) if !is_conflict && found == wanted => {}
            Ok(_) if !is_conflict && CHOICES.contains(&name) && is_set(&problem) => {}
            Err(NoSet::Conflict(_) | NoSet::Cycle(_)) if is_conflict => {}
            other => faults.push(format!("{name}: expected {expected:?} {is_conflict}, found {other:?}")),
        }
    }
    assert!(faults.is_empty(), "{} differ\n{}", faults.len(), faults.join("\n"));
}

/// A package that a case of pub serves: its name, its version, and what it needs.
type Served = (String, String, Vec<(String, String)>);

/// A case of pub.
#[derive(Debug, Default)]
struct PubCase {
    name: String,
    served: Vec<Served>,
    wanted: Vec<(String, String)>,
    /// Nothing: it fails.
    result: Option<BTreeMap<String, String>>,
}

/// The quoted texts up to the bracket that closes the first one.
fn quoted(text: &str) -> (Vec<String>, &str) {
    let (mut depth, mut texts, mut start) = (0, Vec::new(), None);
    for (at, c) in text.char_indices() {
        match (c, start) {
            ('\'', Some(from)) => {
                texts.push(text[from..at].to_owned());
                start = None;
            }
            ('\'', None) => start = Some(at + 1),
            (_, Some(_)) => {}
            ('(' | '{', _) => depth += 1,
            (')' | '}', _) => {
                depth -= 1;
                if depth == 0 {
                    return (texts, &text[at..]);
                }
            }
            _ => {}
        }
    }
    (texts, "")
}

fn pairs(texts: &[String]) -> Vec<(String, String)> {
    texts
        .chunks(2)
        .filter_map(|pair| Some((pair.first()?.clone(), pair.get(1)?.clone())))
        .collect()
}

/// The plain cases: packages that are served, one pubspec that needs some, one answer.
fn pub_cases(text: &str) -> Vec<PubCase> {
    let mut found = Vec::new();
    for block in text.split("\n  test(").skip(1) {
        let block = block.split("\n  });").next().unwrap();
        let unlike = [
            "sdk",
            "git",
            "path",
            "pubspec",
            "overrid",
            "downgrade",
            "hosted",
            "environment",
            "-dev",
            "-pre",
            "-alpha",
            "-beta",
            "dev",
            "bad",
            "+",
            "lock",
            "descriptor",
        ];
        let once = |what: &str| block.matches(what).count() == 1;
        if unlike.iter().any(|word| block.contains(word))
            || !once("appDir(")
            || !once("expectResolves(")
            || !once("servePackages")
        {
            continue;
        }
        let mut case = PubCase {
            name: block.lines().next().unwrap_or_default().to_owned(),
            ..PubCase::default()
        };
        for served in block.split("serve(").skip(1) {
            let (texts, _) = quoted(&format!("({served}"));
            case.served
                .push((texts[0].clone(), texts[1].clone(), pairs(&texts[2..])));
        }
        let app = block.split("appDir(").nth(1).unwrap();
        case.wanted = pairs(&quoted(&format!("({app}")).0);
        let answer = block.split("expectResolves(").nth(1).unwrap();
        if let Some(result) = answer.split("result:").nth(1) {
            case.result = Some(pairs(&quoted(result).0).into_iter().collect());
        }
        // What is asked is no package itself here.
        if case
            .served
            .iter()
            .all(|(_, _, needs)| needs.iter().all(|(on, _)| on != "myapp"))
        {
            found.push(case);
        }
    }
    found
}

impl PubCase {
    fn problem(&self) -> Option<Problem> {
        let range = |text: &str| {
            if text == "any" {
                Ok(VersionRange::any())
            } else {
                text.parse::<VersionRange>()
            }
        };
        let slug = |name: &str| Slug::normalize(name).ok();
        let mut problem = Problem::default();
        for (name, version, needs) in &self.served {
            let mut dependencies = Vec::new();
            for (on, wanted) in needs {
                dependencies.push(Dependency {
                    on: Component::Plugin(slug(on)?),
                    range: range(wanted).ok()?,
                    optional: false,
                });
            }
            let standing = Standing::Offered;
            let versions = problem.candidates.entry(slug(name)?).or_default();
            versions.insert(Release::leading(version)?, Candidate { dependencies, standing });
        }
        for (name, wanted) in &self.wanted {
            let range = range(wanted).ok()?.releases().clone();
            let reason = Reason::Named;
            problem.wanted.insert(slug(name)?, Wish { range, reason });
        }
        Some(problem)
    }
}

#[test]
#[ignore = "needs pub's repository: GESTOR_TEST_PUB=<git folder> cargo test --test it -- --ignored sets_are_those_of_pub"]
fn sets_are_those_of_pub() {
    let repository = told("GESTOR_TEST_PUB").expect("GESTOR_TEST_PUB names the git folder of pub's repository");
    let cases = pub_cases(&file(Path::new(&repository), PUB, "test/version_solver_test.dart"));
    println!("{} plain cases", cases.len());
    let (mut faults, mut circles) = (Vec::new(), 0);
    for case in &cases {
        let problem = case.problem().unwrap_or_else(|| panic!("{case:?}"));
        let found = solve(&problem);
        match (&found, &case.result) {
            (Ok(solution), Some(expected)) => {
                let versions = solution.versions.iter();
                let found: BTreeMap<String, String> = versions
                    .map(|(slug, version)| (slug.to_string(), version.to_string()))
                    .collect();
                if found != *expected {
                    faults.push(format!("{}: expected {expected:?}, found {found:?}", case.name));
                }
            }
            (Err(NoSet::Conflict(why)), None) => {
                assert!(
                    !why.english.is_empty() && why.english.len() == why.portuguese.len(),
                    "{why:?}"
                );
                println!("{}\n  {}", case.name, why.english.join("\n  "));
            }
            (Err(NoSet::Cycle(_)), Some(_)) => circles += 1,
            other => faults.push(format!("{}: {other:?}", case.name)),
        }
    }
    assert!(faults.is_empty(), "{} differ\n{}", faults.len(), faults.join("\n"));
    assert_eq!(cases.len(), 21);
    assert!(circles <= 2, "{circles}");
}
