/* The other variadic functions: calls, errors and warnings with formatted messages, output, audit events. */
#include "api.h"

/* ---- calls */

static PyObject *call_object_args(PyObject *callable, PyObject *name, PyObject *self, va_list args) {
    va_list count_args;
    va_copy(count_args, args);
    size_t n = 0;
    while (va_arg(count_args, PyObject *)) n++;
    va_end(count_args);
    PyObject *small[8], **stack = small;
    size_t first = self ? 1 : 0;
    if (n + first > 7) {
        stack = PyMem_Malloc((n + first + 1) * sizeof *stack);
        if (!stack) return PyErr_NoMemory();
    }
    /* A spare slot in front lets a bound method put its receiver there. */
    PyObject **items = stack + 1;
    if (self) items[0] = self;
    for (size_t i = 0; i < n; i++) items[first + i] = va_arg(args, PyObject *);
    size_t flag = (size_t)1 << (8 * sizeof(size_t) - 1);
    PyObject *result = name ? PyObject_VectorcallMethod(name, items, (n + first) | flag, NULL) : PyObject_Vectorcall(callable, items, n | flag, NULL);
    if (stack != small) PyMem_Free(stack);
    return result;
}

static PyObject *null_error(void) {
    if (!PyErr_Occurred()) PyErr_SetString(PyExc_SystemError, "null argument to internal routine");
    return NULL;
}

PyObject *PyObject_CallFunctionObjArgs(PyObject *callable, ...) {
    if (!callable) return null_error();
    va_list args;
    va_start(args, callable);
    PyObject *result = call_object_args(callable, NULL, NULL, args);
    va_end(args);
    return result;
}

PyObject *PyObject_CallMethodObjArgs(PyObject *self, PyObject *name, ...) {
    if (!self || !name) return null_error();
    va_list args;
    va_start(args, name);
    PyObject *result = call_object_args(NULL, name, self, args);
    va_end(args);
    return result;
}

/* Calls with the values of a format: several, or one that may be the tuple of all. */
static PyObject *call_format(PyObject *callable, const char *format, va_list args) {
    if (!format || !*format) return PyObject_CallNoArgs(callable);
    PyObject *value = Py_VaBuildValue(format, args);
    if (!value) return NULL;
    if (!IS_TUPLE(value)) {
        PyObject *tuple = PyTuple_New(1);
        if (!tuple) {
            Py_DecRef(value);
            return NULL;
        }
        PyTuple_SetItem(tuple, 0, value);
        value = tuple;
    }
    PyObject *result = PyObject_Call(callable, value, NULL);
    Py_DecRef(value);
    return result;
}

#define CALL_BY_FORMAT(name) \
    PyObject *name(PyObject *callable, const char *format, ...) { \
        if (!callable) return null_error(); \
        va_list args; \
        va_start(args, format); \
        PyObject *result = call_format(callable, format, args); \
        va_end(args); \
        return result; \
    }
CALL_BY_FORMAT(PyObject_CallFunction)
CALL_BY_FORMAT(_PyObject_CallFunction_SizeT)
CALL_BY_FORMAT(PyEval_CallFunction)

static PyObject *call_method(PyObject *self, PyObject *callable, const char *format, va_list args) {
    (void)self;
    if (!callable) return NULL;
    PyObject *result = NULL;
    if (PyCallable_Check(callable)) result = call_format(callable, format, args);
    else PyErr_Format(PyExc_TypeError, "attribute of type '%.200s' is not callable", type_name(callable));
    Py_DecRef(callable);
    return result;
}

#define METHOD_BY_FORMAT(name) \
    PyObject *name(PyObject *self, const char *method, const char *format, ...) { \
        if (!self || !method) return null_error(); \
        va_list args; \
        va_start(args, format); \
        PyObject *result = call_method(self, PyObject_GetAttrString(self, method), format, args); \
        va_end(args); \
        return result; \
    }
METHOD_BY_FORMAT(PyObject_CallMethod)
METHOD_BY_FORMAT(_PyObject_CallMethod_SizeT)
METHOD_BY_FORMAT(PyEval_CallMethod)

PyObject *_PyObject_CallMethod(PyObject *self, PyObject *name, const char *format, ...) {
    if (!self || !name) return null_error();
    va_list args;
    va_start(args, format);
    PyObject *result = call_method(self, PyObject_GetAttr(self, name), format, args);
    va_end(args);
    return result;
}

extern PyObject *_PyUnicode_FromId(void *);

PyObject *_PyObject_CallMethodId(PyObject *self, void *id, const char *format, ...) {
    PyObject *name = self ? _PyUnicode_FromId(id) : NULL;
    if (!name) return null_error();
    va_list args;
    va_start(args, format);
    PyObject *result = call_method(self, PyObject_GetAttr(self, name), format, args);
    va_end(args);
    return result;
}

extern void _PyTuple_MaybeUntrack(PyObject *);

PyObject *PyTuple_Pack(Py_ssize_t n, ...) {
    PyObject *tuple = PyTuple_New(n);
    if (!tuple) return NULL;
    va_list args;
    va_start(args, n);
    for (Py_ssize_t i = 0; i < n; i++) {
        PyObject *item = va_arg(args, PyObject *);
        Py_IncRef(item);
        PyTuple_SetItem(tuple, i, item);
    }
    va_end(args);
    _PyTuple_MaybeUntrack(tuple);
    return tuple;
}

/* ---- errors and warnings */

PyObject *PyErr_FormatV(PyObject *exception, const char *format, va_list args) {
    /* Making the message may run code, which must not see another exception. */
    PyErr_Clear();
    PyObject *message = PyUnicode_FromFormatV(format, args);
    if (message) {
        PyErr_SetObject(exception, message);
        Py_DecRef(message);
    }
    return NULL;
}

PyObject *PyErr_Format(PyObject *exception, const char *format, ...) {
    va_list args;
    va_start(args, format);
    PyErr_FormatV(exception, format, args);
    va_end(args);
    return NULL;
}

PyObject *_PyErr_Format(void *thread, PyObject *exception, const char *format, ...) {
    (void)thread;
    va_list args;
    va_start(args, format);
    PyErr_FormatV(exception, format, args);
    va_end(args);
    return NULL;
}

extern void PyException_SetCause(PyObject *, PyObject *);
extern void PyException_SetContext(PyObject *, PyObject *);

PyObject *_PyErr_FormatFromCause(PyObject *exception, const char *format, ...) {
    PyObject *cause = PyErr_GetRaisedException();
    va_list args;
    va_start(args, format);
    PyErr_FormatV(exception, format, args);
    va_end(args);
    PyObject *made = PyErr_GetRaisedException();
    if (made && cause) {
        Py_IncRef(cause);
        PyException_SetCause(made, cause);
        PyException_SetContext(made, cause);
    } else {
        xdecref(cause);
    }
    PyErr_SetRaisedException(made);
    return NULL;
}

static int warn_format(PyObject *category, PyObject *source, Py_ssize_t level, const char *format, va_list args) {
    PyObject *message = PyUnicode_FromFormatV(format, args);
    if (!message) return -1;
    int result = capi_warn(category, message, level, source);
    Py_DecRef(message);
    return result;
}

int PyErr_WarnFormat(PyObject *category, Py_ssize_t level, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int result = warn_format(category, NULL, level, format, args);
    va_end(args);
    return result;
}

int PyErr_ResourceWarning(PyObject *source, Py_ssize_t level, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int result = warn_format(PyExc_ResourceWarning, source, level, format, args);
    va_end(args);
    return result;
}

extern int PyErr_WarnExplicitObject(PyObject *, PyObject *, PyObject *, int, PyObject *, PyObject *);

int PyErr_WarnExplicitFormat(PyObject *category, const char *filename, int line, const char *module, PyObject *registry, const char *format, ...) {
    va_list args;
    va_start(args, format);
    PyObject *message = PyUnicode_FromFormatV(format, args), *file = PyUnicode_FromString(filename), *name = module ? PyUnicode_FromString(module) : NULL;
    va_end(args);
    int result = message && file && (name || !module) ? PyErr_WarnExplicitObject(category, message, file, line, name, registry) : -1;
    xdecref(message);
    xdecref(file);
    xdecref(name);
    return result;
}

void PyErr_FormatUnraisable(const char *format, ...) {
    PyObject *exception = PyErr_GetRaisedException(), *message = NULL;
    if (format) {
        va_list args;
        va_start(args, format);
        message = PyUnicode_FromFormatV(format, args);
        va_end(args);
        if (!message) PyErr_Clear();
    }
    PyErr_SetRaisedException(exception);
    capi_write_unraisable(message);
    xdecref(message);
}

extern void _Py_FatalErrorFunc(const char *, const char *);

void _Py_FatalErrorFormat(const char *function, const char *format, ...) {
    char text[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    _Py_FatalErrorFunc(function, text);
}

/* ---- output */

static void write_text(const char *stream, const char *format, va_list args) {
    char text[1001];
    PyObject *exception = PyErr_GetRaisedException();
    int n = vsnprintf(text, sizeof text, format, args);
    PyObject *message = PyUnicode_FromString(text);
    if (message) {
        capi_write_stream(stream, message);
        Py_DecRef(message);
    } else {
        PyErr_Clear();
    }
    if (n < 0 || (size_t)n >= sizeof text) {
        PyObject *note = PyUnicode_FromString("... truncated");
        if (note) capi_write_stream(stream, note);
        xdecref(note);
    }
    PyErr_SetRaisedException(exception);
}

static void write_formatted(const char *stream, const char *format, va_list args) {
    PyObject *exception = PyErr_GetRaisedException();
    PyObject *message = PyUnicode_FromFormatV(format, args);
    if (message) {
        capi_write_stream(stream, message);
        Py_DecRef(message);
    } else {
        PyErr_Clear();
    }
    PyErr_SetRaisedException(exception);
}

#define OUTPUT(name, stream, write) \
    void name(const char *format, ...) { \
        va_list args; \
        va_start(args, format); \
        write(stream, format, args); \
        va_end(args); \
    }
OUTPUT(PySys_WriteStdout, "stdout", write_text)
OUTPUT(PySys_WriteStderr, "stderr", write_text)
OUTPUT(PySys_FormatStdout, "stdout", write_formatted)
OUTPUT(PySys_FormatStderr, "stderr", write_formatted)

int PyOS_vsnprintf(char *out, size_t size, const char *format, va_list args) {
    if (size > INT32_MAX - 512) {
        if (size) out[size - 1] = 0;
        return -666;
    }
    int n = vsnprintf(out, size, format, args);
    if (size) out[size - 1] = 0;
    return n;
}

int PyOS_snprintf(char *out, size_t size, const char *format, ...) {
    va_list args;
    va_start(args, format);
    int n = PyOS_vsnprintf(out, size, format, args);
    va_end(args);
    return n;
}

/* ---- audit events */

extern int PySys_AuditTuple(const char *, PyObject *);

int PySys_Audit(const char *event, const char *format, ...) {
    if (!capi_has_audit_hooks()) return 0;
    PyObject *value = NULL;
    if (format && *format) {
        va_list args;
        va_start(args, format);
        value = Py_VaBuildValue(format, args);
        va_end(args);
        if (!value) return -1;
        if (!IS_TUPLE(value)) {
            PyObject *tuple = PyTuple_New(1);
            if (!tuple) {
                Py_DecRef(value);
                return -1;
            }
            PyTuple_SetItem(tuple, 0, value);
            value = tuple;
        }
    }
    int result = PySys_AuditTuple(event, value);
    xdecref(value);
    return result;
}
