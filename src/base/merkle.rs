//! The Merkle tree of RFC 6962 over lines: leaves are appended, of what is there only the peaks are kept. Whoever has all leaves
//! can prove that one is in the tree, and that a larger tree only goes on from a smaller one; both are checked by roots alone.

use sha2::{Digest, Sha256};

use crate::model::Sha256Digest;

/// The hash of a leaf.
pub fn leaf(bytes: &[u8]) -> Sha256Digest {
    let mut hasher = Sha256::new();
    hasher.update([0]);
    hasher.update(bytes);
    Sha256Digest::new(hasher.finalize().into())
}

/// The hash of what stands above two others.
fn node(left: &Sha256Digest, right: &Sha256Digest) -> Sha256Digest {
    let mut both = [1; 65];
    both[1..33].copy_from_slice(left.as_bytes());
    both[33..].copy_from_slice(right.as_bytes());
    Sha256Digest::new(Sha256::digest(both).into())
}

/// A tree that grows: how many leaves it has, and the roots of the perfect trees that it is made of, the largest first.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Peaks {
    size: u64,
    peaks: Vec<Sha256Digest>,
}

impl Peaks {
    /// A tree as it was told; nothing where its size has another number of peaks.
    pub fn new(size: u64, peaks: Vec<Sha256Digest>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    /// How many leaves it has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The largest first.
    pub fn peaks(&self) -> &[Sha256Digest] {
        &self.peaks
    }

    /// One more leaf, by its hash.
    pub fn push(&mut self, leaf: Sha256Digest) {
        let mut top = leaf;
        // Each 1 at the end of the size is a perfect tree that becomes one with the new one.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                top = node(&left, &top);
            }
        }
        self.peaks.push(top);
        self.size += 1;
    }

    /// The root of the whole tree.
    pub fn root(&self) -> Sha256Digest {
        let mut peaks = self.peaks.iter().rev().copied();
        let Some(last) = peaks.next() else {
            return Sha256Digest::new(Sha256::digest([]).into());
        };
        peaks.fold(last, |right, left| node(&left, &right))
    }
}

/// The root of a tree, by the hashes of its leaves.
pub fn root(leaves: &[Sha256Digest]) -> Sha256Digest {
    let mut peaks = Peaks::default();
    for leaf in leaves {
        peaks.push(*leaf);
    }
    peaks.root()
}

/// How many leaves the left half of a tree of two or more has: the largest power of two that is less.
fn left_half(count: usize) -> usize {
    1 << (usize::BITS - 1 - (count - 1).leading_zeros())
}

/// What proves that a leaf is in a tree; nothing where there is no such leaf.
pub fn inclusion_proof(leaves: &[Sha256Digest], index: usize) -> Option<Vec<Sha256Digest>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut leaves, mut index, mut proof) = (leaves, index, Vec::new());
    while leaves.len() > 1 {
        let (left, right) = leaves.split_at(left_half(leaves.len()));
        if index < left.len() {
            proof.push(root(right));
            leaves = left;
        } else {
            proof.push(root(left));
            index -= left.len();
            leaves = right;
        }
    }
    proof.reverse();
    Some(proof)
}

/// What proves that a tree begins with its first `size` leaves as they were; nothing where it has fewer.
pub fn consistency_proof(leaves: &[Sha256Digest], size: usize) -> Option<Vec<Sha256Digest>> {
    if size == 0 || size > leaves.len() {
        return None;
    }
    let (mut leaves, mut size, mut proof) = (leaves, size, Vec::new());
    // Whether what is left is all of the smaller tree, whose root is known.
    let mut is_whole = true;
    while size < leaves.len() {
        let (left, right) = leaves.split_at(left_half(leaves.len()));
        if size <= left.len() {
            proof.push(root(right));
            leaves = left;
        } else {
            proof.push(root(left));
            size -= left.len();
            leaves = right;
            is_whole = false;
        }
    }
    if !is_whole {
        proof.push(root(leaves));
    }
    proof.reverse();
    Some(proof)
}

/// Whether a proof shows that a leaf is in the tree of a root.
pub fn is_included(leaf: Sha256Digest, (index, size): (u64, u64), proof: &[Sha256Digest], root: &Sha256Digest) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last, mut top) = (index, size - 1, leaf);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            top = node(beside, &top);
            // The right edge has nothing beside it for as long as it is a left one.
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            top = node(&top, beside);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && top == *root
}

/// A tree as somebody noted it: how many leaves, and its root.
pub type Noted<'a> = (u64, &'a Sha256Digest);

/// Whether a proof shows that the larger tree begins with all of the smaller one.
pub fn is_consistent(smaller: Noted<'_>, larger: Noted<'_>, proof: &[Sha256Digest]) -> bool {
    let ((size, root), (larger_size, larger_root)) = (smaller, larger);
    if size == 0 || size > larger_size {
        return false;
    }
    if size == larger_size {
        return proof.is_empty() && root == larger_root;
    }
    let mut proof = proof.iter();
    // A smaller tree that is perfect is a node of the larger one.
    let first = if size.is_power_of_two() {
        Some(root)
    } else {
        proof.next()
    };
    let Some(first) = first else { return false };
    let (mut place, mut last) = (size - 1, larger_size - 1);
    while place & 1 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    let (mut old, mut new) = (*first, *first);
    for beside in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            (old, new) = (node(beside, &old), node(beside, &new));
            while place & 1 == 0 && place != 0 {
                (place, last) = (place >> 1, last >> 1);
            }
        } else {
            new = node(&new, beside);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && old == *root && new == *larger_root
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn leaves(count: usize) -> Vec<Sha256Digest> {
        (0..count).map(|number| leaf(number.to_string().as_bytes())).collect()
    }

    /// The root as the RFC says it.
    fn by_definition(leaves: &[Sha256Digest]) -> Sha256Digest {
        match leaves {
            [] => Sha256Digest::new(Sha256::digest([]).into()),
            [only] => *only,
            several => {
                let (left, right) = several.split_at(left_half(several.len()));
                node(&by_definition(left), &by_definition(right))
            }
        }
    }

    /// A digest of a vector; one has some that are none.
    fn digest(value: &Value) -> Option<Sha256Digest> {
        let bytes = BASE64_STANDARD.decode(value.as_str()?).ok()?;
        Some(Sha256Digest::new(bytes.try_into().ok()?))
    }

    fn proof(value: &Value) -> Option<Vec<Sha256Digest>> {
        value
            .as_array()
            .map_or(Some(Vec::new()), |list| list.iter().map(digest).collect())
    }

    /// The vectors below a folder, by their names.
    fn vectors(kind: &str) -> Vec<(String, Value)> {
        let folder = std::env::var_os("GESTOR_TEST_CORPORA").expect("GESTOR_TEST_CORPORA names the folder");
        let top = Path::new(&folder).join("merkle/testdata").join(kind);
        let files = walkdir::WalkDir::new(&top).into_iter().map(Result::unwrap);
        let files = files.filter(|entry| entry.file_type().is_file());
        let read = |entry: walkdir::DirEntry| {
            let name = entry.path().strip_prefix(&top).unwrap().display().to_string();
            (
                name,
                serde_json::from_slice(&std::fs::read(entry.path()).unwrap()).unwrap(),
            )
        };
        files.map(read).collect()
    }

    /// `GESTOR_TEST_CORPORA` names the folder that holds `merkle/`.
    #[test]
    #[ignore = "wants the vectors of others"]
    fn inclusion_is_what_others_say_that_it_is() {
        let vectors = vectors("inclusion");
        let mut accepted = 0;
        for (name, vector) in &vectors {
            let number = |key: &str| vector[key].as_u64().unwrap();
            let said = (|| {
                let (leaf, root) = (digest(&vector["leafHash"])?, digest(&vector["root"])?);
                let place = (number("leafIdx"), number("treeSize"));
                Some(is_included(leaf, place, &proof(&vector["proof"])?, &root))
            })();
            let wanted = !vector["wantErr"].as_bool().unwrap();
            assert_eq!(said.unwrap_or(false), wanted, "{name}");
            accepted += usize::from(wanted);
        }
        assert_eq!((vectors.len(), accepted), (98, 6));
    }

    /// As the one before it.
    #[test]
    #[ignore = "wants the vectors of others"]
    fn consistency_is_what_others_say_that_it_is() {
        let vectors = vectors("consistency");
        let (mut accepted, mut differing) = (0, Vec::new());
        for (name, vector) in &vectors {
            let number = |key: &str| vector[key].as_u64().unwrap();
            let said = (|| {
                let (smaller, larger) = (digest(&vector["root1"])?, digest(&vector["root2"])?);
                let (smaller, larger) = ((number("size1"), &smaller), (number("size2"), &larger));
                Some(is_consistent(smaller, larger, &proof(&vector["proof"])?))
            })();
            accepted += usize::from(said == Some(true));
            if said.unwrap_or(false) == vector["wantErr"].as_bool().unwrap() {
                differing.push((name.as_str(), said));
            }
        }
        // The roots of one that is accepted elsewhere are no digests.
        assert_eq!(
            differing,
            [("additional/sizes-are-equal-one-and-proof-is-empty.json", None)]
        );
        assert_eq!((vectors.len(), accepted), (98, 5));
    }

    #[test]
    fn a_tree_is_known_by_as_many_peaks_as_its_size_has_ones() {
        let some = leaves(3);
        assert!(Peaks::new(3, some.clone()).is_none());
        assert!(Peaks::new(7, some).is_some());
        assert_eq!(Peaks::new(0, Vec::new()), Some(Peaks::default()));
        assert_eq!(
            root(&[]).to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
    }

    proptest! {
        #[test]
        fn the_root_is_the_one_that_is_defined(count in 0usize..130) {
            let leaves = leaves(count);
            prop_assert_eq!(root(&leaves), by_definition(&leaves));
        }

        #[test]
        fn however_leaves_come_the_tree_is_the_same(count in 0usize..90, split in 0usize..90) {
            let leaves = leaves(count);
            let mut first = Peaks::default();
            leaves.iter().take(split).for_each(|leaf| first.push(*leaf));
            let mut again = Peaks::new(first.size(), first.peaks().to_vec()).unwrap();
            leaves.iter().skip(split).for_each(|leaf| again.push(*leaf));
            prop_assert_eq!(again.root(), root(&leaves));
            prop_assert_eq!(again.size(), count as u64);
        }

        #[test]
        fn each_leaf_is_proved_and_no_other(count in 1usize..90, index in 0usize..90, other in 0usize..90) {
            prop_assume!(index < count);
            let leaves = leaves(count);
            let (proof, root) = (inclusion_proof(&leaves, index).unwrap(), root(&leaves));
            let place = (index as u64, count as u64);
            prop_assert!(is_included(leaves[index], place, &proof, &root));
            let other = other % count;
            if other != index {
                prop_assert!(!is_included(leaves[other], place, &proof, &root));
                prop_assert!(!is_included(leaves[index], (other as u64, count as u64), &proof, &root));
            }
            prop_assert!(inclusion_proof(&leaves, count).is_none());
        }

        #[test]
        fn each_beginning_is_proved_and_a_changed_one_is_not(size in 1usize..90, more in 0usize..40, changed in 0usize..90) {
            let leaves = leaves(size + more);
            let proof = consistency_proof(&leaves, size).unwrap();
            let (smaller, larger) = (root(&leaves[..size]), root(&leaves));
            let (smaller_size, larger_size) = (size as u64, (size + more) as u64);
            prop_assert!(is_consistent((smaller_size, &smaller), (larger_size, &larger), &proof));
            let mut forged = leaves.clone();
            forged[changed % size] = leaf(b"another");
            let forged_proof = consistency_proof(&forged, size).unwrap();
            let forged_root = root(&forged);
            prop_assert!(!is_consistent((smaller_size, &smaller), (larger_size, &forged_root), &forged_proof));
        }
    }
}
