//! Amounts of resources in arrays: cpu, memory and local storage, and the others by number.

use crate::model::Resources;

/// A resource beyond cpu, memory and local storage, by its number.
pub(super) type Resource = usize;

/// Amounts of every resource, in the units of [`Resources`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Amounts {
    pub(super) milli_cpu: u64,
    pub(super) memory: u64,
    pub(super) storage: u64,
    pub(super) others: Vec<u64>,
}

impl Amounts {
    /// Takes named amounts; of cpu, memory and storage there is so much where that is not said.
    pub(super) fn of(
        all: &Resources,
        untold: u64,
        mut resource: impl FnMut(&str) -> Resource,
    ) -> Self {
        let mut amounts = Self {
            milli_cpu: all.milli_cpu.unwrap_or(untold),
            memory: all.memory.unwrap_or(untold),
            storage: all.ephemeral_storage.unwrap_or(untold),
            others: Vec::new(),
        };
        for (name, amount) in &all.others {
            let place = resource(name);
            if amounts.others.len() <= place {
                amounts.others.resize(place + 1, 0);
            }
            amounts.others[place] = *amount;
        }
        amounts
    }

    pub(super) fn other(&self, resource: Resource) -> u64 {
        self.others.get(resource).copied().unwrap_or(0)
    }

    pub(super) fn add(&mut self, more: &Self) {
        self.milli_cpu = self.milli_cpu.saturating_add(more.milli_cpu);
        self.memory = self.memory.saturating_add(more.memory);
        self.storage = self.storage.saturating_add(more.storage);
        if self.others.len() < more.others.len() {
            self.others.resize(more.others.len(), 0);
        }
        for (own, more) in self.others.iter_mut().zip(&more.others) {
            *own = own.saturating_add(*more);
        }
    }

    pub(super) fn take(&mut self, less: &Self) {
        self.milli_cpu = self.milli_cpu.saturating_sub(less.milli_cpu);
        self.memory = self.memory.saturating_sub(less.memory);
        self.storage = self.storage.saturating_sub(less.storage);
        for (own, less) in self.others.iter_mut().zip(&less.others) {
            *own = own.saturating_sub(*less);
        }
    }
}
