/* What the variadic functions use of the C API, declared here so that no header of CPython is needed to build. */
#ifndef CAPI_API_H
#define CAPI_API_H
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef ptrdiff_t Py_ssize_t;
typedef uint32_t Py_UCS4;
typedef struct _typeobject PyTypeObject;
typedef struct _object {
    int64_t ob_refcnt;
    PyTypeObject *ob_type;
} PyObject;
typedef struct { double real, imag; } Py_complex;
typedef struct {
    void *buf;
    PyObject *obj;
    Py_ssize_t len, itemsize;
    int readonly, ndim;
    char *format;
    Py_ssize_t *shape, *strides, *suboffsets;
    void *internal;
} Py_buffer;
typedef struct PyUnicodeWriter PyUnicodeWriter;

#define API extern __attribute__((visibility("default")))

API PyTypeObject PyUnicode_Type, PyBytes_Type, PyByteArray_Type, PyTuple_Type, PyDict_Type, PyList_Type;
API PyObject _Py_NoneStruct;
#define Py_None (&_Py_NoneStruct)
API PyObject *PyExc_TypeError, *PyExc_SystemError, *PyExc_ValueError, *PyExc_OverflowError, *PyExc_DeprecationWarning, *PyExc_RuntimeWarning, *PyExc_ResourceWarning;

API void Py_IncRef(PyObject *);
API void Py_DecRef(PyObject *);
API unsigned long PyType_GetFlags(PyTypeObject *);
API int PyType_IsSubtype(PyTypeObject *, PyTypeObject *);
API PyObject *PyErr_Occurred(void);
API void PyErr_SetString(PyObject *, const char *);
API void PyErr_SetObject(PyObject *, PyObject *);
API void PyErr_Clear(void);
API void PyErr_BadInternalCall(void);
API PyObject *PyErr_NoMemory(void);
API PyObject *PyErr_GetRaisedException(void);
API void PyErr_SetRaisedException(PyObject *);
API PyObject *PyErr_Format(PyObject *, const char *, ...);

API int PyErr_WarnFormat(PyObject *, Py_ssize_t, const char *, ...);

API void *PyMem_Malloc(size_t);
API void *PyMem_Realloc(void *, size_t);
API void PyMem_Free(void *);

API Py_ssize_t PyTuple_Size(PyObject *);
API PyObject *PyTuple_New(Py_ssize_t);
API PyObject *PyTuple_GetItem(PyObject *, Py_ssize_t);
API int PyTuple_SetItem(PyObject *, Py_ssize_t, PyObject *);
API PyObject *PyList_New(Py_ssize_t);
API int PyList_SetItem(PyObject *, Py_ssize_t, PyObject *);
API PyObject *PyDict_New(void);
API Py_ssize_t PyDict_Size(PyObject *);
API int PyDict_SetItem(PyObject *, PyObject *, PyObject *);
API int PyDict_Next(PyObject *, Py_ssize_t *, PyObject **, PyObject **);
API int PyDict_GetItemStringRef(PyObject *, const char *, PyObject **);
API int PySequence_Check(PyObject *);
API Py_ssize_t PySequence_Size(PyObject *);
API PyObject *PySequence_GetItem(PyObject *, Py_ssize_t);

API PyObject *PyLong_FromLong(long);
API PyObject *PyLong_FromLongLong(long long);
API PyObject *PyLong_FromUnsignedLong(unsigned long);
API PyObject *PyLong_FromUnsignedLongLong(unsigned long long);
API PyObject *PyLong_FromSsize_t(Py_ssize_t);
API long PyLong_AsLong(PyObject *);
API long long PyLong_AsLongLong(PyObject *);
API Py_ssize_t PyLong_AsSsize_t(PyObject *);
API unsigned long PyLong_AsUnsignedLongMask(PyObject *);
API unsigned long long PyLong_AsUnsignedLongLongMask(PyObject *);
API PyObject *PyNumber_Index(PyObject *);
API int PyIndex_Check(PyObject *);
API PyObject *PyFloat_FromDouble(double);
API double PyFloat_AsDouble(PyObject *);
API PyObject *PyComplex_FromCComplex(Py_complex);
API Py_complex PyComplex_AsCComplex(PyObject *);
API int PyObject_IsTrue(PyObject *);
API PyObject *PyBool_FromLong(long);

API PyObject *PyUnicode_FromStringAndSize(const char *, Py_ssize_t);
API PyObject *PyUnicode_FromString(const char *);
API PyObject *PyUnicode_FromWideChar(const wchar_t *, Py_ssize_t);
API PyObject *PyUnicode_FromOrdinal(int);
API const char *PyUnicode_AsUTF8AndSize(PyObject *, Py_ssize_t *);
API PyObject *PyUnicode_AsEncodedString(PyObject *, const char *, const char *);
API Py_ssize_t PyUnicode_GetLength(PyObject *);
API Py_UCS4 PyUnicode_ReadChar(PyObject *, Py_ssize_t);
API PyObject *PyUnicode_InternFromString(const char *);
API PyObject *PyBytes_FromStringAndSize(const char *, Py_ssize_t);
API char *PyBytes_AsString(PyObject *);
API Py_ssize_t PyBytes_Size(PyObject *);
API char *PyByteArray_AsString(PyObject *);
API Py_ssize_t PyByteArray_Size(PyObject *);
API int PyObject_GetBuffer(PyObject *, Py_buffer *, int);
API void PyBuffer_Release(Py_buffer *);
API int PyBuffer_IsContiguous(const Py_buffer *, char);

API PyObject *PyObject_Repr(PyObject *);
API PyObject *PyObject_Str(PyObject *);
API PyObject *PyObject_ASCII(PyObject *);
API PyObject *PyObject_GetAttr(PyObject *, PyObject *);
API PyObject *PyObject_GetAttrString(PyObject *, const char *);
API PyObject *PyObject_Call(PyObject *, PyObject *, PyObject *);
API PyObject *PyObject_CallNoArgs(PyObject *);
API PyObject *PyObject_Vectorcall(PyObject *, PyObject *const *, size_t, PyObject *);
API PyObject *PyObject_VectorcallMethod(PyObject *, PyObject *const *, size_t, PyObject *);
API int PyCallable_Check(PyObject *);

API PyUnicodeWriter *PyUnicodeWriter_Create(Py_ssize_t);
API void PyUnicodeWriter_Discard(PyUnicodeWriter *);
API PyObject *PyUnicodeWriter_Finish(PyUnicodeWriter *);
API int PyUnicodeWriter_WriteChar(PyUnicodeWriter *, Py_UCS4);
API int PyUnicodeWriter_WriteUTF8(PyUnicodeWriter *, const char *, Py_ssize_t);
API int PyUnicodeWriter_WriteASCII(PyUnicodeWriter *, const char *, Py_ssize_t);
API int PyUnicodeWriter_WriteStr(PyUnicodeWriter *, PyObject *);

/* Helpers that this crate's Rust half gives to its C half. */
API int capi_writer_bytes(PyUnicodeWriter *, const char *, Py_ssize_t, Py_ssize_t, int);
API int capi_writer_wide(PyUnicodeWriter *, const wchar_t *, Py_ssize_t, Py_ssize_t, int);
API int capi_writer_padded(PyUnicodeWriter *, PyObject *, Py_ssize_t, Py_ssize_t, int);
API PyObject *capi_type_name(PyObject *, int, int);
API int capi_warn(PyObject *, PyObject *, Py_ssize_t, PyObject *);
API int capi_has_audit_hooks(void);
API void capi_write_stream(const char *, PyObject *);
API void capi_write_unraisable(PyObject *);

API PyObject *PyUnicode_FromFormatV(const char *, va_list);
API PyObject *Py_VaBuildValue(const char *, va_list);

static inline const char *type_name(PyObject *o) {
    /* tp_name lies at offset 24 of a type object. */
    return *(const char **)((char *)o->ob_type + 24);
}
static inline int has_flag(PyObject *o, int bit) { return (PyType_GetFlags(o->ob_type) >> bit) & 1; }
#define IS_LONG(o) has_flag(o, 24)
#define IS_LIST(o) has_flag(o, 25)
#define IS_TUPLE(o) has_flag(o, 26)
#define IS_BYTES(o) has_flag(o, 27)
#define IS_STR(o) has_flag(o, 28)
#define IS_DICT(o) has_flag(o, 29)
#define IS_BYTEARRAY(o) PyType_IsSubtype((o)->ob_type, &PyByteArray_Type)
static inline void xdecref(PyObject *o) {
    if (o) Py_DecRef(o);
}
#endif
