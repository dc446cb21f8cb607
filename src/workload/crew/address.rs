//! Where the draws of a run are: what they belong to, so that nothing else changes them.

use super::Site;
use crate::base::stream::entity;
use crate::base::{Law, Purpose, Span};
use crate::model::{ContainerRun, ContainerSlot};

/// The address of a run: where its draws are.
pub(super) fn run_entity(site: &Site<'_>, run: &ContainerRun) -> u64 {
    let index = run.index.map_or(0, |index| u64::from(index) + 1);
    entity(&[
        site.job_entity,
        index,
        u64::from(run.nth),
        slot_number(run.container),
        u64::from(run.run),
    ])
}

/// The address of a piece of work, whoever is at it.
pub(super) fn piece_entity(site: &Site<'_>, run: &ContainerRun, number: u32) -> u64 {
    let slot = slot_number(run.container);
    entity(&[site.job_entity, slot, u64::from(number)])
}

/// The address of a queue, whoever works on it.
pub(super) fn queue_entity(site: &Site<'_>, run: &ContainerRun, number: u64) -> u64 {
    entity(&[site.job_entity, slot_number(run.container), number])
}

const fn slot_number(slot: ContainerSlot) -> u64 {
    match slot {
        ContainerSlot::Init(place) => place as u64 * 2 + 1,
        ContainerSlot::Regular(place) => place as u64 * 2,
    }
}

pub(super) fn drawn(law: Option<&Law>, site: &Site<'_>, own: u64, purpose: Purpose) -> Span {
    law.map_or(Span::ZERO, |law| {
        let mut stream = site.key.stream(own, purpose);
        law.draw(&mut stream)
    })
}
