/* PyUnicode_FromFormatV and PyBytes_FromFormatV: printf-like formats with conversions for objects. */
#include "api.h"
#include <ctype.h>
#include <wchar.h>

struct spec {
    int left, zero, alternate;
    Py_ssize_t width, precision;
    char length[3];
    char conversion;
};

/* Whether the conversion exists and takes the length and the sizes that were given. */
static int is_valid(const struct spec *s) {
    switch (s->conversion) {
    case 'd': case 'i': case 'u': case 'x': case 'X': case 'o': return 1;
    case 'c': case 'p': return !s->length[0] && s->width < 0 && s->precision < 0;
    case 's': case 'V': return !s->length[0] || !strcmp(s->length, "l");
    case 'U': case 'S': case 'R': case 'A': case 'T': case 'N': return !s->length[0];
    default: return 0;
    }
}

/* Reads a conversion behind its percent sign; NULL for a malformed one, with an exception. */
static const char *read_spec(const char *f, struct spec *s, va_list *args) {
    const char *start = f - 1;
    *s = (struct spec){ .width = -1, .precision = -1 };
    for (;; f++) {
        if (*f == '-') s->left = 1;
        else if (*f == '0') s->zero = 1;
        else if (*f == '#') s->alternate = 1;
        else break;
    }
    for (int which = 0; which < 2; which++) {
        Py_ssize_t *out = which ? &s->precision : &s->width;
        if (which) {
            if (*f != '.') break;
            f++;
            *out = -2;
        }
        if (*f == '*') {
            *out = va_arg(*args, int);
            if (!which && *out < 0) {
                s->left = 1;
                *out = -*out;
            }
            f++;
            if (which && *out < 0) *out = -2;
            continue;
        }
        if (isdigit((unsigned char)*f)) *out = 0;
        while (isdigit((unsigned char)*f)) {
            if (*out > (PTRDIFF_MAX - (*f - '0')) / 10) {
                PyErr_SetString(PyExc_ValueError, which ? "precision too big" : "width too big");
                return NULL;
            }
            *out = *out * 10 + (*f++ - '0');
        }
    }
    if (s->precision == -2) s->precision = -1;
    if (f[0] == 'l' && f[1] == 'l') { strcpy(s->length, "ll"); f += 2; }
    else if (*f == 'l' || *f == 'z' || *f == 'j' || *f == 't') { s->length[0] = *f++; }
    s->conversion = *f;
    if (!is_valid(s)) {
        PyErr_Format(PyExc_SystemError, "invalid format string: %s", start);
        return NULL;
    }
    return f + 1;
}

/* The digits of an integer conversion; gives the length. */
static int format_integer(char *out, size_t size, struct spec *s, va_list *args) {
    unsigned long long u = 0;
    long long i = 0;
    int is_signed = s->conversion == 'd' || s->conversion == 'i';
    switch (s->length[0]) {
    case 'l':
        if (s->length[1]) { if (is_signed) i = va_arg(*args, long long); else u = va_arg(*args, unsigned long long); }
        else { if (is_signed) i = va_arg(*args, long); else u = va_arg(*args, unsigned long); }
        break;
    case 'z': if (is_signed) i = va_arg(*args, Py_ssize_t); else u = va_arg(*args, size_t); break;
    case 'j': if (is_signed) i = va_arg(*args, intmax_t); else u = va_arg(*args, uintmax_t); break;
    case 't': i = va_arg(*args, ptrdiff_t); u = (unsigned long long)i; break;
    default: if (is_signed) i = va_arg(*args, int); else u = va_arg(*args, unsigned); break;
    }
    switch (s->conversion) {
    case 'd': case 'i': return snprintf(out, size, "%lld", i);
    case 'u': return snprintf(out, size, "%llu", u);
    case 'o': return snprintf(out, size, "%llo", u);
    case 'X': return snprintf(out, size, "%llX", u);
    default: return snprintf(out, size, "%llx", u);
    }
}

static int write_repeated(PyUnicodeWriter *w, char c, Py_ssize_t n) {
    for (; n > 0; n--)
        if (PyUnicodeWriter_WriteChar(w, (unsigned char)c) < 0) return -1;
    return 0;
}

static int write_integer(PyUnicodeWriter *w, struct spec *s, va_list *args) {
    char digits[80];
    Py_ssize_t len = format_integer(digits, sizeof digits, s, args);
    const char *at = digits;
    int negative = *at == '-';
    if (negative) { at++; len--; }
    Py_ssize_t zeros = s->precision > len ? s->precision - len : 0;
    Py_ssize_t total = len + zeros + negative, fill = s->width > total ? s->width - total : 0;
    if (s->zero && !s->left) { zeros += fill; fill = 0; }
    if (!s->left && write_repeated(w, ' ', fill) < 0) return -1;
    if (negative && PyUnicodeWriter_WriteChar(w, '-') < 0) return -1;
    if (write_repeated(w, '0', zeros) < 0 || PyUnicodeWriter_WriteASCII(w, at, len) < 0) return -1;
    return s->left ? write_repeated(w, ' ', fill) : 0;
}

/* A new reference to text, padded and cut; NULL is an error already raised. */
static int write_object(PyUnicodeWriter *w, struct spec *s, PyObject *text) {
    if (!text) return -1;
    int result = capi_writer_padded(w, text, s->precision, s->width, s->left);
    Py_DecRef(text);
    return result;
}

static int write_conversion(PyUnicodeWriter *w, struct spec *s, va_list *args) {
    switch (s->conversion) {
    case 'd': case 'i': case 'u': case 'x': case 'X': case 'o':
        return write_integer(w, s, args);
    case 'c': {
        int c = va_arg(*args, int);
        if (c < 0 || c > 0x10ffff) {
            PyErr_SetString(PyExc_OverflowError, "character argument not in range(0x110000)");
            return -1;
        }
        return PyUnicodeWriter_WriteChar(w, (Py_UCS4)c);
    }
    case 'p': {
        char text[32];
        int len = snprintf(text, sizeof text, "%p", va_arg(*args, void *));
        if (text[0] != '0' || text[1] != 'x') len = snprintf(text, sizeof text, "0x0");
        return PyUnicodeWriter_WriteASCII(w, text, len);
    }
    case 's':
        if (s->length[0] == 'l') return capi_writer_wide(w, va_arg(*args, const wchar_t *), s->precision, s->width, s->left);
        return capi_writer_bytes(w, va_arg(*args, const char *), s->precision, s->width, s->left);
    case 'U': {
        PyObject *o = va_arg(*args, PyObject *);
        Py_IncRef(o);
        return write_object(w, s, o);
    }
    case 'V': {
        PyObject *o = va_arg(*args, PyObject *);
        const char *text = va_arg(*args, const char *);
        const wchar_t *wide = (const wchar_t *)text;
        if (o) {
            Py_IncRef(o);
            return write_object(w, s, o);
        }
        if (s->length[0] == 'l') return capi_writer_wide(w, wide, s->precision, s->width, s->left);
        return capi_writer_bytes(w, text, s->precision, s->width, s->left);
    }
    case 'S': return write_object(w, s, PyObject_Str(va_arg(*args, PyObject *)));
    case 'R': return write_object(w, s, PyObject_Repr(va_arg(*args, PyObject *)));
    case 'A': return write_object(w, s, PyObject_ASCII(va_arg(*args, PyObject *)));
    case 'T': return write_object(w, s, capi_type_name(va_arg(*args, PyObject *), 1, s->alternate));
    default: return write_object(w, s, capi_type_name(va_arg(*args, PyObject *), 0, s->alternate));
    }
}

static int write_format(PyUnicodeWriter *w, const char *format, va_list *args) {
    for (const char *f = format; *f;) {
        if (*f != '%') {
            const char *end = strchr(f, '%');
            Py_ssize_t len = end ? end - f : (Py_ssize_t)strlen(f);
            for (Py_ssize_t i = 0; i < len; i++) {
                if ((unsigned char)f[i] > 127) {
                    PyErr_Format(PyExc_ValueError, "PyUnicode_FromFormatV() expects an ASCII-encoded format string, got a non-ASCII byte: 0x%02x", (unsigned char)f[i]);
                    return -1;
                }
            }
            if (PyUnicodeWriter_WriteASCII(w, f, len) < 0) return -1;
            f += len;
            continue;
        }
        if (f[1] == '%') {
            if (PyUnicodeWriter_WriteChar(w, '%') < 0) return -1;
            f += 2;
            continue;
        }
        struct spec s;
        f = read_spec(f + 1, &s, args);
        if (!f || write_conversion(w, &s, args) < 0) return -1;
    }
    return 0;
}

PyObject *PyUnicode_FromFormatV(const char *format, va_list vargs) {
    va_list args;
    va_copy(args, vargs);
    PyUnicodeWriter *w = PyUnicodeWriter_Create((Py_ssize_t)strlen(format) + 100);
    int result = w ? write_format(w, format, &args) : -1;
    va_end(args);
    if (result < 0) {
        if (w) PyUnicodeWriter_Discard(w);
        return NULL;
    }
    return PyUnicodeWriter_Finish(w);
}

PyObject *PyUnicode_FromFormat(const char *format, ...) {
    va_list args;
    va_start(args, format);
    PyObject *result = PyUnicode_FromFormatV(format, args);
    va_end(args);
    return result;
}

int PyUnicodeWriter_Format(PyUnicodeWriter *w, const char *format, ...) {
    va_list args;
    va_start(args, format);
    /* On failure nothing of the text stays: it is made apart first. */
    PyObject *text = PyUnicode_FromFormatV(format, args);
    va_end(args);
    if (!text) return -1;
    int result = PyUnicodeWriter_WriteStr(w, text);
    Py_DecRef(text);
    return result;
}

/* ---- bytes */

struct growing {
    char *data;
    size_t len, size;
};

static int grow(struct growing *g, const char *text, size_t len) {
    if (len > g->size - g->len) {
        size_t size = (g->len + len) * 2 + 64;
        char *data = PyMem_Realloc(g->data, size);
        if (!data) {
            PyErr_NoMemory();
            return -1;
        }
        g->data = data;
        g->size = size;
    }
    memcpy(g->data + g->len, text, len);
    g->len += len;
    return 0;
}

PyObject *PyBytes_FromFormatV(const char *format, va_list vargs) {
    struct growing g = { NULL, 0, 0 };
    va_list args;
    va_copy(args, vargs);
    int failed = 0;
    for (const char *f = format; *f && !failed;) {
        if (*f != '%') {
            const char *end = strchr(f, '%');
            size_t len = end ? (size_t)(end - f) : strlen(f);
            failed = grow(&g, f, len) < 0;
            f += len;
            continue;
        }
        const char *start = f;
        struct spec s;
        f = read_spec(f + 1, &s, &args);
        if (!f) { failed = 1; break; }
        char text[80];
        switch (s.conversion) {
        case 'd': case 'i': case 'u': case 'x':
            failed = grow(&g, text, (size_t)format_integer(text, sizeof text, &s, &args)) < 0;
            break;
        case 'c': {
            int c = va_arg(args, int);
            if (c < 0 || c > 255) {
                PyErr_SetString(PyExc_OverflowError, "PyBytes_FromFormatV(): %c format expects an integer in range [0; 255]");
                failed = 1;
                break;
            }
            text[0] = (char)c;
            failed = grow(&g, text, 1) < 0;
            break;
        }
        case 's': {
            const char *p = va_arg(args, const char *);
            failed = grow(&g, p, s.precision < 0 ? strlen(p) : strnlen(p, (size_t)s.precision)) < 0;
            break;
        }
        case 'p': {
            int len = snprintf(text, sizeof text, "%p", va_arg(args, void *));
            if (text[0] != '0' || text[1] != 'x') len = snprintf(text, sizeof text, "0x0");
            failed = grow(&g, text, (size_t)len) < 0;
            break;
        }
        case '%':
            failed = grow(&g, "%", 1) < 0;
            break;
        default:
            /* An unknown conversion is copied with all that follows. */
            failed = grow(&g, start, strlen(start)) < 0;
            f = "";
        }
    }
    va_end(args);
    PyObject *result = failed ? NULL : PyBytes_FromStringAndSize(g.data ? g.data : "", (Py_ssize_t)g.len);
    PyMem_Free(g.data);
    return result;
}

PyObject *PyBytes_FromFormat(const char *format, ...) {
    va_list args;
    va_start(args, format);
    PyObject *result = PyBytes_FromFormatV(format, args);
    va_end(args);
    return result;
}
