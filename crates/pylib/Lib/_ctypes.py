"""The data types and functions of ctypes, over raw memory and calls (``_rawffi``), for x86-64 System V.

An instance has its memory in ``_buffer``, a view of bytes: of its own, of another instance's (``_b_base_``), or at an address that
somebody gave.  A class has an ``_Info``: size, alignment, buffer format, and how a value is read, written and passed.
"""

import _rawffi
import struct as _struct
import sys as _sys
from operator import index as _index

__version__ = '1.1.0'
FUNCFLAG_CDECL = 1
FUNCFLAG_PYTHONAPI = 4
FUNCFLAG_USE_ERRNO = 8
FUNCFLAG_USE_LASTERROR = 16
RTLD_LOCAL = 0
RTLD_GLOBAL = 256
SIZEOF_TIME_T = 8
CTYPES_MAX_ARGCOUNT = 1024


class ArgumentError(Exception):
    pass


class _Info:
    """What a class of C data is like."""
    __slots__ = ('size', 'align', 'format', 'shape', 'length', 'code', 'item', 'final', 'fields', 'swapped', 'flags', 'argtypes', 'restype')

    def __init__(self, size, align, format, *, length=0, code=None, item=None, shape=(), fields=()):
        self.size, self.align, self.format = size, align, format
        self.length, self.code, self.item, self.shape, self.fields = length, code, item, shape, fields
        self.final = self.swapped = False


def _info(cls, words='this type has no size'):
    info = _info_or_none(cls)
    if info is None:
        raise TypeError(words)
    return info


def _info_or_none(cls):
    if isinstance(cls, CType_Type):
        return cls.__dict__.get('_ctypes_info_') or getattr(cls, '_ctypes_info_', None)
    return None


def _finalize(cls):
    info = _info_or_none(cls)
    if info is None or cls in _ABSTRACT:
        raise TypeError('abstract class' if isinstance(cls, CType_Type) else 'this type has no size')
    info.final = True
    return info


def _begin(cls):
    """Before a metaclass fills in a class: once only."""
    if '_ctypes_info_' in cls.__dict__:
        raise SystemError(f"StgInfo of '{cls.__name__}' is already initialized.")


# ---- metaclasses

class CType_Type(type):
    def __mul__(cls, length):
        if not isinstance(length, int):
            raise TypeError("can't multiply sequence by non-int of type " + repr(type(length).__name__))
        if length < 0:
            raise ValueError(f'Array length must be >= 0, not {length}')
        key = cls, length
        try:
            return _array_types[key]
        except KeyError:
            made = PyCArrayType(f'{cls.__name__}_Array_{length}', (Array,), {'_length_': length, '_type_': cls})
            _array_types[key] = made
            return made

    def __rmul__(cls, length):
        return cls * length

    @property
    def __pointer_type__(cls):
        try:
            return cls.__dict__['_pointer_type_']
        except KeyError:
            raise AttributeError(f'type {cls.__name__!r} has no attribute \'__pointer_type__\'') from None

    @__pointer_type__.setter
    def __pointer_type__(cls, value):
        type.__setattr__(cls, '_pointer_type_', value)

    def from_address(cls, address):
        if not isinstance(address, int):
            raise TypeError('integer expected')
        info = _finalize(cls)
        return _at(cls, _rawffi.memory(address & 0xFFFFFFFFFFFFFFFF, info.size))

    def from_buffer(cls, source, offset=0):
        info = _finalize(cls)
        view = memoryview(source)
        if view.readonly:
            raise TypeError('underlying buffer is not writable')
        if not view.c_contiguous:
            raise TypeError('underlying buffer is not C contiguous')
        view = _slice_buffer(view, offset, info.size)
        made = _at(cls, view)
        _keep(made, 0xFFFFFFFF, memoryview(source))
        return made

    def from_buffer_copy(cls, source, offset=0):
        info = _finalize(cls)
        view = _slice_buffer(memoryview(source), offset, info.size)
        made = _fresh(cls)
        made._buffer[:] = view
        return made

    def in_dll(cls, dll, name):
        _finalize(cls)
        _sys.audit('ctypes.dlsym', dll, name)
        if not isinstance(dll._handle, int):
            raise TypeError('the _handle attribute of the second argument must be an integer')
        try:
            address = _rawffi.dlsym(dll._handle, name)
        except OSError as error:
            raise ValueError(str(error)) from None
        return cls.from_address(address)

    def from_param(cls, value):
        if isinstance(value, cls):
            return value
        if isinstance(value, _Arg) and isinstance(value._obj, cls):
            return value
        try:
            parameter = value._as_parameter_
        except AttributeError:
            raise TypeError(f'expected {cls.__name__} instance instead of {type(value).__name__}') from None
        return cls.from_param(parameter)


_array_types = {}


def _slice_buffer(view, offset, size):
    if offset < 0:
        raise ValueError('offset cannot be negative')
    if size > view.nbytes - offset:
        raise ValueError(f'Buffer size too small ({view.nbytes} instead of at least {size + offset} bytes)')
    if view.nbytes == 0:
        return memoryview(bytearray())
    return (view if view.ndim == 1 and view.format == 'B' else view.cast('B'))[offset:offset + size]


class PyCSimpleType(CType_Type):
    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        _begin(cls)
        if bases == (_CData,):
            return
        try:
            code = cls._type_
        except AttributeError:
            raise AttributeError("class must define a '_type_' attribute") from None
        if not isinstance(code, str):
            raise TypeError("class must define a '_type_' string attribute")
        if len(code) != 1:
            raise ValueError("class must define a '_type_' attribute which must be a string of length 1")
        if code not in _SIMPLE:
            raise AttributeError("class must define a '_type_' attribute which must be\na single character string containing one of '"
                                 + _CODES + "'.")
        size, format = _SIMPLE[code]
        cls._ctypes_info_ = info = _Info(size, min(size, 16) if code not in 'FDG' else size // 2, format, code=code)
        if (not bases or _SimpleCData in bases) and code in _SWAPPABLE and '__ctype_be__' not in namespace:
            swapped = type.__new__(PyCSimpleType, name, bases, dict(namespace))
            type.__init__(swapped, name, bases, namespace)
            swapped._ctypes_info_ = other = _Info(info.size, info.align, '>' + format[1:], code=code)
            other.swapped = True
            swapped.__ctype_le__ = cls.__ctype_le__ = cls
            swapped.__ctype_be__ = cls.__ctype_be__ = swapped

    def from_param(cls, value):
        if isinstance(value, cls):
            return value
        code = _info(cls).code
        if code in 'zZP':
            made = _pointer_param(cls, code, value)
            if made is not None:
                return made
        else:
            try:
                made = _fresh(cls)
                made._objects = _store(made._buffer, _info(cls), value)
                return _Arg(code, made)
            except (TypeError, ValueError, OverflowError) as error:
                failure = error
            try:
                parameter = value._as_parameter_
            except AttributeError:
                raise failure from None
            return cls.from_param(parameter)
        try:
            parameter = value._as_parameter_
        except AttributeError:
            name = {'z': 'c_char_p', 'Z': 'c_wchar_p', 'P': 'c_void_p'}[code]
            raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as ctypes.{name}") from None
        return cls.from_param(parameter)


def _pointer_param(cls, code, value):
    """A parameter for one of the simple pointer types, or None."""
    if value is None:
        return _Arg('P', None, 0)
    if isinstance(value, int):
        if code == 'P':
            return _Arg('P', None, value & 0xFFFFFFFFFFFFFFFF)
    if isinstance(value, bytes) and code in 'zP':
        return _Arg('z', value, _rawffi.address(value))
    if isinstance(value, str) and code in 'ZP':
        wide = _wide(value)
        return _Arg('Z', wide, _rawffi.address(wide))
    if isinstance(value, _Arg):
        if code == 'P' and value.tag in 'PzZ':
            return value
        target = value._obj
        if isinstance(target, _CData) and value.tag == 'P' and _is_char(type(target), code):
            return value
        return None
    if isinstance(value, _CData):
        if isinstance(value, (Array, _Pointer)):
            if code == 'P' or _is_char(_info(type(value)).item, code):
                return value if isinstance(value, _Pointer) else _Arg('P', value, addressof(value))
            return None
        if isinstance(value, CFuncPtr) and code == 'P':
            return _Arg('P', value, _read_pointer(value._buffer))
        if isinstance(value, _SimpleCData) and _info(type(value)).code in 'zZP' and (code == 'P' or _info(type(value)).code == code):
            return _Arg('P', value, _read_pointer(value._buffer))
    return None


def _is_char(cls, code):
    info = _info_or_none(cls)
    return info is not None and info.code == {'z': 'c', 'Z': 'u'}.get(code)


class PyCPointerType(CType_Type):
    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        _begin(cls)
        cls._ctypes_info_ = info = _Info(8, 8, '&B', length=1, code='P*')
        item = namespace.get('_type_')
        if item is not None:
            cls._set_item(item)
        elif len(bases) and isinstance(bases[0], PyCPointerType):
            info.item = getattr(_info_or_none(bases[0]), 'item', None)

    def _set_item(cls, item):
        if not isinstance(item, CType_Type):
            raise TypeError('_type_ must have storage info')
        info = cls._ctypes_info_
        info.item = item
        theirs = _info_or_none(item)
        if theirs is not None and not info.final:
            info.format = f'&({",".join(map(str, theirs.shape))}){theirs.format}' if theirs.shape else '&' + theirs.format
        if '_pointer_type_' not in item.__dict__:
            item.__pointer_type__ = cls

    def set_type(cls, item):
        # The format stays what it was.
        cls._ctypes_info_.final = True
        cls._set_item(item)
        type.__setattr__(cls, '_type_', item)

    def from_param(cls, value):
        if value is None:
            return _Arg('P', None, 0)
        item = _info(cls).item
        if item is not None and isinstance(value, item):
            return byref(value)
        if isinstance(value, (_Pointer, Array)) and not isinstance(value, cls):
            theirs = _info(type(value)).item
            if isinstance(theirs, type) and isinstance(item, type) and issubclass(theirs, item):
                return value if isinstance(value, _Pointer) else _Arg('P', value, addressof(value))
        if isinstance(value, _Arg) and value.tag == 'P' and item is not None and isinstance(value._obj, item):
            return value
        return CType_Type.from_param(cls, value)


class PyCArrayType(CType_Type):
    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        _begin(cls)
        if bases == (_CData,):
            return
        try:
            length = cls._length_
        except AttributeError:
            raise AttributeError("class must define a '_length_' attribute") from None
        if not isinstance(length, int):
            raise TypeError("The '_length_' attribute must be an integer")
        if length < 0:
            raise ValueError("The '_length_' attribute must not be negative")
        if length > _sys.maxsize:
            raise OverflowError("The '_length_' attribute is too large")
        try:
            item = cls._type_
        except AttributeError:
            raise AttributeError("class must define a '_type_' attribute") from None
        theirs = _info_or_none(item)
        if theirs is None:
            raise TypeError('_type_ must have storage info')
        _finalize(item)
        if theirs.size * length > _sys.maxsize:
            raise OverflowError('array too large')
        cls._ctypes_info_ = _Info(theirs.size * length, theirs.align, theirs.format, length=length, code='A', item=item,
                                  shape=(length, *theirs.shape))

    def from_param(cls, value):
        item = _info(cls).item
        if _info(item).code in ('c', 'u') and isinstance(value, bytes if _info(item).code == 'c' else str):
            if len(value) > cls._length_:
                raise ValueError('Invalid length')
            made = cls()
            made.value = value
            return made
        if isinstance(value, tuple):
            return cls(*value)
        return CType_Type.from_param(cls, value)


class _StructUnionType(CType_Type):
    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        _begin(cls)
        if bases == (_CData,):
            return
        base = _info_or_none(bases[0]) if bases and isinstance(bases[0], CType_Type) else None
        if base is not None and base.code in ('S', 'U'):
            base.final = True
            info = _Info(base.size, base.align, base.format, length=base.length, code=base.code, fields=base.fields)
        else:
            info = _Info(0, 1, 'B', code='S' if isinstance(cls, PyCStructType) else 'U')
        cls._ctypes_info_ = info
        if '_abstract_' in namespace:
            del cls._ctypes_info_
        elif '_fields_' in namespace:
            cls._fields_ = namespace['_fields_']

    def __setattr__(cls, name, value):
        if name == '_fields_':
            cls._set_fields(value)
        super().__setattr__(name, value)

    def __delattr__(cls, name):
        if name == '_fields_':
            raise AttributeError(name)
        super().__delattr__(name)

    def _set_fields(cls, fields):
        info = cls.__dict__.get('_ctypes_info_')
        if info is None:
            raise TypeError('ctypes state is not initialized')
        if info.final:
            raise AttributeError('_fields_ is final')
        from ctypes._layout import get_layout
        base = cls.__base__
        base = base if _info_or_none(base) is not None and _info(base).code in ('S', 'U') and _info(base).size else None
        fields = list(fields)
        for field in fields:
            if isinstance(field, (tuple, list)) and len(field) > 1 and field[1] is cls:
                info.final = True
        for field in fields:
            if isinstance(field, (tuple, list)) and len(field) > 1 and _info_or_none(field[1]) is not None:
                _finalize(field[1])
        if any(isinstance(field, (tuple, list)) and len(field) > 1 and field[1] is cls for field in fields):
            raise AttributeError('Structure or union cannot contain itself')
        layout = get_layout(cls, fields, info.code == 'S', base)
        made = list(layout.fields)
        for field in made:
            type.__setattr__(cls, field.name, field)
        info.size, info.align = layout.size, layout.align
        info.format = layout.format_spec
        info.fields = (*(info.fields if base else ()), *made)
        info.length = len(info.fields)
        info.final = True
        own = {field.name for field in made}
        for name in getattr(cls, '_anonymous_', ()):
            inner = cls.__dict__.get(name)
            if not isinstance(inner, CField):
                raise AttributeError(name)
            object.__setattr__(inner, 'is_anonymous', True)
            for key, field in inner.type.__dict__.items():
                if isinstance(field, CField) and key not in own:
                    type.__setattr__(cls, key, field._moved(inner.byte_offset))


class PyCStructType(_StructUnionType):
    pass


class UnionType(_StructUnionType):
    pass


class PyCFuncPtrType(CType_Type):
    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        _begin(cls)
        if bases == (_CData,):
            return
        flags = getattr(cls, '_flags_', None)
        if not isinstance(flags, int):
            raise TypeError("class must define _flags_ which must be an integer")
        cls._ctypes_info_ = info = _Info(8, 8, 'X{}', length=1, code='X')
        info.argtypes = _check_argtypes(getattr(cls, '_argtypes_', None))
        info.restype = getattr(cls, '_restype_', None)
        if not (info.restype is None or _info_or_none(info.restype) is not None or callable(info.restype)):
            raise TypeError('_restype_ must be a type, a callable, or None')


def _check_argtypes(types, name='_argtypes_'):
    if types is None:
        return None
    if not isinstance(types, (tuple, list)):
        raise TypeError(f'{name} must be a sequence of types')
    if len(types) > CTYPES_MAX_ARGCOUNT:
        raise ArgumentError(f'{name} has too many arguments ({len(types)}), maximum is {CTYPES_MAX_ARGCOUNT}')
    for i, item in enumerate(types):
        if not hasattr(item, 'from_param'):
            raise TypeError(f'item {i + 1} in {name} has no from_param method')
    return tuple(types)


# ---- instances

class _CData(metaclass=CType_Type):
    __slots__ = ('_buffer', '_b_base_', '_objects', '_index', '__weakref__')

    def __new__(cls, *args, **kwargs):
        return _fresh(cls)

    @property
    def _b_needsfree_(self):
        return int(self._b_base_ is None)

    def __buffer__(self, flags):
        info = _info(type(self))
        view = self._buffer
        item = info
        while item.code == 'A':
            item = _info(item.item)
        size = item.size
        for length in info.shape:
            size *= length
        # A resized instance has more than its type says: bytes.
        return view if size != view.nbytes else memoryview(_rawffi.Exporter(view, item.format, item.size, info.shape))

    def __hash__(self):
        raise TypeError('unhashable type')

    def __reduce__(self):
        if _has_pointers(type(self)):
            raise ValueError('ctypes objects containing pointers cannot be pickled')
        return _unpickle, (type(self), (getattr(self, '__dict__', {}), bytes(self._buffer)))

    def __setstate__(self, attributes, data, /):
        size = min(len(data), self._buffer.nbytes)
        self._buffer[:size] = data[:size]
        if attributes:
            self.__dict__.update(attributes)

    def __ctypes_from_outparam__(self):
        return self


def _unpickle(cls, state):
    made = cls.__new__(cls)
    made.__setstate__(*state)
    return made


def _has_pointers(cls):
    info = _info(cls)
    if info.code in ('S', 'U'):
        return any(_has_pointers(field.type) for field in info.fields)
    if info.code == 'A':
        return _has_pointers(info.item)
    return info.code in ('P', 'z', 'Z', 'O', 'P*', 'X')


def _bare(cls):
    made = object.__new__(cls)
    made._b_base_ = made._objects = None
    made._index = 0
    return made


def _fresh(cls):
    """An instance with memory of its own, all zeros."""
    info = _info_or_none(cls)
    if info is None or cls in _ABSTRACT:
        raise TypeError('abstract class')
    info.final = True
    made = _bare(cls)
    made._buffer = memoryview(bytearray(info.size))
    return made


def _at(cls, view):
    """An instance in memory that something else owns."""
    made = _bare(cls)
    made._buffer = view
    return made


def _part(cls, parent, index, offset):
    """An instance in the memory of another."""
    made = _bare(cls)
    size = _info(cls).size
    made._buffer = parent._buffer[offset:offset + size]
    made._b_base_ = parent
    made._index = index
    return made


def _keep(target, index, value):
    """Keeps an object alive that memory of an instance refers to."""
    if value is None:
        return
    key = format(index, 'x')
    while target._b_base_ is not None:
        key += ':' + format(target._index, 'x')
        target = target._b_base_
    if target._objects is None and _info(type(target)).length:
        target._objects = {}
    if not isinstance(target._objects, dict):
        target._objects = value
    else:
        target._objects[key] = value


def _kept(source):
    root = source
    while root._b_base_ is not None:
        root = root._b_base_
    if root._objects is None and _info(type(root)).length:
        root._objects = {}
    return root._objects


def _read_pointer(view):
    return int.from_bytes(view[:8], 'little')


def _wide(text):
    return bytearray(text.encode('utf-32-le', 'surrogatepass') + b'\0\0\0\0')


# ---- simple values: sizes, formats, reading, writing

_CODES = 'cbBhHiIlLdDFGfuzZqQPOv?g'
_SIMPLE = {'c': (1, '<c'), 'b': (1, '<b'), 'B': (1, '<B'), 'h': (2, '<h'), 'H': (2, '<H'), 'i': (4, '<i'), 'I': (4, '<I'), 'l': (8, '<q'),
           'L': (8, '<Q'), 'q': (8, '<q'), 'Q': (8, '<Q'), 'f': (4, '<f'), 'd': (8, '<d'), 'g': (16, '<g'), 'F': (8, '<F'), 'D': (16, '<D'),
           'G': (32, '<G'), '?': (1, '<?'), 'v': (2, '<h'), 'u': (4, '<u'), 'z': (8, '<z'), 'Z': (8, '<Z'), 'P': (8, '<P'), 'O': (8, '<O')}
_SWAPPABLE = 'hHiIlLqQfdFDbBc?'
_INTEGERS = {'b': (1, True), 'B': (1, False), 'h': (2, True), 'H': (2, False), 'i': (4, True), 'I': (4, False), 'l': (8, True), 'L': (8, False),
             'q': (8, True), 'Q': (8, False)}


def _load(view, info):
    """The Python value of a simple type's memory."""
    code = info.code
    if code in _INTEGERS:
        return int.from_bytes(view[:info.size], 'big' if info.swapped else 'little', signed=_INTEGERS[code][1])
    if code in 'fd':
        return _struct.unpack(('>' if info.swapped else '<') + code, view)[0]
    if code in '?v':
        return any(view)
    if code == 'c':
        return bytes(view)
    if code == 'g':
        return _load_long_double(view)
    if code in 'FDG':
        half = info.size // 2
        order = '>' if info.swapped else '<'
        part = {'F': 'f', 'D': 'd', 'G': 'g'}[code]
        pair = [_load_long_double(view[at:at + half]) if part == 'g' else _struct.unpack(order + part, view[at:at + half])[0] for at in (0, half)]
        return complex(*pair)
    if code == 'u':
        return chr(int.from_bytes(view, 'little'))
    address = _read_pointer(view)
    if code == 'P':
        return address or None
    if code == 'z':
        return _rawffi.string_at(address) if address else None
    if code == 'Z':
        return _rawffi.wstring_at(address) if address else None
    if code == 'O':
        return _rawffi.object_at(address)
    raise SystemError(code)


def _store(view, info, value):
    """Writes a simple value; the object that has to be kept for it, or None."""
    code = info.code
    if code in _INTEGERS:
        if not isinstance(value, int):
            value = _index(value)
        size = info.size
        view[:size] = (value & ((1 << 8 * size) - 1)).to_bytes(size, 'big' if info.swapped else 'little')
    elif code in 'fd':
        view[:] = _struct.pack(('>' if info.swapped else '<') + code, _real(value))
    elif code == 'g':
        _store_long_double(view, _real(value))
    elif code in 'FDG':
        value = complex(value)
        half = info.size // 2
        for at, number in ((0, value.real), (half, value.imag)):
            if code == 'G':
                _store_long_double(view[at:at + half], number)
            else:
                view[at:at + half] = _struct.pack(('>' if info.swapped else '<') + ('f' if code == 'F' else 'd'), number)
    elif code == '?':
        view[0] = bool(value)
    elif code == 'v':
        view[:] = b'\xff\xff' if value else b'\0\0'
    elif code == 'c':
        if isinstance(value, (bytes, bytearray)):
            if len(value) != 1:
                raise TypeError(f'one character bytes, bytearray, or an integer in range(256) expected, not {type(value).__name__} of length '
                                f'{len(value)}')
            view[0] = value[0]
        elif isinstance(value, int):
            if not 0 <= value < 256:
                raise TypeError('integer not in range(256)')
            view[0] = value
        else:
            raise TypeError(f'one character bytes, bytearray, or an integer in range(256) expected, not {type(value).__name__}')
    elif code == 'u':
        if not isinstance(value, str):
            raise TypeError(f'a unicode character expected, not instance of {type(value).__name__}')
        if len(value) != 1:
            raise TypeError(f'a unicode character expected, not a string of length {len(value)}')
        view[:] = ord(value).to_bytes(4, 'little')
    elif code == 'P':
        if value is None:
            value = 0
        elif not isinstance(value, int):
            raise TypeError('cannot be converted to pointer')
        view[:] = (value & 0xFFFFFFFFFFFFFFFF).to_bytes(8, 'little')
    elif code == 'z':
        if value is None or isinstance(value, int):
            view[:] = ((value or 0) & 0xFFFFFFFFFFFFFFFF).to_bytes(8, 'little')
        elif isinstance(value, bytes):
            view[:] = _rawffi.address(value).to_bytes(8, 'little')
            return value
        else:
            raise TypeError(f'bytes or integer address expected instead of {type(value).__name__} instance')
    elif code == 'Z':
        if value is None or isinstance(value, int):
            view[:] = ((value or 0) & 0xFFFFFFFFFFFFFFFF).to_bytes(8, 'little')
        elif isinstance(value, str):
            wide = memoryview(_wide(value))
            view[:] = _rawffi.address(wide).to_bytes(8, 'little')
            return wide
        else:
            raise TypeError(f'unicode string or integer address expected instead of {type(value).__name__} instance')
    elif code == 'O':
        view[:] = id(value).to_bytes(8, 'little')
        return value
    return None


def _real(value):
    if isinstance(value, float):
        return value
    if not hasattr(type(value), '__float__') and not hasattr(type(value), '__index__'):
        raise TypeError(f'must be real number, not {type(value).__name__}')
    return float(value)


def _load_long_double(view):
    mantissa, top = int.from_bytes(view[:8], 'little'), int.from_bytes(view[8:10], 'little')
    sign = -1.0 if top & 0x8000 else 1.0
    exponent = top & 0x7FFF
    if exponent == 0x7FFF:
        return sign * float('inf') if mantissa << 1 & 0xFFFFFFFFFFFFFFFF == 0 else float('nan')
    import math
    try:
        return sign * math.ldexp(mantissa, exponent - 16383 - 63)
    except OverflowError:
        return sign * float('inf')


def _store_long_double(view, value):
    import math
    sign = 0x8000 if math.copysign(1, value) < 0 else 0
    if math.isinf(value) or math.isnan(value):
        mantissa, exponent = (1 << 63) | (math.isnan(value) << 62), 0x7FFF
    elif value == 0:
        mantissa = exponent = 0
    else:
        fraction, exponent = math.frexp(abs(value))
        mantissa, exponent = int(math.ldexp(fraction, 64)), exponent + 16382
    view[:10] = mantissa.to_bytes(8, 'little') + (exponent | sign).to_bytes(2, 'little')


def _get(cls, owner, index, offset):
    """The value of a field or item: Python's for the plain simple types, else an instance in the same memory."""
    info = _info(cls)
    if type(cls) is PyCSimpleType and _is_plain(cls):
        return _load(owner._buffer[offset:offset + info.size], info)
    return _part(cls, owner, index, offset)


def _is_plain(cls):
    return cls.__base__ is _SimpleCData


def _set(cls, owner, index, offset, value):
    info = _info(cls)
    view = owner._buffer[offset:offset + info.size]
    if type(cls) is PyCSimpleType and _is_plain(cls):
        if isinstance(value, _SimpleCData) and isinstance(value, cls):
            view[:] = value._buffer
            _keep(owner, index, value._objects)
            return
        _keep(owner, index, _store(view, info, value))
        return
    if not isinstance(value, _CData):
        if type(cls) is PyCSimpleType:
            _keep(owner, index, _store(view, info, value))
        elif isinstance(value, tuple):
            try:
                made = cls(*value)
            except Exception as error:
                raise RuntimeError(f'({cls.__name__}) {type(error).__name__}: {error}') from None
            _set(cls, owner, index, offset, made)
        elif isinstance(cls, PyCPointerType) and value is None:
            view[:] = bytes(8)
        elif info.code == 'A' and _info(info.item).code == 'c' and not isinstance(value, tuple):
            if not isinstance(value, bytes):
                raise TypeError(f'expected bytes, {type(value).__name__} found')
            _set_char_array(view, info, value)
        elif info.code == 'A' and _info(info.item).code == 'u' and not isinstance(value, tuple):
            if not isinstance(value, str):
                raise TypeError(f'unicode string expected instead of {type(value).__name__} instance')
            _set_wide_array(view, info, value)
        else:
            raise TypeError(f'expected {cls.__name__} instance, got {type(value).__name__}')
        return
    if isinstance(value, cls):
        view[:] = value._buffer[:info.size]
        if isinstance(cls, PyCPointerType):
            kept = _kept(value)
            _keep(owner, index, kept)
        else:
            _keep(owner, index, _kept(value))
        return
    if isinstance(cls, PyCPointerType) and isinstance(value, Array):
        theirs = _info(type(value)).item
        if not issubclass(theirs, info.item):
            raise TypeError(f'incompatible types, {type(value).__name__} instance instead of {cls.__name__} instance')
        view[:] = addressof(value).to_bytes(8, 'little')
        _keep(owner, index, (_kept(value), value))
        return
    raise TypeError(f'incompatible types, {type(value).__name__} instance instead of {cls.__name__} instance')


def _set_char_array(view, info, value):
    value = value.partition(b'\0')[0]
    if len(value) > info.length:
        raise ValueError(f'bytes too long ({len(value)}, maximum length {info.length})')
    view[:len(value)] = value
    if len(value) < info.length:
        view[len(value)] = 0


def _set_wide_array(view, info, value):
    if len(value) > info.length:
        raise ValueError(f'string too long ({len(value)}, maximum length {info.length})')
    data = value.encode('utf-32-le', 'surrogatepass')
    if len(value) < info.length:
        data += bytes(4)
    view[:len(data)] = data


def _not_deleted(self):
    raise TypeError("can't delete attribute")


class _SimpleCData(_CData, metaclass=PyCSimpleType):
    __slots__ = ()

    def __init__(self, *args):
        if len(args) > 1:
            raise TypeError(f'{type(self).__name__} expected at most 1 argument, got {len(args)}')
        if args:
            self._objects = _store(self._buffer, _info(type(self)), args[0])

    @property
    def value(self):
        return _load(self._buffer, _info(type(self)))

    @value.setter
    def value(self, value):
        kept = _store(self._buffer, _info(type(self)), value)
        if self._b_base_ is None:
            self._objects = kept
        else:
            _keep(self, 0, kept)

    value = value.deleter(_not_deleted)

    def __bool__(self):
        return any(self._buffer)

    def __repr__(self):
        if _is_plain(type(self)):
            return f'{type(self).__name__}({self.value!r})'
        return f'<{type(self).__name__} object at {id(self):#x}>'

    def __ctypes_from_outparam__(self):
        return self.value if _is_plain(type(self)) else self


class CField:
    __slots__ = ('name', 'type', 'byte_size', 'byte_offset', 'is_bitfield', 'bit_size', 'bit_offset', 'index', 'is_anonymous')

    def __new__(cls, /, name, type, byte_size, byte_offset, index, _internal_use=None, bit_size=None, bit_offset=None):
        self = object.__new__(cls)
        if not _internal_use:
            raise TypeError('CField is not intended to be used directly')
        if not isinstance(name, str):
            raise TypeError(f"CField() argument 'name' must be str, not {_typename(name)}")
        info = _info(type, 'type of field must be a C type')
        if byte_size != info.size:
            raise ValueError('byte_size does not match type size')
        write = lambda attribute, value: object.__setattr__(self, attribute, value)
        write('name', name)
        write('type', type)
        write('byte_size', byte_size)
        write('byte_offset', byte_offset)
        write('index', index)
        write('is_anonymous', False)
        write('is_bitfield', bit_size is not None)
        if bit_size is not None:
            if info.code not in _INTEGERS and info.code != '?':
                raise TypeError(f'bit fields not allowed for type {type.__name__}')
            if (bit_offset or 0) + bit_size > byte_size * 8:
                raise ValueError(f'bit field {name!r} overflows its type ({bit_offset or 0} + {bit_size} > {byte_size * 8})')
        write('bit_size', info.size * 8 if bit_size is None else bit_size)
        write('bit_offset', 0 if bit_offset is None else bit_offset)
        return self

    def _moved(self, offset):
        """The field as one of a structure that has this one's structure at an offset."""
        moved = object.__new__(CField)
        for slot in CField.__slots__:
            object.__setattr__(moved, slot, getattr(self, slot))
        object.__setattr__(moved, 'byte_offset', self.byte_offset + offset)
        object.__setattr__(moved, 'is_anonymous', False)
        return moved

    def __setattr__(self, name, value):
        raise AttributeError('readonly attribute')

    @property
    def offset(self):
        return self.byte_offset

    @property
    def size(self):
        return self.bit_size << 16 | self.bit_offset if self.is_bitfield else self.byte_size

    def __get__(self, owner, cls=None):
        if owner is None:
            return self
        if not isinstance(owner, _CData):
            raise TypeError('not a ctype instance')
        if self.is_bitfield:
            info = _info(self.type)
            order = 'big' if info.swapped else 'little'
            bits = int.from_bytes(owner._buffer[self.byte_offset:self.byte_offset + self.byte_size], order)
            bits = bits >> self.bit_offset & ((1 << self.bit_size) - 1)
            if info.code == '?':
                return bool(bits)
            if _INTEGERS[info.code][1] and bits >> (self.bit_size - 1):
                bits -= 1 << self.bit_size
            return bits
        return _get(self.type, owner, self.index, self.byte_offset) if _info(self.type).code != 'A' else _get_array(self, owner)

    def __set__(self, owner, value):
        if not isinstance(owner, _CData):
            raise TypeError('not a ctype instance')
        if self.is_bitfield:
            info = _info(self.type)
            order = 'big' if info.swapped else 'little'
            scratch = memoryview(bytearray(info.size))
            _store(scratch, info, value.value if isinstance(value, _SimpleCData) else value)
            place = owner._buffer[self.byte_offset:self.byte_offset + self.byte_size]
            mask = (1 << self.bit_size) - 1
            new = int.from_bytes(scratch, order) & mask
            bits = int.from_bytes(place, order) & ~(mask << self.bit_offset) | new << self.bit_offset
            place[:] = bits.to_bytes(self.byte_size, order)
            return
        _set(self.type, owner, self.index, self.byte_offset, value)

    def __delete__(self, owner):
        raise TypeError("can't delete attribute")

    def __repr__(self):
        text = f'<ctypes.CField {self.name!r} type={self.type.__name__}, ofs={self.byte_offset}'
        if self.is_bitfield:
            return f'{text}, bit_size={self.bit_size}, bit_offset={self.bit_offset}>'
        return f'{text}, size={self.byte_size}>'


CField.__module__ = 'ctypes'


def _typename(value):
    return type(value).__name__


def _get_array(field, owner):
    """Arrays of characters read as strings."""
    info = _info(field.type)
    code = _info(info.item).code
    if code in ('c', 'u') and field.type.__base__ is Array and _is_plain(info.item):
        return _part(field.type, owner, field.index, field.byte_offset).value
    return _part(field.type, owner, field.index, field.byte_offset)


class _StructUnion(_CData):
    __slots__ = ()

    def __init__(self, *args, **kwargs):
        fields = _info(type(self)).fields
        for field, value in zip(fields, args):
            if field.name in kwargs:
                raise TypeError(f'duplicate values for field {field.name!r}')
            setattr(self, field.name, value)
        if len(args) > len(fields):
            raise TypeError('too many initializers')
        for name, value in kwargs.items():
            setattr(self, name, value)


class Structure(_CData, metaclass=PyCStructType):
    __slots__ = ()
    __init__ = _StructUnion.__init__


class Union(_CData, metaclass=UnionType):
    __slots__ = ()
    __init__ = _StructUnion.__init__


class Array(_CData, metaclass=PyCArrayType):
    __slots__ = ()

    def __init__(self, *items):
        for i, item in enumerate(items):
            self[i] = item

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        item = getattr(cls, '_type_', None)
        code = getattr(_info_or_none(item), 'code', None)
        if code == 'c':
            cls.value, cls.raw = _char_value, _char_raw
        elif code == 'u':
            cls.value = _wide_value

    def __len__(self):
        return _info(type(self)).length

    def _slice(self, index):
        start, stop, step = index.indices(len(self))
        return range(start, stop, step)

    def __getitem__(self, index):
        info = _info(type(self))
        if isinstance(index, slice):
            places = self._slice(index)
            code = _info(info.item).code
            if code == 'c':
                return bytes(self._buffer[i] for i in places)
            items = [self[i] for i in places]
            return ''.join(items) if code == 'u' else items
        if not hasattr(type(index), '__index__'):
            raise TypeError('indices must be integers')
        at = index.__index__()
        if at < 0:
            at += info.length
        if not 0 <= at < info.length:
            raise IndexError('invalid index')
        return _get_item(info.item, self, at, at * _info(info.item).size)

    def __setitem__(self, index, value):
        info = _info(type(self))
        if isinstance(index, slice):
            places = self._slice(index)
            if len(places) != len(value):
                raise ValueError('Can only assign sequence of same size')
            for i, item in zip(places, value):
                self[i] = item
            return
        if not hasattr(type(index), '__index__'):
            raise TypeError('indices must be integer')
        at = index.__index__()
        if at < 0:
            at += info.length
        if not 0 <= at < info.length:
            raise IndexError('invalid index')
        _set(info.item, self, at, at * _info(info.item).size, value)

    def __delitem__(self, index):
        raise TypeError('Array does not support item deletion')

    @classmethod
    def __class_getitem__(cls, item):
        from types import GenericAlias
        return GenericAlias(cls, item)


def _get_item(cls, owner, index, offset):
    return _get(cls, owner, index, offset)


def _get_char_value(self):
    data = bytes(self._buffer)
    end = data.find(0)
    return data if end < 0 else data[:end]


def _set_char_value(self, value):
    if not isinstance(value, bytes):
        raise TypeError(f'bytes expected instead of {type(value).__name__} instance')
    if len(value) > self._buffer.nbytes:
        raise ValueError('byte string too long')
    self._buffer[:len(value)] = value
    if len(value) < self._buffer.nbytes:
        self._buffer[len(value)] = 0


def _set_raw(self, value):
    view = memoryview(value)
    if view.nbytes > self._buffer.nbytes:
        raise ValueError('byte string too long')
    self._buffer[:view.nbytes] = view if view.format == 'B' else view.cast('B')


def _get_wide_value(self):
    points = [int.from_bytes(self._buffer[i:i + 4], 'little') for i in range(0, self._buffer.nbytes, 4)]
    if 0 in points:
        del points[points.index(0):]
    return ''.join(map(chr, points))


def _set_wide_value(self, value):
    if not isinstance(value, str):
        raise TypeError(f'unicode string expected instead of {type(value).__name__} instance')
    if len(value) * 4 > self._buffer.nbytes:
        raise ValueError('string too long')
    data = value.encode('utf-32-le', 'surrogatepass')
    if len(data) < self._buffer.nbytes:
        data += bytes(4)
    self._buffer[:len(data)] = data


_char_value = property(_get_char_value, _set_char_value, _not_deleted, 'string value')
_char_raw = property(lambda self: bytes(self._buffer), _set_raw, doc='value')
_wide_value = property(_get_wide_value, _set_wide_value, _not_deleted, 'string value')


class _Pointer(_CData, metaclass=PyCPointerType):
    __slots__ = ()

    def __new__(cls, *args, **kwargs):
        if _info(cls).item is None:
            raise TypeError('Cannot create instance: has no _type_')
        return _fresh(cls)

    def __init__(self, target=None):
        if target is not None:
            self.contents = target

    @property
    def contents(self):
        address = _read_pointer(self._buffer)
        if not address:
            raise ValueError('NULL pointer access')
        item = _info(type(self)).item
        made = _at(item, _rawffi.memory(address, _info(item).size))
        # The pointer keeps what it points to.
        made._index, made._b_base_ = 0, self
        return made

    @contents.setter
    def contents(self, target):
        item = _info(type(self)).item
        if item is None:
            raise TypeError('Pointer does not have _type_')
        if not isinstance(target, item) and not (isinstance(target, Array) and issubclass(_info(type(target)).item, item)):
            raise TypeError(f'expected {item.__name__} instead of {type(target).__name__}')
        self._buffer[:] = addressof(target).to_bytes(8, 'little')
        _keep(self, 1, target)
        _keep(self, 0, _kept(target))

    contents = contents.deleter(_not_deleted)

    def __bool__(self):
        return _read_pointer(self._buffer) != 0

    def _place(self, index):
        address = _read_pointer(self._buffer)
        if not address:
            raise ValueError('NULL pointer access')
        item = _info(type(self)).item
        size = _info(item).size
        made = _at(item, _rawffi.memory(address + index * size & 0xFFFFFFFFFFFFFFFF, size))
        made._index, made._b_base_ = index, self
        return item, made

    def __getitem__(self, index):
        if isinstance(index, slice):
            if index.step == 0:
                raise ValueError('slice step cannot be zero')
            step = 1 if index.step is None else index.step
            if index.start is None:
                if step < 0:
                    raise ValueError('slice start is required for step < 0')
                start = 0
            else:
                start = index.start
            if index.stop is None:
                raise ValueError('slice stop is required')
            code = _info(_info(type(self)).item).code
            items = [self[i] for i in range(start, index.stop, step)]
            return b''.join(items) if code == 'c' else ''.join(items) if code == 'u' else items
        if not hasattr(type(index), '__index__'):
            raise TypeError('Pointer indices must be integer')
        item, place = self._place(index.__index__())
        if type(item) is PyCSimpleType and _is_plain(item):
            return _load(place._buffer, _info(item))
        return place

    def __setitem__(self, index, value):
        if not isinstance(index, int):
            raise TypeError('Pointer indices must be integer')
        item, place = self._place(index)
        # What is kept is kept under the index, by the pointer itself.
        place._b_base_ = None
        _set(item, place, index, 0, value)
        if place._objects:
            _keep(self, index, place._objects)

    def __delitem__(self, index):
        raise TypeError('Pointer does not support item deletion')

    def __iter__(self):
        raise TypeError(f'{type(self).__name__!r} object is not iterable')

    @classmethod
    def set_type(cls, item):
        type(cls).set_type(cls, item)


# ---- functions

class _Arg:
    """What `byref` and `from_param` give: a C value of a class of registers, and the object that it needs."""
    __slots__ = ('tag', '_obj', 'address')

    def __init__(self, tag, target, address=None):
        self.tag, self._obj, self.address = tag, target, address

    def __repr__(self):
        if self.tag in 'PzZ' or self.address is not None:
            return f"<cparam '{self.tag}' ({self.address:#x})>"
        value = getattr(self._obj, 'value', None)
        if self.tag == 'c':
            return f"<cparam 'c' ('{value.decode()}')>" if value.isascii() and value.decode().isprintable() and value not in (b"'", b"\\") else f"<cparam 'c' ('\\x{value[0]:02x}')>"
        if self.tag in _INTEGERS or self.tag in 'fd':
            return f"<cparam '{self.tag}' ({value})>"
        return f"<cparam '{self.tag}' at {id(self._obj):#x}>"


_Arg.__name__ = 'CArgObject'


def byref(target, offset=0):
    if not isinstance(target, _CData):
        raise TypeError(f'byref() argument 1 must be _ctypes._CData, not {type(target).__name__}')
    return _Arg('P', target, addressof(target) + offset)


def addressof(target):
    if not isinstance(target, _CData):
        raise TypeError('invalid type')
    return _rawffi.address(target._buffer)


def sizeof(target):
    if isinstance(target, _CData):
        return target._buffer.nbytes
    info = _info_or_none(target)
    if info is None:
        raise TypeError('this type has no size')
    return info.size


def alignment(target):
    info = _info_or_none(type(target) if isinstance(target, _CData) else target)
    if info is None:
        raise TypeError('no alignment info')
    return info.align


def resize(target, size):
    if not isinstance(target, _CData):
        raise TypeError('excepted ctypes instance')
    least = _info(type(target)).size
    if size < least:
        raise ValueError(f'minimum size is {least}')
    if target._b_base_ is not None or not isinstance(target._buffer.obj, bytearray):
        raise ValueError('Memory cannot be resized because this object doesn\'t own it')
    new = bytearray(size)
    old = target._buffer
    new[:min(size, old.nbytes)] = old[:size]
    target._buffer = memoryview(new)


def get_errno():
    _sys.audit('ctypes.get_errno')
    return _rawffi.get_errno()


def set_errno(value):
    _sys.audit('ctypes.set_errno', value)
    return _rawffi.set_errno(value)


def dlopen(name, mode=RTLD_LOCAL, /):
    import os
    if name is not None:
        name = os.fspath(name)
    _sys.audit('ctypes.dlopen', name)
    return _rawffi.dlopen(name, mode)


def dlclose(handle, /):
    _rawffi.dlclose(handle)


def dlsym(handle, name, /):
    _sys.audit('ctypes.dlsym/handle', handle, name)
    return _rawffi.dlsym(handle, name)


def call_function(address, arguments, /):
    converted = [_convert(value, i) for i, value in enumerate(arguments)]
    _sys.audit('ctypes.call_function', address, arguments)
    return _call(address, converted, None, 0, is_int=True)


def call_cdeclfunction(address, arguments, /):
    return call_function(address, arguments)


def buffer_info(cls):
    info = _info(cls if isinstance(cls, type) else type(cls), 'not a ctypes type or object')
    return info.format, len(info.shape), info.shape


def PyObj_FromPtr(address):
    return _rawffi.object_at(address)


def Py_INCREF(value):
    _references.append(value)
    return value


def Py_DECREF(value):
    if value in _references:
        _references.remove(value)
    return value


_references = []


def POINTER(cls):
    from ctypes import POINTER
    return POINTER(cls)


def pointer(value):
    from ctypes import pointer
    return pointer(value)


class _Word:
    """An argument in one integer register, or on the stack."""
    __slots__ = ('bits', 'is_float', 'keep')

    def __init__(self, bits, is_float=False, keep=None):
        self.bits, self.is_float, self.keep = bits, is_float, keep


class _Block:
    """An argument that is memory: its bytes and the classes of its eightbytes; without classes it lies on the stack."""
    __slots__ = ('data', 'classes', 'align')

    def __init__(self, data, classes, align=8):
        self.data, self.classes, self.align = data, classes, align


def _classes(cls):
    """The classes of a type's eightbytes, 'i' or 'f' each; None: in memory."""
    info = _info(cls)
    if info.size > 16 or info.size == 0:
        return None
    found = [None] * ((info.size + 7) // 8)

    def visit(cls, offset):
        info = _info(cls)
        if info.code in ('S', 'U'):
            return all(visit(field.type, offset + field.byte_offset) for field in info.fields)
        if info.code == 'A':
            return all(visit(info.item, offset + i * _info(info.item).size) for i in range(info.length))
        if info.code in ('g', 'G') or offset % info.align:
            return False
        kind = 'f' if info.code in ('f', 'd', 'F', 'D') else 'i'
        for at in range(offset // 8, (offset + info.size + 7) // 8):
            found[at] = 'i' if 'i' in (kind, found[at]) else kind
        return True
    if not visit(cls, 0):
        return None
    return ''.join(kind or 'f' for kind in found)


def _pass(value):
    """An instance as an argument."""
    info = _info(type(value))
    code = info.code
    if code == 'A':
        return _Word(addressof(value), keep=value)
    if code in ('S', 'U', 'F', 'D'):
        return _Block(bytes(value._buffer[:info.size]), _classes(type(value)), max(info.align, 8))
    if code in ('g', 'G'):
        return _Block(bytes(value._buffer), None, 16)
    if code in ('f', 'd'):
        return _Word(int.from_bytes(value._buffer, 'little'), True)
    if code in _INTEGERS:
        return _Word(int.from_bytes(value._buffer, 'little', signed=_INTEGERS[code][1]), keep=value)
    return _Word(int.from_bytes(value._buffer, 'little'), keep=value)


def _convert(value, index):
    """A Python value as an argument."""
    if isinstance(value, _Arg):
        return _Word(value.address, keep=value) if value.address is not None else _pass(value._obj)
    if isinstance(value, _CData):
        return _pass(value)
    if value is None:
        return _Word(0)
    if isinstance(value, int):
        if not -2**31 <= value < 2**32:
            raise ArgumentError(f'argument {index + 1}: OverflowError: int too long to convert')
        return _Word(value)
    if isinstance(value, bytes):
        return _Word(_rawffi.address(value), keep=value)
    if isinstance(value, str):
        wide = memoryview(_wide(value))
        return _Word(_rawffi.address(wide), keep=wide)
    try:
        parameter = value._as_parameter_
    except AttributeError:
        raise ArgumentError(f"argument {index + 1}: TypeError: Don't know how to convert parameter {index + 1}") from None
    return _convert(parameter, index)


def _call(address, arguments, restype, flags, is_int=False):
    ints, floats, stack = [], [], bytearray()
    result_memory = None
    info = None if restype is None or is_int else _info_or_none(restype)
    classes = None
    if info is not None and info.code in ('S', 'U', 'F', 'D', 'G'):
        classes = _classes(restype)
        if classes is None and info.size:
            result_memory = _fresh(restype)
            ints.append(addressof(result_memory))
    for argument in arguments:
        if isinstance(argument, _Word):
            target, most = (floats, 8) if argument.is_float else (ints, 6)
            if len(target) < most:
                target.append(argument.bits & 0xFFFFFFFFFFFFFFFF)
            else:
                stack += (argument.bits & 0xFFFFFFFFFFFFFFFF).to_bytes(8, 'little')
            continue
        kinds = argument.classes
        if kinds is not None and len(ints) + kinds.count('i') <= 6 and len(floats) + kinds.count('f') <= 8:
            for i, kind in enumerate(kinds):
                word = int.from_bytes(argument.data[8 * i:8 * i + 8], 'little')
                (ints if kind == 'i' else floats).append(word)
        else:
            if argument.align > 8:
                stack += bytes(-len(stack) % argument.align)
            stack += argument.data + bytes(-len(argument.data) % 8)
    ints += [0] * (6 - len(ints))
    floats += [0] * (8 - len(floats))
    mode = (1 if flags & FUNCFLAG_USE_ERRNO else 0) | (2 if flags & FUNCFLAG_PYTHONAPI else 0) | (4 if info is not None and info.code == 'g' else 0)
    out = _rawffi.call(address, _struct.pack('<6Q', *ints), _struct.pack('<8Q', *floats), bytes(stack), mode)
    if is_int:
        return int.from_bytes(out[:4], 'little', signed=True)
    if restype is None:
        return None
    if info is None:
        return restype(int.from_bytes(out[:4], 'little', signed=True))
    if result_memory is not None:
        return result_memory if info.code != 'G' else result_memory.value
    if classes is not None:
        data = bytearray()
        places = {'i': [0, 8], 'f': [16, 24]}
        for kind in classes:
            at = places[kind].pop(0)
            data += out[at:at + 8]
        data = data[:info.size]
    elif info.code == 'g':
        data = out[32:48]
    elif info.code in ('f', 'd'):
        data = out[16:16 + info.size]
    else:
        data = out[:info.size]
    if info.code == 'O' and _is_plain(restype):
        pointer = int.from_bytes(data, 'little')
        if not pointer:
            raise ValueError('PyObject is NULL')
        return _rawffi.object_at(pointer, True)
    if type(restype) is PyCSimpleType and _is_plain(restype):
        return _load(memoryview(data), info)
    made = _fresh(restype)
    made._buffer[:] = data
    return made


_UNSET = object()


class CFuncPtr(_CData, metaclass=PyCFuncPtrType):
    __slots__ = ('_restype', '_argtypes', '_errcheck', '_callable', '_closure', '_paramflags', '__name__')

    def __new__(cls, *args, **kwargs):
        info = _info_or_none(cls)
        if info is None or cls is CFuncPtr:
            raise TypeError('cannot construct instance of this class: no argtypes slot')
        self = _fresh(cls)
        self._restype = self._argtypes = _UNSET
        self._errcheck = self._callable = self._closure = self._paramflags = None
        return self

    def __init__(self, *args):
        if not args:
            return
        first = args[0]
        if isinstance(first, tuple):
            self._from_dll(*args)
        elif isinstance(first, int) and len(args) == 1:
            self._buffer[:] = (first & 0xFFFFFFFFFFFFFFFF).to_bytes(8, 'little')
        elif callable(first):
            self._from_callable(first)
        else:
            raise TypeError('argument must be callable or integer function address')

    def _from_dll(self, target, paramflags=None):
        if len(target) != 2:
            raise TypeError(f'function takes exactly 2 arguments ({len(target)} given)')
        name, dll = target
        _sys.audit('ctypes.dlsym', dll, name)
        if isinstance(name, bytes):
            name = name.decode()
        if not isinstance(name, str):
            raise TypeError('the first item in the tuple must be a string or integer')
        handle = dll._handle
        if not isinstance(handle, int):
            raise TypeError('the _handle attribute of the second argument must be an integer')
        if paramflags is not None:
            self._paramflags = _check_paramflags(type(self), paramflags)
        try:
            address = _rawffi.dlsym(handle, name)
        except OSError as error:
            words = str(error)
            raise AttributeError(words.replace('symbol', 'function', 1) if words.startswith('symbol ') else words) from None
        self._buffer[:] = address.to_bytes(8, 'little')
        _keep(self, 0, dll)
        self._callable = dll

    def _from_callable(self, function):
        info = _info(type(self))
        if info.argtypes is None:
            raise TypeError('cannot construct instance of this class: no argtypes')
        for argument in info.argtypes:
            if isinstance(argument, type) and _info_or_none(argument) is None:
                raise TypeError('cannot build parameter')
        restype = info.restype
        theirs = None if restype is None else _info_or_none(restype)
        if restype is not None and (theirs is None or theirs.code in ('S', 'U', 'A', 'P*')):
            raise TypeError('invalid result type for callback function')
        self._callable = function
        self._closure = _rawffi.closure(_callback(function, info.argtypes, restype, info))
        _keep(self, 0, self._closure)
        self._buffer[:] = self._closure.address.to_bytes(8, 'little')

    @property
    def restype(self):
        return _info(type(self)).restype if self._restype is _UNSET else self._restype

    @restype.setter
    def restype(self, value):
        if not (value is None or _info_or_none(value) is not None or callable(value)):
            raise TypeError('restype must be a type, a callable, or None')
        self._restype = value

    @restype.deleter
    def restype(self):
        self._restype = _UNSET

    @property
    def argtypes(self):
        return _info(type(self)).argtypes if self._argtypes is _UNSET else self._argtypes

    @argtypes.setter
    def argtypes(self, value):
        self._argtypes = _check_argtypes(value)

    @argtypes.deleter
    def argtypes(self):
        self._argtypes = _UNSET

    @property
    def errcheck(self):
        return self._errcheck

    @errcheck.setter
    def errcheck(self, value):
        if not callable(value):
            raise TypeError('the errcheck attribute must be callable')
        self._errcheck = value

    @errcheck.deleter
    def errcheck(self):
        self._errcheck = None

    def __bool__(self):
        return _read_pointer(self._buffer) != 0

    def __repr__(self):
        return f'<{type(self).__name__} object at {id(self):#x}>'

    def __call__(self, *args, **kwargs):
        argtypes = self.argtypes
        outs = []
        if self._paramflags is not None and argtypes is not None:
            args, outs = _apply_paramflags(self._paramflags, argtypes, args, kwargs)
        if len(args) > CTYPES_MAX_ARGCOUNT:
            raise ArgumentError(f'too many arguments ({len(args)}), maximum is {CTYPES_MAX_ARGCOUNT}')
        if argtypes is not None:
            required = len(argtypes)
            if len(args) < required:
                raise TypeError(f"this function takes at least {required} argument{'' if required == 1 else 's'} ({len(args)} given)")
        converted = []
        for i, value in enumerate(args):
            if argtypes is not None and i < len(argtypes):
                try:
                    value = argtypes[i].from_param(value)
                except Exception as error:
                    raise ArgumentError(f'argument {i + 1}: {type(error).__name__}: {error}') from None
            converted.append(_convert(value, i))
        restype = self.restype
        address = _read_pointer(self._buffer)
        _sys.audit('ctypes.call_function', address, args)
        result = _call(address, converted, restype, type(self)._flags_)
        if restype is not None and hasattr(restype, '_check_retval_') and isinstance(restype, type):
            result = restype._check_retval_(result)
        if self._errcheck is not None:
            checked = self._errcheck(result, self, tuple(args))
            if checked is not tuple(args) and not (isinstance(checked, tuple) and checked == tuple(args) and outs):
                return checked
        if outs:
            values = [value.__ctypes_from_outparam__() for value in outs]
            return values[0] if len(values) == 1 else tuple(values)
        return result


def _check_paramflags(cls, flags):
    if not isinstance(flags, tuple):
        raise TypeError('paramflags must be a tuple or None')
    argtypes = _info(cls).argtypes
    if argtypes is None or len(flags) != len(argtypes):
        raise ValueError('paramflags must have the same length as argtypes')
    checked = []
    for flag, argument in zip(flags, argtypes):
        if not isinstance(flag, tuple) or not 1 <= len(flag) <= 3 or not isinstance(flag[0], int):
            raise TypeError('paramflags must be a sequence of (int [,string [,value]]) tuples')
        direction = flag[0] & 7
        if direction not in (0, 1, 2, 3, 4, 5):
            raise TypeError(f'paramflag value {flag[0]} not supported')
        if direction & 2:
            theirs = _info_or_none(argument)
            if theirs is None or theirs.code not in ('P*', 'P', 'z', 'Z', 'A'):
                raise TypeError(f"'out' parameter {len(checked) + 1} must be a pointer type, not {argument.__name__}")
        checked.append((direction, flag[1] if len(flag) > 1 else None, flag[2:]))
    return checked


def _apply_paramflags(flags, argtypes, args, kwargs):
    given, outs, values = 0, [], []

    def take(name, default):
        nonlocal given
        if given < len(args):
            given += 1
            return args[given - 1]
        if name is not None and name in kwargs:
            return kwargs[name]
        if default:
            return default[0]
        raise TypeError(f"required argument '{name}' missing" if name is not None else 'not enough arguments')
    for (direction, name, default), argument in zip(flags, argtypes):
        if direction & 4:
            values.append(default[0] if default else 0)
        elif direction in (0, 1):
            values.append(take(name, default))
        elif direction == 2:
            item = _info(argument).item
            made = item() if _info(argument).code == 'P*' else argument()
            if default:
                made.value = default[0]
            outs.append(made)
            values.append(byref(made) if _info(argument).code == 'P*' else made)
        else:
            value = take(name, default)
            item = _info(argument).item
            if item is not None and not isinstance(value, item):
                value = item(value)
            outs.append(value)
            values.append(byref(value) if item is not None else value)
    if given < len(args):
        raise TypeError(f'call takes exactly {len(flags) - len(outs)} arguments ({len(args)} given)')
    return tuple(values), outs


def _callback(function, argtypes, restype, info):
    """The function that a closure calls with registers."""
    def enter(ints, floats, stack):
        result = bytearray(16)
        try:
            values = _callback_arguments(argtypes, ints, floats, stack)
        except Exception as error:
            _unraisable(error, function, 'converting arguments of ctypes callback function')
            return result
        try:
            value = function(*values)
        except BaseException as error:
            _unraisable(error, function, 'calling ctypes callback function')
            return result
        if restype is None:
            return result
        theirs = _info(restype)
        try:
            scratch = memoryview(bytearray(max(theirs.size, 8)))[:theirs.size]
            if isinstance(value, _CData) and isinstance(value, restype):
                scratch[:] = value._buffer[:theirs.size]
                kept = None
            else:
                kept = _store(scratch, theirs, value)
            if kept is not None and theirs.code == 'O':
                import ctypes
                ctypes.pythonapi.Py_IncRef(ctypes.py_object(value))
            elif kept is not None and theirs.code in 'zZ':
                import warnings
                warnings.warn('memory leak in callback function.', RuntimeWarning)
                _references.append(kept)
        except Exception as error:
            _unraisable(error, function, 'converting result of ctypes callback function')
            return result
        data = bytes(scratch)
        if theirs.code in ('f', 'd'):
            result[8:8 + len(data)] = data
        elif theirs.code in _INTEGERS:
            result[:8] = (int.from_bytes(data, 'little', signed=_INTEGERS[theirs.code][1]) & 0xFFFFFFFFFFFFFFFF).to_bytes(8, 'little')
        else:
            result[:len(data)] = data
        return result
    return enter


def _callback_arguments(argtypes, ints, floats, stack):
    values = []
    next_int = next_float = 0
    for cls in argtypes:
        info = _info(cls)
        classes = _classes(cls) if info.code in ('S', 'U', 'F', 'D') else 'f' if info.code in ('f', 'd') else None if info.code in ('g', 'G') else 'i'
        if classes is not None and next_int + classes.count('i') <= 6 and next_float + classes.count('f') <= 8:
            data = bytearray()
            for kind in classes:
                if kind == 'i':
                    data += ints[8 * next_int:8 * next_int + 8]
                    next_int += 1
                else:
                    data += floats[8 * next_float:8 * next_float + 8]
                    next_float += 1
        else:
            if info.align > 8:
                stack += -stack % info.align
            data = bytearray(_rawffi.memory(stack, info.size))
            stack += (info.size + 7) // 8 * 8
        data = data[:info.size]
        if type(cls) is PyCSimpleType and _is_plain(cls):
            values.append(_load(memoryview(data), info))
        else:
            made = _fresh(cls)
            made._buffer[:] = data
            values.append(made)
    return values


def _unraisable(error, function, words):
    from types import SimpleNamespace
    _sys.unraisablehook(SimpleNamespace(exc_type=type(error), exc_value=error, exc_traceback=error.__traceback__,
                                        err_msg=f'Exception ignored while {words} {function!r}', object=None))


def _cast(target, source, cls):
    """ctypes.cast."""
    if not (isinstance(cls, PyCPointerType) or isinstance(cls, PyCFuncPtrType) or isinstance(cls, PyCSimpleType) and _info(cls).code in 'sPzUZXO'):
        raise TypeError(f'cast() argument 2 must be a pointer, not {getattr(cls, "__name__", type(cls).__name__)}')
    made = cls() if not isinstance(cls, PyCFuncPtrType) else cls.__new__(cls)
    made._buffer[:] = target.to_bytes(8, 'little')
    if isinstance(source, _CData):
        # Both keep the same things alive from now on.
        made._objects = kept = _kept(source)
        if isinstance(kept, dict):
            kept[id(source)] = source
    return made


_memmove_addr, _memset_addr = _rawffi.addresses()


class _Own:
    """A function of ours that C code could call by its address: see `_string_at_addr` and the others."""

    def __init__(self, enter):
        self.closure = _rawffi.closure(enter)
        _references.append(self)


def _result(value):
    """A new reference to an object, as the function's result."""
    _incref(id(value))
    return id(value).to_bytes(8, 'little') + bytes(8)


def _incref(address):
    _rawffi.call(_INCREF, _struct.pack('<6Q', address, 0, 0, 0, 0, 0), bytes(64), b'', 2)


_INCREF = _rawffi.dlsym(0, 'Py_IncRef')


def _enter_string_at(ints, floats, stack):
    address, size = _struct.unpack('<Qi', ints[:12])
    _sys.audit('ctypes.string_at', address, size)
    if size < -1:
        raise SystemError('Negative size passed to PyBytes_FromStringAndSize')
    return _result(_rawffi.string_at(address, size))


def _enter_wstring_at(ints, floats, stack):
    address, size = _struct.unpack('<Qi', ints[:12])
    _sys.audit('ctypes.wstring_at', address, size)
    if size < -1:
        raise SystemError('Negative size passed to PyUnicode_New')
    return _result(_rawffi.wstring_at(address, size))


def _enter_cast(ints, floats, stack):
    target, source, cls = _struct.unpack('<QQQ', ints[:24])
    return _result(_cast(target, _rawffi.object_at(source), _rawffi.object_at(cls)))


def _enter_memoryview_at(ints, floats, stack):
    address, size, readonly = _struct.unpack('<Qqi', ints[:20])
    _sys.audit('ctypes.memoryview_at', address, size, readonly)
    view = _rawffi.memory(address, size)
    return _result(view.toreadonly() if readonly else view)


_string_at_addr = _Own(_enter_string_at).closure.address
_wstring_at_addr = _Own(_enter_wstring_at).closure.address
_cast_addr = _Own(_enter_cast).closure.address
_memoryview_at_addr = _Own(_enter_memoryview_at).closure.address
_ABSTRACT = frozenset((_CData, _SimpleCData, Structure, Union, Array, CFuncPtr, _Pointer))
for _type in (CType_Type, PyCSimpleType, PyCPointerType, PyCArrayType, PyCStructType, UnionType, PyCFuncPtrType, *_ABSTRACT, CField):
    _rawffi.seal(_type)
del _type
