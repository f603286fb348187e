//! `_sqlite3`: the native half of the `sqlite3` package, over SQLite itself.
//!
//! `library` is the only way to SQLite: handles that live as long as they are used, and the hand-over of the GIL. `callbacks` is what SQLite calls.

mod blob;
mod callbacks;
mod connection;
mod cursor;
mod failure;
mod library;
mod module;
mod row;
mod statement;

use runtime::import::native::NativeModule;

/// All modules of this crate.
pub static MODULES: &[NativeModule] = &[NativeModule { name: "_sqlite3", definition: module::sqlite3::definition }];

use runtime::Owned;
use std::cell::Cell;

/// A new reference to what a cell holds.
fn peek<T>(cell: &Cell<Option<Owned<T>>>) -> Option<Owned<T>> {
    let value = cell.take();
    let copy = value.clone();
    // What the cell held meanwhile is nothing: no code ran.
    cell.set(value);
    copy
}
