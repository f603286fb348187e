//! Where a node or an error stands in the source.
//!
//! Lines count from 1, columns from 0 in bytes of UTF-8, as the `ast` module documents; the end is exclusive.
//! The numbers are signed because trees built by programs may hold any C `int`.

#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Debug)]
pub struct Location {
    pub lineno: i32,
    pub col_offset: i32,
    pub end_lineno: i32,
    pub end_col_offset: i32,
}

impl Location {
    pub const fn new(lineno: i32, col_offset: i32, end_lineno: i32, end_col_offset: i32) -> Self {
        Location { lineno, col_offset, end_lineno, end_col_offset }
    }

    /// From the start of `self` to the end of `end`.
    pub const fn to(self, end: Location) -> Self {
        Location {
            lineno: self.lineno,
            col_offset: self.col_offset,
            end_lineno: end.end_lineno,
            end_col_offset: end.end_col_offset,
        }
    }
}
