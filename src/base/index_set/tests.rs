//! Index sets against ordered sets, and their text form.

use std::collections::BTreeSet;
use std::hash::DefaultHasher;

use proptest::prelude::*;

use super::*;

fn set(numbers: &[u32]) -> IndexSet {
    numbers.iter().copied().collect()
}

fn hash(set: &IndexSet) -> u64 {
    let mut state = DefaultHasher::new();
    set.hash(&mut state);
    state.finish()
}

#[test]
fn the_largest_number_is_a_number_like_any_other() {
    let top = set(&[u32::MAX - 1, u32::MAX]);
    assert_eq!(
        (top.first(), top.last()),
        (Some(u32::MAX - 1), Some(u32::MAX))
    );
    assert_eq!(top.iter().collect::<Vec<_>>(), [u32::MAX - 1, u32::MAX]);
    assert_eq!(
        top.iter_intervals().collect::<Vec<_>>(),
        [(u32::MAX - 1, u32::MAX)]
    );
    assert_eq!(top.count_below(u32::MAX), 1);
}

#[test]
fn memory_left_over_does_not_count() {
    let mut worn = set(&[1, 100_000]);
    worn.remove(100_000);
    assert_eq!(worn, set(&[1]));
    assert_eq!(hash(&worn), hash(&set(&[1])));
    assert_ne!(worn, set(&[2]));
    assert_ne!(set(&[1]), set(&[100_000]));
}

/// A few in one word or two, or many: mostly close together, sometimes far away, so that words,
/// blocks and gaps all occur.
fn numbers() -> impl Strategy<Value = Vec<u32>> {
    let number = prop_oneof![4 => 0..200_u32, 1 => 0..20_000_u32, 1 => 4_090..4_200_u32];
    let few = prop::collection::vec(60..130_u32, 0..4);
    prop_oneof![1 => few, 3 => prop::collection::vec(number, 0..120)]
}

proptest! {
    #[test]
    fn behaves_as_an_ordered_set(
        adds in numbers(), removes in numbers(), from in 0..20_100_u32, bound in 0..20_100_u32,
    ) {
        let (mut ours, mut oracle) = (IndexSet::new(), BTreeSet::new());
        for &n in &adds {
            prop_assert_eq!(ours.insert(n), oracle.insert(n));
        }
        for &n in &removes {
            prop_assert_eq!(ours.contains(n), oracle.contains(&n));
            prop_assert_eq!(ours.remove(n), oracle.remove(&n));
        }
        prop_assert_eq!(ours.len() as usize, oracle.len());
        prop_assert_eq!(ours.first(), oracle.first().copied());
        prop_assert_eq!(ours.last(), oracle.last().copied());
        prop_assert!(ours.iter().eq(oracle.iter().copied()));
        let inside = oracle.iter().copied().filter(|n| (from..bound).contains(n));
        prop_assert!(ours.range(from..bound).eq(inside));
        prop_assert_eq!(ours.count_below(bound) as usize, oracle.range(..bound).count());
        prop_assert_eq!(ours.iter_intervals().flat_map(|(a, b)| a..=b).collect::<Vec<_>>(),
            oracle.iter().copied().collect::<Vec<_>>());
        ours.truncate(bound);
        prop_assert!(ours.iter().eq(oracle.range(..bound).copied()));
        prop_assert_eq!(&ours, &ours.iter().collect());
        ours.clear();
        prop_assert_eq!(ours, IndexSet::new());
    }

    #[test]
    fn sets_combine_as_ordered_sets_do(a in numbers(), b in numbers(), range in numbers()) {
        let (ours, other) = (set(&a), set(&b));
        let both = ours.iter().filter(|&n| other.contains(n)).count();
        prop_assert_eq!(ours.intersection_len(&other) as usize, both);
        let mut copy = other.clone();
        copy.clone_from(&ours);
        prop_assert_eq!(&copy, &ours);
        prop_assert_eq!(hash(&copy), hash(&ours));
        let range = range.first().copied().unwrap_or(0)..range.last().copied().unwrap_or(0);
        let gaps = range.clone().filter(|&n| !ours.contains(n) && !other.contains(n));
        prop_assert!(absent(&[&ours, &other], range.clone()).eq(gaps));
        copy.insert_range(range.clone());
        prop_assert_eq!(copy, ours.iter().chain(range).collect());
    }
}
