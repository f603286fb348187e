/* Py_BuildValue: objects out of C values by a format. */
#include "api.h"

static PyObject *build_one(const char **format, va_list *args);

/* Items up to the end mark; -1 for a missing bracket. */
static Py_ssize_t count_items(const char *f, char end) {
    Py_ssize_t count = 0;
    int level = 0;
    while (level > 0 || *f != end) {
        switch (*f) {
        case '\0':
            PyErr_SetString(PyExc_SystemError, "unmatched paren in format");
            return -1;
        case '(': case '[': case '{':
            if (level++ == 0) count++;
            break;
        case ')': case ']': case '}':
            level--;
            break;
        case '#': case '&': case ',': case ':': case ' ': case '\t':
            break;
        default:
            if (level == 0) count++;
        }
        f++;
    }
    return count;
}

static void skip_separators(const char **format) {
    while (**format == ',' || **format == ':' || **format == ' ' || **format == '\t') ++*format;
}

/* Items into an array; what cannot be made still takes its arguments, so that references in them are not lost. */
static int build_items(PyObject **items, Py_ssize_t n, const char **format, va_list *args, char end) {
    PyObject *error = NULL;
    int failed = 0;
    for (Py_ssize_t i = 0; i < n; i++) {
        if (failed && !error) error = PyErr_GetRaisedException();
        items[i] = build_one(format, args);
        if (!items[i]) {
            if (!failed) error = PyErr_GetRaisedException();
            else PyErr_Clear();
            failed = 1;
        }
    }
    skip_separators(format);
    if (!failed && **format != end) {
        PyErr_SetString(PyExc_SystemError, "Unmatched paren in format");
        failed = 1;
    } else if (end) {
        ++*format;
    }
    if (error) PyErr_SetRaisedException(error);
    if (failed) {
        for (Py_ssize_t i = 0; i < n; i++) xdecref(items[i]);
        return -1;
    }
    return 0;
}

static PyObject *build_container(const char **format, va_list *args, char end) {
    Py_ssize_t n = count_items(*format, end);
    if (n < 0) return NULL;
    if (end == '}' && n % 2) {
        PyErr_SetString(PyExc_SystemError, "Bad dict format");
        return NULL;
    }
    PyObject **items = PyMem_Malloc((size_t)(n ? n : 1) * sizeof *items);
    if (!items) return PyErr_NoMemory();
    PyObject *result = NULL;
    if (build_items(items, n, format, args, end) < 0) {
        PyMem_Free(items);
        return NULL;
    }
    result = end == '}' ? PyDict_New() : end == ']' ? PyList_New(n) : PyTuple_New(n);
    int failed = !result;
    for (Py_ssize_t i = 0; i < n && !failed; i++) {
        if (end == '}') {
            failed = PyDict_SetItem(result, items[i], items[i + 1]) < 0;
            i++;
        } else if (end == ']') {
            PyList_SetItem(result, i, items[i]);
        } else {
            PyTuple_SetItem(result, i, items[i]);
        }
    }
    if (end == '}' || !result)
        for (Py_ssize_t i = 0; i < n; i++) Py_DecRef(items[i]);
    PyMem_Free(items);
    if (failed) {
        xdecref(result);
        return NULL;
    }
    return result;
}

static PyObject *none(void) {
    Py_IncRef(Py_None);
    return Py_None;
}

static PyObject *build_text(const char **format, va_list *args, char code) {
    if (code == 'u') {
        const wchar_t *w = va_arg(*args, const wchar_t *);
        Py_ssize_t n = -1;
        if (**format == '#') { ++*format; n = va_arg(*args, Py_ssize_t); }
        return w ? PyUnicode_FromWideChar(w, n) : none();
    }
    const char *s = va_arg(*args, const char *);
    Py_ssize_t n = -1;
    if (**format == '#') { ++*format; n = va_arg(*args, Py_ssize_t); }
    if (!s) return none();
    if (n < 0) {
        size_t length = strlen(s);
        if (length > PTRDIFF_MAX) {
            PyErr_SetString(PyExc_OverflowError, code == 'y' ? "string too long for Python bytes" : "string too long for Python string");
            return NULL;
        }
        n = (Py_ssize_t)length;
    }
    return code == 'y' ? PyBytes_FromStringAndSize(s, n) : PyUnicode_FromStringAndSize(s, n);
}

static PyObject *build_one(const char **format, va_list *args) {
    for (;;) {
        char code = *(*format)++;
        switch (code) {
        case '(': return build_container(format, args, ')');
        case '[': return build_container(format, args, ']');
        case '{': return build_container(format, args, '}');
        case 'b': case 'B': case 'h': case 'i': return PyLong_FromLong((long)va_arg(*args, int));
        case 'H': return PyLong_FromLong((long)va_arg(*args, unsigned));
        case 'I': return PyLong_FromUnsignedLong(va_arg(*args, unsigned));
        case 'n': return PyLong_FromSsize_t(va_arg(*args, Py_ssize_t));
        case 'l': return PyLong_FromLong(va_arg(*args, long));
        case 'k': return PyLong_FromUnsignedLong(va_arg(*args, unsigned long));
        case 'L': return PyLong_FromLongLong(va_arg(*args, long long));
        case 'K': return PyLong_FromUnsignedLongLong(va_arg(*args, unsigned long long));
        case 'p': return PyBool_FromLong(va_arg(*args, int));
        case 'f': case 'd': return PyFloat_FromDouble(va_arg(*args, double));
        case 'D': return PyComplex_FromCComplex(*va_arg(*args, Py_complex *));
        case 'c': {
            char c = (char)va_arg(*args, int);
            return PyBytes_FromStringAndSize(&c, 1);
        }
        case 'C': return PyUnicode_FromOrdinal(va_arg(*args, int));
        case 's': case 'z': case 'U': case 'y': case 'u': return build_text(format, args, code);
        case 'N': case 'S': case 'O': {
            if (**format == '&') {
                typedef PyObject *(*converter)(void *);
                converter convert = va_arg(*args, converter);
                void *arg = va_arg(*args, void *);
                ++*format;
                return convert(arg);
            }
            PyObject *o = va_arg(*args, PyObject *);
            if (o) {
                if (code != 'N') Py_IncRef(o);
            } else if (!PyErr_Occurred()) {
                PyErr_SetString(PyExc_SystemError, "NULL object passed to Py_BuildValue");
            }
            return o;
        }
        case ',': case ':': case ' ': case '\t': break;
        default:
            PyErr_SetString(PyExc_SystemError, "bad format char passed to Py_BuildValue");
            return NULL;
        }
    }
}

PyObject *Py_VaBuildValue(const char *format, va_list vargs) {
    Py_ssize_t n = count_items(format, '\0');
    if (n < 0) return NULL;
    if (n == 0) return none();
    va_list args;
    va_copy(args, vargs);
    PyObject *result;
    if (n == 1) {
        result = build_one(&format, &args);
    } else {
        result = build_container(&format, &args, '\0');
    }
    va_end(args);
    return result;
}

PyObject *_Py_VaBuildValue_SizeT(const char *format, va_list args) { return Py_VaBuildValue(format, args); }

PyObject *Py_BuildValue(const char *format, ...) {
    va_list args;
    va_start(args, format);
    PyObject *result = Py_VaBuildValue(format, args);
    va_end(args);
    return result;
}

PyObject *_Py_BuildValue_SizeT(const char *format, ...) {
    va_list args;
    va_start(args, format);
    PyObject *result = Py_VaBuildValue(format, args);
    va_end(args);
    return result;
}
