//! Four times as many rows take four times the work, or a little more: no step looks at all rows for each row.
//! Work is this thread's processor time, so that a busy machine or a slow disk makes no difference.

use std::time::Duration;

use gestor_plugins::config::{Adoption, Conflicts};
use serde_json::{Value, json};

use super::site::{Site, rows};

/// Processor time that this thread had.
fn worked() -> Duration {
    let spec = nix::time::clock_gettime(nix::time::ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap();
    Duration::from(spec)
}

/// How much work it takes to plan a package; the better of two.
fn time(site: &mut Site, package: &Value) -> Duration {
    let package = rows(package);
    let once = |site: &mut Site| {
        let start = worked();
        site.plan(&package).unwrap();
        worked().saturating_sub(start)
    };
    once(site).min(once(site))
}

/// Four times as many rows are sixteen times the work where each looks at all.
fn grows(what: &str, few: Duration, many: Duration) {
    println!("{what}: {few:?}, four times as many: {many:?}");
    assert!(many < few * 8, "{what}: {few:?}, then {many:?}");
}

fn variables(count: usize, id: impl Fn(usize) -> String) -> Value {
    let row = |at| json!({"id": id(at), "language": "en", "modulo": "m", "valor": "x"});
    json!({"Variaveis": (0..count).map(row).collect::<Vec<_>>()})
}

fn skipping() -> Site {
    let mut site = Site::new();
    site.conflicts = Conflicts::Skip;
    site
}

#[test]
fn keys_that_stand_twice() {
    let mut site = skipping();
    for (what, times) in [("each key twice", 2), ("one key", usize::MAX)] {
        let package = |count: usize| {
            variables(count, |at| {
                format!("k-{}", if times == 2 { at % (count / 2) } else { 0 })
            })
        };
        let few = time(&mut site, &package(10_000));
        grows(what, few, time(&mut site, &package(40_000)));
    }
}

#[test]
fn many_rows_that_could_be_meant() {
    let mut site = skipping();
    site.adoption = Adoption::Always;
    let measured = [1_000, 4_000].map(|count: usize| {
        site.database.run("DELETE FROM variaveis");
        let given: Vec<String> = (0..count)
            .map(|_| "('k', 'en', NULL, 'p1'), ('k', 'en', NULL, NULL)".to_owned())
            .collect();
        let insert = format!(
            "INSERT INTO variaveis (id, language, modulo, plugin) VALUES {}",
            given.join(",")
        );
        site.database.run(&insert);
        let row = |at| json!({"id": "k", "language": "en", "modulo": format!("m-{at}"), "valor": "x"});
        let package = json!({"Variaveis": (0..count).map(row).collect::<Vec<_>>()});
        let took = time(&mut site, &package);
        let plan = site.plan(&rows(&package)).unwrap();
        assert_eq!(plan.counts()["variaveis"].ignorados, count as u64);
        let told = plan.conflicts.iter().next().unwrap().to_string();
        assert!(told.contains(&format!("and {} more", 2 * count - 20)), "{told}");
        took
    });
    grows("many candidates", measured[0], measured[1]);
}

fn ring(count: usize, shift: usize) -> Value {
    let row = |at: usize| json!({"id": format!("k-{at}"), "place": (at + shift) % count + 1});
    json!({"Rings": (0..count).map(row).collect::<Vec<_>>()})
}

#[test]
fn unique_values_in_a_ring() {
    let mut site = Site::new();
    site.database.run(
        "CREATE TABLE rings (n int AUTO_INCREMENT PRIMARY KEY, id varchar(40) NOT NULL UNIQUE, place int NOT NULL UNIQUE, \
         plugin varchar(40)) ENGINE=InnoDB",
    );
    let measured = [2_000, 8_000].map(|count| {
        site.database.run("DELETE FROM rings");
        site.sync(&rows(&ring(count, 0))).unwrap();
        let took = time(&mut site, &ring(count, 1));
        // The server looks through all rows of a statement for each of them, and takes none beyond its packet.
        for limit in [128 << 10, 2_000] {
            let longest = site
                .statements(&rows(&ring(count, 1)), limit)
                .into_iter()
                .max()
                .unwrap();
            assert!(longest < limit.min(40_000) + 1_000, "{longest} bytes in a statement");
        }
        site.sync(&rows(&ring(count, 1))).unwrap();
        assert_eq!(site.database.count("rings", "id = 'k-0' AND place = 2"), 1);
        assert_eq!(
            site.database.count("rings", &format!("place BETWEEN 1 AND {count}")),
            count as u64
        );
        took
    });
    grows("a ring", measured[0], measured[1]);
    // A chain whose last link somebody else holds: all of it is refused, and not link by link.
    let measured = [2_000, 8_000].map(|count: usize| {
        site.database.run("DELETE FROM rings");
        site.sync(&rows(&ring(count, 0))).unwrap();
        let taken = format!(
            "INSERT INTO rings (id, place, plugin) VALUES ('theirs', {}, 'other')",
            count + 1
        );
        site.database.run(&taken);
        let row = |at: usize| json!({"id": format!("k-{at}"), "place": at + 2});
        let package = json!({"Rings": (0..count).map(row).collect::<Vec<_>>()});
        site.conflicts = Conflicts::Skip;
        let took = time(&mut site, &package);
        assert_eq!(
            site.plan(&rows(&package)).unwrap().counts()["rings"].ignorados,
            count as u64
        );
        took
    });
    grows("a chain", measured[0], measured[1]);
}

#[test]
fn rows_that_refer_to_rows() {
    let mut site = Site::new();
    site.database.run(
        "CREATE TABLE chains (id varchar(40) PRIMARY KEY, parent varchar(40), plugin varchar(40), \
         FOREIGN KEY (parent) REFERENCES chains (id)) ENGINE=InnoDB",
    );
    let chain = |count: usize| {
        let row =
            |at: usize| json!({"id": format!("k-{at}"), "parent": (at + 1 < count).then(|| format!("k-{}", at + 1))});
        json!({"Chains": (0..count).map(row).collect::<Vec<_>>()})
    };
    let few = time(&mut site, &chain(4_000));
    grows("a chain of parents", few, time(&mut site, &chain(16_000)));
}
