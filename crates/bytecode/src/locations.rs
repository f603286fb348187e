//! The location table (`co_linetable`): which lines and columns each code unit came from.
//!
//! A sequence of entries, each covering 1 to 8 code units: a byte `1 cccc lll` (form, length - 1), then
//! what the form asks for. Lines are relative to the line of the entry before, at first to
//! `co_firstlineno`. All other bytes have the top bit clear, so an entry's start can be recognised.

/// Where an instruction came from; -1 means "none". Columns are byte offsets, counted from 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Location {
    pub lineno: i32,
    pub end_lineno: i32,
    pub col: i32,
    pub end_col: i32,
}

impl Location {
    pub const NONE: Location = Location {
        lineno: -1,
        end_lineno: -1,
        col: -1,
        end_col: -1,
    };

    pub fn new(lineno: i32, end_lineno: i32, col: i32, end_col: i32) -> Location {
        Location {
            lineno,
            end_lineno,
            col,
            end_col,
        }
    }

    /// A line without columns.
    pub fn line(lineno: i32) -> Location {
        Location {
            lineno,
            end_lineno: lineno,
            col: -1,
            end_col: -1,
        }
    }
}

const ONE_LINE: u8 = 10;
const NO_COLUMNS: u8 = 13;
const LONG: u8 = 14;
const NO_LOCATION: u8 = 15;

/// Builds a location table from the locations of successive instructions.
pub struct LocationWriter {
    table: Vec<u8>,
    line: i32,
    pending: Location,
    units: usize,
}

impl LocationWriter {
    /// `entries` is a guess at how many there will be.
    pub fn new(firstlineno: i32, entries: usize) -> LocationWriter {
        LocationWriter {
            table: Vec::with_capacity(entries * 2 + entries / 2),
            line: firstlineno,
            pending: Location::NONE,
            units: 0,
        }
    }

    /// The next instruction, caches included, takes `units` code units. Neighbours with the same
    /// location share an entry.
    pub fn push(&mut self, location: Location, units: usize) {
        if location != self.pending {
            self.flush();
            self.pending = location;
        }
        self.units += units;
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.flush();
        self.table
    }

    fn flush(&mut self) {
        let mut units = std::mem::take(&mut self.units);
        while units > 0 {
            let length = units.min(8);
            self.write_entry(self.pending, length);
            units -= length;
        }
    }

    #[inline]
    fn write_entry(&mut self, location: Location, length: usize) {
        let Location { lineno, end_lineno, col, end_col } = location;
        let delta = lineno.wrapping_sub(self.line);
        if end_lineno == lineno && lineno != -1 && col >= 0 && end_col >= 0 {
            if delta == 0 && col < 80 && end_col >= col && end_col - col < 16 {
                let second = ((col & 7) << 4 | (end_col - col)) as u8;
                return self.table.extend_from_slice(&[head((col >> 3) as u8, length), second]);
            }
            if (0..3).contains(&delta) && col < 128 && end_col < 128 {
                self.line = lineno;
                let head = head(ONE_LINE + delta as u8, length);
                return self.table.extend_from_slice(&[head, col as u8, end_col as u8]);
            }
        }
        self.write_other(location, length);
    }

    /// What does not fit the short forms.
    fn write_other(&mut self, location: Location, length: usize) {
        let Location { lineno, end_lineno, col, end_col } = location;
        if lineno == -1 {
            return self.table.push(head(NO_LOCATION, length));
        }
        let delta = lineno.wrapping_sub(self.line);
        self.line = lineno;
        if (col < 0 || end_col < 0) && (end_lineno == lineno || end_lineno == -1) {
            self.table.push(head(NO_COLUMNS, length));
            return write_signed(&mut self.table, delta);
        }
        self.table.push(head(LONG, length));
        write_signed(&mut self.table, delta);
        write_unsigned(&mut self.table, end_lineno.wrapping_sub(lineno) as u32);
        write_unsigned(&mut self.table, col.wrapping_add(1) as u32);
        write_unsigned(&mut self.table, end_col.wrapping_add(1) as u32);
    }
}

#[inline]
fn head(form: u8, length: usize) -> u8 {
    0x80 | form << 3 | (length - 1) as u8
}

fn write_unsigned(table: &mut Vec<u8>, mut value: u32) {
    while value >= 0x40 {
        table.push(0x40 | (value & 0x3F) as u8);
        value >>= 6;
    }
    table.push(value as u8);
}

fn write_signed(table: &mut Vec<u8>, value: i32) {
    let magnitude = value.unsigned_abs() << 1;
    write_unsigned(table, if value < 0 { magnitude | 1 } else { magnitude });
}

/// The table with its lines only (`-X no_debug_ranges`).
pub fn without_columns(table: &[u8], firstlineno: i32) -> Vec<u8> {
    let mut writer = LocationWriter::new(firstlineno, table.len() / 3);
    for entry in entries(table, firstlineno) {
        let location = match entry.location.lineno {
            -1 => Location::NONE,
            line => Location::line(line),
        };
        writer.push(location, entry.end - entry.start);
    }
    writer.finish()
}

/// One entry: `start..end` in code units.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    pub start: usize,
    pub end: usize,
    pub location: Location,
}

/// The entries of a table in order. Broken tables end the iteration or give odd numbers, nothing worse.
pub struct Entries<'a> {
    table: &'a [u8],
    at: usize,
    line: i32,
    units: usize,
}

pub fn entries(table: &[u8], firstlineno: i32) -> Entries<'_> {
    Entries {
        table,
        at: 0,
        line: firstlineno,
        units: 0,
    }
}

impl Entries<'_> {
    fn byte(&mut self) -> i32 {
        let byte = self.table.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte as i32
    }

    fn unsigned(&mut self) -> u32 {
        let mut value = 0u32;
        let mut shift = 0;
        loop {
            let byte = self.byte() as u32;
            if shift < 32 {
                value |= (byte & 0x3F) << shift;
            }
            shift += 6;
            if byte & 0x40 == 0 {
                return value;
            }
        }
    }

    fn signed(&mut self) -> i32 {
        let value = self.unsigned();
        let magnitude = (value >> 1) as i32;
        if value & 1 != 0 {
            magnitude.wrapping_neg()
        } else {
            magnitude
        }
    }
}

impl Iterator for Entries<'_> {
    type Item = Entry;

    fn next(&mut self) -> Option<Entry> {
        let head = *self.table.get(self.at)?;
        self.at += 1;
        let start = self.units;
        self.units += (head & 7) as usize + 1;
        let location = match head >> 3 & 15 {
            NO_LOCATION => Location::NONE,
            LONG => {
                self.line = self.line.wrapping_add(self.signed());
                let end_lineno = self.line.wrapping_add(self.unsigned() as i32);
                let col = (self.unsigned() as i32).wrapping_sub(1);
                let end_col = (self.unsigned() as i32).wrapping_sub(1);
                Location {
                    lineno: self.line,
                    end_lineno,
                    col,
                    end_col,
                }
            }
            NO_COLUMNS => {
                self.line = self.line.wrapping_add(self.signed());
                Location::line(self.line)
            }
            form @ ONE_LINE.. => {
                self.line = self.line.wrapping_add((form - ONE_LINE) as i32);
                let col = self.byte();
                let end_col = self.byte();
                Location {
                    lineno: self.line,
                    end_lineno: self.line,
                    col,
                    end_col,
                }
            }
            form => {
                let second = self.byte();
                let col = (form as i32) << 3 | second >> 4;
                let end_col = col + (second & 15);
                Location {
                    lineno: self.line,
                    end_lineno: self.line,
                    col,
                    end_col,
                }
            }
        };
        Some(Entry {
            start,
            end: self.units,
            location,
        })
    }
}

/// `co_positions`: one location per code unit.
pub fn positions(table: &[u8], firstlineno: i32) -> impl Iterator<Item = Location> + '_ {
    entries(table, firstlineno).flat_map(|e| std::iter::repeat_n(e.location, e.end - e.start))
}

/// A run of code with one line, in bytes as `co_lines` counts; `lineno` is -1 for none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineRange {
    pub start: usize,
    pub end: usize,
    pub lineno: i32,
}

/// `co_lines`: entries of the same line joined, offsets in bytes.
pub fn lines(table: &[u8], firstlineno: i32) -> impl Iterator<Item = LineRange> + '_ {
    let mut entries = entries(table, firstlineno).peekable();
    std::iter::from_fn(move || {
        let first = entries.next()?;
        let lineno = first.location.lineno;
        let mut end = first.end;
        while let Some(next) = entries.next_if(|e| e.location.lineno == lineno) {
            end = next.end;
        }
        Some(LineRange {
            start: first.start * 2,
            end: end * 2,
            lineno,
        })
    })
}

/// The location of the code unit with this index.
pub fn location_at(table: &[u8], firstlineno: i32, unit: usize) -> Location {
    entries(table, firstlineno)
        .find(|e| unit < e.end)
        .map_or(Location::NONE, |e| e.location)
}

/// The line of the code unit with this index; -1 for none.
pub fn line_at(table: &[u8], firstlineno: i32, unit: usize) -> i32 {
    location_at(table, firstlineno, unit).lineno
}
