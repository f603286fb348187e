//! The exception table (`co_exceptiontable`): which handler a raise between two instructions goes to.
//!
//! Entries in order of their start, ranges disjoint; each is four varints: start, length, target (code
//! units), `depth << 1 | lasti`. A varint has 6 bits a byte, highest first, 0x40 on all but its last;
//! the first byte of an entry has 0x80, so a search can start anywhere.

/// One protected range, in code units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ExceptionEntry {
    pub start: u32,
    pub end: u32,
    pub target: u32,
    /// Stack depth to unwind to before entering the handler.
    pub depth: u32,
    /// Push the offset of the raising instruction below the exception.
    pub lasti: bool,
}

const ENTRY_START: u8 = 0x80;
const CONTINUES: u8 = 0x40;

/// Appends one entry.
pub fn write_entry(table: &mut Vec<u8>, entry: ExceptionEntry) {
    let first = table.len();
    write_varint(table, entry.start);
    write_varint(table, entry.end.wrapping_sub(entry.start));
    write_varint(table, entry.target);
    write_varint(table, entry.depth << 1 | entry.lasti as u32);
    table[first] |= ENTRY_START;
}

fn write_varint(table: &mut Vec<u8>, value: u32) {
    for shift in [30, 24, 18, 12, 6] {
        if value >> shift != 0 {
            table.push(CONTINUES | (value >> shift & 0x3F) as u8);
        }
    }
    table.push((value & 0x3F) as u8);
}

/// The entries in order; stops early at one that is truncated or not marked as one.
pub struct Entries<'a> {
    table: &'a [u8],
    at: usize,
}

pub fn entries(table: &[u8]) -> Entries<'_> {
    Entries { table, at: 0 }
}

impl Entries<'_> {
    /// How many bytes have been read: less than the table's length after the last entry if it is broken.
    pub fn position(&self) -> usize {
        self.at
    }
}

impl Iterator for Entries<'_> {
    type Item = ExceptionEntry;

    fn next(&mut self) -> Option<ExceptionEntry> {
        let mut at = self.at;
        let mut varint = || {
            let mut value = 0u32;
            loop {
                let byte = *self.table.get(at)?;
                // A search goes by the mark, so it stands at the start and nowhere else.
                if (byte & ENTRY_START != 0) != (at == self.at) {
                    return None;
                }
                at += 1;
                value = value << 6 | (byte & 0x3F) as u32;
                if byte & CONTINUES == 0 {
                    return Some(value);
                }
            }
        };
        let (start, length, target, depth_lasti) = (varint()?, varint()?, varint()?, varint()?);
        self.at = at;
        Some(ExceptionEntry {
            start,
            end: start.wrapping_add(length),
            target,
            depth: depth_lasti >> 1,
            lasti: depth_lasti & 1 != 0,
        })
    }
}

/// The handler for a raise in the instruction at this code unit. Halves the table by entry starts
/// while it is long, then reads on.
pub fn lookup(table: &[u8], unit: u32) -> Option<ExceptionEntry> {
    let (mut low, mut high) = (0, table.len());
    while high - low > 32 {
        let mut middle = low + (high - low) / 2;
        while middle > low && table[middle] & ENTRY_START == 0 {
            middle -= 1;
        }
        let entry = (Entries { table, at: middle }).next();
        if middle == low {
            break;
        }
        match entry {
            Some(entry) if entry.start <= unit => low = middle,
            _ => high = middle,
        }
    }
    // Of an entry that is passed over only the range is read; the marks lead to the next.
    let mut at = low;
    while at < table.len() {
        let first = at;
        let start = read_varint(table, &mut at)?;
        if start > unit {
            return None;
        }
        let length = read_varint(table, &mut at)?;
        if unit < start.wrapping_add(length) {
            return (Entries { table, at: first }).next();
        }
        while at < table.len() && table[at] & ENTRY_START == 0 {
            at += 1;
        }
    }
    None
}

#[inline(always)]
fn read_varint(table: &[u8], at: &mut usize) -> Option<u32> {
    let mut value = 0u32;
    loop {
        let byte = *table.get(*at)?;
        *at += 1;
        value = value << 6 | (byte & 0x3F) as u32;
        if byte & CONTINUES == 0 {
            return Some(value);
        }
    }
}
