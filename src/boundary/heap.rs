//! Where the module's memory comes from: blocks in powers of two, each size with a list of the free ones.
//!
//! What the core takes hold of is small and short-lived, so that nothing is gained by an allocator that splits and joins:
//! the standard library's is 5 KB, this one a tenth of that. The most that was in use at a time of each size is kept for the
//! next call, and memory stays flat. The client takes it by regions (`region`).
#![expect(
    unsafe_code,
    reason = "an allocator hands out raw memory; each block says why it may"
)]
#![expect(clippy::cast_ptr_alignment, reason = "every block is aligned to 16")]

#[cfg(not(feature = "client"))]
use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::{memory_grow, memory_size};
use std::cell::Cell;
use std::ptr::null_mut;

const PAGE: usize = 65_536;
/// The smallest block, and the largest alignment: no type here needs more.
const SMALLEST: usize = 16;
const SIZES: usize = 28;

/// See above.
pub struct Heap {
    /// The first free block of each size; a free block begins with the address of the next.
    free: [Cell<*mut u8>; SIZES],
    /// Where memory begins that was not handed out yet, and where it ends.
    fresh: Cell<usize>,
    end: Cell<usize>,
}

// SAFETY: this target has one thread.
unsafe impl Sync for Heap {}

/// The one there is.
#[cfg_attr(not(feature = "client"), global_allocator)]
pub static HEAP: Heap = Heap {
    free: [const { Cell::new(null_mut()) }; SIZES],
    fresh: Cell::new(0),
    end: Cell::new(0),
};

/// Which size a layout takes: 16 bytes times two to the power of this.
fn size_of(bytes: usize) -> usize {
    let most = bytes.saturating_sub(1) / SMALLEST;
    (usize::BITS - most.leading_zeros()) as usize
}

impl Heap {
    fn unused(&self, bytes: usize) -> *mut u8 {
        let missing = bytes.saturating_sub(self.end.get() - self.fresh.get());
        if missing > 0 {
            // By single pages, to get memory took half the time in which a hundred thousand calls at once begin.
            let enough = missing.div_ceil(PAGE);
            let mut pages = enough.max(memory_size(0) / 16);
            let mut before = memory_grow(0, pages);
            if before == usize::MAX {
                pages = enough;
                before = memory_grow(0, pages);
            }
            let (Some(start), Some(more)) = (before.checked_mul(PAGE), pages.checked_mul(PAGE))
            else {
                return null_mut();
            };
            if before == usize::MAX {
                return null_mut();
            }
            if start != self.end.get() {
                // The first growth, or somebody else grew memory in between.
                self.fresh.set(start);
                self.end.set(start);
                if more < bytes {
                    return null_mut();
                }
            }
            // The last page of all would end at 2³²: its last block is given up.
            self.end.set(start.saturating_add(more));
        }
        let block = self.fresh.get();
        self.fresh.set(block + bytes);
        block as *mut u8
    }

    /// A block of so many bytes, aligned to 16; null where memory ends.
    pub fn take(&self, bytes: usize) -> *mut u8 {
        let size = size_of(bytes);
        let Some(free) = self.free.get(size) else {
            return null_mut();
        };
        let block = free.get();
        if block.is_null() {
            return self.unused(SMALLEST << size);
        }
        // SAFETY: a free block of ours, which begins with the address of the next.
        free.set(unsafe { block.cast::<*mut u8>().read() });
        block
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// It was taken for so many bytes, and nobody uses it any more.
    pub unsafe fn give_back(&self, block: *mut u8, bytes: usize) {
        if let Some(free) = self.free.get(size_of(bytes)) {
            // SAFETY: it is at least 16 bytes long, and the caller vouches for the rest.
            unsafe { block.cast::<*mut u8>().write(free.get()) };
            free.set(block);
        }
    }
}

// SAFETY: a block is handed out once until it comes back, is as long as its size says, and aligned to 16: fresh memory begins
// at a page, and every block is a multiple of 16.
#[cfg(not(feature = "client"))]
unsafe impl GlobalAlloc for Heap {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() > SMALLEST {
            return null_mut();
        }
        self.take(layout.size())
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: it was handed out for this layout, and comes back.
        unsafe { self.give_back(block, layout.size()) };
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, bytes: usize) -> *mut u8 {
        if size_of(layout.size()) == size_of(bytes) {
            return block;
        }
        // SAFETY: the caller vouches for the size, as for the layout.
        let more = unsafe { self.alloc(Layout::from_size_align_unchecked(bytes, layout.align())) };
        if !more.is_null() {
            // SAFETY: both are as long as what is copied, and they are two blocks.
            unsafe {
                more.copy_from_nonoverlapping(block, layout.size().min(bytes));
                self.dealloc(block, layout);
            }
        }
        more
    }
}
