//! Why there is no set, as `PubGrub`'s tree: how large it is told, and what it stands on. Steps that several lines share stand
//! in it once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use pubgrub::{DerivationTree, Derived, External};
use version_ranges::Ranges;

use super::answer::Unusable;
use super::provider::Node;
use crate::model::Release;

pub(super) type Proof = DerivationTree<Node, Ranges<Release>, Unusable>;
pub(super) type Outer = External<Node, Ranges<Release>, Unusable>;
pub(super) type Inner = Derived<Node, Ranges<Release>, Unusable>;

/// Steps of a proof that is told; it is told by calls of itself, and what several lines share is told to each of them.
const MOST: usize = 1_000;

/// Whether a proof is small enough to be told step by step.
pub(super) fn is_told(proof: &Proof) -> bool {
    let mut sizes = HashMap::new();
    size(proof, &mut sizes) <= MOST
}

fn causes(proof: &Proof) -> [Option<&Arc<Proof>>; 2] {
    match proof {
        DerivationTree::Derived(derived) => [Some(&derived.cause1), Some(&derived.cause2)],
        DerivationTree::External(_) => [None, None],
    }
}

/// How many steps it has where each is told to all that share it.
fn size(proof: &Proof, sizes: &mut HashMap<*const Proof, usize>) -> usize {
    let place = std::ptr::from_ref(proof);
    if let Some(known) = sizes.get(&place) {
        return *known;
    }
    let of_causes = causes(proof).into_iter().flatten();
    let found = of_causes.fold(1_usize, |all, cause| all.saturating_add(size(cause, sizes)));
    sizes.insert(place, found);
    found
}

/// What a proof stands on, each once; what was met first stands first. That there is nothing between two versions of a plugin
/// is a step of the proof, and no ground.
pub(super) fn grounds(proof: &Proof) -> Vec<&Outer> {
    let all = leaves(proof);
    let is_needed = |node: &Node, range: &Ranges<Release>| {
        all.iter().any(|ground| match ground {
            External::FromDependencyOf(_, _, on, needed) => on == node && needed.subset_of(range),
            _ => false,
        })
    };
    let counts = |ground: &&&Outer| match ground {
        External::NoVersions(node, range) => is_needed(node, range),
        _ => true,
    };
    all.iter().filter(counts).copied().collect()
}

fn leaves(proof: &Proof) -> Vec<&Outer> {
    let mut seen = HashSet::new();
    let mut waiting = vec![proof];
    let mut found = Vec::new();
    while let Some(tree) = waiting.pop() {
        if !seen.insert(std::ptr::from_ref(tree)) {
            continue;
        }
        if let DerivationTree::External(outer) = tree {
            found.push(outer);
        }
        waiting.extend(causes(tree).into_iter().rev().flatten().map(AsRef::as_ref));
    }
    found
}
