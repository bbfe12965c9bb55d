//! What this library frees while a secret is in use is overwritten first, whoever had it: an HTTP client copies the header
//! that it sends, a list that grows leaves its old place behind, a cipher unrolls its key. So a core file of the host holds no
//! secret once whatever used it is gone. It costs nothing where no secret is in use. Not covered: stacks, and what the host
//! itself holds.

#![expect(unsafe_code, reason = "only an allocator sees what is freed")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes of a block above which it holds no copy of a secret: packages and rows are in those, and overwriting them takes time.
const MOST: usize = 256 << 10;

/// How many secrets are in use in this process.
static IN_USE: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static ALLOCATOR: Overwriting = Overwriting;

/// While one is held, by any thread, what any thread frees is overwritten. The last field of what holds a secret, because
/// fields go in their order.
#[derive(Debug, PartialEq, Eq)]
pub struct SecretInUse(());

impl SecretInUse {
    /// From now on.
    pub fn new() -> Self {
        IN_USE.fetch_add(1, Ordering::SeqCst);
        Self(())
    }
}

impl Default for SecretInUse {
    fn default() -> Self {
        Self::new()
    }
}

impl Clone for SecretInUse {
    fn clone(&self) -> Self {
        Self::new()
    }
}

impl Drop for SecretInUse {
    fn drop(&mut self) {
        IN_USE.fetch_sub(1, Ordering::SeqCst);
    }
}

fn overwrites(size: usize) -> bool {
    size <= MOST && IN_USE.load(Ordering::Relaxed) > 0
}

/// The system's allocator.
struct Overwriting;

// SAFETY: every block is the system allocator's, asked for and given back with the layout that the caller says.
unsafe impl GlobalAlloc for Overwriting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: what holds for us holds for it.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: what holds for us holds for it.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if overwrites(layout.size()) {
            // SAFETY: the block is of that size and nobody's any more.
            unsafe { block.write_bytes(0, layout.size()) };
            // Whoever reads it is not seen from here, so that it stays written.
            std::hint::black_box(block);
        }
        // SAFETY: what holds for us holds for it.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !overwrites(layout.size()) {
            // SAFETY: what holds for us holds for it.
            return unsafe { System.realloc(block, layout, size) };
        }
        // SAFETY: the caller says that the size fits the alignment and is not 0; both blocks are as long as what is copied,
        // and are not one; the old one is given back once.
        unsafe {
            let moved = System.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size().min(size));
                self.dealloc(block, layout);
            }
            moved
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_and_shrinks_keeps_what_it_holds() {
        let _in_use = SecretInUse::new();
        let mut bytes: Vec<u8> = Vec::new();
        for at in 0..3 * MOST {
            bytes.push(u8::try_from(at % 251).unwrap());
        }
        bytes.truncate(1000);
        bytes.shrink_to_fit();
        let is_kept = |(at, byte): (usize, &u8)| usize::from(*byte) == at % 251;
        assert!(bytes.iter().enumerate().all(is_kept) && bytes.len() == 1000);
        assert!(overwrites(MOST) && !overwrites(MOST + 1));
    }
}
