//! What is known before an instruction: kinds of stack items, which variables are bound, which are cells.

/// A stack item: a kind in the low bits, its number (variable, constant, count) above.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Item(u32);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum ItemKind {
    /// An object, owned.
    Object,
    Null,
    MaybeNull,
    /// An object that may be owned by a variable.
    Borrowed,
    /// The same or NULL: the receiver beside a method.
    MaybeBorrowed,
    /// A cell owned by a variable.
    BorrowedCell,
    /// An owned cell.
    Cell,
    /// What a variable held, if anything.
    Cleared,
    /// The cell that a variable held.
    ClearedCell,
    /// A constant, by index.
    Const,
    List,
    Dict,
    Set,
    Tuple,
    /// A tuple of so many cells.
    Cells,
    /// A function that still needs a closure of so many cells.
    Unclosed,
    Function,
}

const KINDS: [ItemKind; 17] = {
    use ItemKind::*;
    [
        Object,
        Null,
        MaybeNull,
        Borrowed,
        MaybeBorrowed,
        BorrowedCell,
        Cell,
        Cleared,
        ClearedCell,
        Const,
        List,
        Dict,
        Set,
        Tuple,
        Cells,
        Unclosed,
        Function,
    ]
};

impl Item {
    pub const OBJECT: Item = Item(ItemKind::Object as u32);
    pub const NULL: Item = Item(ItemKind::Null as u32);
    pub const MAYBE_NULL: Item = Item(ItemKind::MaybeNull as u32);

    /// Numbers are below 2**27: verified code has no more variables, constants or items.
    pub fn new(kind: ItemKind, number: usize) -> Item {
        Item(kind as u32 | (number as u32) << 5)
    }

    pub fn kind(self) -> ItemKind {
        KINDS[(self.0 & 31) as usize % KINDS.len()]
    }

    pub fn number(self) -> usize {
        (self.0 >> 5) as usize
    }

    pub fn may_be_null(self) -> bool {
        use ItemKind::*;
        matches!(
            self.kind(),
            Null | MaybeNull | MaybeBorrowed | Cleared | ClearedCell
        )
    }

    /// Any instruction may take it.
    pub fn is_object(self) -> bool {
        !self.may_be_null() && !self.is_unclosed()
    }

    pub fn is_borrowed(self) -> bool {
        matches!(
            self.kind(),
            ItemKind::Borrowed | ItemKind::MaybeBorrowed | ItemKind::BorrowedCell
        )
    }

    /// Nobody may take it but `SET_FUNCTION_ATTRIBUTE`.
    pub fn is_unclosed(self) -> bool {
        self.kind() == ItemKind::Unclosed
    }

    /// What is known of an item that comes from either side; None if there is no such thing.
    fn join(self, other: Item) -> Option<Item> {
        use ItemKind::*;
        if self == other {
            return Some(self);
        }
        match (self.kind(), other.kind()) {
            (Unclosed, _) | (_, Unclosed) => None,
            (Cleared | ClearedCell, Cleared | ClearedCell) if self.number() == other.number() => {
                Some(Item::new(Cleared, self.number()))
            }
            _ if self.is_borrowed() || other.is_borrowed() => self.join_borrowed(other),
            _ if self.may_be_null() || other.may_be_null() => Some(Item::MAYBE_NULL),
            _ => Some(Item::OBJECT),
        }
    }
}

impl Item {
    /// The variable stays: it is owned by that one or by nobody.
    fn join_borrowed(self, other: Item) -> Option<Item> {
        let (borrowed, other) = if self.is_borrowed() {
            (self, other)
        } else {
            (other, self)
        };
        if other.is_borrowed() && other.number() != borrowed.number() {
            return None;
        }
        let maybe = borrowed.may_be_null() || other.may_be_null();
        let kind = if maybe {
            ItemKind::MaybeBorrowed
        } else {
            ItemKind::Borrowed
        };
        Some(Item::new(kind, borrowed.number()))
    }
}

#[derive(Clone, Debug)]
pub struct State {
    pub stack: Vec<Item>,
    /// Bits: the variable surely has a value.
    pub bound: Vec<u64>,
    /// Bits: the variable surely has a cell.
    pub cells: Vec<u64>,
}

pub fn bit(bits: &[u64], index: usize) -> bool {
    bits[index / 64] >> (index % 64) & 1 != 0
}

pub fn set_bit(bits: &mut [u64], index: usize, value: bool) {
    let mask = 1 << (index % 64);
    if value {
        bits[index / 64] |= mask;
    } else {
        bits[index / 64] &= !mask;
    }
}

impl State {
    /// Joins what comes by another path; true if that changed anything, None if the paths do not fit.
    pub fn join(&mut self, stack: &[Item], bound: &[u64], cells: &[u64]) -> Option<bool> {
        if self.stack.len() != stack.len() {
            return None;
        }
        let mut changed = false;
        for (mine, &theirs) in self.stack.iter_mut().zip(stack) {
            let joined = mine.join(theirs)?;
            changed |= joined != *mine;
            *mine = joined;
        }
        for (mine, theirs) in [(&mut self.bound, bound), (&mut self.cells, cells)] {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                changed |= *mine & !theirs != 0;
                *mine &= theirs;
            }
        }
        Some(changed)
    }
}
