//! What the collector keeps between collections: generations, counts, thresholds, statistics.

use super::list::List;
use super::model;
use abi::PyObject;
use std::cell::Cell;
use std::ptr;

pub const GENERATIONS: usize = 3;

pub const DEBUG_STATS: i32 = 1;
pub const DEBUG_COLLECTABLE: i32 = 2;
pub const DEBUG_UNCOLLECTABLE: i32 = 4;
pub const DEBUG_SAVEALL: i32 = 32;
pub const DEBUG_LEAK: i32 = DEBUG_COLLECTABLE | DEBUG_UNCOLLECTABLE | DEBUG_SAVEALL;

const DEFAULT_THRESHOLDS: [i32; GENERATIONS] = [2000, 10, 10];

pub type Counts = [i32; GENERATIONS];

/// One generation's statistics over the life of the process.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Stats {
    pub collections: usize,
    pub collected: usize,
    pub uncollectable: usize,
}

/// The collector's state.
pub struct State {
    young: List,
    older: [List; GENERATIONS - 1],
    frozen: List,
    /// Generation 0: allocations minus deallocations since its last collection; others: collections of the one below.
    counts: [Cell<i32>; GENERATIONS],
    thresholds: [Cell<i32>; GENERATIONS],
    /// An allocation that takes the count above this schedules a collection: the threshold, or never.
    trigger: Cell<i32>,
    enabled: Cell<bool>,
    collecting: Cell<bool>,
    debug: Cell<i32>,
    stats: [Cell<Stats>; GENERATIONS],
    /// Objects that survived the last full collection, and those that wait for their first one.
    pub long_lived_total: Cell<usize>,
    pub long_lived_pending: Cell<usize>,
    /// The lists `gc.garbage` and `gc.callbacks`; owned, null before start-up.
    pub garbage: Cell<*mut PyObject>,
    pub callbacks: Cell<*mut PyObject>,
}

// SAFETY: used under the GIL only.
unsafe impl Sync for State {}

const fn closed(list: *const List) -> List {
    let list = list.cast_mut().cast();
    List(super::list::Head { next: Cell::new(list), prev: Cell::new(list) })
}

/// That of the interpreter that runs; those of the others wait in boxes (`State::exchange`).
static STATE: State = State::new(
    closed(&raw const STATE.young),
    [closed((&raw const STATE.older).cast::<List>()), closed((&raw const STATE.older).cast::<List>().wrapping_add(1))],
    closed(&raw const STATE.frozen),
);

/// The state of the current interpreter's collector.
#[inline(always)]
pub fn state() -> &'static State {
    &STATE
}

impl State {
    const fn new(young: List, older: [List; GENERATIONS - 1], frozen: List) -> State {
        State {
            young,
            older,
            frozen,
            counts: [const { Cell::new(0) }; GENERATIONS],
            thresholds: [Cell::new(DEFAULT_THRESHOLDS[0]), Cell::new(DEFAULT_THRESHOLDS[1]), Cell::new(DEFAULT_THRESHOLDS[2])],
            // The runtime enables the collector once it can run Python code.
            trigger: Cell::new(i32::MAX),
            enabled: Cell::new(false),
            collecting: Cell::new(false),
            debug: Cell::new(0),
            stats: [const { Cell::new(Stats { collections: 0, collected: 0, uncollectable: 0 }) }; GENERATIONS],
            long_lived_total: Cell::new(0),
            long_lived_pending: Cell::new(0),
            garbage: Cell::new(ptr::null_mut()),
            callbacks: Cell::new(ptr::null_mut()),
        }
    }

    /// The state of an interpreter that has allocated nothing yet.
    pub fn boxed() -> Box<State> {
        let made = Box::new(State::new(List::UNLINKED, [List::UNLINKED; GENERATIONS - 1], List::UNLINKED));
        made.lists().for_each(List::init);
        made
    }

    fn lists(&self) -> impl Iterator<Item = &List> {
        [&self.young, &self.frozen].into_iter().chain(&self.older)
    }

    /// Another interpreter comes to run: what the former's collector has goes to `former`, and `next` is taken up.
    pub fn exchange(former: &State, next: &State) {
        let active = state();
        for ((active, former), next) in active.lists().zip(former.lists()).zip(next.lists()) {
            active.merge_into(former);
            next.merge_into(active);
        }
        fn pass<T: Copy>(active: &Cell<T>, former: &Cell<T>, next: &Cell<T>) {
            former.set(active.replace(next.get()));
        }
        for index in 0..GENERATIONS {
            pass(&active.counts[index], &former.counts[index], &next.counts[index]);
            pass(&active.thresholds[index], &former.thresholds[index], &next.thresholds[index]);
            pass(&active.stats[index], &former.stats[index], &next.stats[index]);
        }
        pass(&active.trigger, &former.trigger, &next.trigger);
        pass(&active.enabled, &former.enabled, &next.enabled);
        pass(&active.collecting, &former.collecting, &next.collecting);
        pass(&active.debug, &former.debug, &next.debug);
        pass(&active.long_lived_total, &former.long_lived_total, &next.long_lived_total);
        pass(&active.long_lived_pending, &former.long_lived_pending, &next.long_lived_pending);
        pass(&active.garbage, &former.garbage, &next.garbage);
        pass(&active.callbacks, &former.callbacks, &next.callbacks);
    }

    #[inline(always)]
    pub(super) fn young(&self) -> &List {
        &self.young
    }

    pub(super) fn generation(&self, index: usize) -> &List {
        match index {
            0 => &self.young,
            _ => &self.older[index - 1],
        }
    }

    pub(super) fn frozen(&self) -> &List {
        &self.frozen
    }

    pub fn is_enabled(&self) -> bool {
        self.enabled.get()
    }

    /// `gc.enable` and `gc.disable`; gives the former setting.
    pub fn set_enabled(&self, enabled: bool) -> bool {
        let former = self.enabled.replace(enabled);
        self.set_trigger();
        former
    }

    pub fn is_collecting(&self) -> bool {
        self.collecting.get()
    }

    pub(super) fn set_collecting(&self, collecting: bool) {
        self.collecting.set(collecting);
        self.set_trigger();
    }

    pub fn debug(&self) -> i32 {
        self.debug.get()
    }

    pub fn set_debug(&self, flags: i32) {
        self.debug.set(flags);
    }

    pub fn counts(&self) -> Counts {
        std::array::from_fn(|index| self.counts[index].get())
    }

    pub(super) fn count(&self, generation: usize) -> i32 {
        self.counts[generation].get()
    }

    pub(super) fn set_count(&self, generation: usize, count: i32) {
        self.counts[generation].set(count);
    }

    pub fn thresholds(&self) -> Counts {
        std::array::from_fn(|index| self.thresholds[index].get())
    }

    /// A threshold of generation 0 that is 0 turns automatic collection off.
    pub fn set_threshold(&self, generation: usize, threshold: i32) {
        self.thresholds[generation].set(threshold);
        self.set_trigger();
    }

    pub fn stats(&self, generation: usize) -> Stats {
        self.stats[generation].get()
    }

    pub(super) fn add_stats(&self, generation: usize, collected: usize, uncollectable: usize) {
        let mut stats = self.stats[generation].get();
        stats.collections += 1;
        stats.collected += collected;
        stats.uncollectable += uncollectable;
        self.stats[generation].set(stats);
    }

    /// An object with a head came to be.
    #[inline(always)]
    pub fn count_allocation(&self) {
        let count = self.counts[0].get().wrapping_add(1);
        self.counts[0].set(count);
        if count > self.trigger.get() {
            model::schedule();
        }
    }

    /// An object with a head was freed.
    #[inline(always)]
    pub fn count_deallocation(&self) {
        let count = self.counts[0].get();
        if count > 0 {
            self.counts[0].set(count - 1);
        }
    }

    fn set_trigger(&self) {
        let threshold = self.thresholds[0].get();
        let runs = self.enabled.get() && !self.collecting.get() && threshold != 0;
        self.trigger.set(if runs { threshold } else { i32::MAX });
    }
}

impl State {
    pub(super) fn has_debug(&self, flag: i32) -> bool {
        self.debug.get() & flag != 0
    }
}
