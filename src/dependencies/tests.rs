//! Sets, proofs and orders by example, and at size.

#![expect(clippy::format_push_string, reason = "problems are texts, a line after the other")]

use super::*;
use crate::model::{Component, Dependency, Lang, Release, Slug, VersionRange};

/// A problem as lines: `want p1 ^1`, `gestor 2.9.43`, `p1 1.0.0 installed: p2 ^1, p3? *, gestor >=2`.
fn problem(text: &str) -> Problem {
    let mut problem = Problem::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split([':', ' ']).filter(|word| !word.is_empty()).collect();
        match words.as_slice() {
            ["want", slug, ..] => {
                let range: VersionRange = line.splitn(3, ' ').nth(2).unwrap_or("*").parse().unwrap();
                wish(&mut problem, slug, &range);
            }
            ["gestor", version] => problem.gestor = Release::leading(version),
            ["php", version] => problem.php = Release::leading(version),
            [slug, version, flags @ ..] => {
                let flag = |flag: &str| flags.first() == Some(&flag);
                let standing = match (flag("installed"), flag("paused")) {
                    (true, _) => Standing::Installed,
                    (_, true) => Standing::Paused,
                    _ => Standing::Offered,
                };
                let needs = line.split_once(':').map(|(_, needs)| needs_of(needs));
                let candidate = Candidate {
                    dependencies: needs.unwrap_or_default(),
                    standing,
                };
                let versions = problem.candidates.entry(named(slug)).or_default();
                versions.insert(Release::leading(version).unwrap(), candidate);
            }
            other => panic!("{other:?}"),
        }
    }
    for (slug, wish) in &mut problem.wanted {
        let versions = problem.candidates.get(slug).into_iter().flatten();
        let mut inside = versions.filter(|(release, _)| wish.range.contains(release));
        if inside.any(|(_, candidate)| candidate.standing == Standing::Installed) {
            wish.reason = Reason::Installed;
        }
    }
    problem
}

pub(super) fn wish(problem: &mut Problem, slug: &str, range: &VersionRange) {
    let wish = Wish {
        range: range.releases().clone(),
        reason: Reason::Named,
    };
    problem.wanted.insert(named(slug), wish);
}

pub(super) fn named(slug: &str) -> Slug {
    Slug::normalize(slug).unwrap()
}

fn needs_of(text: &str) -> Vec<Dependency> {
    let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (id, range) = part.split_once(' ').unwrap_or((part, "*"));
            let name = id.trim_end_matches('?');
            Dependency {
                on: Component::reserved(name).unwrap_or_else(|| Component::Plugin(named(name))),
                range: range.parse().unwrap(),
                optional: id.ends_with('?'),
            }
        })
        .collect()
}

/// The answer in one line a sentence.
fn answer(text: &str, lang: Lang) -> Vec<String> {
    let problem = problem(text);
    match solve(&problem) {
        Ok(solution) => {
            let order = solution.order.iter();
            vec![
                order
                    .map(|(slug, release)| format!("{slug} {release}"))
                    .collect::<Vec<_>>()
                    .join(", "),
            ]
        }
        Err(NoSet::Cycle(cycle)) => vec![cycle.to_string()],
        Err(NoSet::Conflict(explanation)) => explanation.lines(lang).to_vec(),
        Err(NoSet::GivenUp) => vec!["given up".to_owned()],
    }
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(answer(text, Lang::En), expected);
}

#[test]
fn what_is_needed_comes_first_and_as_new_as_it_may_be() {
    check(
        "want p1 1.0.0
         p1 1.0.0: p2 *
         p2 1.0.0: p3 ^1
         p3 1.0.0
         p3 1.2.0
         p3 2.0.0",
        &["p3 1.2.0, p2 1.0.0, p1 1.0.0"],
    );
}

#[test]
fn what_is_installed_stays_where_it_fits() {
    check(
        "want p1 *\nwant p2 *\np1 1.0.0: p2 ^1\np2 1.0.0 installed\np2 1.5.0",
        &["p1 1.0.0"],
    );
    check(
        "want p1 *\nwant p2 *\np1 1.0.0: p2 ^1.2\np2 1.0.0 installed\np2 1.5.0",
        &["p2 1.5.0, p1 1.0.0"],
    );
}

#[test]
fn what_is_optional_binds_only_where_it_is_there() {
    check("want p1 *\np1 1.0.0: p2? ^2\np2 1.0.0", &["p1 1.0.0"]);
    check(
        "want p1 1.0.0
         want p3 *
         p1 1.0.0: p2? ^2
         p2 1.0.0
         p2 2.0.0
         p3 1.0.0: p2 ^1
         p3 0.9.0: p2 ^2",
        &["p2 2.0.0, p1 1.0.0, p3 0.9.0"],
    );
}

#[test]
fn two_that_need_each_other_have_no_order() {
    check(
        "want p1 *\nwant p2 *\np1 1.0.0: p2 *\np2 1.0.0: p1 *",
        &["p1 1.0.0 → p2 1.0.0 → p1"],
    );
    // An older version of one that does not is taken instead.
    check(
        "want p1 *\np1 1.0.0: p2 *\np2 1.1.0: p1 *\np2 1.0.0",
        &["p2 1.0.0, p1 1.0.0"],
    );
    // What is optional makes no cycle.
    check("want p1 *\np1 1.0.0: p2 *\np2 1.0.0: p1? *", &["p2 1.0.0, p1 1.0.0"]);
}

#[test]
fn the_gestor_and_php_are_needed_like_plugins() {
    let versions = "want p1 *\np1 1.0.0: gestor >=3\np1 0.9.0: gestor >=2, php >=8.1";
    check(&format!("gestor 2.9.43\nphp 8.2.1\n{versions}"), &["p1 0.9.0"]);
    check(versions, &["p1 1.0.0"]);
    let refused = answer(&format!("gestor 1.0.0\n{versions}"), Lang::PtBr).join(" ");
    assert!(refused.contains("gestor >=3.0.0 (há 1.0.0)"), "{refused}");
}

#[test]
fn a_proof_names_what_excludes_what_in_both_languages() {
    let dependant = "want p1 2.0.0\nwant p2 1.0.0\np1 1.0.0 installed\np1 2.0.0\np2 1.0.0 installed: p1 ^1.0.0";
    assert_eq!(
        answer(dependant, Lang::En),
        [
            "Because p2 1.0.0 needs p1 >=1.0.0 <2.0.0 and p1 2.0.0 is asked for, p2 1.0.0 is not possible.",
            "And because p2 1.0.0 is installed and stays, no set is possible.",
        ]
    );
    assert_eq!(
        answer(dependant, Lang::PtBr),
        [
            "Como p2 1.0.0 precisa de p1 >=1.0.0 <2.0.0 e p1 2.0.0 foi pedido, p2 1.0.0 não é possível.",
            "E como p2 1.0.0 está instalado e fica, nenhum conjunto é possível.",
        ]
    );
    let missing = answer("want p1 1.0.0\np1 1.0.0: p2 ^2\np2 1.0.0\np2 3.0.0", Lang::En).join(" ");
    assert!(
        missing.contains("p1 1.0.0 needs p2 >=2.0.0 <3.0.0 (there is 3.0.0, 1.0.0)"),
        "{missing}"
    );
    let paused = answer("want p1 *\np1 1.0.0 paused", Lang::PtBr).join(" ");
    assert!(paused.contains("p1 1.0.0 está pausado: ative-o antes"), "{paused}");
}

/// An index of `plugins` × 5 in which each needs what stands after it.
fn index(plugins: usize, needs: impl Fn(usize) -> String) -> Problem {
    let mut text = String::from("want p0 *\n");
    for plugin in 0..plugins {
        for version in 0..5 {
            text.push_str(&format!("p{plugin} 1.{version}.0: {}\n", needs(plugin)));
        }
    }
    problem(&text)
}

#[test]
fn thousands_of_plugins_are_solved() {
    let chain = index(2_000, |plugin| match plugin {
        1_999 => String::new(),
        plugin => format!("p{} ^1.2", plugin + 1),
    });
    assert_eq!(solve(&chain).unwrap().order.len(), 2_000);
}

#[test]
fn proofs_are_told_whatever_the_stack_and_however_deep() {
    for (plugins, least) in [(30, 10), (300, 1), (3_000, 1)] {
        let broken = index(plugins, |plugin| format!("p{} ^1", plugin + 1));
        let solver = std::thread::Builder::new().stack_size(128 << 10);
        let answered = solver.spawn(move || solve(&broken)).unwrap().join().unwrap();
        let Err(NoSet::Conflict(explanation)) = answered else {
            panic!("{answered:?}");
        };
        assert!(explanation.english.len() >= least, "{:?}", explanation.english);
        let missing = format!("p{plugins}");
        assert!(
            explanation.portuguese.iter().any(|line| line.contains(&missing)),
            "{missing}"
        );
    }
}

#[test]
fn a_cycle_is_given_up_after_as_many_others() {
    // Each version of p1 needs one of p2 that needs it back; the last ones do not, behind more cycles than are tried.
    let of = |cycles: usize| {
        let mut text = String::from("want p1 *\np1 0.1.0: p2 0.1.0\np2 0.1.0\n");
        for version in 0..cycles {
            text.push_str(&format!(
                "p1 1.{version}.0: p2 1.{version}.0\np2 1.{version}.0: p1 1.{version}.0\n"
            ));
        }
        answer(&text, Lang::En)
    };
    assert_eq!(of(64), ["p2 0.1.0, p1 0.1.0"]);
    assert_eq!(of(65), ["p1 1.0.0 → p2 1.0.0 → p1"]);
}

#[test]
fn what_is_installed_makes_no_cycle() {
    check(
        "want p1 1.0.0\nwant p2 1.0.0\nwant p3 *\np1 1.0.0 installed: p2 *\np2 1.0.0 installed: p1 *\np3 1.0.0: p1 *",
        &["p3 1.0.0"],
    );
}

#[test]
fn a_plugin_that_nobody_can_read_fits() {
    let mut problem = problem("want p1 *\np1 1.0.0: p2 ^2");
    problem.unread.insert(named("p2"));
    assert_eq!(solve(&problem).unwrap().order.len(), 1);
}

#[test]
fn facts_say_what_a_proof_stands_on() {
    let problem =
        problem("gestor 1.0.0\nwant p1 2.0.0\nwant p2 1.0.0\np1 2.0.0: gestor >=3\np2 1.0.0 installed: p1? ^1");
    let Err(NoSet::Conflict(explanation)) = solve(&problem) else {
        panic!()
    };
    let facts = explanation.facts.iter();
    let facts: Vec<String> = facts
        .map(|fact| {
            let needed = fact.precisa.clone().unwrap_or_default();
            format!("{} {} {:?} {needed} {:?}", fact.tipo, fact.id, fact.versoes, fact.faixa)
        })
        .collect();
    assert!(
        facts.contains(&"pedido p1 Some(\"2.0.0\")  None".to_owned()),
        "{facts:?}"
    );
    assert!(
        facts
            .iter()
            .any(|fact| fact.starts_with("precisa p1 Some(\"2.0.0\") gestor"))
            || facts.iter().any(|fact| fact.starts_with("opcional p2")),
        "{facts:?}"
    );
}

#[test]
fn wide_and_contrary_problems_end() {
    // A diamond of two hundred versions: what both sides need in common is the oldest.
    let mut diamond = String::from("want top *\ntop 1.0.0: left *, right *\n");
    for version in 0..200 {
        diamond.push_str(&format!(
            "left 1.{version}.0: base 1.{version}.0\nright 1.{version}.0: base 1.{}.0\nbase 1.{version}.0\n",
            (version + 1) % 200
        ));
    }
    assert_eq!(solve(&problem(&diamond)).unwrap().order.len(), 4);
    // Pigeons: eight of them want seven places, each alone; every one of the orders is another.
    let mut pigeons = String::new();
    for pigeon in 0..8 {
        pigeons.push_str(&format!("want pigeon{pigeon} *\n"));
        for place in 0..7 {
            pigeons.push_str(&format!("pigeon{pigeon} 1.{place}.0: place{place} 1.{pigeon}.0\n"));
            pigeons.push_str(&format!("place{place} 1.{pigeon}.0\n"));
        }
    }
    assert!(matches!(
        solve(&problem(&pigeons)),
        Err(NoSet::GivenUp | NoSet::Conflict(_))
    ));
}

#[test]
fn needs_that_exclude_each_other_are_told_however_deep() {
    let broken = index(400, |plugin| match plugin {
        399 => "end ^1, other *".to_owned(),
        plugin => format!("p{} ^1", plugin + 1),
    });
    let mut broken = broken;
    for (slug, needs) in [("end", ""), ("other", "end ^2")] {
        let candidate = Candidate {
            dependencies: needs_of(needs),
            standing: Standing::Offered,
        };
        let versions = broken.candidates.entry(named(slug)).or_default();
        versions.insert(Release::leading("1").unwrap(), candidate);
    }
    let versions = broken.candidates.get_mut(&named("end")).unwrap();
    versions.insert(Release::leading("2").unwrap(), Candidate::default());
    let Err(NoSet::Conflict(explanation)) = solve(&broken) else {
        panic!()
    };
    let told = explanation.english.join(" ");
    assert!(
        told.contains("end >=1.0.0 <2.0.0") && told.contains("end >=2.0.0 <3.0.0"),
        "{told}"
    );
}
