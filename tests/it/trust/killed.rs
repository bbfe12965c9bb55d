//! A signed installation that is killed: who signed is recorded exactly where what was signed is installed.

use gestor_plugins::outcome::ExitCode;
use serde_json::json;

use super::pipeline::{Site, package};
use crate::support::child;

#[test]
fn who_signed_is_recorded_with_what_was_signed_or_not_at_all() {
    for (point, committed) in [
        ("inspected", false),
        ("journal", false),
        ("applied", false),
        ("rows", false),
        ("announced", false),
        ("swapped", false),
        ("committed", true),
        ("closed", true),
    ] {
        let site = Site::new();
        let path = site.signed(&package("1.0.0"), "p");
        let mut call = child::call(&site.gestor, &path, "acme-shop", false);
        call["confianca"] = json!(site.trust.path());
        call["assinatura"] = json!("exigir");
        let status = child::start(&call, Some(&format!("{point}:kill"))).wait().unwrap();
        assert!(status.code().is_none(), "{point}: {status}");
        // Another operation on the plugin finishes or undoes it.
        let mut next = call.clone();
        next["dry_run"] = json!(false);
        let seen = || {
            let database = &site.gestor.database;
            let is_there = database.tables().iter().any(|table| table == "gestor_plugins_versoes");
            if is_there {
                database.count("gestor_plugins_versoes", "veredito = 'valida'")
            } else {
                0
            }
        };
        assert_eq!(seen(), u64::from(committed), "{point}");
        let ended = child::install(&next, None).expect(ExitCode::Ok);
        assert_eq!(seen(), 1, "{point}");
        assert_eq!(
            ended.report["inalterado"],
            json!(committed),
            "{point}: {}",
            ended.report
        );
        assert!(site.gestor.tree("acme-shop").contains_key("assinatura.json"), "{point}");
    }
}
