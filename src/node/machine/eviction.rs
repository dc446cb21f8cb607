//! Whom a node without memory or disk ends first (P65, P67), and whom its kernel kills (P88).

use crate::model::QosClass;

/// A pod that may be evicted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What it uses now, in bytes.
    pub usage: u64,
    /// What it asked for.
    pub request: u64,
    /// Its priority.
    pub priority: i32,
}

/// Of what the node is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pressed {
    /// Memory, or disk: those above their request go first.
    Bytes,
    /// Process numbers: only priority counts.
    Processes,
}

/// The place of the pod that is evicted first. Critical pods never are; equal ones go in the order
/// given.
#[must_use]
pub fn first_evicted(candidates: &[Candidate], pressed: Pressed) -> Option<usize> {
    let rank = |it: &Candidate| {
        let above = it.usage > it.request;
        let excess = i128::from(it.usage) - i128::from(it.request);
        match pressed {
            Pressed::Bytes => (!above, it.priority, -excess),
            Pressed::Processes => (false, it.priority, 0),
        }
    };
    let mortal = candidates.iter().enumerate();
    let mortal = mortal.filter(|(_, it)| it.priority < super::CRITICAL);
    mortal
        .min_by_key(|(_, it)| rank(it))
        .map(|(place, _)| place)
}

/// `oom_score_adj` of a container (P88).
#[must_use]
pub fn score_adjustment(class: QosClass, request: u64, capacity: u64) -> i64 {
    match class {
        QosClass::Guaranteed => -997,
        QosClass::BestEffort => 1000,
        QosClass::Burstable => {
            let share = u128::from(request) * 1000 / u128::from(capacity.max(1));
            let share = i64::try_from(share).unwrap_or(1000);
            (1000 - share).clamp(3, 999)
        }
    }
}

/// The place of the container that the kernel kills: the one of the highest score, where usage
/// counts by its share of the memory; of equal ones the first. Each is its usage and adjustment.
#[must_use]
pub fn oom_victim(containers: &[(u64, i64)], capacity: u64) -> Option<usize> {
    let score = |&(usage, adjustment): &(u64, i64)| {
        let share = u128::from(usage) * 1000 / u128::from(capacity.max(1));
        i64::try_from(share).unwrap_or(1000) + adjustment
    };
    let all = containers.iter().enumerate();
    all.max_by_key(|(place, it)| (score(it), std::cmp::Reverse(*place)))
        .map(|(place, _)| place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p67_usage_above_request_then_priority_then_excess() {
        let pod = |usage, request, priority| Candidate {
            usage,
            request,
            priority,
        };
        for (candidates, pressed, want) in [
            (vec![pod(5, 9, -1), pod(5, 4, 7)], Pressed::Bytes, Some(1)),
            (vec![pod(5, 4, 7), pod(5, 4, 6)], Pressed::Bytes, Some(1)),
            (vec![pod(5, 4, 0), pod(9, 4, 0)], Pressed::Bytes, Some(1)),
            (vec![pod(5, 4, 0), pod(5, 4, 0)], Pressed::Bytes, Some(0)),
            (
                vec![pod(9, 0, 5), pod(0, 9, 4)],
                Pressed::Processes,
                Some(1),
            ),
            // P65: critical pods stay.
            (
                vec![pod(9, 0, super::super::CRITICAL)],
                Pressed::Bytes,
                None,
            ),
        ] {
            assert_eq!(first_evicted(&candidates, pressed), want, "{candidates:?}");
        }
    }

    #[test]
    fn p88_the_kernel_kills_the_worst_score() {
        for (class, request, want) in [
            (QosClass::Guaranteed, 100, -997),
            (QosClass::BestEffort, 0, 1000),
            (QosClass::Burstable, 250, 750),
            (QosClass::Burstable, 0, 999),
            (QosClass::Burstable, 999, 3),
        ] {
            assert_eq!(score_adjustment(class, request, 1000), want, "{class:?}");
        }
        assert_eq!(
            oom_victim(&[(900, -997), (1, 1000), (1, 1000)], 1000),
            Some(1)
        );
        assert_eq!(oom_victim(&[(900, 3), (500, 500)], 1000), Some(1));
        assert_eq!(oom_victim(&[], 1000), None);
    }
}
