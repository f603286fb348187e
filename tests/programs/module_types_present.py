# What the types of modules show of themselves, where C code makes them on the heap.
import ctypes
import gc
import io
import itertools
import collections
import copyreg
import pickle
import sys
import sysconfig
import time
import inspect
import _pickle
import _socket

HEAP, IMMUTABLE = 1 << 9, 1 << 8
for cls in (int, list, io.BytesIO, io.BufferedReader, collections.deque, collections.OrderedDict, itertools.chain, _socket.socket):
    print(cls.__name__, bool(cls.__flags__ & HEAP), bool(cls.__flags__ & IMMUTABLE), '__new__' in cls.__dict__)
print(type(type.__dict__['__flags__']).__name__)
print([gc.is_tracked(cls) for cls in (_pickle.Pickler, _socket.socket, int, type('C', (), {}))])


class Named(io.BufferedReader):
    def __init__(self, raw, name):
        super().__init__(raw)
        self.tag = name

    def __getstate__(self):
        return self.tag, self.raw.getvalue()

    def __setstate__(self, state):
        self.__init__(io.BytesIO(state[1]), state[0])


reader = Named(io.BytesIO(b'data'), 'ham')
for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
    again = pickle.loads(pickle.dumps(reader, protocol))
    print(protocol, again.tag, again.read())
print(io.BufferedReader.__new__ is object.__new__)
try:
    itertools.chain.x = 1
except TypeError as error:
    print(error)


class Point(ctypes.BigEndianStructure):
    _fields_ = [('x', ctypes.c_long), ('y', ctypes.c_short * 3)]


for data in (Point(), (ctypes.c_long * 3 * 2)(), ctypes.c_char(), ctypes.POINTER(ctypes.c_short * 2)(), ctypes.c_double()):
    view = memoryview(data)
    print(view.format, view.shape, view.itemsize, view.nbytes)
for cls in (ctypes.Array, ctypes.Structure, ctypes._Pointer, ctypes._SimpleCData):
    try:
        cls.from_buffer(bytearray(8))
    except TypeError as error:
        print(error)
    try:
        cls.x = 1
    except TypeError as error:
        print(error)
try:
    type(ctypes.Array).__init__(ctypes.c_int * 3, 'x', (), {})
except SystemError as error:
    print(error)
print([str(inspect.signature(f)) for f in (io.TextIOWrapper.reconfigure, io.IOBase)])
for function in (time.clock_getres, collections.deque.index):
    try:
        print(inspect.signature(function))
    except ValueError as error:
        print('no signature')
try:
    time.clock_getres()
except TypeError as error:
    print(error)


class Disappearing(type):
    def mro(cls):
        del Disappearing.mro
        return (object,)


try:
    class A(metaclass=Disappearing):
        pass
except TypeError as error:
    print(error)


class Evil(str):
    def __str__(self):
        del problem.object
        return self


problem = UnicodeDecodeError('utf-8', b'x', 0, 1, Evil('why'))
try:
    str(problem)
except TypeError as error:
    print(error)
import os
makefile = sysconfig.get_makefile_filename()
print(os.path.isfile(makefile), sysconfig.get_config_var('LIBRARY'))
