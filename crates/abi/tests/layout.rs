//! Every struct against the figures in `layout.txt`, which come from CPython's own headers.

use abi::*;
use std::collections::BTreeMap;

type Fields = Vec<(&'static str, usize, usize)>;

fn facts() -> BTreeMap<&'static str, (usize, Fields)> {
    let mut structs = BTreeMap::new();
    let mut current = "";
    for line in include_str!("layout.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, size)) = line.split_once(" = ") {
            current = name;
            structs.insert(name, (size.parse().unwrap(), Vec::new()));
        } else {
            let words: Vec<&str> = line.split_whitespace().collect();
            let entry: &mut (usize, Fields) = structs.get_mut(current).unwrap();
            entry.1.push((words[0], words[1].parse().unwrap(), words[2].parse().unwrap()));
        }
    }
    structs
}

/// The fields of a struct with those of the exception base that it embeds, if it does.
fn declared<T: Layout>() -> Fields {
    let mut fields: Fields = T::FIELDS.iter().map(|&(name, o, s)| (name.trim_start_matches("r#"), o, s)).collect();
    if fields[0].0 == "base" {
        fields.splice(0..1, PyBaseExceptionObject::FIELDS.iter().copied());
    }
    fields
}

fn check<T: Layout>(facts: &mut BTreeMap<&'static str, (usize, Fields)>) {
    let (size, mut expected) = facts.remove(T::NAME).unwrap_or_else(|| panic!("no figures for {}", T::NAME));
    assert_eq!(T::SIZE, size, "size of {}", T::NAME);
    expected.retain(|(name, ..)| !name.contains(':'));
    if T::NAME == "PyLongObject" || T::NAME == "PyCodeAddressRange" {
        expected.retain(|(name, ..)| !name.contains('.'));
    }
    assert_eq!(declared::<T>(), expected, "fields of {}", T::NAME);
}

macro_rules! check_all {
    ($facts:expr; $($name:ident)*) => { $( check::<$name>(&mut $facts); )* };
}

#[test]
fn structs_have_the_layout_of_cpython() {
    let mut facts = facts();
    check_all! { facts;
        PyObject PyVarObject _Py_Identifier PyTypeObject PyHeapTypeObject PyAsyncMethods PyNumberMethods
        PyMappingMethods PySequenceMethods PyBufferProcs PyType_Slot PyType_Spec PyMethodDef PyGetSetDef
        PyMemberDef PyModuleDef_Base PyModuleDef PyModuleDef_Slot PyStructSequence PyStructSequence_Field
        PyStructSequence_Desc _inittab _frozen _PyOnceFlag _PyArg_Parser
        PyLongObject _PyLongValue PyLongLayout PyLongExport PyFloatObject PyComplexObject Py_complex
        PyBytesObject PyByteArrayObject PyASCIIObject PyCompactUnicodeObject PyUnicodeObject _PyUnicodeWriter
        PyTupleObject PyListObject PyDictObject PySetObject setentry PySliceObject PyCellObject
        PyMemoryViewObject _PyManagedBufferObject Py_buffer PyWeakReference
        PyFunctionObject PyFrameConstructor PyCFunctionObject PyCMethodObject PyMethodObject
        PyInstanceMethodObject PyDescrObject PyMethodDescrObject PyMemberDescrObject PyGetSetDescrObject
        PyWrapperDescrObject wrapperbase
        PyCodeObject _PyCoCached _PyExecutorArray PyCodeAddressRange PyTracebackObject
        PyFrameLocalsProxyObject PyFrameObject
        PyBaseExceptionObject PyBaseExceptionGroupObject PySyntaxErrorObject PyImportErrorObject
        PyUnicodeErrorObject PySystemExitObject PyOSErrorObject PyStopIterationObject PyNameErrorObject
        PyAttributeErrorObject
        PyThreadState _PyErr_StackItem _PyStackChunk _PyRemoteDebuggerSupport PyMutex PyMonitoringState Py_tss_t
        PyDateTime_Delta PyDateTime_TZInfo _PyDateTime_BaseTZInfo _PyDateTime_BaseTime PyDateTime_Time
        PyDateTime_Date _PyDateTime_BaseDateTime PyDateTime_DateTime PyDateTime_CAPI
        PyCompilerFlags PyMemAllocatorEx PyObjectArenaAllocator PyHash_FuncDef PyStatus PyWideStringList
        PyPreConfig PyConfig PyInterpreterConfig PerfMapState PyExpat_CAPI
    }
    assert!(facts.is_empty(), "not declared: {:?}", facts.keys());
}

/// Not in public headers: sizes that CPython 3.14.8 reports (`__basicsize__`) or that follow from its frames.
#[test]
fn internal_structs_have_the_size_of_cpython() {
    assert_eq!(size_of::<_PyInterpreterFrame>(), 88);
    assert_eq!(FRAME_SPECIALS_SIZE, 10);
    assert_eq!(size_of::<PyGenObject>() - 8, 152);
    assert_eq!(size_of::<PyModuleObject>(), 56);
    assert_eq!(size_of::<PyCapsule>(), 64);
    assert_eq!(size_of::<_Py_CODEUNIT>(), 2);
    assert_eq!(size_of::<_PyStackRef>(), 8);
}

#[test]
fn static_heads_are_immortal() {
    static HEAD: PyObject = PyObject::immortal_static(core::ptr::null());
    assert_eq!(HEAD.ob_refcnt_full().get(), 0x0005_0000_C000_0000);
    assert_eq!(PyObject::fresh(core::ptr::null()).ob_refcnt_full().get(), 1);
}
