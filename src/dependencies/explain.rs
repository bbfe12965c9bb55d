//! Why there is no set, in sentences and as facts (SPEC 2 §7). Must not decide.

use std::collections::BTreeSet;

use pubgrub::{DefaultStringReporter, External, Reporter};
use serde::Serialize;
use version_ranges::Ranges;

use super::answer::Unusable;
use super::problem::Reason;
use super::proof::{Outer, Proof, grounds, is_told};
use super::provider::{Node, Provider};
use super::sentences::{Sentences, name, reason, versions};
use crate::model::Lang::{En, PtBr};
use crate::model::{Lang, Release};

/// Facts that are given to programs.
const FACTS: usize = 100;

/// Why there is no set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// A sentence a line, in Portuguese.
    pub portuguese: Vec<String>,
    /// The same in English.
    pub english: Vec<String>,
    /// What it stands on, for programs.
    pub facts: Vec<Fact>,
}

/// Something that a proof stands on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Fact {
    /// `pedido`, `instalado`, `precisa`, `opcional`, `ausente`, `pausado` or `ciclo`.
    pub tipo: &'static str,
    /// The plugin that it is about (`gestor` and `php` are names here as well).
    pub id: String,
    /// Its versions; nothing for all of them.
    pub versoes: Option<String>,
    /// What it needs, where it is a need.
    pub precisa: Option<String>,
    /// In which versions; nothing for all of them.
    pub faixa: Option<String>,
}

impl Explanation {
    pub(super) fn of(provider: &Provider<'_>, mut proof: Proof) -> Self {
        let facts = grounds(&proof).into_iter().filter_map(|ground| fact(provider, ground));
        let facts = facts.collect::<BTreeSet<_>>().into_iter().take(FACTS).collect();
        let is_told = is_told(&proof);
        if is_told {
            proof.collapse_no_versions();
        }
        let told = |lang| {
            let sentences = Sentences { provider, lang };
            if is_told {
                DefaultStringReporter::report_with_formatter(&proof, &sentences)
            } else {
                sentences.grounds(&proof)
            }
        };
        let lines = |text: String| {
            let lines = text.lines().filter(|line| !line.is_empty());
            lines.map(str::to_owned).collect()
        };
        Self {
            portuguese: lines(told(PtBr)),
            english: lines(told(En)),
            facts,
        }
    }

    /// The sentences, in the operator's language.
    pub fn lines(&self, lang: Lang) -> &[String] {
        match lang {
            PtBr => &self.portuguese,
            En => &self.english,
        }
    }
}

fn fact(provider: &Provider<'_>, ground: &Outer) -> Option<Fact> {
    let of = |tipo, node: &Node, range: &Ranges<Release>| Fact {
        tipo,
        id: name(provider, *node),
        versoes: versions(range),
        precisa: None,
        faixa: None,
    };
    Some(match ground {
        External::NotRoot(..) => return None,
        External::FromDependencyOf(..) if is_own_presence(ground) => return None,
        External::NoVersions(node, range) => of("ausente", node, range),
        External::Custom(node, range, Unusable::Paused) => of("pausado", node, range),
        External::Custom(node, range, Unusable::Cycle(_)) => of("ciclo", node, range),
        External::FromDependencyOf(Node::Set, _, on, needed) => {
            let reason = reason(provider, *on);
            let tipo = if reason == Reason::Installed {
                "instalado"
            } else {
                "pedido"
            };
            of(tipo, on, needed)
        }
        External::FromDependencyOf(by, range, on, needed) => Fact {
            precisa: Some(name(provider, *on)),
            faixa: versions(needed),
            ..of(
                if matches!(on, Node::Presence(_)) {
                    "opcional"
                } else {
                    "precisa"
                },
                by,
                range,
            )
        },
    })
}

/// That a version of a plugin is that version.
fn is_own_presence(ground: &Outer) -> bool {
    matches!(ground, External::FromDependencyOf(Node::Plugin(by), _, Node::Presence(on), _) if by == on)
}
