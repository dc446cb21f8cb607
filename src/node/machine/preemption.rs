//! Whom a kubelet ends to make room for a critical pod (P82).

use crate::model::QosClass;

/// A pod on the node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Its class.
    pub class: QosClass,
    /// CPU that it asked for, in thousandths.
    pub milli_cpu: u64,
    /// Memory that it asked for, in bytes.
    pub memory: u64,
    /// Its priority.
    pub priority: i32,
}

/// The places of the pods that have to go so that so much becomes free, or all that can go if
/// that is not enough: best-effort pods before burstable ones before guaranteed ones, of each class
/// the fewest, and of those the smallest.
#[must_use]
pub fn victims(tenants: &[Tenant], milli_cpu: u64, memory: u64) -> Vec<usize> {
    let classes = [
        QosClass::BestEffort,
        QosClass::Burstable,
        QosClass::Guaranteed,
    ];
    let (mut cpu, mut bytes) = (milli_cpu, memory);
    let mut gone = Vec::new();
    for class in classes {
        let mut left: Vec<usize> = (0..tenants.len())
            .filter(|at| tenants[*at].class == class && tenants[*at].priority < super::CRITICAL)
            .collect();
        while (cpu > 0 || bytes > 0) && !left.is_empty() {
            let short = |at: usize| {
                let tenant = &tenants[at];
                // How much would still be missing, then how much more than needed would go.
                let missing = |want: u64, has: u64| want.saturating_sub(has);
                let parts = |want: u64, has: u64| {
                    u128::from(missing(want, has)) * 1_000_000 / u128::from(want.max(1))
                };
                let rest = parts(cpu, tenant.milli_cpu) + parts(bytes, tenant.memory);
                (rest, tenant.memory, tenant.milli_cpu, at)
            };
            let Some(best) = left.iter().copied().min_by_key(|at| short(*at)) else {
                break;
            };
            left.retain(|at| *at != best);
            cpu = cpu.saturating_sub(tenants[best].milli_cpu);
            bytes = bytes.saturating_sub(tenants[best].memory);
            gone.push(best);
        }
    }
    gone
}

#[cfg(test)]
mod tests {
    use super::*;
    use QosClass::{Burstable, Guaranteed};

    #[test]
    fn p82_the_least_dear_pods_make_room() {
        let pod = |class, milli_cpu| Tenant {
            class,
            milli_cpu,
            memory: 0,
            priority: 0,
        };
        for (tenants, cpu, want) in [
            (
                vec![pod(Guaranteed, 500), pod(Burstable, 500)],
                400,
                vec![1],
            ),
            (vec![pod(Burstable, 900), pod(Burstable, 500)], 400, vec![1]),
            (
                vec![pod(Burstable, 300), pod(Burstable, 500)],
                700,
                vec![1, 0],
            ),
            (vec![pod(Burstable, 300)], 0, vec![]),
            (vec![pod(Burstable, 300)], 900, vec![0]),
        ] {
            assert_eq!(victims(&tenants, cpu, 0), want, "{tenants:?} {cpu}");
        }
    }
}
