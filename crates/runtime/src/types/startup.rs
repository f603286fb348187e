//! Readies the static types when the interpreter starts, bases before what derives from them.

use crate::errors::PyResult;
use crate::object::{PyTyped, Type};
use crate::types::*;

/// All static types outside of modules. `object` and `type` come first; exception types have a list of their own.
pub fn builtin_types() -> Vec<&'static Type> {
    vec![
        &object::PyBaseObject_Type,
        &type_methods::PyType_Type,
        &str::PyUnicode_Type,
        &str::iterator::PyUnicodeIter_Type,
        &str::iterator::_PyUnicodeASCIIIter_Type,
        &tuple::PyTuple_Type,
        &dict::PyDict_Type,
        &descr::PyWrapperDescr_Type,
        &descr::PyMethodDescr_Type,
        &descr::PyMemberDescr_Type,
        &descr::PyGetSetDescr_Type,
        &descr::PyClassMethodDescr_Type,
        &descr::_PyMethodWrapper_Type,
        &builtin_function::PyCFunction_Type,
        &builtin_function::PyCMethod_Type,
        &int::PyLong_Type,
        &self::bool::PyBool_Type,
        &float::PyFloat_Type,
        &complex::PyComplex_Type,
        &bytes::PyBytes_Type,
        &bytes::PyBytesIter_Type,
        &bytearray::PyByteArray_Type,
        &bytes::PyByteArrayIter_Type,
        &memoryview::_PyManagedBuffer_Type,
        &memoryview::PyMemoryView_Type,
        &memoryview::_PyMemoryIter_Type,
        List::type_object(),
        Set::type_object(),
        FrozenSet::type_object(),
        &set_methods::PySetIter_Type,
        &async_generator::_PyAsyncGenWrappedValue_Type,
        &async_generator::_PyAsyncGenASend_Type,
        &async_generator::_PyAsyncGenAThrow_Type,
        &method::PyInstanceMethod_Type,
        &slice::PySlice_Type,
        &range::PyRange_Type,
        &range::PyRangeIter_Type,
        &range::PyLongRangeIter_Type,
        &enumerate::PyEnum_Type,
        &enumerate::PyReversed_Type,
        &functional::PyFilter_Type,
        &functional::PyMap_Type,
        &functional::PyZip_Type,
        &seq_iter::PySeqIter_Type,
        &seq_iter::PyCallIter_Type,
        &seq_iter::PyListIter_Type,
        &seq_iter::PyListRevIter_Type,
        &seq_iter::PyTupleIter_Type,
        &singletons::_PyNone_Type,
        &singletons::_PyNotImplemented_Type,
        &singletons::PyEllipsis_Type,
        &function::PyFunction_Type,
        &method::PyMethod_Type,
        &method::PyInstanceMethod_Type,
        &cell::PyCell_Type,
        &code::PyCode_Type,
        &frame::PyFrame_Type,
        &traceback::PyTraceBack_Type,
        &generator::PyGen_Type,
        &generator::PyCoro_Type,
        &generator::PyAsyncGen_Type,
        &generator::_PyCoroWrapper_Type,
        &property::PyProperty_Type,
        &super_type::PySuper_Type,
        &classmethod::PyClassMethod_Type,
        &classmethod::PyStaticMethod_Type,
        &module::PyModule_Type,
        &namespace::_PyNamespace_Type,
        &mappingproxy::PyDictProxy_Type,
        &capsule::PyCapsule_Type,
        &crate::import::extension::PyModuleDef_Type,
        &crate::modules::contextvars::PyContext_Type,
        &crate::modules::contextvars::PyContextToken_Type,
        &async_generator::_PyAsyncGenASend_Type,
        &generic_alias::Py_GenericAliasType,
        &generic_alias::_Py_GenericAliasIterType,
        &union::_PyUnion_Type,
        &weakref::_PyWeakref_RefType,
        &weakref_proxy::_PyWeakref_ProxyType,
        &weakref_proxy::_PyWeakref_CallableProxyType,
        &slot_buffer::_PyBufferWrapper_Type,
        &typevar::_PyNoDefault_Type,
        &typevar::ConstEvaluator_Type,
        &typevar::TypeVar_Type,
        &typevar::ParamSpec_Type,
        &typevar::ParamSpecArgs_Type,
        &typevar::ParamSpecKwargs_Type,
        &typevar::TypeVarTuple_Type,
        &typevar::_PyTypeAlias_Type,
        &template::_PyInterpolation_Type,
        &template::_PyTemplate_Type,
        &template::_PyTemplateIter_Type,
        &frame_locals::PyFrameLocalsProxy_Type,
        &picklebuffer::PyPickleBuffer_Type,
        &dict::views::PyDictKeys_Type,
        &dict::views::PyDictValues_Type,
        &dict::views::PyDictItems_Type,
        &dict::iter::PyDictIterKey_Type,
        &dict::iter::PyDictIterValue_Type,
        &dict::iter::PyDictIterItem_Type,
        &dict::iter::PyDictRevIterKey_Type,
        &dict::iter::PyDictRevIterValue_Type,
        &dict::iter::PyDictRevIterItem_Type,
    ]
}

/// Readies the built-in types. The first few are needed to ready any: they get their metatype beforehand.
pub fn ready_builtin_types() -> PyResult<()> {
    let types = builtin_types();
    for ty in &types {
        if ty.0.ob_base.ob_base.ob_type.get().is_null() {
            ty.0.ob_base.ob_base.ob_type.set(type_type().as_type_ptr());
        }
    }
    for ty in &types {
        builtin_type_ready(ty)?;
    }
    typevar::finish_types()?;
    template::finish_types()
}
