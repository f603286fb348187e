//! `_heapq`: heaps in lists, least or greatest item first.
//!
//! A comparison may run code that changes the list: its length is looked at after each, and items are held while they are compared.

use macros::pymodule;
use runtime::err;
use runtime::errors::{PyResult, Raised};
use runtime::object::Object;
use runtime::protocol::object::{CompareOp, is_true, rich_compare};
use runtime::types::{Float, Int, List};

/// Which item a heap has first.
#[derive(Clone, Copy, PartialEq, Eq)]
enum First {
    Least,
    Greatest,
}

/// Whether `a` comes before `b`.
#[inline]
fn before(first: First, a: &Object, b: &Object) -> PyResult<bool> {
    let (a, b) = if first == First::Least { (a, b) } else { (b, a) };
    if let (Some(a), Some(b)) = (a.downcast_exact::<Int>(), b.downcast_exact::<Int>())
        && let (Some(a), Some(b)) = (a.as_i64(), b.as_i64())
    {
        return Ok(a < b);
    }
    if let (Some(a), Some(b)) = (a.downcast_exact::<Float>(), b.downcast_exact::<Float>()) {
        return Ok(a.value() < b.value());
    }
    is_true(&*rich_compare(a, b, CompareOp::Lt)?)
}

#[cold]
fn changed() -> Raised {
    err!(RuntimeError, "list changed size during iteration")
}

fn item(heap: &List, i: usize) -> PyResult {
    heap.get(i).ok_or_else(|| err!(IndexError, "index out of range"))
}

fn swap(heap: &List, i: usize, j: usize) -> PyResult<()> {
    let (a, b) = (item(heap, i)?, item(heap, j)?);
    heap.set(i, b);
    heap.set(j, a);
    Ok(())
}

/// Moves the item at `at` up to its place, not above `start`.
fn sift_up_from(heap: &List, start: usize, mut at: usize, first: First) -> PyResult<()> {
    let size = heap.len();
    if at >= size {
        return Err(err!(IndexError, "index out of range"));
    }
    while at > start {
        let parent = (at - 1) / 2;
        let (new, above) = (item(heap, at)?, item(heap, parent)?);
        let earlier = before(first, &new, &above)?;
        if heap.len() != size {
            return Err(changed());
        }
        if !earlier {
            break;
        }
        swap(heap, at, parent)?;
        at = parent;
    }
    Ok(())
}

/// Moves the smaller children up into the hole at `at` down to a leaf, then the item that was there up to its place. That takes fewer
/// comparisons than stopping early: the item mostly belongs near the bottom.
fn sift_down(heap: &List, mut at: usize, first: First) -> PyResult<()> {
    let (size, start) = (heap.len(), at);
    if at >= size {
        return Err(err!(IndexError, "index out of range"));
    }
    while at < size / 2 {
        let mut child = 2 * at + 1;
        if child + 1 < size {
            let (left, right) = (item(heap, child)?, item(heap, child + 1)?);
            if !before(first, &left, &right)? {
                child += 1;
            }
            if heap.len() != size {
                return Err(changed());
            }
        }
        swap(heap, at, child)?;
        at = child;
    }
    sift_up_from(heap, start, at, first)
}

fn push(heap: &List, item: &Object, first: First) -> PyResult<()> {
    heap.append(item)?;
    sift_up_from(heap, 0, heap.len() - 1, first)
}

fn pop(heap: &List, first: First) -> PyResult {
    let n = heap.len();
    let Some(last) = heap.pop(n.wrapping_sub(1))? else {
        return Err(err!(IndexError, "index out of range"));
    };
    if n == 1 {
        return Ok(last);
    }
    let result = item(heap, 0)?;
    heap.set(0, last);
    sift_down(heap, 0, first)?;
    Ok(result)
}

fn replace(heap: &List, new: &Object, first: First) -> PyResult {
    let result = item(heap, 0)?;
    heap.set(0, new.to_owned());
    sift_down(heap, 0, first)?;
    Ok(result)
}

fn push_pop(heap: &List, new: &Object, first: First) -> PyResult {
    let Some(top) = heap.get(0) else { return Ok(new.to_owned()) };
    if !before(first, &top, new)? {
        return Ok(new.to_owned());
    }
    if heap.is_empty() {
        return Err(err!(IndexError, "index out of range"));
    }
    replace(heap, new, first)
}

fn make_heap(heap: &List, first: First) -> PyResult<()> {
    (0..heap.len() / 2).rev().try_for_each(|i| sift_down(heap, i, first))
}

/// Heap queue algorithm (a.k.a. priority queue).
///
/// A heap is a list for which a[k] <= a[2*k+1] and a[k] <= a[2*k+2] for all k, counting
/// from 0 and where those items exist: its smallest item is a[0]. The functions whose names
/// end in _max keep the greatest item first.
///
///     heap = []            # creates an empty heap
///     heappush(heap, item) # pushes a new item on the heap
///     item = heappop(heap) # pops the smallest item from the heap
///     item = heap[0]       # smallest item on the heap without popping it
///     heapify(x)           # transforms list into a heap, in-place, in linear time
///     item = heapreplace(heap, item) # pops and returns smallest item, and adds
///                                    # new item; the heap size is unchanged
#[pymodule(name = "_heapq")]
pub mod heapq {
    use super::*;

    /// Push item onto heap, maintaining the heap invariant.
    #[function("heappush($module, heap, item, /)")]
    fn heappush(heap: &List, item: &Object) -> PyResult<()> {
        push(heap, item, First::Least)
    }

    /// Push item on the heap, then pop and return the smallest item from the heap.
    ///
    /// The combined action runs more efficiently than heappush() followed by
    /// a separate call to heappop().
    #[function("heappushpop($module, heap, item, /)")]
    fn heappushpop(heap: &List, item: &Object) -> PyResult {
        push_pop(heap, item, First::Least)
    }

    /// Pop the smallest item off the heap, maintaining the heap invariant.
    #[function("heappop($module, heap, /)")]
    fn heappop(heap: &List) -> PyResult {
        pop(heap, First::Least)
    }

    /// Pop and return the current smallest value, and add the new item.
    ///
    /// This is more efficient than heappop() followed by heappush(), and suits
    /// heaps of fixed size. The value returned may be larger than item: see heappushpop().
    #[function("heapreplace($module, heap, item, /)")]
    fn heapreplace(heap: &List, item: &Object) -> PyResult {
        replace(heap, item, First::Least)
    }

    /// Transform list into a heap, in-place, in O(len(heap)) time.
    #[function("heapify($module, heap, /)")]
    fn heapify(heap: &List) -> PyResult<()> {
        make_heap(heap, First::Least)
    }

    /// Push item onto max heap, maintaining the heap invariant.
    #[function("heappush_max($module, heap, item, /)")]
    fn heappush_max(heap: &List, item: &Object) -> PyResult<()> {
        push(heap, item, First::Greatest)
    }

    /// Maxheap variant of heappushpop.
    ///
    /// The combined action runs more efficiently than heappush_max() followed by
    /// a separate call to heappop_max().
    #[function("heappushpop_max($module, heap, item, /)")]
    fn heappushpop_max(heap: &List, item: &Object) -> PyResult {
        push_pop(heap, item, First::Greatest)
    }

    /// Maxheap variant of heappop.
    #[function("heappop_max($module, heap, /)")]
    fn heappop_max(heap: &List) -> PyResult {
        pop(heap, First::Greatest)
    }

    /// Maxheap variant of heapreplace.
    #[function("heapreplace_max($module, heap, item, /)")]
    fn heapreplace_max(heap: &List, item: &Object) -> PyResult {
        replace(heap, item, First::Greatest)
    }

    /// Maxheap variant of heapify.
    #[function("heapify_max($module, heap, /)")]
    fn heapify_max(heap: &List) -> PyResult<()> {
        make_heap(heap, First::Greatest)
    }
}
