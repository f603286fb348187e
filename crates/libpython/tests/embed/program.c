/* A program with Python inside; its argument says which way it is started. Prototypes instead of Python.h: no headers are needed. */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

typedef struct PyInitConfig PyInitConfig;
typedef struct { int type; const char *func, *message; int exitcode; } PyStatus;
typedef long long PyConfig[128]; /* larger than the struct */

int Py_IsInitialized(void);
void Py_Initialize(void);
void Py_InitializeEx(int);
int Py_FinalizeEx(void);
int Py_RunMain(void);
int Py_BytesMain(int, char **);
PyStatus Py_InitializeFromConfig(const PyConfig *);
void PyConfig_InitPythonConfig(PyConfig *);
void PyConfig_InitIsolatedConfig(PyConfig *);
PyStatus PyConfig_SetBytesArgv(PyConfig *, ptrdiff_t, char *const *);
PyStatus PyConfig_Read(PyConfig *);
void PyConfig_Clear(PyConfig *);
int PyStatus_Exception(PyStatus);
int PyStatus_IsExit(PyStatus);
void Py_ExitStatusException(PyStatus);
PyInitConfig *PyInitConfig_Create(void);
int PyInitConfig_SetInt(PyInitConfig *, const char *, int64_t);
int PyInitConfig_SetStrList(PyInitConfig *, const char *, size_t, char *const *);
int PyInitConfig_AddModule(PyInitConfig *, const char *, void *(*)(void));
int PyInitConfig_GetError(PyInitConfig *, const char **);
int Py_InitializeFromInitConfig(PyInitConfig *);
void PyInitConfig_Free(PyInitConfig *);
int PyRun_SimpleStringFlags(const char *, void *);
void *PyModule_Create2(void *, int);
void *PyLong_FromLong(long);
void *PyImport_ImportModule(const char *);
void *PyObject_CallMethod(void *, const char *, const char *, ...);
double PyFloat_AsDouble(void *);
void Py_DecRef(void *);
int PyImport_AppendInittab(const char *, void *(*)(void));
void Py_SetProgramName(const wchar_t *);
void *PyEval_SaveThread(void);
int PyGILState_Ensure(void);
void PyGILState_Release(int);
void PyEval_RestoreThread(void *);

static int run(const char *source) { return PyRun_SimpleStringFlags(source, NULL); }

typedef struct { const char *name; void *function; int flags; const char *doc; } Method;
typedef struct { long long head[5]; const char *name, *doc; ptrdiff_t size; Method *methods; void *slots, *traverse, *clear, *free; } ModuleDef;

static void *answer(void *self, void *args) { (void)self; (void)args; return PyLong_FromLong(42); }
static Method methods[] = {{"answer", (void *)answer, 4, NULL}, {NULL, NULL, 0, NULL}};
static ModuleDef module = {{1}, "host", NULL, -1, methods, NULL, NULL, NULL, NULL};
static void *host(void) { return PyModule_Create2(&module, 1013); }

static int simple(void) {
    printf("before %d\n", Py_IsInitialized());
    fflush(stdout);
    PyImport_AppendInittab("host", host);
    Py_SetProgramName(L"embedder");
    Py_Initialize();
    Py_Initialize();
    run("import sys, json, host\n"
        "print('argv', sys.argv, 'json', json.dumps([1, None]), 'host', host.answer())\n"
        "print('library', sys.prefix != '' and 'python3.14' in json.__file__)");
    printf("failing %d\n", run("1/0"));
    void *math = PyImport_ImportModule("math"), *root = PyObject_CallMethod(math, "sqrt", "d", 2.25);
    printf("sqrt %.1f\n", PyFloat_AsDouble(root));
    Py_DecRef(root);
    Py_DecRef(math);
    void *state = PyEval_SaveThread();
    int ensured = PyGILState_Ensure();
    run("import threading; t = threading.Thread(target=print, args=('thread',)); t.start(); t.join()");
    PyGILState_Release(ensured);
    PyEval_RestoreThread(state);
    fflush(stdout);
    run("import atexit; atexit.register(print, 'atexit')");
    int status = Py_FinalizeEx();
    printf("after %d %d\n", status, Py_IsInitialized());
    return 0;
}

static int configured(int argc, char **argv) {
    PyConfig config;
    PyConfig_InitPythonConfig(&config);
    PyStatus status = PyConfig_SetBytesArgv(&config, argc, argv);
    if (!PyStatus_Exception(status)) status = PyConfig_Read(&config);
    if (!PyStatus_Exception(status)) status = Py_InitializeFromConfig(&config);
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        if (PyStatus_IsExit(status)) return status.exitcode;
        Py_ExitStatusException(status);
    }
    return Py_RunMain();
}

static int named(void) {
    PyInitConfig *config = PyInitConfig_Create();
    char *argv[] = {"one", "two"};
    const char *error = NULL;
    PyInitConfig_SetInt(config, "no such option", 1);
    PyInitConfig_GetError(config, &error);
    printf("error %s\n", error);
    fflush(stdout);
    PyInitConfig_SetInt(config, "optimization_level", 2);
    PyInitConfig_SetStrList(config, "argv", 2, argv);
    PyInitConfig_AddModule(config, "host", host);
    if (Py_InitializeFromInitConfig(config) < 0) {
        PyInitConfig_GetError(config, &error);
        printf("failed %s\n", error);
        return 1;
    }
    PyInitConfig_Free(config);
    run("import sys, signal, host\n"
        "print(sys.argv, sys.flags.optimize, sys.flags.isolated, host.answer(), signal.getsignal(signal.SIGINT) is signal.SIG_DFL)");
    return Py_FinalizeEx();
}

int main(int argc, char **argv) {
    const char *way = argc > 1 ? argv[1] : "";
    argv[1] = argv[0];
    if (!strcmp(way, "simple")) return simple();
    if (!strcmp(way, "configured")) return configured(argc - 1, argv + 1);
    if (!strcmp(way, "named")) return named();
    if (!strcmp(way, "main")) return Py_BytesMain(argc - 1, argv + 1);
    return 99;
}
