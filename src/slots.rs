//! What is under way, by number: JavaScript holds the numbers.

use std::mem::replace;

/// A place, or the next one that is free.
enum Slot<T> {
    Taken(T),
    Free(usize),
}

/// Things by their numbers, from 1. To take one in, to lend it and to let it go cost the same however many there are: a hundred
/// thousand calls at once are each as dear as one.
pub struct Slots<T> {
    slots: Vec<Slot<T>>,
    /// The first free place: that after the last, where there is none between.
    free: usize,
}

impl<T> Slots<T> {
    /// Holds nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            slots: Vec::new(),
            free: 0,
        }
    }

    /// Takes a thing in: its number.
    pub fn keep(&mut self, thing: T) -> usize {
        let place = self.free;
        if place == self.slots.len() {
            self.slots.push(Slot::Free(place + 1));
        }
        if let Some(slot) = self.slots.get_mut(place)
            && let Slot::Free(next) = replace(slot, Slot::Taken(thing))
        {
            self.free = next;
        }
        place + 1
    }

    /// Lends the thing with that number: it comes back, or its number is freed.
    pub fn lend(&mut self, number: usize) -> Option<T> {
        let slot = self.slots.get_mut(number.wrapping_sub(1))?;
        if matches!(slot, Slot::Free(_)) {
            return None;
        }
        // No place lies there: who asks for a thing that is lent gets nothing.
        match replace(slot, Slot::Free(usize::MAX)) {
            Slot::Taken(thing) => Some(thing),
            Slot::Free(_) => None,
        }
    }

    /// Takes back what was lent.
    pub fn give_back(&mut self, number: usize, thing: T) {
        self.put(number, Slot::Taken(thing));
    }

    /// Lets the number of a lent thing go: the next that is taken in gets it.
    pub fn free(&mut self, number: usize) {
        let next = replace(&mut self.free, number.wrapping_sub(1));
        self.put(number, Slot::Free(next));
    }

    fn put(&mut self, number: usize, what: Slot<T>) {
        if let Some(slot) = self.slots.get_mut(number.wrapping_sub(1)) {
            *slot = what;
        }
    }
}

impl<T> Default for Slots<T> {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    proptest! {
        #[test]
        fn each_number_is_one_things_until_it_is_freed(steps in prop::collection::vec((0..3_u8, 0..12_usize), 0..200)) {
            let mut slots = Slots::new();
            let mut held = BTreeMap::new();
            let mut most = 0;
            for (thing, (what, pick)) in steps.into_iter().enumerate() {
                let number = held.keys().nth(pick).copied();
                match (what, number) {
                    (0, Some(number)) => {
                        prop_assert_eq!(slots.lend(number), held.remove(&number));
                        prop_assert_eq!(slots.lend(number), None);
                        slots.free(number);
                        prop_assert_eq!(slots.lend(number), None);
                    }
                    (1, Some(number)) => {
                        let lent = slots.lend(number).unwrap();
                        prop_assert_eq!(slots.lend(number), None);
                        let other = slots.keep(thing);
                        prop_assert_ne!(other, number);
                        prop_assert!(held.insert(other, thing).is_none());
                        slots.give_back(number, lent);
                    }
                    _ => {
                        let number = slots.keep(thing);
                        prop_assert!(held.insert(number, thing).is_none());
                    }
                }
                most = most.max(held.len());
                prop_assert!(held.keys().all(|&number| (1..=most).contains(&number)));
            }
            for (number, thing) in held {
                prop_assert_eq!(slots.lend(number), Some(thing));
            }
        }
    }

    #[test]
    fn the_number_that_was_freed_last_is_handed_out_next() {
        // Nobody searches for it, then.
        let mut slots = Slots::new();
        for thing in 1..=5 {
            assert_eq!(slots.keep(thing), thing);
        }
        for number in [2, 4] {
            assert_eq!(slots.lend(number), Some(number));
            slots.free(number);
        }
        assert_eq!([slots.keep(6), slots.keep(7), slots.keep(8)], [4, 2, 6]);
    }

    #[test]
    fn there_is_nothing_under_other_numbers() {
        let mut slots = Slots::default();
        assert_eq!(slots.keep('a'), 1);
        assert_eq!(
            [0, 2, usize::MAX].map(|number| slots.lend(number)),
            [None; 3]
        );
    }
}
