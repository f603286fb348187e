//! `Row`: a row whose values are found by number or by column name, whatever the case of ASCII letters.

use crate::cursor::Cursor;
use crate::peek;
use macros::{Traverse, pytype};
use runtime::protocol::object::{CompareOp, hash, not_implemented, rich_compare, rich_compare_bool};
use runtime::protocol::{iter, mapping, number, object};
use runtime::types::{Int, List, Slice, Str, Tuple, none};
use runtime::{Object, ObjectHead, Owned, PyResult, Type, err, exceptions};
use std::cell::Cell;

#[derive(Traverse)]
#[repr(C)]
pub struct Row {
    head: ObjectHead,
    data: Cell<Option<Owned<Tuple>>>,
    /// The cursor's `description`.
    description: Cell<Option<Owned>>,
}

impl Row {
    fn values(&self) -> Owned<Tuple> {
        peek(&self.data).unwrap_or_else(Tuple::empty)
    }
    fn columns(&self) -> Owned {
        peek(&self.description).unwrap_or_else(|| none().to_owned())
    }
    fn names(&self) -> Vec<Owned> {
        let columns = self.columns();
        let Some(columns) = columns.downcast::<Tuple>() else { return Vec::new() };
        columns.iter().filter_map(|column| Some(column.downcast::<Tuple>()?.get_opt(0)?.to_owned())).collect()
    }
    fn at(&self, index: isize) -> PyResult {
        match usize::try_from(index).ok().and_then(|index| self.values().get_opt(index).map(Object::to_owned)) {
            Some(value) => Ok(value),
            None => Err(err!(IndexError, "tuple index out of range")),
        }
    }
}

fn is_same_name(a: &Str, b: &Object) -> bool {
    let Some(b) = b.downcast::<Str>() else { return false };
    Str::equal(a, b) || matches!((a.as_ascii(), b.as_ascii()), (Some(a), Some(b)) if a.eq_ignore_ascii_case(b))
}

#[pytype(static = Row_Type, name = "Row", module = "sqlite3", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl Row {
    #[slot("Row(cursor, data, /)")]
    fn tp_new(cls: &Type, cursor: &Cursor, data: &Tuple) -> PyResult<Owned<Row>> {
        let description = cursor.description();
        Row::construct(cls, Row { head: ObjectHead::placeholder(), data: Cell::new(Some(Owned::from_ref(data))), description: Cell::new(Some(description)) })
    }
    /// Gives the names of the columns.
    #[method("keys($self, /)")]
    fn keys(&self) -> Owned<List> {
        List::from_owned(self.names())
    }
    #[slot]
    fn mp_length(&self) -> usize {
        self.values().len()
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        if key.is_instance_of::<Int>() {
            let index = number::as_isize(key, Some(exceptions::IndexError()))?;
            return self.at(if index < 0 { index + self.values().len() as isize } else { index });
        }
        if let Some(name) = key.downcast::<Str>() {
            return match self.names().iter().position(|column| is_same_name(name, column)) {
                Some(index) => self.at(index as isize),
                None if self.columns().is_none() => Err(err!(IndexError, "No item with key {}", object::repr(key)?)),
                None => Err(err!(IndexError, "No item with that key")),
            };
        }
        if key.is_instance_of::<Slice>() {
            return mapping::get_item(&self.values(), key);
        }
        Err(err!(IndexError, "Index must be int or string"))
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.values().len()
    }
    #[slot]
    fn sq_item(&self, index: isize) -> PyResult {
        self.at(index)
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        iter::get_iter(&self.values())
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        Ok(hash(&self.columns())? ^ hash(&self.values())?)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        if matches!(op, CompareOp::Eq | CompareOp::Ne)
            && let Some(other) = other.downcast::<Row>()
        {
            if rich_compare_bool(&self.columns(), &other.columns(), CompareOp::Eq)? {
                return rich_compare(&self.values(), &other.values(), op);
            }
        }
        Ok(not_implemented())
    }
}
