//! What is known of a code object while it is compiled: its names, variables and constants, each in the order in
//! which the arguments of its instructions count them.
//!
//! Invariant: a table's index of an entry never changes once given out; entries are unique by the table's notion of
//! equality (for constants the one of [`Const::same`]: by type and value, nested ones likewise).

use std::hash::Hasher;
use std::rc::Rc;

use bytecode::CodeUnit;
use rustc_hash::FxHasher;
use smallvec::SmallVec;
use syntax::ast::{self, BigInt, Complex, Str};

use crate::names::{Name, NameTable};

/// A constant of a code object being compiled. All but code lies in the tree's arena.
#[derive(Clone, Copy, Debug)]
pub enum Const<'a> {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    /// Beyond `i64`.
    BigInt(&'a BigInt<'a>),
    Float(f64),
    Complex(Complex),
    Str(Str<'a>),
    Bytes(&'a [u8]),
    Tuple(&'a [Const<'a>]),
    FrozenSet(&'a [Const<'a>]),
    /// Start, stop, step.
    Slice(&'a [Const<'a>; 3]),
    /// Index into [`ConstTable::codes`].
    Code(u32),
}

impl<'a> Const<'a> {
    pub fn from_ast(arena: &'a ast::Arena, value: &ast::Constant<'a>) -> Self {
        match *value {
            ast::Constant::None => Const::None,
            ast::Constant::True => Const::True,
            ast::Constant::False => Const::False,
            ast::Constant::Ellipsis => Const::Ellipsis,
            ast::Constant::Int(value) => Const::Int(value),
            ast::Constant::BigInt(value) => Const::BigInt(value),
            ast::Constant::Float(value) => Const::Float(value),
            ast::Constant::Complex(value) => Const::Complex(*value),
            ast::Constant::Str(value) => Const::Str(value),
            ast::Constant::Bytes(value) => Const::Bytes(value),
            ast::Constant::Tuple(items) => {
                Const::Tuple(arena.alloc_slice_fill_iter(items.iter().map(|item| Const::from_ast(arena, item))))
            }
            ast::Constant::FrozenSet(items) => {
                Const::FrozenSet(arena.alloc_slice_fill_iter(items.iter().map(|item| Const::from_ast(arena, item))))
            }
        }
    }

    pub fn str(text: &'a str) -> Self {
        Const::Str(Str::new(text))
    }

    pub fn bool(value: bool) -> Self {
        if value { Const::True } else { Const::False }
    }

    pub fn is_none(&self) -> bool {
        matches!(self, Const::None)
    }

    /// The same constant: one entry of `co_consts` serves both. `1`, `1.0` and `True` differ, so do `0.0` and
    /// `-0.0`; a NaN is the same as nothing. Code is compared by the table.
    pub fn same(&self, other: &Const) -> bool {
        use Const::*;
        match (self, other) {
            (None, None) | (True, True) | (False, False) | (Ellipsis, Ellipsis) => true,
            (Int(a), Int(b)) => a == b,
            (BigInt(a), BigInt(b)) => a == b,
            (Float(a), Float(b)) => same_float(*a, *b),
            (Complex(a), Complex(b)) => same_float(a.real, b.real) && same_float(a.imag, b.imag),
            (Str(a), Str(b)) => a == b,
            (Bytes(a), Bytes(b)) => a == b,
            (Tuple(a), Tuple(b)) => a.len() == b.len() && a.iter().zip(*b).all(|(a, b)| a.same(b)),
            (Slice(a), Slice(b)) => a.iter().zip(*b).all(|(a, b)| a.same(b)),
            // The items of each are unique, so equal length and inclusion are equality.
            (FrozenSet(a), FrozenSet(b)) => {
                a.len() == b.len() && a.iter().all(|item| b.iter().any(|other| item.same(other)))
            }
            _ => false,
        }
    }

    fn hash(&self, state: &mut FxHasher) {
        use Const::*;
        state.write_u8(match self {
            None => 0,
            True => 1,
            False => 2,
            Ellipsis => 3,
            Int(_) => 4,
            BigInt(_) => 5,
            Float(_) => 6,
            Complex(_) => 7,
            Str(_) => 8,
            Bytes(_) => 9,
            Tuple(_) => 10,
            FrozenSet(_) => 11,
            Slice(_) => 12,
            Code(_) => 13,
        });
        match self {
            None | True | False | Ellipsis | Code(_) => {}
            Int(value) => state.write_u64(*value as u64),
            BigInt(value) => value.magnitude.iter().for_each(|digit| state.write_u32(*digit)),
            Float(value) => state.write_u64(value.to_bits()),
            Complex(value) => {
                state.write_u64(value.real.to_bits());
                state.write_u64(value.imag.to_bits());
            }
            Str(value) => state.write(value.as_bytes()),
            Bytes(value) => state.write(value),
            Tuple(items) => items.iter().for_each(|item| item.hash(state)),
            Slice(items) => items.iter().for_each(|item| item.hash(state)),
            FrozenSet(items) => {
                // Without regard to order.
                let sum = items.iter().fold(0u64, |sum, item| {
                    let mut hasher = FxHasher::default();
                    item.hash(&mut hasher);
                    sum.wrapping_add(hasher.finish())
                });
                state.write_u64(sum);
            }
        }
    }
}

fn same_float(a: f64, b: f64) -> bool {
    a == b && a.is_sign_negative() == b.is_sign_negative()
}

/// The hash of an entry that is not to be found.
const FOREIGN: u64 = u64::MAX;

/// `co_consts` in the making.
#[derive(Default, Debug)]
pub struct ConstTable<'a> {
    pub items: SmallVec<[Const<'a>; 8]>,
    /// The code objects that `Const::Code` refers to.
    pub codes: Vec<Rc<CodeUnit>>,
    index: HashIndex,
    /// After [`ConstTable::retain`]: the former indices of the entries.
    pub kept: Vec<u32>,
}

impl<'a> ConstTable<'a> {
    /// The constant's index, where it was or at the end.
    pub fn add(&mut self, value: Const<'a>) -> u32 {
        let mut hasher = FxHasher::default();
        value.hash(&mut hasher);
        let hash = hasher.finish();
        let items = &self.items;
        if let Some(index) = self.index.find(hash, |index| items[index].same(&value)) {
            return index as u32;
        }
        self.push(value, hash)
    }

    /// Adds a code object; one that is equal in every respect to another is that one (`finally` blocks are compiled
    /// twice).
    pub fn add_code(&mut self, code: CodeUnit) -> u32 {
        let mut hasher = FxHasher::default();
        Const::Code(0).hash(&mut hasher);
        hasher.write(&code.code);
        let hash = hasher.finish();
        let (items, codes) = (&self.items, &self.codes);
        let same = |index: usize| matches!(items[index], Const::Code(other) if *codes[other as usize] == code);
        if let Some(index) = self.index.find(hash, same) {
            return index as u32;
        }
        self.codes.push(Rc::new(code));
        self.push(Const::Code(self.codes.len() as u32 - 1), hash)
    }

    /// Adds an entry of a list that did not come from the compiler: nothing added later is merged with it, except
    /// with values that exist once in Python.
    pub fn push_foreign(&mut self, value: Const<'a>) {
        let mut hasher = FxHasher::default();
        value.hash(&mut hasher);
        let single = match value {
            Const::None | Const::True | Const::False | Const::Ellipsis => true,
            Const::Int(value) => (-5..=256).contains(&value),
            Const::Str(text) => text.code_points().count() <= 1 && text.code_points().all(|point| point < 256),
            Const::Bytes(bytes) => bytes.len() <= 1,
            Const::Tuple(items) => items.is_empty(),
            _ => false,
        };
        self.push(value, if single { hasher.finish() } else { FOREIGN });
    }

    fn push(&mut self, value: Const<'a>, hash: u64) -> u32 {
        self.index.push(hash);
        self.items.push(value);
        self.items.len() as u32 - 1
    }

    pub fn len(&self) -> usize {
        self.items.len()
    }

    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub fn get(&self, index: u32) -> Const<'a> {
        self.items[index as usize]
    }

    /// Keeps the entries whose index is in `used` (ascending); afterwards no constant can be added.
    pub fn retain(&mut self, used: Vec<u32>) {
        for (new, &old) in used.iter().enumerate() {
            self.items[new] = self.items[old as usize];
        }
        self.items.truncate(used.len());
        self.index = HashIndex::default();
        self.kept = used;
    }
}

/// What the assembler must know of a code object besides its instructions.
#[derive(Debug)]
pub struct Metadata<'a> {
    pub name: Name,
    pub qualname: &'a str,
    pub consts: ConstTable<'a>,
    pub names: NameTable,
    pub varnames: NameTable,
    pub cellvars: NameTable,
    /// In instructions they count on from the cells: argument = `cellvars.len()` + position.
    pub freevars: NameTable,
    /// Names that are fast locals only within an inlined comprehension; whether they are one now.
    pub fasthidden: Vec<(Name, bool)>,
    /// Without the positional-only ones.
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    pub firstlineno: i32,
    /// The class whose private names are mangled here.
    pub private: Option<Name>,
}

impl<'a> Metadata<'a> {
    pub fn new(name: Name, firstlineno: i32) -> Self {
        Metadata {
            name,
            qualname: "",
            consts: ConstTable::default(),
            names: NameTable::new(),
            varnames: NameTable::new(),
            cellvars: NameTable::new(),
            freevars: NameTable::new(),
            fasthidden: Vec::new(),
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            firstlineno,
            private: None,
        }
    }

    /// Treated as a fast local in this scope for the moment.
    pub fn is_fast_hidden(&self, name: Name) -> bool {
        self.fasthidden.iter().any(|(other, now)| *now && *other == name)
    }

    /// Was a fast local of an inlined comprehension at some time.
    pub fn was_fast_hidden(&self, name: Name) -> bool {
        self.fasthidden.iter().any(|(other, _)| *other == name)
    }
}

/// Finds entries of a list by hash. Short lists are searched along; long ones have a table of slots.
#[derive(Default, Debug)]
struct HashIndex {
    hashes: SmallVec<[u64; 8]>,
    /// Open addressing, a power of two in size and at most half full; entry number plus one, 0 is free.
    slots: Vec<u32>,
}

const LINEAR: usize = 16;

impl HashIndex {
    #[inline]
    fn find(&self, hash: u64, mut is: impl FnMut(usize) -> bool) -> Option<usize> {
        if self.slots.is_empty() {
            return self.hashes.iter().enumerate().find(|&(i, h)| *h == hash && is(i)).map(|(i, _)| i);
        }
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.slots[at] {
                0 => return None,
                entry => {
                    let entry = entry as usize - 1;
                    if self.hashes[entry] == hash && is(entry) {
                        return Some(entry);
                    }
                }
            }
            at = (at + 1) & mask;
        }
    }

    fn push(&mut self, hash: u64) {
        self.hashes.push(hash);
        let count = self.hashes.len();
        if count > LINEAR && count * 2 > self.slots.len() {
            self.slots = vec![0; (count * 4).next_power_of_two()];
            for entry in 0..count {
                self.place(entry);
            }
        } else if !self.slots.is_empty() {
            self.place(count - 1);
        }
    }

    fn place(&mut self, entry: usize) {
        let mask = self.slots.len() - 1;
        let mut at = self.hashes[entry] as usize & mask;
        while self.slots[at] != 0 {
            at = (at + 1) & mask;
        }
        self.slots[at] = entry as u32 + 1;
    }
}
