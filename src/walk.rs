//! `eachAttestation`: the order in which pages are fetched ahead and delivered.
//!
//! Pages are offsets, so a record removed before a page shifts all later ones to the left, and one of them
//! slips over the edge into a page that was read already. The walk sees it by the total: where a page knows
//! fewer records than the page before it did, it reads that page again, and the one before, and so on down
//! until nothing can have slipped further. Downwards, because what moves left meanwhile cannot be overtaken.
//! Records added shift the others to the right and come twice; the reader drops those by `uuid`. But where a page was read
//! before the one before it, they slip the other way: such a page is asked for once more before all this.

#[derive(Clone, Copy, Debug, PartialEq)]
enum State {
    /// To be asked for again, as soon as it is the next to be delivered.
    Planned,
    /// On its way.
    Asked,
    /// Here: how many records it has, and the total that it told.
    Here { records: u32, total: f64 },
}

/// One reading of a page.
#[derive(Debug)]
struct Read {
    number: u32,
    page: u32,
    state: State,
    /// For a page that is read again: over which edge records slipped.
    slip: Option<Slip>,
}

/// The edge behind page `before`, which knew `total` records when it was read first.
#[derive(Clone, Copy, Debug)]
struct Slip {
    before: u32,
    total: f64,
}

/// What the reader gets next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// The records of the read with this number.
    Deliver(u32),
    /// Nothing before another page arrives.
    Wait,
    /// Nothing yet, but there is something new to ask for.
    Ask,
    /// There is no more.
    End,
}

/// A walk over all pages of a search.
#[derive(Debug)]
pub struct Walk {
    concurrency: usize,
    per_page: f64,
    /// In the order of delivery, and so few (one more than `concurrency` at most) that a ring would gain nothing: one took 250 bytes
    /// more of the module.
    reads: Vec<Read>,
    issued: u32,
    /// The highest page that was asked for.
    page: u32,
    /// The latest total that any page told.
    total: Option<f64>,
    /// The page delivered last, and its total.
    before: Option<(u32, f64)>,
    /// How many pages may still be read again: totals that swing for ever shall not keep the walk going.
    repeats: u32,
    ended: bool,
}

impl Walk {
    /// Stands before the first page. At most `concurrency` pages are on their way or wait for delivery.
    pub fn new(per_page: u32, concurrency: u32) -> Self {
        Self {
            concurrency: concurrency.max(1) as usize,
            per_page: f64::from(per_page.max(1)),
            reads: Vec::new(),
            issued: 0,
            page: 0,
            total: None,
            before: None,
            repeats: 64,
            ended: false,
        }
    }

    /// The next page to ask for, as (read, page), while there is room for one, and need: the reader wants so many
    /// records more.
    pub fn ask(&mut self, wanted: u32) -> Option<(u32, u32)> {
        let on_their_way = self
            .reads
            .iter()
            .filter(|read| read.state == State::Asked)
            .count();
        if let Some(front) = self.reads.first_mut()
            && front.state == State::Planned
        {
            if on_their_way >= self.concurrency {
                return None;
            }
            front.state = State::Asked;
            return Some((front.number, front.page));
        }
        let more = match self.total {
            // The first page goes alone: only its answer says how many there are.
            None => self.page == 0,
            // The page delivered last may have promised one more than the latest total knows: look.
            Some(total) => {
                self.follows(self.page, total) || (self.reads.is_empty() && self.promises())
            }
        };
        #[expect(clippy::cast_precision_loss, reason = "as few as `concurrency`")]
        let ahead = self.reads.len() as f64 * self.per_page;
        if self.ended || !more || self.reads.len() >= self.concurrency || ahead >= f64::from(wanted)
        {
            return None;
        }
        self.page = self.page.checked_add(1)?;
        let number = self.number();
        self.reads.push(Read {
            number,
            page: self.page,
            state: State::Asked,
            slip: None,
        });
        Some((number, self.page))
    }

    /// Tells that a page came, with so many records and what its `meta` says.
    pub fn arrived(&mut self, number: u32, records: u32, total: f64, per_page: f64) {
        if self.total.is_none() {
            // The server may have its own idea of a page's size, and counts by it. It may also echo what it was asked for, and
            // give fewer: then more follow than it seems.
            let short = f64::from(records) < total;
            let given = if short { records.into() } else { per_page };
            self.per_page = per_page.min(given).max(1.0);
        }
        self.total = Some(total);
        if let Some(read) = self.reads.iter_mut().find(|read| read.number == number) {
            read.state = State::Here { records, total };
        }
    }

    /// What the reader gets next. To be called after [`Walk::ask`] has nothing more.
    pub fn step(&mut self) -> Next {
        let Some(front) = self.reads.first_mut() else {
            let more = !self.ended && (self.before.is_none() || self.promises());
            return if more { Next::Ask } else { Next::End };
        };
        let State::Here { records, total } = front.state else {
            return Next::Wait;
        };
        let (number, page, slip) = (front.number, front.page, front.slip);
        if let Some(slip) = slip {
            self.reads.remove(0);
            self.read_again(slip, page - 1, total);
            return Next::Deliver(number);
        }
        if let Some((before, known)) = self.before.take() {
            if total < known {
                // It may have been read before the page before it, and what was added in between has moved records in here. Below zero,
                // a total says that this was done.
                self.before = Some((before, -known));
                front.state = State::Planned;
                return Next::Ask;
            }
            let slip = Slip {
                before,
                total: known.abs(),
            };
            if self.read_again(slip, before, total) {
                return Next::Ask;
            }
        }
        self.reads.remove(0);
        self.before = Some((page, total));
        // Every page forward earns some repeats: enough for any real shrinking, and an end for an endless one.
        self.repeats = self.repeats.saturating_add(8).min(4096);
        // An empty page ends the forward direction, whatever total it claims.
        self.ended |= records == 0;
        Next::Deliver(number)
    }

    /// The read that is to be delivered next.
    pub fn awaited(&self) -> Option<u32> {
        self.reads.first().map(|read| read.number)
    }

    /// Stops asking and delivering.
    pub fn stop(&mut self) {
        self.ended = true;
        self.reads.clear();
    }

    /// Plans to read `page` again, if records that slipped over the edge may have come to lie there or further
    /// left, now that `total` are left.
    fn read_again(&mut self, slip: Slip, page: u32, total: f64) -> bool {
        let covered = f64::from(slip.before - page) * self.per_page;
        if page == 0 || self.repeats == 0 || slip.total - total <= covered {
            return false;
        }
        self.repeats -= 1;
        let number = self.number();
        self.reads.insert(
            0,
            Read {
                number,
                page,
                state: State::Planned,
                slip: Some(slip),
            },
        );
        true
    }

    fn promises(&self) -> bool {
        self.before
            .is_some_and(|(page, total)| page == self.page && self.follows(page, total))
    }

    fn follows(&self, page: u32, total: f64) -> bool {
        f64::from(page) * self.per_page < total
    }

    fn number(&mut self) -> u32 {
        self.issued = self.issued.wrapping_add(1);
        self.issued
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::{BTreeSet, HashMap};

    /// The records of a page, and how many there are in all.
    type Looked = (Vec<u32>, usize);

    /// A server whose records change between any two requests, and a reader with pages arriving in any order.
    struct World {
        records: Vec<u32>,
        per_page: usize,
        walk: Walk,
        /// Requests on their way: read, page, and what is there, where the server has looked already.
        wire: Vec<(u32, u32, Option<Looked>)>,
        pages: HashMap<u32, Vec<u32>>,
        seen: Vec<u32>,
        requests: usize,
    }

    impl World {
        fn new(count: u32, per_page: u32, concurrency: u32) -> Self {
            Self {
                records: (0..count).collect(),
                per_page: per_page as usize,
                walk: Walk::new(per_page, concurrency),
                wire: Vec::new(),
                pages: HashMap::new(),
                seen: Vec::new(),
                requests: 0,
            }
        }

        fn look(&self, page: u32) -> Looked {
            let start = (page as usize - 1) * self.per_page;
            let data = self.records.iter().skip(start).take(self.per_page);
            (data.copied().collect(), self.records.len())
        }

        fn ask(&mut self) {
            while let Some((read, page)) = self.walk.ask(u32::MAX) {
                self.requests += 1;
                // Some requests take their time on the way there, and some answers on the way back.
                let looked = (!self.requests.is_multiple_of(3)).then(|| self.look(page));
                self.wire.push((read, page, looked));
                assert!(
                    self.wire.len() <= self.walk.concurrency,
                    "too many on their way"
                );
            }
        }

        /// Runs to the end. `choose` picks which answer arrives next; `change` alters the records in between.
        fn run(
            &mut self,
            mut choose: impl FnMut(usize) -> usize,
            mut change: impl FnMut(&mut Vec<u32>),
        ) {
            loop {
                self.ask();
                match self.walk.step() {
                    Next::Deliver(read) => self
                        .seen
                        .extend(self.pages.remove(&read).expect("delivered before it came")),
                    Next::End => return,
                    Next::Ask => {}
                    Next::Wait => {
                        assert!(!self.wire.is_empty(), "waits for nothing");
                        let (read, page, looked) = self.wire.remove(choose(self.wire.len()));
                        let (data, total) = looked.unwrap_or_else(|| self.look(page));
                        self.walk.arrived(
                            read,
                            data.len() as u32,
                            total as f64,
                            self.per_page as f64,
                        );
                        self.pages.insert(read, data);
                        change(&mut self.records);
                    }
                }
                assert!(self.requests < 5000, "no end");
            }
        }
    }

    #[test]
    fn a_quiet_walk_reads_each_page_once_and_in_order() {
        for (count, pages) in [(0, 1), (1, 1), (50, 1), (51, 2), (11_020, 221)] {
            let mut world = World::new(count, 50, 6);
            world.run(|_| 0, |_| {});
            assert_eq!(world.seen, (0..count).collect::<Vec<_>>());
            assert_eq!(world.requests, pages);
        }
    }

    #[test]
    fn a_page_that_gives_fewer_than_it_says_is_counted_by_what_it_gives() {
        let mut walk = Walk::new(1000, 1);
        let mut sizes = vec![100_u32, 100, 50];
        let mut seen = 0;
        loop {
            let read = walk.ask(u32::MAX);
            match (walk.step(), read) {
                (Next::Deliver(_) | Next::Ask, None) => {}
                (Next::Wait, Some((read, _))) => {
                    let records = sizes.remove(0);
                    seen += records;
                    walk.arrived(read, records, 250.0, 1000.0);
                }
                (Next::End, None) => break,
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(seen, 250);
    }

    #[test]
    fn totals_that_lie_end_the_walk() {
        let mut walk = Walk::new(10, 3);
        let mut asked = Vec::new();
        let mut delivered = 0;
        for turn in 0.. {
            assert!(turn < 10_000, "no end");
            while let Some(read) = walk.ask(u32::MAX) {
                asked.push(read);
            }
            match walk.step() {
                Next::Deliver(_) => delivered += 1,
                Next::End => break,
                Next::Ask => {}
                Next::Wait => {
                    let (read, page) = asked.remove(0);
                    // A total that swings for ever, and nothing behind page 40.
                    let total = if turn % 2 == 0 { 1e15 } else { 500.0 };
                    walk.arrived(read, if page > 40 { 0 } else { 10 }, total, 10.0);
                }
            }
        }
        assert!(delivered >= 40);
    }

    #[test]
    fn totals_that_shrink_for_ever_cost_a_few_pages_more_and_not_all_of_them_each_time() {
        let mut walk = Walk::new(10, 1);
        let (mut furthest, mut requests) = (0, 0);
        let mut total = 1e15;
        while furthest < 300 {
            let asked = walk.ask(u32::MAX);
            if let (Next::Wait, Some((read, page))) = (walk.step(), asked) {
                furthest = furthest.max(page);
                requests += 1;
                total -= 1e6;
                walk.arrived(read, 10, total, 10.0);
            }
        }
        assert!(requests > 300 * 9, "{requests}");
        // Each page forward: itself, once more where fewer are told of, and the eight repeats that it earns.
        assert!(requests <= 64 + 300 * 10, "{requests}");
    }

    /// Pages of ten, read one by one; the total is told anew with each. Which were asked for, in turn, to the end.
    fn asked(mut totals: impl FnMut(u32) -> f64) -> Vec<u32> {
        let mut walk = Walk::new(10, 1);
        let mut pages = Vec::new();
        loop {
            let asked = walk.ask(u32::MAX);
            match (walk.step(), asked) {
                (Next::Wait, Some((read, page))) => {
                    pages.push(page);
                    let total = totals(pages.len() as u32);
                    walk.arrived(read, 10, total, 10.0);
                }
                (Next::Deliver(_) | Next::Ask, None) => {}
                (Next::End, None) => return pages,
                other => panic!("{other:?}"),
            }
        }
    }

    #[test]
    fn only_the_pages_that_records_can_have_slipped_to_are_read_again() {
        // Told of fewer, the third is asked for once more; then come the pages before it, as far as what is gone may reach.
        for (left, rest) in [
            (39.0, &[2, 4][..]),
            (30.0, &[2]),
            (29.0, &[2, 1]),
            (20.0, &[2, 1]),
            // There is none before the first.
            (5.0, &[2, 1]),
        ] {
            let pages = asked(|request| if request < 3 { 40.0 } else { left });
            assert_eq!(pages, [&[1, 2, 3, 3], rest].concat(), "{left}");
        }
    }

    #[test]
    fn what_is_under_way_and_what_waits_for_its_reader_are_no_more_than_allowed() {
        let mut walk = Walk::new(10, 3);
        let (first, _) = walk.ask(u32::MAX).unwrap();
        assert_eq!(walk.ask(u32::MAX), None, "the first page goes alone");
        walk.arrived(first, 10, 1000.0, 10.0);
        assert_eq!(walk.step(), Next::Deliver(first));
        let asked: Vec<_> = std::iter::from_fn(|| walk.ask(u32::MAX)).collect();
        assert_eq!(
            asked.iter().map(|(_, page)| *page).collect::<Vec<_>>(),
            [2, 3, 4]
        );
        assert_eq!(walk.awaited(), Some(asked[0].0));
        // They have come, and nobody has taken them yet.
        for (read, _) in &asked {
            walk.arrived(*read, 10, 1000.0, 10.0);
        }
        assert_eq!(walk.ask(u32::MAX), None);
        assert_eq!(walk.step(), Next::Deliver(asked[0].0));
        assert_eq!(walk.ask(u32::MAX).map(|(_, page)| page), Some(5));
        // Nor is more fetched than the reader wants.
        let mut walk = Walk::new(10, 3);
        let (first, _) = walk.ask(15).unwrap();
        walk.arrived(first, 10, 1000.0, 10.0);
        walk.step();
        assert_eq!(walk.ask(5).map(|(_, page)| page), Some(2));
        assert_eq!(walk.ask(5), None);
    }

    #[test]
    fn a_stopped_walk_delivers_nothing_that_had_come() {
        let mut walk = Walk::new(10, 3);
        let (first, _) = walk.ask(u32::MAX).unwrap();
        walk.arrived(first, 10, 1000.0, 10.0);
        assert_eq!(walk.awaited(), Some(first));
        walk.stop();
        assert_eq!(walk.awaited(), None);
        assert_eq!(walk.ask(u32::MAX), None);
        assert_eq!(walk.step(), Next::End);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(600))]

        /// No record that stood there all the time is lost, however the others come and go.
        #[test]
        fn what_stays_is_delivered(
            count in 0_u32..300, per_page in 1_u32..30, concurrency in 1_u32..8, grows: bool,
            orders in prop::collection::vec(0_usize..100, 1..60), edits in prop::collection::vec(prop::option::weighted(0.3, (0_usize..300, 1_usize..20)), 1..60),
        ) {
            let mut world = World::new(count, per_page, concurrency);
            let (mut order, mut edit) = (0, 0);
            let mut gone = BTreeSet::new();
            let mut fresh = 1000;
            world.run(
                |answers| { order += 1; orders[order % orders.len()] % answers },
                |records| {
                    edit += 1;
                    // The total tells of removals only while nothing is added at the same time, so a run has one or the other.
                    if let Some((at, many)) = edits.get(edit).copied().flatten() {
                        for _ in 0..many {
                            if grows {
                                records.insert(at.min(records.len()), fresh);
                                fresh += 1;
                            } else if !records.is_empty() {
                                gone.insert(records.remove(at % records.len()));
                            }
                        }
                    }
                },
            );
            let seen: BTreeSet<_> = world.seen.iter().copied().collect();
            for record in (0..count).filter(|record| !gone.contains(record)) {
                prop_assert!(seen.contains(&record), "{} of {} is lost", record, count);
            }
        }

        #[test]
        fn a_stopped_walk_asks_for_nothing(pages in 0_u32..5) {
            let mut walk = Walk::new(10, 4);
            for _ in 0..pages {
                if let Some((read, _)) = walk.ask(u32::MAX) {
                    walk.arrived(read, 10, 1000.0, 10.0);
                    walk.step();
                }
            }
            walk.stop();
            prop_assert_eq!(walk.ask(u32::MAX), None);
            prop_assert_eq!(walk.step(), Next::End);
        }
    }
}
