//! From the compiler's [`CodeUnit`]s to code objects.
//!
//! The compiler makes the text of a name once for a whole program and shares it; here that text's address finds the str
//! that was made of it, so that a name costs one interning however many code objects use it. Equal constants, and equal
//! tables of any two code objects of the program, are one object, as the reference's constant cache makes them.

use crate::PyResult;
use crate::object::{Object, Owned};
use crate::types::code::{Code, Fields};
use crate::types::{self, Bytes, Complex, Float, FrozenSet, Int, Slice, Str, Tuple};
use bytecode::code::{CodeUnit, Constant, Wtf8};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

impl Code {
    /// A code object from the compiler's output.
    pub fn from_unit(unit: &CodeUnit) -> PyResult<Owned<Code>> {
        Conversion::with_room_for(unit).code(unit)
    }
}

/// A code object and those within it.
fn count_codes(unit: &CodeUnit) -> usize {
    1 + unit.consts.iter().map(|item| if let Constant::Code(inner) = item { count_codes(inner) } else { 0 }).sum::<usize>()
}

/// A constant as an object.
pub fn object_of_constant(constant: &Constant) -> PyResult {
    Conversion::default().constant(constant)
}

/// The conversion of one program. Invariant: the texts whose addresses are keys are kept by the unit that is converted.
#[derive(Default)]
struct Conversion<'u> {
    names: FxHashMap<*const u8, Owned<Str>>,
    constants: FxHashMap<&'u Constant, Owned>,
    /// Constants that are tuples, and `co_consts` without code, by the addresses of their items: equal constants are one object.
    tuples: FxHashMap<Vec<*const Object>, Owned<Tuple>>,
    tables: FxHashMap<&'u [u8], Owned<Bytes>>,
}

impl<'u> Conversion<'u> {
    fn with_room_for(unit: &CodeUnit) -> Self {
        let codes = count_codes(unit).min(1024);
        fn room<K, V>(count: usize) -> FxHashMap<K, V> {
            FxHashMap::with_capacity_and_hasher(count, Default::default())
        }
        Conversion { names: room(codes * 6), constants: room(codes * 3), tuples: room(codes), tables: room(codes * 2) }
    }

    fn code(&mut self, unit: &'u CodeUnit) -> PyResult<Owned<Code>> {
        let consts = self.consts(&unit.consts)?;
        let name = self.name(&unit.name);
        Code::new(Fields {
            argcount: unit.argcount as i32,
            posonlyargcount: unit.posonlyargcount as i32,
            kwonlyargcount: unit.kwonlyargcount as i32,
            stacksize: unit.stacksize as i32,
            flags: unit.flags as i32,
            code: Cow::Borrowed(&unit.code),
            consts,
            names: self.names(&unit.names),
            localsplusnames: self.names(&unit.localsplusnames),
            localspluskinds: Bytes::new(&unit.localspluskinds),
            filename: self.name(&unit.filename),
            qualname: if unit.qualname == unit.name { name.clone() } else { Str::from_wtf8(unit.qualname.as_bytes()) },
            name,
            firstlineno: unit.firstlineno,
            linetable: self.table(&unit.linetable),
            exceptiontable: self.table(&unit.exceptiontable),
        })
    }

    fn names(&mut self, texts: &[Wtf8]) -> Owned<Tuple> {
        Tuple::from_owned(texts.iter().map(|text| self.name(text).into_object()).collect())
    }

    /// The interned str of a text.
    fn name(&mut self, text: &Wtf8) -> Owned<Str> {
        let bytes = text.as_bytes();
        self.names.entry(bytes.as_ptr()).or_insert_with(|| Str::intern_wtf8(bytes)).clone()
    }

    fn table(&mut self, bytes: &'u [u8]) -> Owned<Bytes> {
        match bytes {
            [] => Bytes::new(bytes),
            _ => self.tables.entry(bytes).or_insert_with(|| Bytes::new(bytes)).clone(),
        }
    }

    fn consts(&mut self, items: &'u [Constant]) -> PyResult<Owned<Tuple>> {
        if items.is_empty() {
            return Ok(Tuple::empty());
        }
        let objects = self.constants(items)?;
        if items.iter().any(|item| matches!(item, Constant::Code(_))) {
            return Ok(Tuple::from_owned(objects));
        }
        let key = objects.iter().map(|object| &**object as *const Object).collect();
        Ok(self.tuples.entry(key).or_insert_with(|| Tuple::from_owned(objects)).clone())
    }

    fn constant(&mut self, constant: &'u Constant) -> PyResult {
        match constant {
            // Made anew each time they are the same anyway, or never equal.
            Constant::None | Constant::True | Constant::False | Constant::Ellipsis | Constant::Int(-5..=256) | Constant::Code(_) => {
                self.new_constant(constant)
            }
            Constant::Tuple(items) => Ok(self.consts(items)?.into_object()),
            _ => {
                if let Some(known) = self.constants.get(constant) {
                    return Ok(known.clone());
                }
                let made = self.new_constant(constant)?;
                self.constants.insert(constant, made.clone());
                Ok(made)
            }
        }
    }

    fn new_constant(&mut self, constant: &'u Constant) -> PyResult {
        Ok(match constant {
            Constant::None => types::none().to_owned(),
            Constant::True => types::true_().to_owned(),
            Constant::False => types::false_().to_owned(),
            Constant::Ellipsis => types::ellipsis().to_owned(),
            Constant::Int(value) => Int::from_i64(*value).into_object(),
            Constant::BigInt(value) => Int::from_bigint(value).into_object(),
            Constant::Float(value) => Float::new(*value).into_object(),
            Constant::Complex(real, imag) => Complex::new(*real, *imag).into_object(),
            Constant::Str(text) => {
                let text = text.as_bytes();
                if crate::types::str::are_name_chars(text) { Str::intern_wtf8(text) } else { Str::from_wtf8(text) }.into_object()
            }
            Constant::Bytes(bytes) => Bytes::new(bytes).into_object(),
            Constant::Tuple(items) => Tuple::from_owned(self.constants(items)?).into_object(),
            Constant::FrozenSet(items) => FrozenSet::from_items(&self.constants(items)?)?.into_object(),
            Constant::Slice(parts) => {
                let (start, stop, step) = (self.constant(&parts[0])?, self.constant(&parts[1])?, self.constant(&parts[2])?);
                Slice::new(&start, &stop, &step)?.into_object()
            }
            Constant::Code(unit) => self.code(unit)?.into_object(),
        })
    }

    fn constants(&mut self, items: &'u [Constant]) -> PyResult<Vec<Owned>> {
        items.iter().map(|item| self.constant(item)).collect()
    }
}
