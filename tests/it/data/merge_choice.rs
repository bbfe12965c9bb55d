//! What a case says of the call, and the counts that it expects.

use gestor_plugins::config::{Fusion, Orphans};
use gestor_plugins::data::{MergeRules, Plan};
use serde_json::{Map, Value};

/// What a step says about merging.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Choice {
    pub(crate) rules: MergeRules,
    pub(crate) orphans: Orphans,
}

pub(crate) fn choice(params: &Map<String, Value>) -> Choice {
    let word = |key: &str| params.get(key).and_then(Value::as_str).unwrap_or_default();
    Choice {
        rules: MergeRules {
            fusion: match word("fusao") {
                "" => Fusion::default(),
                fusion => Fusion::from_word("fusao", fusion).unwrap(),
            },
            repair: params.get("reprocessar") == Some(&Value::Bool(true)),
            back: None,
        },
        orphans: match word("orfaos") {
            "" => Orphans::Log,
            "inativar" => Orphans::Inactivate,
            "remover" => Orphans::Remove,
            other => Orphans::from_word("orfaos", other).unwrap(),
        },
    }
}

pub(crate) fn check_counts(name: &str, plan: &Plan, expected: Option<&Value>) {
    let counts = serde_json::to_value(plan.counts()).unwrap();
    for (table, expected) in expected.and_then(Value::as_object).into_iter().flatten() {
        for (counter, expected) in expected.as_object().unwrap() {
            let found = counts[table].get(counter).and_then(Value::as_u64).unwrap_or(0);
            assert_eq!(
                Some(found),
                expected.as_u64(),
                "{name}: {table}.{counter} of {}",
                counts[table]
            );
        }
    }
}
