//! Where label sets go that found no place: one series for each name, the sum of them all.

use std::collections::HashMap;

use crate::series::store::SlotId;

/// The series in the place of all that are too many of one name: one slot, or those of a histogram.
#[derive(Debug)]
pub(crate) struct Overflow {
    pub(crate) slots: Box<[SlotId]>,
    /// Whether the members only ever grow: then what one had counted stays counted when it goes.
    monotonic: bool,
    carried: Vec<f64>,
    members: HashMap<u64, Member>,
}

#[derive(Debug)]
struct Member {
    values: Box<[f64]>,
    seen: u64,
}

impl Overflow {
    pub(crate) fn new(slots: Box<[SlotId]>, monotonic: bool) -> Self {
        let carried = vec![0.0; slots.len()];
        Self { slots, monotonic, carried, members: HashMap::new() }
    }

    /// Takes a reading of a register, by its id.
    pub(crate) fn read(&mut self, id: u64, tick: u64, values: impl Iterator<Item = f64>) {
        match self.members.get_mut(&id) {
            Some(member) => {
                member.seen = tick;
                member.values.iter_mut().zip(values).for_each(|(kept, value)| *kept = value);
            }
            None => {
                self.members.insert(id, Member { values: values.collect(), seen: tick });
            }
        }
    }

    /// The sums after a tick. Members that it did not see are gone.
    pub(crate) fn sums(&mut self, tick: u64) -> Vec<f64> {
        let carried = &mut self.carried;
        let monotonic = self.monotonic;
        self.members.retain(|_, member| {
            let gone = member.seen != tick;
            if gone && monotonic {
                add(carried, &member.values);
            }
            !gone
        });
        let mut sums = carried.clone();
        self.members.values().for_each(|member| add(&mut sums, &member.values));
        sums
    }
}

fn add(sums: &mut [f64], values: &[f64]) {
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}
