//! What a core update took away is put back first.

use std::fs;

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::World;
use crate::assets::package;
use crate::support::gestor::tree;

#[test]
fn what_a_core_update_emptied_is_put_back() {
    let world = World::new();
    for slug in ["blog", "loja"] {
        world.install(slug, "1.0.0");
    }
    let root = world.gestor.root().to_owned();
    let before = world.gestor.tree("loja");
    fs::remove_dir_all(root.join("plugins")).unwrap();
    fs::create_dir(root.join("plugins")).unwrap();
    let run = world.run(&json!({"reparar_apos_atualizacao": "nao"})).report;
    assert_eq!(run["repostos"], json!([]));
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    let back: Vec<_> = run["repostos"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| (entry["slug"].clone(), entry["como"].clone(), entry["reposto"].clone()))
        .collect();
    assert_eq!(
        back,
        [
            (json!("blog"), json!("reposto"), json!(true)),
            (json!("loja"), json!("reposto"), json!(true))
        ]
    );
    assert_eq!(world.gestor.tree("loja"), before);
    // Nothing to do the next time, and nothing of it in the history of updates.
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(run["repostos"], json!([]));
}

#[test]
fn published_files_that_are_gone_are_put_back() {
    let world = World::new();
    world.install_package(&package("loja", "vitrine", "1.0.0"), "loja", "1.0.0");
    let assets = world.gestor.root().join("assets");
    let before = tree(&assets);
    assert!(!before.is_empty());
    fs::remove_dir_all(&assets).unwrap();
    fs::create_dir(&assets).unwrap();
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(run["repostos"][0]["reposto"], json!(true), "{run}");
    assert_eq!(tree(&assets), before);
    // One file of them, and nothing else.
    let file = before.keys().rfind(|path| path.contains(".js")).unwrap();
    fs::remove_file(assets.join(file)).unwrap();
    world.run(&json!({})).expect(ExitCode::Ok);
    assert_eq!(tree(&assets), before);
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(run["repostos"], json!([]));
}

#[test]
fn a_tree_without_files_is_gone_and_what_cannot_be_put_back_is_no_success() {
    let world = World::new();
    world.install("loja", "1.0.0");
    let tree_of_it = world.gestor.root().join("plugins/loja");
    let before = world.gestor.tree("loja");
    fs::remove_dir_all(&tree_of_it).unwrap();
    fs::create_dir(&tree_of_it).unwrap();
    let run = world.run(&json!({})).expect(ExitCode::Ok).report;
    assert_eq!(run["repostos"][0]["reposto"], json!(true), "{run}");
    assert_eq!(world.gestor.tree("loja"), before);
    fs::remove_dir_all(&tree_of_it).unwrap();
    fs::write(&tree_of_it, "somebody's file").unwrap();
    let run = world.run(&json!({}));
    assert_eq!(run.report["repostos"][0]["reposto"], json!(false), "{}", run.report);
    assert_ne!(run.code, ExitCode::Ok, "{}", run.report);
    assert!(!run.report["erros"].as_array().unwrap().is_empty());
    assert_eq!(fs::read(&tree_of_it).unwrap(), b"somebody's file");
}
