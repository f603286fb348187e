//! `_collections`: `deque`, `defaultdict`, `OrderedDict`, and what `namedtuple` and `Counter` need.

mod defaultdict;
mod deque;
mod order;
mod ordered_dict;
mod ordered_dict_views;
mod tuplegetter;

use defaultdict::DefaultDict_Type;
use deque::{DequeIterator_Type, DequeReverseIterator_Type, Deque_Type};
use macros::pymodule;
use ordered_dict::PyODict_Type;
use runtime::errors::PyResult;
use runtime::intern;
use runtime::object::{Object, PyTyped};
use runtime::protocol::object::{get_attr, hash};
use runtime::protocol::{call, iter, mapping, number};
use runtime::types::{Dict, Int, Module, type_ready};
use tuplegetter::TupleGetter_Type;

/// Containers beside the built-in ones.
///
/// - deque:        a list that grows and shrinks fast at both ends
/// - defaultdict:  a dict that makes the values of missing keys
#[pymodule(name = "_collections")]
#[types(Deque_Type, DefaultDict_Type, DequeIterator_Type, DequeReverseIterator_Type, TupleGetter_Type, PyODict_Type)]
pub mod collections {
    use super::*;

    #[exec]
    fn exec(_module: &Module) -> PyResult<()> {
        type_ready(&ordered_dict_views::PyODictIter_Type)?;
        type_ready(&ordered_dict_views::PyODictKeys_Type)?;
        type_ready(&ordered_dict_views::PyODictValues_Type)?;
        type_ready(&ordered_dict_views::PyODictItems_Type)
    }

    /// Count elements in the iterable, updating the mapping
    #[function("_count_elements($module, mapping, iterable, /)")]
    fn count_elements(mapping: &Object, iterable: &Object) -> PyResult<()> {
        let iterator = iter::get_iter(iterable)?;
        let one = Int::from_i64(1);
        let plain = |name| {
            let (own, base) = (mapping.ty().lookup(name), Dict::type_object().lookup(name));
            own.zip(base).is_some_and(|(own, base)| own.is(base))
        };
        if let Some(dict) = mapping.downcast::<Dict>()
            && plain(intern!("get"))
            && plain(intern!("__setitem__"))
        {
            while let Some(key) = iter::iter_next(&iterator)? {
                let hash = hash(&key)?;
                let count = match dict.get_known_hash(&key, hash)? {
                    None => one.clone().into_object(),
                    Some(count) => number::add(&count, &one)?,
                };
                dict.set_known_hash(&key, hash, &count)?;
            }
            return Ok(());
        }
        let (get, zero) = (get_attr(mapping, intern!("get"))?, Int::from_i64(0));
        while let Some(key) = iter::iter_next(&iterator)? {
            let count = call::call_args(&get, &[&key, &zero])?;
            mapping::set_item(mapping, &key, &*number::add(&count, &one)?)?;
        }
        Ok(())
    }
}
