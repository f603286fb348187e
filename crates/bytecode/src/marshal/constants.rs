//! Reading into [`Constant`]s and [`CodeUnit`]s, without objects.

use std::cell::RefCell;
use std::rc::Rc;

use super::read::{CodeFields, Container, MarshalBuilder, MarshalError, Reader, StrForm};
use crate::code::{BigInt, CodeUnit, Constant, Wtf8};

/// Reads one code object.
pub fn read_code(bytes: &[u8]) -> Result<Rc<CodeUnit>, MarshalError> {
    match read_constant(bytes)? {
        Constant::Code(code) => Ok(code),
        _ => Err(MarshalError::Type("not a code object")),
    }
}

/// Reads one value that can be a constant; others (lists, dicts, a tuple inside itself) are errors.
pub fn read_constant(bytes: &[u8]) -> Result<Constant, MarshalError> {
    let mut input = bytes;
    let value = Reader::new(&mut ConstantBuilder, &mut input).read()?;
    value.complete()
}

struct ConstantBuilder;

#[derive(Clone)]
enum Value {
    Complete(Constant),
    Open {
        frozen_set: bool,
        items: Rc<RefCell<Vec<Constant>>>,
    },
}

impl Value {
    fn complete(self) -> Result<Constant, MarshalError> {
        match self {
            Value::Complete(constant) => Ok(constant),
            Value::Open { .. } => Err(MarshalError::Type("a constant that contains itself")),
        }
    }
}

fn unsupported<T>() -> Result<T, MarshalError> {
    Err(MarshalError::Type("not a constant"))
}

fn done(constant: Constant) -> Result<Value, MarshalError> {
    Ok(Value::Complete(constant))
}

impl ConstantBuilder {
    fn push(&mut self, container: &Value, item: Value) -> Result<(), MarshalError> {
        let item = item.complete()?;
        if let Value::Open { items, .. } = container {
            items.borrow_mut().push(item);
        }
        Ok(())
    }
}

impl MarshalBuilder for ConstantBuilder {
    type Value = Value;
    type Error = MarshalError;

    fn error(&mut self, error: MarshalError) -> MarshalError {
        error
    }

    fn none(&mut self) -> Value {
        Value::Complete(Constant::None)
    }

    fn bool(&mut self, value: bool) -> Value {
        Value::Complete(Constant::bool(value))
    }

    fn ellipsis(&mut self) -> Value {
        Value::Complete(Constant::Ellipsis)
    }

    fn stop_iteration(&mut self) -> Result<Value, MarshalError> {
        unsupported()
    }

    fn int(&mut self, value: i64) -> Result<Value, MarshalError> {
        done(Constant::Int(value))
    }

    fn long(&mut self, negative: bool, digits: &[u16]) -> Result<Value, MarshalError> {
        // Packs digits of 15 bits into bytes, so that long numbers stay linear.
        let mut bytes = Vec::with_capacity(digits.len() * 2);
        let (mut bits, mut count) = (0u32, 0);
        for &digit in digits {
            bits |= (digit as u32) << count;
            count += 15;
            while count >= 8 {
                bytes.push(bits as u8);
                bits >>= 8;
                count -= 8;
            }
        }
        bytes.push(bits as u8);
        let sign = if negative {
            num_bigint::Sign::Minus
        } else {
            num_bigint::Sign::Plus
        };
        done(Constant::int(BigInt::from_bytes_le(sign, &bytes)))
    }

    fn float(&mut self, value: f64) -> Result<Value, MarshalError> {
        done(Constant::Float(value))
    }

    fn complex(&mut self, real: f64, imag: f64) -> Result<Value, MarshalError> {
        done(Constant::Complex(real, imag))
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<Value, MarshalError> {
        done(Constant::Bytes(bytes.into()))
    }

    fn str(&mut self, bytes: &[u8], form: StrForm, _intern: bool) -> Result<Value, MarshalError> {
        let text = match form {
            StrForm::OneByte => Wtf8::from_code_points(bytes.iter().map(|&b| b as u32)),
            StrForm::Utf8 => Wtf8::from_bytes(bytes),
        };
        match text {
            Some(text) => done(Constant::Str(text)),
            None => Err(MarshalError::Value(
                "a string that is not UTF-8".to_string(),
            )),
        }
    }

    fn new_tuple(&mut self, _length: usize, _whole: bool) -> Result<Value, MarshalError> {
        Ok(Value::Open {
            frozen_set: false,
            items: Rc::default(),
        })
    }

    fn set_tuple_item(&mut self, tuple: &Value, _: usize, item: Value) -> Result<(), MarshalError> {
        self.push(tuple, item)
    }

    fn new_list(&mut self, _length: usize) -> Result<Value, MarshalError> {
        unsupported()
    }

    fn append(&mut self, _: &Value, _: Value) -> Result<(), MarshalError> {
        unsupported()
    }

    fn new_dict(&mut self) -> Result<Value, MarshalError> {
        unsupported()
    }

    fn set_item(&mut self, _: &Value, _: Value, _: Value) -> Result<(), MarshalError> {
        unsupported()
    }

    fn new_set(&mut self, frozen: bool, _length: usize) -> Result<Value, MarshalError> {
        match frozen {
            true => Ok(Value::Open {
                frozen_set: true,
                items: Rc::default(),
            }),
            false => unsupported(),
        }
    }

    fn add(&mut self, set: &Value, item: Value) -> Result<(), MarshalError> {
        self.push(set, item)
    }

    fn finish(&mut self, _kind: Container, container: Value) -> Result<Value, MarshalError> {
        let Value::Open { frozen_set, items } = container else {
            return Ok(container);
        };
        let items = items.take();
        done(match frozen_set {
            true => Constant::FrozenSet(items.into()),
            false => Constant::Tuple(items.into()),
        })
    }

    fn slice(&mut self, [start, stop, step]: [Value; 3]) -> Result<Value, MarshalError> {
        let parts = [start.complete()?, stop.complete()?, step.complete()?];
        done(Constant::Slice(Rc::new(parts)))
    }

    fn code(&mut self, fields: CodeFields<Value>) -> Result<Value, MarshalError> {
        let count = |value: i32| {
            u32::try_from(value).map_err(|_| MarshalError::Value("a negative count".to_string()))
        };
        done(Constant::Code(Rc::new(CodeUnit {
            argcount: count(fields.argcount)?,
            posonlyargcount: count(fields.posonlyargcount)?,
            kwonlyargcount: count(fields.kwonlyargcount)?,
            stacksize: count(fields.stacksize)?,
            flags: fields.flags as u32,
            code: bytes(fields.code)?,
            consts: items(fields.consts)?,
            names: strings(fields.names)?,
            localsplusnames: strings(fields.localsplusnames)?,
            localspluskinds: bytes(fields.localspluskinds)?,
            filename: string(fields.filename)?,
            name: string(fields.name)?,
            qualname: string(fields.qualname)?,
            firstlineno: fields.firstlineno,
            linetable: bytes(fields.linetable)?,
            exceptiontable: bytes(fields.exceptiontable)?,
        })))
    }
}

fn bytes(value: Value) -> Result<Vec<u8>, MarshalError> {
    match value.complete()? {
        Constant::Bytes(bytes) => Ok(bytes.to_vec()),
        _ => Err(MarshalError::Type("bytes expected in a code object")),
    }
}

fn items(value: Value) -> Result<Vec<Constant>, MarshalError> {
    match value.complete()? {
        Constant::Tuple(items) => Ok(items.to_vec()),
        _ => Err(MarshalError::Type("a tuple expected in a code object")),
    }
}

fn string(value: Value) -> Result<Wtf8, MarshalError> {
    match value.complete()? {
        Constant::Str(text) => Ok(text),
        _ => Err(MarshalError::Type("a string expected in a code object")),
    }
}

fn strings(value: Value) -> Result<Vec<Wtf8>, MarshalError> {
    items(value)?
        .into_iter()
        .map(|item| string(Value::Complete(item)))
        .collect()
}
