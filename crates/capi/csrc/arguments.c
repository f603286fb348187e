/* PyArg_Parse and its relatives: arguments into C variables by a format. */
#include "api.h"
#include <ctype.h>
#include <limits.h>
#include <float.h>

enum { MAX_LEVELS = 32, CLEANUP_SUPPORTED = 0x20000, WRITABLE = 1, MAX_CLEANUPS = 64 };

typedef int (*converter)(PyObject *, void *);

/* What must be undone if a later argument turns out to be wrong. */
struct cleanup {
    void *item;
    int (*undo)(void *item, converter convert);
    converter convert;
};

struct state {
    va_list args;
    struct cleanup *cleanups;
    int cleanup_count, cleanup_room;
    struct cleanup first_cleanups[8];
    int levels[MAX_LEVELS];
    char message[512];
    const char *function, *custom;
};

static int release_view(void *view, converter unused) { (void)unused; PyBuffer_Release(view); return 0; }
static int free_block(void *place, converter unused) { (void)unused; PyMem_Free(*(void **)place); *(void **)place = NULL; return 0; }
static int undo_conversion(void *place, converter convert) { convert(NULL, place); return 0; }

static int add_cleanup(struct state *s, void *item, int (*undo)(void *, converter), converter convert) {
    if (s->cleanup_count == s->cleanup_room) {
        int room = s->cleanup_room * 2;
        struct cleanup *more = PyMem_Malloc((size_t)room * sizeof *more);
        if (!more) {
            undo(item, convert);
            PyErr_NoMemory();
            return -1;
        }
        memcpy(more, s->cleanups, (size_t)s->cleanup_count * sizeof *more);
        if (s->cleanups != s->first_cleanups) PyMem_Free(s->cleanups);
        s->cleanups = more;
        s->cleanup_room = room;
    }
    s->cleanups[s->cleanup_count++] = (struct cleanup){ item, undo, convert };
    return 0;
}

static void begin(struct state *s, va_list args) {
    va_copy(s->args, args);
    s->cleanups = s->first_cleanups;
    s->cleanup_count = 0;
    s->cleanup_room = 8;
    s->function = s->custom = NULL;
}

static int finish(struct state *s, int ok) {
    if (!ok)
        for (int i = 0; i < s->cleanup_count; i++) s->cleanups[i].undo(s->cleanups[i].item, s->cleanups[i].convert);
    if (s->cleanups != s->first_cleanups) PyMem_Free(s->cleanups);
    va_end(s->args);
    return ok;
}

#define CALLED(s) (s)->function ? (s)->function : "function", (s)->function ? "()" : ""

static const char *shown_type(PyObject *o) { return o == Py_None ? "None" : type_name(o); }

/* A message for an argument of a wrong type. */
static const char *wrong(struct state *s, const char *expected, PyObject *arg) {
    if (expected[0] == '(') snprintf(s->message, sizeof s->message, "%.100s", expected);
    else snprintf(s->message, sizeof s->message, "must be %.50s, not %.50s", expected, shown_type(arg));
    return s->message;
}

static const char *raised(struct state *s) {
    s->message[0] = 0;
    return s->message;
}

/* Raises TypeError with the place of the argument in front of the message, unless an exception is set. */
static void raise_for(struct state *s, Py_ssize_t which, const char *message) {
    if (PyErr_Occurred()) return;
    char text[768];
    if (s->custom) {
        snprintf(text, sizeof text, "%.700s", s->custom);
    } else {
        int n = 0;
        if (s->function) n += snprintf(text, sizeof text, "%.200s() ", s->function);
        if (which) {
            n += snprintf(text + n, sizeof text - (size_t)n, "argument %zd", which);
            for (int i = 0; i < MAX_LEVELS && s->levels[i] > 0 && n < 220; i++)
                n += snprintf(text + n, sizeof text - (size_t)n, ", item %d", s->levels[i] - 1);
        } else {
            n += snprintf(text + n, sizeof text - (size_t)n, "argument");
        }
        snprintf(text + n, sizeof text - (size_t)n, " %.256s", message);
    }
    PyErr_SetString(message[0] == '(' ? PyExc_SystemError : PyExc_TypeError, text);
}

struct buffer_procs {
    void *get, *release;
};

/* Bytes of an object whose buffer stays where it is without being held. */
static Py_ssize_t plain_bytes(PyObject *o, const void **data, const char **expected) {
    struct buffer_procs *procs = *(struct buffer_procs **)((char *)o->ob_type + 160);
    if (procs && procs->release) {
        *expected = "read-only bytes-like object";
        return -1;
    }
    Py_buffer view;
    if (PyObject_GetBuffer(o, &view, 0) != 0) {
        *expected = "bytes-like object";
        return -1;
    }
    *data = view.buf;
    Py_ssize_t len = view.len;
    PyBuffer_Release(&view);
    return len;
}

extern int PyBuffer_FillInfo(Py_buffer *, PyObject *, void *, Py_ssize_t, int, int);

static const char *convert_text(struct state *s, PyObject *arg, char code, const char **format) {
    const char *expected = "";
    int none = code == 'z' && arg == Py_None;
    int text = code != 'y' && IS_STR(arg);
    if (**format == '*') {
        Py_buffer *view = va_arg(s->args, Py_buffer *);
        ++*format;
        if (none) {
            PyBuffer_FillInfo(view, NULL, NULL, 0, 1, 0);
        } else if (text) {
            Py_ssize_t len;
            const char *data = PyUnicode_AsUTF8AndSize(arg, &len);
            if (!data) return wrong(s, "(unicode conversion error)", arg);
            PyBuffer_FillInfo(view, arg, (void *)data, len, 1, 0);
        } else {
            if (PyObject_GetBuffer(arg, view, 0) != 0) return wrong(s, "bytes-like object", arg);
            if (!PyBuffer_IsContiguous(view, 'C')) {
                PyBuffer_Release(view);
                return wrong(s, "contiguous buffer", arg);
            }
        }
        return add_cleanup(s, view, release_view, NULL) < 0 ? raised(s) : NULL;
    }
    const char **out = va_arg(s->args, const char **);
    if (**format == '#') {
        Py_ssize_t *size = va_arg(s->args, Py_ssize_t *);
        ++*format;
        if (none) {
            *out = NULL;
            *size = 0;
        } else if (text) {
            const char *data = PyUnicode_AsUTF8AndSize(arg, size);
            if (!data) return wrong(s, "(unicode conversion error)", arg);
            *out = data;
        } else {
            const void *data;
            Py_ssize_t len = plain_bytes(arg, &data, &expected);
            if (len < 0) return wrong(s, expected, arg);
            *out = data;
            *size = len;
        }
        return NULL;
    }
    if (none) {
        *out = NULL;
        return NULL;
    }
    Py_ssize_t len;
    if (text) {
        const char *data = PyUnicode_AsUTF8AndSize(arg, &len);
        if (!data) return wrong(s, "(unicode conversion error)", arg);
        *out = data;
    } else if (code == 'y') {
        const void *data;
        len = plain_bytes(arg, &data, &expected);
        if (len < 0) return wrong(s, expected, arg);
        *out = data;
    } else {
        return wrong(s, code == 'z' ? "str or None" : "str", arg);
    }
    if ((Py_ssize_t)strlen(*out) != len) {
        PyErr_SetString(PyExc_ValueError, code == 'y' ? "embedded null byte" : "embedded null character");
        return raised(s);
    }
    return NULL;
}

/* es, et, es#, et#: a str encoded into memory that is made for it, or into a buffer of the caller. */
static const char *convert_encoded(struct state *s, PyObject *arg, const char **format) {
    const char *encoding = va_arg(s->args, const char *);
    if (!encoding) encoding = "utf-8";
    if (**format != 's' && **format != 't') return wrong(s, "(unknown parser marker combination)", arg);
    int recode = **format == 's';
    ++*format;
    char **out = va_arg(s->args, char **);
    if (!out) return wrong(s, "(buffer is NULL)", arg);
    PyObject *bytes;
    const char *data;
    Py_ssize_t size;
    if (!recode && (IS_BYTES(arg) || IS_BYTEARRAY(arg))) {
        Py_IncRef(bytes = arg);
        data = IS_BYTES(arg) ? PyBytes_AsString(arg) : PyByteArray_AsString(arg);
        size = IS_BYTES(arg) ? PyBytes_Size(arg) : PyByteArray_Size(arg);
    } else if (IS_STR(arg)) {
        bytes = PyUnicode_AsEncodedString(arg, encoding, NULL);
        if (!bytes) return wrong(s, "(encoding failed)", arg);
        data = PyBytes_AsString(bytes);
        size = PyBytes_Size(bytes);
    } else {
        return wrong(s, recode ? "str" : "str, bytes or bytearray", arg);
    }
    const char *result = NULL;
    if (**format == '#') {
        Py_ssize_t *length = va_arg(s->args, Py_ssize_t *);
        ++*format;
        if (!length) {
            result = wrong(s, "(buffer_len is NULL)", arg);
        } else if (!*out) {
            *out = PyMem_Malloc((size_t)size + 1);
            if (!*out) {
                PyErr_NoMemory();
                result = raised(s);
            } else if (add_cleanup(s, out, free_block, NULL) < 0) {
                result = raised(s);
            }
        } else if (size + 1 > *length) {
            PyErr_Format(PyExc_ValueError, "encoded string too long (%zd, maximum length %zd)", size, (Py_ssize_t)(*length - 1));
            result = raised(s);
        }
        if (!result) {
            memcpy(*out, data, (size_t)size + 1);
            *length = size;
        }
    } else if ((Py_ssize_t)strlen(data) != size) {
        result = wrong(s, "encoded string without null bytes", arg);
    } else {
        *out = PyMem_Malloc((size_t)size + 1);
        if (!*out) {
            PyErr_NoMemory();
            result = raised(s);
        } else {
            memcpy(*out, data, (size_t)size + 1);
            if (add_cleanup(s, out, free_block, NULL) < 0) result = raised(s);
        }
    }
    Py_DecRef(bytes);
    return result;
}

static const char *convert_ranged(struct state *s, PyObject *arg, long low, long high, const char *what, long *out) {
    long value = PyLong_AsLong(arg);
    if (value == -1 && PyErr_Occurred()) return raised(s);
    if (value < low || value > high) {
        PyErr_Format(PyExc_OverflowError, "%s is %s than %s", what, value < low ? "less" : "greater", value < low ? "minimum" : "maximum");
        return raised(s);
    }
    *out = value;
    return NULL;
}

static const char *convert_simple(struct state *s, PyObject *arg, const char **format) {
    char code = *(*format)++;
    const char *bad;
    long number;
    switch (code) {
    case 'b': {
        unsigned char *out = va_arg(s->args, unsigned char *);
        if ((bad = convert_ranged(s, arg, 0, UCHAR_MAX, "unsigned byte integer", &number))) return bad;
        *out = (unsigned char)number;
        return NULL;
    }
    case 'h': {
        short *out = va_arg(s->args, short *);
        if ((bad = convert_ranged(s, arg, SHRT_MIN, SHRT_MAX, "signed short integer", &number))) return bad;
        *out = (short)number;
        return NULL;
    }
    case 'i': {
        int *out = va_arg(s->args, int *);
        if ((bad = convert_ranged(s, arg, INT_MIN, INT_MAX, "signed integer", &number))) return bad;
        *out = (int)number;
        return NULL;
    }
    case 'B': case 'H': case 'I': {
        void *out = va_arg(s->args, void *);
        unsigned long value = PyLong_AsUnsignedLongMask(arg);
        if (value == (unsigned long)-1 && PyErr_Occurred()) return raised(s);
        if (code == 'B') *(unsigned char *)out = (unsigned char)value;
        else if (code == 'H') *(unsigned short *)out = (unsigned short)value;
        else *(unsigned *)out = (unsigned)value;
        return NULL;
    }
    case 'n': {
        Py_ssize_t *out = va_arg(s->args, Py_ssize_t *);
        PyObject *index = PyNumber_Index(arg);
        Py_ssize_t value = -1;
        if (index) {
            value = PyLong_AsSsize_t(index);
            Py_DecRef(index);
        }
        if (value == -1 && PyErr_Occurred()) return raised(s);
        *out = value;
        return NULL;
    }
    case 'l': {
        long *out = va_arg(s->args, long *);
        long value = PyLong_AsLong(arg);
        if (value == -1 && PyErr_Occurred()) return raised(s);
        *out = value;
        return NULL;
    }
    case 'L': {
        long long *out = va_arg(s->args, long long *);
        long long value = PyLong_AsLongLong(arg);
        if (value == -1 && PyErr_Occurred()) return raised(s);
        *out = value;
        return NULL;
    }
    case 'k': case 'K': {
        unsigned long long *out = va_arg(s->args, unsigned long long *);
        if (!PyIndex_Check(arg)) return wrong(s, "int", arg);
        unsigned long long value = PyLong_AsUnsignedLongLongMask(arg);
        if (value == (unsigned long long)-1 && PyErr_Occurred()) return raised(s);
        *out = value;
        return NULL;
    }
    case 'f': case 'd': {
        void *out = va_arg(s->args, void *);
        double value = PyFloat_AsDouble(arg);
        if (value == -1.0 && PyErr_Occurred()) return raised(s);
        if (code == 'f') *(float *)out = (float)value;
        else *(double *)out = value;
        return NULL;
    }
    case 'D': {
        Py_complex *out = va_arg(s->args, Py_complex *);
        Py_complex value = PyComplex_AsCComplex(arg);
        if (PyErr_Occurred()) return raised(s);
        *out = value;
        return NULL;
    }
    case 'c': {
        char *out = va_arg(s->args, char *);
        int bytes = IS_BYTES(arg), array = !bytes && IS_BYTEARRAY(arg);
        if (!bytes && !array) return wrong(s, "a byte string of length 1", arg);
        Py_ssize_t len = bytes ? PyBytes_Size(arg) : PyByteArray_Size(arg);
        if (len != 1) {
            snprintf(s->message, sizeof s->message, "must be a byte string of length 1, not a %s object of length %zd", bytes ? "bytes" : "bytearray", len);
            return s->message;
        }
        *out = *(bytes ? PyBytes_AsString(arg) : PyByteArray_AsString(arg));
        return NULL;
    }
    case 'C': {
        int *out = va_arg(s->args, int *);
        if (!IS_STR(arg)) return wrong(s, "a unicode character", arg);
        Py_ssize_t len = PyUnicode_GetLength(arg);
        if (len != 1) {
            snprintf(s->message, sizeof s->message, "must be a unicode character, not a string of length %zd", len);
            return s->message;
        }
        *out = (int)PyUnicode_ReadChar(arg, 0);
        return NULL;
    }
    case 'p': {
        int *out = va_arg(s->args, int *);
        int value = PyObject_IsTrue(arg);
        if (value < 0) return raised(s);
        *out = value > 0;
        return NULL;
    }
    case 's': case 'z': case 'y':
        return convert_text(s, arg, code, format);
    case 'e':
        return convert_encoded(s, arg, format);
    case 'S': case 'Y': case 'U': {
        PyObject **out = va_arg(s->args, PyObject **);
        int ok = code == 'S' ? IS_BYTES(arg) : code == 'U' ? IS_STR(arg) : IS_BYTEARRAY(arg);
        if (!ok) return wrong(s, code == 'S' ? "bytes" : code == 'U' ? "str" : "bytearray", arg);
        *out = arg;
        return NULL;
    }
    case 'O':
        if (**format == '!') {
            PyTypeObject *type = va_arg(s->args, PyTypeObject *);
            PyObject **out = va_arg(s->args, PyObject **);
            ++*format;
            if (!PyType_IsSubtype(arg->ob_type, type)) return wrong(s, *(const char **)((char *)type + 24), arg);
            *out = arg;
        } else if (**format == '&') {
            converter convert = va_arg(s->args, converter);
            void *place = va_arg(s->args, void *);
            ++*format;
            int result = convert(arg, place);
            if (!result) return wrong(s, "(unspecified)", arg);
            if (result == CLEANUP_SUPPORTED && add_cleanup(s, place, undo_conversion, convert) < 0) return raised(s);
        } else {
            *va_arg(s->args, PyObject **) = arg;
        }
        return NULL;
    case 'w': {
        Py_buffer *view = va_arg(s->args, Py_buffer *);
        if (**format != '*') return wrong(s, "(invalid use of 'w' format character)", arg);
        ++*format;
        if (PyObject_GetBuffer(arg, view, WRITABLE) < 0) {
            PyErr_Clear();
            return wrong(s, "read-write bytes-like object", arg);
        }
        if (!PyBuffer_IsContiguous(view, 'C')) {
            PyBuffer_Release(view);
            return wrong(s, "contiguous buffer", arg);
        }
        return add_cleanup(s, view, release_view, NULL) < 0 ? raised(s) : NULL;
    }
    default:
        return wrong(s, "(impossible<bad format char>)", arg);
    }
}

static const char *convert_item(struct state *s, PyObject *arg, const char **format, int level);

/* A nested sequence. */
static const char *convert_tuple(struct state *s, PyObject *arg, const char **format, int level) {
    int n = 0, depth = 0, borrows = 0;
    for (const char *f = *format;; f++) {
        if (*f == '(') {
            if (depth++ == 0) n++;
        } else if (*f == ')') {
            if (depth-- == 0) break;
        } else if (*f == ':' || *f == ';' || *f == '\0') {
            break;
        } else if (depth == 0 && isalpha((unsigned char)*f) && *f != 'e') {
            n++;
            /* What is borrowed from an item must be kept by something that cannot change: a tuple. */
            borrows |= strchr("szySYUO", *f) && f[1] != '*' && f[1] != '&' && !(f > *format && f[-1] == 'e');
        }
    }
    s->levels[level] = 0;
    if (!PySequence_Check(arg) || IS_STR(arg) || IS_BYTES(arg) || IS_BYTEARRAY(arg)) {
        snprintf(s->message, sizeof s->message, "must be %d-item tuple, not %.50s", n, shown_type(arg));
        return s->message;
    }
    if (borrows && !IS_TUPLE(arg) && PyErr_WarnFormat(PyExc_DeprecationWarning, 0, "argument must be %d-item tuple, not %T", n, arg) < 0) return raised(s);
    Py_ssize_t len = PySequence_Size(arg);
    if (len < 0) return raised(s);
    if (len != n) {
        snprintf(s->message, sizeof s->message, "must be %s of length %d, not %zd", borrows || IS_TUPLE(arg) ? "tuple" : "sequence", n, len);
        return s->message;
    }
    for (int i = 0; i < n; i++) {
        PyObject *item = PySequence_GetItem(arg, i);
        if (!item) {
            s->levels[level] = i + 1;
            if (level + 1 < MAX_LEVELS) s->levels[level + 1] = 0;
            return raised(s);
        }
        const char *bad = convert_item(s, item, format, level + 1);
        /* The sequence keeps the item, as callers of this interface rely on. */
        Py_DecRef(item);
        if (bad) {
            s->levels[level] = i + 1;
            return bad;
        }
    }
    return NULL;
}

static const char *convert_item(struct state *s, PyObject *arg, const char **format, int level) {
    if (level >= MAX_LEVELS) return "(too many tuple nesting levels in argument format string)";
    if (**format == '(') {
        ++*format;
        const char *bad = convert_tuple(s, arg, format, level);
        if (!bad) ++*format;
        return bad;
    }
    const char *bad = convert_simple(s, arg, format);
    if (bad) s->levels[level] = 0;
    return bad;
}

/* Passes over an item whose argument is not given, with its variables. */
static const char *skip_item(struct state *s, const char **format) {
    char code = *(*format)++;
    switch (code) {
    case 'e':
        (void)va_arg(s->args, const char *);
        if (**format != 's' && **format != 't') return "impossible<bad format char>";
        ++*format;
        (void)va_arg(s->args, char **);
        if (**format == '#') { (void)va_arg(s->args, Py_ssize_t *); ++*format; }
        return NULL;
    case 'w':
        if (**format != '*') return "impossible<bad format char>";
        ++*format;
        (void)va_arg(s->args, void *);
        return NULL;
    case 's': case 'z': case 'y':
        (void)va_arg(s->args, void *);
        if (**format == '#') { (void)va_arg(s->args, Py_ssize_t *); ++*format; }
        else if (**format == '*') ++*format;
        return NULL;
    case 'O':
        if (**format == '!' || **format == '&') {
            ++*format;
            (void)va_arg(s->args, void *);
        }
        (void)va_arg(s->args, void *);
        return NULL;
    case '(':
        while (**format != ')') {
            if (!**format) return "unmatched left paren in format string";
            const char *bad = skip_item(s, format);
            if (bad) return bad;
        }
        ++*format;
        return NULL;
    case ')':
        return "unmatched right paren in format string";
    default:
        if (!code || !strchr("bBhHiIlkLKnfdDcCpSYU", code)) return "impossible<bad format char>";
        (void)va_arg(s->args, void *);
        return NULL;
    }
}

static void find_names(struct state *s, const char *format) {
    const char *colon = strchr(format, ':'), *semicolon = strchr(format, ';');
    if (colon && !(semicolon && semicolon < colon)) s->function = colon + 1;
    else if (semicolon) s->custom = semicolon + 1;
}

static PyObject *const *items_of(PyObject *tuple) { return (PyObject *const *)((char *)tuple + 32); }

/* Positional arguments by a format; `single` is the one argument of PyArg_Parse. */
static int parse_positional(PyObject *single, int compatible, PyObject *const *stack, Py_ssize_t nargs, const char *format, va_list args) {
    struct state s;
    begin(&s, args);
    const char *start = format;
    int min = -1, max = 0, level = 0;
    for (int end = 0; !end; format++) {
        switch (*format) {
        case '(': if (level++ == 0) max++; break;
        case ')':
            if (level-- == 0) {
                PyErr_SetString(PyExc_SystemError, "excess ')' in getargs format");
                return finish(&s, 0);
            }
            break;
        case '\0': end = 1; break;
        case ':': s.function = format + 1; end = 1; break;
        case ';': s.custom = format + 1; end = 1; break;
        case '|': if (level == 0) min = max; break;
        default:
            if (level == 0 && isalpha((unsigned char)*format)) max++;
            /* The encodings' second letter is no item. */
            if (*format == 'e' && (format[1] == 's' || format[1] == 't')) format++;
        }
    }
    if (level) {
        PyErr_SetString(PyExc_SystemError, "missing ')' in getargs format");
        return finish(&s, 0);
    }
    if (min < 0) min = max;
    format = start;
    if (compatible) {
        if (max == 0) {
            if (!single) return finish(&s, 1);
            PyErr_Format(PyExc_TypeError, "%.200s%s takes no arguments", CALLED(&s));
            return finish(&s, 0);
        }
        if (min != 1 || max != 1) {
            PyErr_SetString(PyExc_SystemError, "old style getargs format uses new features");
            return finish(&s, 0);
        }
        if (!single) {
            PyErr_Format(PyExc_TypeError, "%.200s%s takes at least one argument", CALLED(&s));
            return finish(&s, 0);
        }
        const char *bad = convert_item(&s, single, &format, 1);
        if (!bad) return finish(&s, 1);
        memmove(s.levels, s.levels + 1, sizeof s.levels - sizeof s.levels[0]);
        raise_for(&s, 0, bad);
        return finish(&s, 0);
    }
    if (nargs < min || max < nargs) {
        if (s.custom) {
            PyErr_SetString(PyExc_TypeError, s.custom);
        } else {
            int limit = nargs < min ? min : max;
            PyErr_Format(PyExc_TypeError, "%.150s%s takes %s %d argument%s (%zd given)", CALLED(&s), min == max ? "exactly" : nargs < min ? "at least" : "at most", limit,
                limit == 1 ? "" : "s", nargs);
        }
        return finish(&s, 0);
    }
    for (Py_ssize_t i = 0; i < nargs; i++) {
        if (*format == '|') format++;
        const char *bad = convert_item(&s, stack[i], &format, 0);
        if (bad) {
            raise_for(&s, i + 1, bad);
            return finish(&s, 0);
        }
    }
    if (*format && !isalpha((unsigned char)*format) && !strchr("(|:;", *format)) {
        PyErr_Format(PyExc_SystemError, "bad format string: %.200s", start);
        return finish(&s, 0);
    }
    return finish(&s, 1);
}

/* Keyword arguments: a dict, or names whose values lie behind the positional arguments. */
struct keywords {
    PyObject *dict, *names;
    PyObject *const *values;
    Py_ssize_t count;
};

/* A new reference, or NULL; -1 in `*failed` with an exception. */
static PyObject *keyword(struct keywords *k, const char *name, int *failed) {
    if (k->dict) {
        PyObject *found = NULL;
        if (PyDict_GetItemStringRef(k->dict, name, &found) < 0) *failed = 1;
        return found;
    }
    for (Py_ssize_t i = 0; i < k->count; i++) {
        const char *own = PyUnicode_AsUTF8AndSize(items_of(k->names)[i], NULL);
        if (!own) {
            PyErr_Clear();
            continue;
        }
        if (!strcmp(own, name)) {
            Py_IncRef(k->values[i]);
            return k->values[i];
        }
    }
    return NULL;
}

static int check_one_name(struct state *s, PyObject *key, const char *const *names, int from, int len) {
    if (!IS_STR(key)) {
        PyErr_SetString(PyExc_TypeError, "keywords must be strings");
        return -1;
    }
    const char *own = PyUnicode_AsUTF8AndSize(key, NULL);
    if (!own) PyErr_Clear();
    for (int i = from; own && i < len; i++)
        if (!strcmp(own, names[i])) return 0;
    PyErr_Format(PyExc_TypeError, "%.200s%s got an unexpected keyword argument '%S'", s->function ? s->function : "this function", s->function ? "()" : "", key);
    return -1;
}

static int at_end(char c) { return c == '\0' || c == ';' || c == ':'; }

static int parse_keywords(PyObject *const *stack, Py_ssize_t nargs, struct keywords *k, const char *format, const char *const *names, va_list args) {
    struct state s;
    begin(&s, args);
    find_names(&s, format);
    int pos = 0, len, min = INT_MAX, max = INT_MAX, skip = 0;
    while (names[pos] && !*names[pos]) pos++;
    for (len = pos; names[len]; len++) {
        if (!*names[len]) {
            PyErr_SetString(PyExc_SystemError, "Empty keyword parameter name");
            return finish(&s, 0);
        }
    }
    Py_ssize_t left = k->count;
    if (nargs + left > len) {
        PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d %sargument%s (%zd given)", CALLED(&s), "at most", len, nargs == 0 ? "keyword " : "", len == 1 ? "" : "s", nargs + left);
        return finish(&s, 0);
    }
    int i;
    for (i = 0; i < len; i++) {
        if (*format == '|') {
            if (min != INT_MAX) {
                PyErr_SetString(PyExc_SystemError, "Invalid format string (| specified twice)");
                return finish(&s, 0);
            }
            min = i;
            format++;
            if (max != INT_MAX) {
                PyErr_SetString(PyExc_SystemError, "Invalid format string ($ before |)");
                return finish(&s, 0);
            }
        }
        if (*format == '$') {
            if (max != INT_MAX) {
                PyErr_SetString(PyExc_SystemError, "Invalid format string ($ specified twice)");
                return finish(&s, 0);
            }
            max = i;
            format++;
            if (max < pos) {
                PyErr_SetString(PyExc_SystemError, "Empty parameter name after $");
                return finish(&s, 0);
            }
            if (skip) break;
            if (max < nargs) {
                PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", CALLED(&s), min != INT_MAX ? "at most" : "exactly", max, max == 1 ? "" : "s", nargs);
                return finish(&s, 0);
            }
        }
        if (at_end(*format)) {
            PyErr_Format(PyExc_SystemError, "More keyword list entries (%d) than format specifiers (%d)", len, i);
            return finish(&s, 0);
        }
        if (!skip) {
            PyObject *current = NULL;
            if (i < nargs) {
                Py_IncRef(current = stack[i]);
            } else if (left && i >= pos) {
                int failed = 0;
                current = keyword(k, names[i], &failed);
                if (failed) return finish(&s, 0);
                if (current) left--;
            }
            if (current) {
                const char *bad = convert_item(&s, current, &format, 0);
                /* The tuple or dict keeps it. */
                Py_DecRef(current);
                if (bad) {
                    raise_for(&s, i + 1, bad);
                    return finish(&s, 0);
                }
                continue;
            }
            if (i < min) {
                if (i < pos) {
                    skip = 1;
                } else {
                    PyErr_Format(PyExc_TypeError, "%.200s%s missing required argument '%s' (pos %i)", CALLED(&s), names[i], i + 1);
                    return finish(&s, 0);
                }
            }
            if (!left && !skip && min != INT_MAX) return finish(&s, 1);
        }
        const char *item = format, *bad = skip_item(&s, &format);
        if (bad) {
            PyErr_Format(PyExc_SystemError, "%s: '%s'", bad, item);
            return finish(&s, 0);
        }
    }
    if (skip) {
        int least = pos < min ? pos : min;
        PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", CALLED(&s), least < i ? "at least" : "exactly", least, least == 1 ? "" : "s", nargs);
        return finish(&s, 0);
    }
    if (!at_end(*format) && *format != '|' && *format != '$') {
        PyErr_Format(PyExc_SystemError, "more argument specifiers than keyword list entries (remaining format:'%s')", format);
        return finish(&s, 0);
    }
    if (left > 0) {
        for (int j = pos; j < nargs; j++) {
            int failed = 0;
            PyObject *twice = keyword(k, names[j], &failed);
            if (failed) return finish(&s, 0);
            if (twice) {
                Py_DecRef(twice);
                PyErr_Format(PyExc_TypeError, "argument for %.200s%s given by name ('%s') and position (%d)", CALLED(&s), names[j], j + 1);
                return finish(&s, 0);
            }
        }
        if (k->dict) {
            Py_ssize_t at = 0;
            PyObject *key;
            while (PyDict_Next(k->dict, &at, &key, NULL))
                if (check_one_name(&s, key, names, pos, len) < 0) return finish(&s, 0);
        } else {
            for (Py_ssize_t j = 0; j < k->count; j++)
                if (check_one_name(&s, items_of(k->names)[j], names, pos, len) < 0) return finish(&s, 0);
        }
        /* All names are known, yet one was not found: its hash or comparison lies. */
        PyErr_Format(PyExc_TypeError, "invalid keyword argument for %.200s%s", s.function ? s.function : "this function", s.function ? "()" : "");
        return finish(&s, 0);
    }
    return finish(&s, 1);
}

int PyArg_VaParse(PyObject *args, const char *format, va_list va) {
    if (!args || !IS_TUPLE(args)) {
        PyErr_SetString(PyExc_SystemError, "new style getargs format but argument is not a tuple");
        return 0;
    }
    return parse_positional(NULL, 0, items_of(args), PyTuple_Size(args), format, va);
}

int PyArg_VaParseTupleAndKeywords(PyObject *args, PyObject *kwargs, const char *format, char *const *names, va_list va) {
    if (!args || !IS_TUPLE(args) || (kwargs && !IS_DICT(kwargs)) || !format || !names) {
        PyErr_BadInternalCall();
        return 0;
    }
    struct keywords k = { kwargs, NULL, NULL, kwargs ? PyDict_Size(kwargs) : 0 };
    return parse_keywords(items_of(args), PyTuple_Size(args), &k, format, (const char *const *)names, va);
}

#define WITH_ARGUMENTS(last, call) \
    va_list va; \
    va_start(va, last); \
    int result = call; \
    va_end(va); \
    return result

int _PyArg_VaParse_SizeT(PyObject *args, const char *format, va_list va) { return PyArg_VaParse(args, format, va); }
int _PyArg_VaParseTupleAndKeywords_SizeT(PyObject *args, PyObject *kwargs, const char *format, char *const *names, va_list va) {
    return PyArg_VaParseTupleAndKeywords(args, kwargs, format, names, va);
}
int PyArg_Parse(PyObject *arg, const char *format, ...) { WITH_ARGUMENTS(format, parse_positional(arg, 1, NULL, 0, format, va)); }
int _PyArg_Parse_SizeT(PyObject *arg, const char *format, ...) { WITH_ARGUMENTS(format, parse_positional(arg, 1, NULL, 0, format, va)); }
int PyArg_ParseTuple(PyObject *args, const char *format, ...) { WITH_ARGUMENTS(format, PyArg_VaParse(args, format, va)); }
int _PyArg_ParseTuple_SizeT(PyObject *args, const char *format, ...) { WITH_ARGUMENTS(format, PyArg_VaParse(args, format, va)); }
int PyArg_ParseTupleAndKeywords(PyObject *args, PyObject *kwargs, const char *format, char *const *names, ...) {
    WITH_ARGUMENTS(names, PyArg_VaParseTupleAndKeywords(args, kwargs, format, names, va));
}
int _PyArg_ParseTupleAndKeywords_SizeT(PyObject *args, PyObject *kwargs, const char *format, char *const *names, ...) {
    WITH_ARGUMENTS(names, PyArg_VaParseTupleAndKeywords(args, kwargs, format, names, va));
}
int _PyArg_ParseStack(PyObject *const *args, Py_ssize_t nargs, const char *format, ...) { WITH_ARGUMENTS(format, parse_positional(NULL, 0, args, nargs, format, va)); }

/* The part of _PyArg_Parser that its users fill in. */
struct parser {
    const char *format;
    const char *const *keywords;
};

int _PyArg_ParseStackAndKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwnames, struct parser *parser, ...) {
    struct keywords k = { NULL, kwnames, args + nargs, kwnames ? PyTuple_Size(kwnames) : 0 };
    WITH_ARGUMENTS(parser, parse_keywords(args, nargs, &k, parser->format, parser->keywords, va));
}
int _PyArg_ParseTupleAndKeywordsFast(PyObject *args, PyObject *kwargs, struct parser *parser, ...) {
    WITH_ARGUMENTS(parser, PyArg_VaParseTupleAndKeywords(args, kwargs, parser->format, (char *const *)parser->keywords, va));
}

int PyArg_ValidateKeywordArguments(PyObject *kwargs) {
    if (!IS_DICT(kwargs)) {
        PyErr_BadInternalCall();
        return 0;
    }
    Py_ssize_t at = 0;
    PyObject *key;
    while (PyDict_Next(kwargs, &at, &key, NULL)) {
        if (!IS_STR(key)) {
            PyErr_SetString(PyExc_TypeError, "keywords must be strings");
            return 0;
        }
    }
    return 1;
}

static int check_count(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max) {
    if (nargs >= min && nargs <= max) return 1;
    int few = nargs < min;
    Py_ssize_t limit = few ? min : max;
    const char *how = min == max ? "" : few ? "at least " : "at most ";
    if (name) PyErr_Format(PyExc_TypeError, "%.200s expected %s%zd argument%s, got %zd", name, how, limit, limit == 1 ? "" : "s", nargs);
    else PyErr_Format(PyExc_TypeError, "unpacked tuple should have %s%zd element%s, but has %zd", how, limit, limit == 1 ? "" : "s", nargs);
    return 0;
}

int _PyArg_CheckPositional(const char *name, Py_ssize_t nargs, Py_ssize_t min, Py_ssize_t max) { return check_count(name, nargs, min, max); }

static int unpack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min, Py_ssize_t max, va_list va) {
    if (!check_count(name, nargs, min, max)) return 0;
    for (Py_ssize_t i = 0; i < nargs; i++) *va_arg(va, PyObject **) = args[i];
    return 1;
}

int PyArg_UnpackTuple(PyObject *args, const char *name, Py_ssize_t min, Py_ssize_t max, ...) {
    if (!IS_TUPLE(args)) {
        PyErr_SetString(PyExc_SystemError, "PyArg_UnpackTuple() argument list is not a tuple");
        return 0;
    }
    WITH_ARGUMENTS(max, unpack(items_of(args), PyTuple_Size(args), name, min, max, va));
}

int _PyArg_UnpackStack(PyObject *const *args, Py_ssize_t nargs, const char *name, Py_ssize_t min, Py_ssize_t max, ...) {
    WITH_ARGUMENTS(max, unpack(args, nargs, name, min, max, va));
}

int _PyArg_NoKeywords(const char *name, PyObject *kwargs) {
    if (!kwargs || PyDict_Size(kwargs) == 0) return 1;
    PyErr_Format(PyExc_TypeError, "%.200s() takes no keyword arguments", name);
    return 0;
}

int _PyArg_NoKwnames(const char *name, PyObject *kwnames) {
    if (!kwnames || PyTuple_Size(kwnames) == 0) return 1;
    PyErr_Format(PyExc_TypeError, "%s() takes no keyword arguments", name);
    return 0;
}

int _PyArg_NoPositional(const char *name, PyObject *args) {
    if (!args || PyTuple_Size(args) == 0) return 1;
    PyErr_Format(PyExc_TypeError, "%.200s() takes no positional arguments", name);
    return 0;
}

void _PyArg_BadArgument(const char *name, const char *which, const char *expected, PyObject *arg) {
    PyErr_Format(PyExc_TypeError, "%.200s() %.200s must be %.50s, not %.50s", name, which, expected, shown_type(arg));
}

/* ---- arguments unpacked into an array, by the parsers that Argument Clinic generates */

/* All of _PyArg_Parser. */
struct unpacker {
    const char *format;
    const char *const *keywords;
    unsigned char once;
    int owns_names;
    const char *function, *custom;
    int pos, min, max;
    PyObject *names;
    struct unpacker *next;
};

static int name_at(struct unpacker *p, int i, const char **out) {
    *out = p->keywords[i];
    return *out != NULL;
}

PyObject *const *_PyArg_UnpackKeywords(PyObject *const *args, Py_ssize_t nargs, PyObject *kwargs, PyObject *kwnames, struct unpacker *p, int minpos, int maxpos, int minkw,
    int varssize, PyObject **buf) {
    struct keywords k = { kwargs, kwnames, args + nargs, kwargs ? PyDict_Size(kwargs) : kwnames ? PyTuple_Size(kwnames) : 0 };
    const char *name, *function = p->function ? p->function : "function", *brackets = p->function ? "()" : "";
    int len = 0, pos = 0;
    while (name_at(p, len, &name)) {
        if (!*name) pos++;
        len++;
    }
    if (kwargs && !args) args = buf;
    struct state s;
    memset(&s, 0, sizeof s.levels);
    s.function = p->function;
    if (k.count <= 0 && !varssize && minpos <= nargs && nargs <= maxpos && nargs >= len) return args;
    int posonly_missing = nargs < minpos && minpos <= pos;
    if (nargs + k.count > len && !varssize) {
        PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d %sargument%s (%zd given)", function, brackets, "at most", len, nargs == 0 ? "keyword " : "", len == 1 ? "" : "s", nargs + k.count);
        return NULL;
    }
    if (nargs > maxpos && !varssize) {
        if (maxpos == 0) PyErr_Format(PyExc_TypeError, "%.200s%s takes no positional arguments", function, brackets);
        else PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", function, brackets, minpos < maxpos ? "at most" : "exactly", maxpos, maxpos == 1 ? "" : "s", nargs);
        return NULL;
    }
    if (nargs < minpos && posonly_missing) {
        PyErr_Format(PyExc_TypeError, "%.200s%s takes %s %d positional argument%s (%zd given)", function, brackets, minpos < maxpos ? "at least" : "exactly", minpos, minpos == 1 ? "" : "s", nargs);
        return NULL;
    }
    Py_ssize_t i = nargs < maxpos ? nargs : maxpos, left = k.count;
    if (args != buf) memcpy(buf, args, (size_t)i * sizeof *buf);
    Py_ssize_t required = (minpos > maxpos ? minpos : maxpos) + minkw;
    for (; i < len; i++) {
        PyObject *current = NULL;
        if (left && i >= pos) {
            int failed = 0;
            current = keyword(&k, p->keywords[i], &failed);
            if (failed) return NULL;
            if (current) {
                left--;
                /* The dict or the caller's stack keeps it. */
                Py_DecRef(current);
            }
        }
        buf[i] = current;
        if (!current && (i < minpos || (i >= maxpos && i < required))) {
            PyErr_Format(PyExc_TypeError, "%.200s%s missing required argument '%s' (pos %zd)", function, brackets, p->keywords[i], i + 1);
            return NULL;
        }
    }
    if (left > 0) {
        for (Py_ssize_t j = pos; j < nargs && j < len; j++) {
            int failed = 0;
            PyObject *twice = keyword(&k, p->keywords[j], &failed);
            if (failed) return NULL;
            if (twice) {
                Py_DecRef(twice);
                PyErr_Format(PyExc_TypeError, "argument for %.200s%s given by name ('%s') and position (%zd)", function, brackets, p->keywords[j], j + 1);
                return NULL;
            }
        }
        if (kwargs) {
            Py_ssize_t at = 0;
            PyObject *key;
            while (PyDict_Next(kwargs, &at, &key, NULL))
                if (check_one_name(&s, key, p->keywords, pos, len) < 0) return NULL;
        } else {
            for (Py_ssize_t j = 0; j < k.count; j++)
                if (check_one_name(&s, items_of(kwnames)[j], p->keywords, pos, len) < 0) return NULL;
        }
        PyErr_Format(PyExc_TypeError, "invalid keyword argument for %.200s%s", p->function ? p->function : "this function", brackets);
        return NULL;
    }
    return buf;
}
