//! Writing [`CodeUnit`]s as CPython would write the code objects that its compiler makes of the same
//! source, byte for byte as far as can be.
//!
//! CPython flags a value as referable when more than one reference to it exists at that moment. Which
//! values are shared follows from how its compiler merges constants: equal ones (tuples of names and
//! the bytes of tables among them) become one object per compilation; names, and constants made of name
//! characters only, are interned; small integers, empty tuples and strings of one Latin-1 character exist
//! once. A first walk counts occurrences by value; the writer then asks for identities.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::read::CodeFields;
use super::write::{MarshalSource, View, WriteError, Writer};
use super::{MAX_DEPTH, VERSION};
use crate::code::{BigInt, CodeUnit, Constant, Wtf8};

/// The marshalled form of a code object, as in a `.pyc` after the header.
pub fn write_code(code: &Rc<CodeUnit>) -> Result<Vec<u8>, WriteError> {
    write_constant(&Constant::Code(code.clone()))
}

/// `marshal.dumps` of a constant.
pub fn write_constant(constant: &Constant) -> Result<Vec<u8>, WriteError> {
    let mut source = Shared::default();
    source.count(source.constant(constant.clone()), 2, 0)?;
    let mut writer = Writer::new(&source, VERSION);
    writer.write(&source.constant(constant.clone()))?;
    Ok(writer.into_bytes())
}

/// A value as the writer sees it.
struct Node {
    constant: Constant,
    place: Place,
}

/// Where a value stands, which decides about its identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
enum Place {
    /// Among the constants and tables, where equal values are one object.
    Constant,
    /// A tuple of names; equal to a constant it is the same object, but its items are interned.
    Names,
    /// The same made after merging: neither merged nor flagged.
    FreshNames,
    /// Inside a slice, where merging does not reach.
    SlicePart,
    /// A name, or a constant that is interned.
    Interned,
    /// Instructions: cached by the code object, so always flagged, never met again.
    Code,
    /// The kinds of locals: neither merged nor flagged (the empty bytes, as ever, apart).
    Kinds,
}

/// The identities of all values under the one to be written.
#[derive(Default)]
struct Shared {
    /// Occurrences by value.
    counts: HashMap<(Place, Constant), Occurrences>,
    /// Qualified names of classes, which stand among the constants before they are interned.
    class_names: HashSet<Wtf8>,
    next_id: Cell<usize>,
}

struct Occurrences {
    id: usize,
    count: usize,
}

impl Shared {
    /// The node of a constant, interned or not.
    fn constant(&self, constant: Constant) -> Node {
        let interned = match &constant {
            Constant::Str(text) => is_interned(text) || self.class_names.contains(text),
            _ => false,
        };
        Node {
            constant,
            place: if interned {
                Place::Interned
            } else {
                Place::Constant
            },
        }
    }

    fn slice_part(&self, part: &Constant) -> Node {
        let node = self.constant(part.clone());
        let merged = node.place == Place::Interned || is_immortal(part);
        if merged {
            node
        } else {
            Node {
                place: Place::SlicePart,
                ..node
            }
        }
    }

    /// Counts one value `times`, and what it refers to when it is first met.
    fn count(&mut self, node: Node, times: usize, depth: usize) -> Result<(), WriteError> {
        if depth > MAX_DEPTH {
            return Err(WriteError::TooDeep);
        }
        let Node { constant, place } = node;
        if is_fresh(&constant) {
            return self.count_items(&constant, place, depth);
        }
        let key = (
            if place == Place::Names {
                Place::Constant
            } else {
                place
            },
            constant.clone(),
        );
        if let Some(entry) = self.counts.get_mut(&key) {
            entry.count += times;
            return Ok(());
        }
        let id = self.fresh_id();
        self.counts.insert(key, Occurrences { id, count: times });
        self.count_items(&constant, place, depth)
    }

    fn count_items(
        &mut self,
        constant: &Constant,
        place: Place,
        depth: usize,
    ) -> Result<(), WriteError> {
        // The writer holds a second reference to the items of a set while it sorts them.
        let (items, times) = match constant {
            Constant::Tuple(items) => (&items[..], 1),
            Constant::FrozenSet(items) => (&items[..], 2),
            Constant::Slice(parts) => {
                for part in parts.iter() {
                    let node = self.slice_part(part);
                    if node.place != Place::SlicePart {
                        self.count(node, 1, depth + 1)?;
                    }
                }
                return Ok(());
            }
            Constant::Code(code) => return self.count_code(code, depth),
            _ => return Ok(()),
        };
        for item in items {
            let node = match place {
                Place::Names | Place::FreshNames => Node {
                    constant: item.clone(),
                    place: Place::Interned,
                },
                _ => self.constant(item.clone()),
            };
            self.count(node, times, depth + 1)?;
        }
        Ok(())
    }

    fn count_code(&mut self, code: &Rc<CodeUnit>, depth: usize) -> Result<(), WriteError> {
        let qualname = Constant::Str(code.qualname.clone());
        if code.names.iter().any(|name| *name == "__qualname__") && code.consts.contains(&qualname)
        {
            self.class_names.insert(code.qualname.clone());
        }
        let fields = code_fields(code);
        self.count(fields.consts, 1, depth + 1)?;
        self.count(fields.names, 1, depth + 1)?;
        self.count(fields.localsplusnames, 1, depth + 1)?;
        self.count(fields.filename, 1, depth + 1)?;
        self.count(fields.name, 1, depth + 1)?;
        self.count(fields.qualname, 1, depth + 1)?;
        self.count(fields.linetable, 1, depth + 1)?;
        self.count(fields.exceptiontable, 1, depth + 1)
    }

    fn fresh_id(&self) -> usize {
        let id = self.next_id.get();
        self.next_id.set(id + 1);
        id
    }
}

fn code_fields(code: &Rc<CodeUnit>) -> CodeFields<Node> {
    let node = |constant, place| Node { constant, place };
    let bytes = |bytes: &[u8], place| node(Constant::Bytes(bytes.into()), place);
    let names = |names: &[Wtf8], place| {
        let items = names.iter().cloned().map(Constant::Str).collect();
        node(Constant::Tuple(items), place)
    };
    // The compiler renames the parameter of annotation functions from ".format" afterwards.
    let renamed =
        code.name == "__annotate__" && code.localsplusnames.iter().take(1).any(|n| *n == "format");
    let locals = if renamed {
        Place::FreshNames
    } else {
        Place::Names
    };
    let name = |text: &Wtf8| node(Constant::Str(text.clone()), Place::Interned);
    CodeFields {
        argcount: code.argcount as i32,
        posonlyargcount: code.posonlyargcount as i32,
        kwonlyargcount: code.kwonlyargcount as i32,
        stacksize: code.stacksize as i32,
        flags: code.flags as i32,
        code: bytes(&code.code, Place::Code),
        consts: node(
            Constant::Tuple(code.consts.as_slice().into()),
            Place::Constant,
        ),
        names: names(&code.names, Place::Names),
        localsplusnames: names(&code.localsplusnames, locals),
        localspluskinds: bytes(&code.localspluskinds, Place::Kinds),
        filename: name(&code.filename),
        name: name(&code.name),
        qualname: name(&code.qualname),
        firstlineno: code.firstlineno,
        linetable: bytes(&code.linetable, Place::Constant),
        exceptiontable: bytes(&code.exceptiontable, Place::Constant),
    }
}

/// One character of Latin-1 or none exists once; what looks like a name is interned.
fn is_interned(text: &Wtf8) -> bool {
    text.is_all_name_chars() || {
        let mut points = text.code_points();
        points.next().is_none_or(|first| first < 0x100) && points.next().is_none()
    }
}

/// Never the same object twice: merging rebuilds frozensets, and a NaN equals no other.
fn is_fresh(constant: &Constant) -> bool {
    match constant {
        Constant::FrozenSet(_) => true,
        Constant::Float(value) => value.is_nan(),
        _ => false,
    }
}

/// Exists once per process, so its reference count is never 1.
fn is_immortal(constant: &Constant) -> bool {
    match constant {
        Constant::Int(value) => (-5..=256).contains(value),
        Constant::Tuple(items) => items.is_empty(),
        Constant::Bytes(bytes) => bytes.len() <= 1,
        _ => false,
    }
}

/// Digits to the base 2**15, lowest first.
fn digits_of(value: &BigInt) -> Vec<u16> {
    let mut digits = Vec::new();
    let (mut bits, mut count) = (0u32, 0);
    for byte in value.magnitude().to_bytes_le() {
        bits |= (byte as u32) << count;
        count += 8;
        if count >= 15 {
            digits.push((bits & 0x7FFF) as u16);
            bits >>= 15;
            count -= 15;
        }
    }
    if bits != 0 {
        digits.push(bits as u16);
    }
    digits
}

impl MarshalSource for Shared {
    type Value = Node;

    fn view<'a>(&'a self, node: &'a Node) -> View<'a, Node> {
        match &node.constant {
            Constant::None => View::None,
            Constant::True => View::True,
            Constant::False => View::False,
            Constant::Ellipsis => View::Ellipsis,
            Constant::Int(value) => View::Int(*value),
            Constant::BigInt(value) => {
                let negative = value.sign() == num_bigint::Sign::Minus;
                View::Long {
                    negative,
                    digits: Cow::Owned(digits_of(value)),
                }
            }
            Constant::Float(value) => View::Float(*value),
            Constant::Complex(real, imag) => View::Complex(*real, *imag),
            Constant::Str(text) => {
                let interned = node.place == Place::Interned;
                View::Str {
                    text: Cow::Borrowed(text.as_bytes()),
                    interned,
                }
            }
            Constant::Bytes(bytes) => View::Bytes(Cow::Borrowed(bytes)),
            Constant::Tuple(items) => View::Tuple(items.len()),
            Constant::FrozenSet(items) => {
                let items = items
                    .iter()
                    .map(|item| self.constant(item.clone()))
                    .collect();
                View::Set {
                    frozen: true,
                    items,
                }
            }
            Constant::Slice(parts) => {
                View::Slice(parts.each_ref().map(|part| self.slice_part(part)))
            }
            Constant::Code(code) => View::Code(Box::new(code_fields(code))),
        }
    }

    fn item(&self, tuple: &Node, index: usize) -> Option<Node> {
        let Constant::Tuple(items) = &tuple.constant else {
            return None;
        };
        let item = items.get(index)?.clone();
        Some(match tuple.place {
            Place::Names | Place::FreshNames => Node {
                constant: item,
                place: Place::Interned,
            },
            _ => self.constant(item),
        })
    }

    fn identity(&self, node: &Node) -> Option<usize> {
        let immortal = is_immortal(&node.constant);
        let place = match node.place {
            Place::Code => return Some(self.fresh_id()),
            Place::FreshNames | Place::SlicePart => return None,
            _ if is_fresh(&node.constant) => return None,
            Place::Kinds if !matches!(&node.constant, Constant::Bytes(bytes) if bytes.is_empty()) =>
            {
                return None;
            }
            Place::Interned => Place::Interned,
            Place::Constant | Place::Names | Place::Kinds => Place::Constant,
        };
        match self.counts.get(&(place, node.constant.clone())) {
            Some(entry) if entry.count > 1 || immortal || place == Place::Interned => {
                Some(entry.id)
            }
            None if immortal => Some(self.fresh_id()),
            _ => None,
        }
    }
}
