//! What the client takes hold of belongs to a call, and goes with it, all at once.
//!
//! What one question leaves behind is some hundred bytes, and a call has a few of them. To free each string by itself took
//! 2.5 KB of code. So each call and each walk has a region, to which everything goes that is made while the core looks at it;
//! a question that nothing remains of has one that ends with its answer.
#![expect(
    unsafe_code,
    reason = "an allocator hands out raw memory; each block says why it may"
)]
#![expect(clippy::cast_ptr_alignment, reason = "every chunk is aligned to 16")]

use super::heap::HEAP;
use std::alloc::{GlobalAlloc, Layout};
use std::cell::Cell;
use std::mem::replace;
use std::ptr::null_mut;

/// How long a chunk is, where nothing longer is asked for: most calls need no second one.
const CHUNK: usize = 2048;
/// What a chunk begins with: the address of the one before, and its own length.
const HEAD: usize = 16;
/// The largest alignment: no type here needs more.
const ALIGNED: usize = 8;

/// Memory that is given back as a whole.
pub struct Region {
    /// The latest chunk.
    latest: *mut u8,
    /// What is free of it.
    from: usize,
    to: usize,
}

// SAFETY: this target has one thread.
unsafe impl Send for Region {}

impl Region {
    /// Holds nothing yet.
    pub const fn new() -> Self {
        Self {
            latest: null_mut(),
            from: 0,
            to: 0,
        }
    }

    /// Makes this the region to which everything goes; gives the one that it was.
    pub fn enter(self) -> Self {
        IN_USE.0.replace(self)
    }

    /// Gives all of it back.
    ///
    /// # Safety
    /// Nothing that was made in it is used any more.
    pub unsafe fn end(self) {
        let mut latest = self.latest;
        while !latest.is_null() {
            let head = latest.cast::<(*mut u8, usize)>();
            // SAFETY: every chunk begins with its head, and was taken for that length.
            unsafe {
                let (before, length) = head.read();
                HEAP.give_back(replace(&mut latest, before), length);
            }
        }
    }

    fn take(&mut self, bytes: usize) -> *mut u8 {
        let bytes = bytes.next_multiple_of(ALIGNED);
        if self.to - self.from < bytes {
            let length = HEAD.saturating_add(bytes).max(CHUNK);
            let chunk = HEAP.take(length);
            if chunk.is_null() {
                return chunk;
            }
            let head = chunk.cast::<(*mut u8, usize)>();
            // SAFETY: it is ours, and longer than its head.
            unsafe { head.write((self.latest, length)) };
            self.latest = chunk;
            self.from = chunk as usize + HEAD;
            self.to = chunk as usize + length;
        }
        let block = self.from;
        self.from += bytes;
        block as *mut u8
    }
}

/// The region in use; at first one that never ends, for what holds the others.
struct InUse(Cell<Region>);

// SAFETY: this target has one thread.
unsafe impl Sync for InUse {}

#[global_allocator]
static IN_USE: InUse = InUse(Cell::new(Region::new()));

// SAFETY: a block is handed out once, since nothing but the end of its region frees it; it is as long as was asked for, and aligned
// to 8: chunks are aligned to 16, and so is what stands at their beginning.
unsafe impl GlobalAlloc for InUse {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > ALIGNED {
            return null_mut();
        }
        // SAFETY: nobody else has a reference: nothing in here allocates.
        unsafe { (*self.0.as_ptr()).take(layout.size()) }
    }

    unsafe fn dealloc(&self, _block: *mut u8, _layout: Layout) {}
}
