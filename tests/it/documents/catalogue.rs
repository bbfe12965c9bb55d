//! The catalogue against what is written beside it: every report has a shape, every parameter an operation.

use gestor_plugins::config::{PARAMETERS, parameter};
use gestor_plugins::ops::CATALOGUE;

use super::text;

#[test]
fn the_stubs_name_every_report_of_the_catalogue() {
    let stubs = text("php/stubs/gestor_plugins.stubs.php");
    let union = stubs.split("function plugin_report").next().unwrap();
    let union = union.rsplit("@return ").next().unwrap();
    for report in CATALOGUE.iter().flat_map(|operation| operation.reports) {
        assert!(
            stubs.contains(&format!("@phpstan-type {report} ")),
            "{report} has no shape"
        );
        let mut named = union.split(['|', '\n', ' ']);
        assert!(
            named.any(|name| name == *report),
            "plugin_report() does not give {report}"
        );
    }
}

#[test]
fn every_parameter_of_a_call_is_of_an_operation() {
    for one in PARAMETERS.iter().filter(|one| one.setting.is_none()) {
        let is_taken = CATALOGUE.iter().any(|operation| operation.does_take(one));
        assert!(is_taken, "{} is taken by no operation", one.name);
    }
    for operation in CATALOGUE {
        assert!(
            operation.does_take(&parameter::LANG),
            "{} speaks no language",
            operation.word
        );
    }
}
