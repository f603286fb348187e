/* An extension module in C, built against prototypes of its own: what a compiled wheel does, in small. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

typedef ptrdiff_t Py_ssize_t;
typedef struct _typeobject PyTypeObject;
typedef struct _object { int64_t ob_refcnt; PyTypeObject *ob_type; } PyObject;
typedef PyObject *(*PyCFunction)(PyObject *, PyObject *);
typedef struct { const char *name; PyCFunction meth; int flags; const char *doc; } PyMethodDef;
typedef struct { int slot; void *value; } Slot;
typedef struct {
    PyObject ob_base;
    PyObject *(*m_init)(void);
    Py_ssize_t m_index;
    PyObject *m_copy;
    const char *m_name, *m_doc;
    Py_ssize_t m_size;
    PyMethodDef *m_methods;
    Slot *m_slots;
    void *m_traverse, *m_clear, *m_free;
} PyModuleDef;
typedef struct { const char *name; int type; Py_ssize_t offset; int flags; const char *doc; } PyMemberDef;
typedef struct { const char *name; int basicsize, itemsize; unsigned flags; Slot *slots; } PyType_Spec;

extern PyObject _Py_NoneStruct;
extern PyObject *PyExc_ValueError, *PyExc_RuntimeError;
PyObject *PyModuleDef_Init(PyModuleDef *);
PyObject *PyType_FromModuleAndSpec(PyObject *, PyType_Spec *, PyObject *);
int PyModule_AddObjectRef(PyObject *, const char *, PyObject *);
int PyModule_AddIntConstant(PyObject *, const char *, long);
int PyArg_ParseTuple(PyObject *, const char *, ...);
int PyArg_ParseTupleAndKeywords(PyObject *, PyObject *, const char *, char **, ...);
PyObject *Py_BuildValue(const char *, ...);
PyObject *PyErr_Format(PyObject *, const char *, ...);
PyObject *PyErr_NewException(const char *, PyObject *, PyObject *);
PyObject *PyObject_CallFunction(PyObject *, const char *, ...);
PyObject *PyObject_CallMethod(PyObject *, const char *, const char *, ...);
PyObject *PyObject_CallFunctionObjArgs(PyObject *, ...);
PyObject *PyLong_FromLong(long);
long PyLong_AsLong(PyObject *);
PyObject *PyErr_Occurred(void);
void PyErr_Clear(void);
int PyErr_ExceptionMatches(PyObject *);
PyObject *PyUnicode_FromFormat(const char *, ...);
PyObject *PyObject_GetIter(PyObject *);
PyObject *PyIter_Next(PyObject *);
PyObject *PyNumber_Add(PyObject *, PyObject *);
void Py_DecRef(PyObject *);
void Py_IncRef(PyObject *);
void *PyCapsule_GetPointer(PyObject *, const char *);
PyObject *PyCapsule_New(void *, const char *, void *);
typedef struct _ts PyThreadState;
typedef struct _is PyInterpreterState;
typedef struct { int use_main_obmalloc, allow_fork, allow_exec, allow_threads, allow_daemon_threads, check_multi_interp_extensions, gil; } PyInterpreterConfig;
typedef struct { int type; const char *func, *message; int exitcode; } PyStatus;
PyThreadState *PyThreadState_Get(void), *PyThreadState_GetUnchecked(void), *PyThreadState_Swap(PyThreadState *), *Py_NewInterpreter(void);
PyStatus Py_NewInterpreterFromConfig(PyThreadState **, const PyInterpreterConfig *);
void Py_EndInterpreter(PyThreadState *);
PyInterpreterState *PyInterpreterState_Get(void), *PyInterpreterState_Main(void), *PyInterpreterState_Head(void);
PyInterpreterState *PyInterpreterState_Next(PyInterpreterState *), *PyThreadState_GetInterpreter(PyThreadState *);
int64_t PyInterpreterState_GetID(PyInterpreterState *);
PyObject *PyInterpreterState_GetDict(PyInterpreterState *);
int PyRun_SimpleStringFlags(const char *, void *);

static PyObject *none(void) { return &_Py_NoneStruct; }

/* ---- a type with a counter in it */

typedef struct { PyObject ob_base; long count; PyObject *label; } Counter;

static int counter_init(PyObject *o, PyObject *args, PyObject *kwargs) {
    static char *names[] = { "start", "label", NULL };
    Counter *self = (Counter *)o;
    PyObject *label = none();
    self->count = 0;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|l$O:Counter", names, &self->count, &label)) return -1;
    PyObject *old = self->label;
    Py_IncRef(label);
    self->label = label;
    if (old) Py_DecRef(old);
    return 0;
}

static void counter_dealloc(PyObject *o) {
    PyTypeObject *type = o->ob_type;
    if (((Counter *)o)->label) Py_DecRef(((Counter *)o)->label);
    void (*release)(void *) = *(void (**)(void *))((char *)type + 320);
    release(o);
    Py_DecRef((PyObject *)type);
}

static PyObject *counter_step(PyObject *o, PyObject *args) {
    long by = 1;
    if (!PyArg_ParseTuple(args, "|l:step", &by)) return NULL;
    ((Counter *)o)->count += by;
    return PyLong_FromLong(((Counter *)o)->count);
}

static PyObject *counter_repr(PyObject *o) {
    return PyUnicode_FromFormat("<%s %ld %R %5d|%-5s|%.2s>", "Counter", ((Counter *)o)->count, ((Counter *)o)->label, 42, "ab", "xyz");
}

static PyMethodDef counter_methods[] = { { "step", counter_step, 1, "Counts on." }, { 0 } };
static PyMemberDef counter_members[] = { { "count", 2, offsetof(Counter, count), 0, "the count" }, { "label", 6, offsetof(Counter, label), 1, NULL }, { 0 } };
static Slot counter_slots[] = {
    { 52, counter_dealloc }, { 60, counter_init }, { 64, counter_methods }, { 66, counter_repr }, { 72, counter_members }, { 0, NULL },
};
static PyType_Spec counter_spec = { "probe.Counter", sizeof(Counter), 0, 1 << 10, counter_slots };

/* ---- functions */

static PyObject *total(PyObject *module, PyObject *iterable) {
    (void)module;
    PyObject *sum = PyLong_FromLong(0), *iterator = PyObject_GetIter(iterable), *item;
    if (!iterator) {
        Py_DecRef(sum);
        return NULL;
    }
    while ((item = PyIter_Next(iterator))) {
        PyObject *next = PyNumber_Add(sum, item);
        Py_DecRef(sum);
        Py_DecRef(item);
        sum = next;
        if (!sum) break;
    }
    Py_DecRef(iterator);
    if (sum && PyErr_Occurred()) {
        Py_DecRef(sum);
        return NULL;
    }
    return sum;
}

static PyObject *parse(PyObject *module, PyObject *args) {
    (void)module;
    int i, flag;
    double d;
    const char *s, *z;
    Py_ssize_t size;
    PyObject *a, *b;
    if (!PyArg_ParseTuple(args, "ids#zp(OO):parse", &i, &d, &s, &size, &z, &flag, &a, &b)) return NULL;
    return Py_BuildValue("{s:i,s:d,s:s#,s:z,s:(OO),s:[ii]}", "i", i, "d", d, "s", s, size, "z", z, "pair", a, b, "list", flag, 7);
}

static PyObject *fail(PyObject *module, PyObject *arg) {
    (void)module;
    return PyErr_Format(PyExc_ValueError, "no %S, %zd, %x, %p", arg, (Py_ssize_t)-5, 255, (void *)0x10);
}

/* Calls back; a ValueError becomes its text. */
static PyObject *attempt(PyObject *module, PyObject *callable) {
    (void)module;
    PyObject *result = PyObject_CallFunction(callable, "(iO)", 1, none());
    if (!result && PyErr_ExceptionMatches(PyExc_ValueError)) {
        PyErr_Clear();
        return PyUnicode_FromFormat("caught");
    }
    return result;
}

static PyObject *methods(PyObject *module, PyObject *list) {
    (void)module;
    PyObject *done = PyObject_CallMethod(list, "append", "i", 3);
    if (!done) return NULL;
    Py_DecRef(done);
    done = PyObject_CallMethod(list, "insert", "is", 0, "first");
    if (!done) return NULL;
    Py_DecRef(done);
    Py_IncRef(list);
    return list;
}

static PyObject *capsule(PyObject *module, PyObject *unused) {
    (void)module;
    (void)unused;
    static int value = 99;
    PyObject *made = PyCapsule_New(&value, "probe.value", NULL);
    int *back = made ? PyCapsule_GetPointer(made, "probe.value") : NULL;
    if (made) Py_DecRef(made);
    return back ? PyLong_FromLong(*back) : NULL;
}

/* Runs source in an interpreter made for it: by the old function, or as gil says; what there was to see on the way. */
static PyObject *elsewhere(PyObject *module, PyObject *args) {
    (void)module;
    const char *source;
    int gil;
    if (!PyArg_ParseTuple(args, "si:elsewhere", &source, &gil)) return NULL;
    PyThreadState *here = PyThreadState_Get(), *there = NULL;
    if (gil >= 0) {
        PyInterpreterConfig config = { .allow_threads = 1, .check_multi_interp_extensions = 1, .gil = gil };
        PyStatus status = Py_NewInterpreterFromConfig(&there, &config);
        if (status.type) return PyErr_Format(PyExc_RuntimeError, "%s", status.message);
    } else {
        there = Py_NewInterpreter();
    }
    PyInterpreterState *interp = PyThreadState_GetInterpreter(there);
    long long id = PyInterpreterState_GetID(interp);
    int count = 0, is_current = interp == PyInterpreterState_Get() && there == PyThreadState_Get();
    for (PyInterpreterState *i = PyInterpreterState_Head(); i; i = PyInterpreterState_Next(i)) count++;
    int result = PyRun_SimpleStringFlags(source, NULL);
    PyObject *dict = PyInterpreterState_GetDict(interp);
    int was_there = PyThreadState_Swap(here) == there, back = PyInterpreterState_Get() == PyInterpreterState_Main();
    int own_dict = dict != PyInterpreterState_GetDict(PyInterpreterState_Get());
    PyThreadState_Swap(there);
    Py_EndInterpreter(there);
    int nowhere = !PyThreadState_GetUnchecked();
    PyThreadState_Swap(here);
    return Py_BuildValue("iLi(iiiii)", result, id, count, is_current, was_there, back, own_dict, nowhere);
}

static PyMethodDef functions[] = {
    { "total", total, 8, NULL }, { "parse", parse, 1, NULL }, { "fail", fail, 8, NULL }, { "attempt", attempt, 8, NULL }, { "methods", methods, 8, NULL },
    { "capsule", capsule, 4, NULL }, { "elsewhere", elsewhere, 1, NULL }, { 0 },
};

static int exec(PyObject *module) {
    PyObject *type = PyType_FromModuleAndSpec(module, &counter_spec, NULL);
    if (!type || PyModule_AddObjectRef(module, "Counter", type) < 0) return -1;
    Py_DecRef(type);
    PyObject *error = PyErr_NewException("probe.Error", PyExc_RuntimeError, NULL);
    if (!error || PyModule_AddObjectRef(module, "Error", error) < 0) return -1;
    Py_DecRef(error);
    return PyModule_AddIntConstant(module, "ANSWER", 42);
}

static Slot slots[] = { { 2, exec }, { 0, NULL } };
static PyModuleDef definition = { { 1, NULL }, NULL, 0, NULL, "probe", "A probe.", 0, functions, slots, NULL, NULL, NULL };

PyObject *PyInit_probe(void) { return PyModuleDef_Init(&definition); }
