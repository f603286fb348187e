# Exceptions: arguments, attributes, str and repr of every kind, chaining, notes, setting odd values.
import pickle, copy
def t(label, action):
    try: print(label, '->', action())
    except BaseException as e: print(label, '!', type(e).__name__, e)
def look(e, *names): return (repr(e), str(e), e.args) + tuple((n, getattr(e, n, 'unset')) for n in names)
import builtins
for name in sorted(n for n in dir(builtins) if isinstance(getattr(builtins, n), type) and issubclass(getattr(builtins, n), BaseException)):
    c = getattr(builtins, name)
    print(name, [b.__name__ for b in c.__bases__], c.__basicsize__ > 0, end=' ')
    for args in [(), (1,), ('a', 'b'), (1, 'msg', 'file'), ('m', [ValueError()])]:
        try: e = c(*args); print('|', repr(e), str(e)[:60], end=' ')
        except BaseException as x: print('|!', type(x).__name__, str(x)[:70], end=' ')
    print()
t('os 1', lambda: look(OSError('m'), 'errno', 'strerror', 'filename')); t('os 2', lambda: look(OSError(2, 'm'), 'errno', 'strerror', 'filename')); t('os 3', lambda: look(OSError(2, 'm', 'f'), 'errno', 'filename', 'filename2')); t('os 5', lambda: look(OSError(2, 'm', 'f', None, 'g'), 'filename', 'filename2')); t('os 6', lambda: look(OSError(1, 2, 3, 4, 5, 6))); t('os map', lambda: [type(OSError(n, 'x')).__name__ for n in (1, 2, 3, 4, 9, 10, 11, 13, 17, 20, 21, 32, 98, 103, 104, 110, 111, 999)]); t('os str', lambda: type(OSError('2', 'x'))); t('os subclass', lambda: type(FileNotFoundError(1, 'x'))); t('os bytes', lambda: str(OSError(2, 'm', b'f'))); t('os int file', lambda: str(OSError(2, 'm', 5))); t('blocking', lambda: BlockingIOError(11, 'm', 7).characters_written); t('blocking unset', lambda: BlockingIOError(11, 'm').characters_written); t('blocking str', lambda: BlockingIOError(11, 'm', 'f').filename)
class My(OSError):
    def __init__(self, x): self.x = x
t('my os', lambda: look(My(5), 'x', 'errno')); 
class My2(OSError):
    def __new__(cls, *a): return super().__new__(cls, 2, 'new')
t('my2', lambda: look(My2(), 'errno'))
e = OSError(2, 'm', 'f'); e.errno = 'x'; e.strerror = None; e.filename = 7; print(str(e), repr(e), e.args); del e.filename; t('deleted', lambda: (e.filename, str(e)))
t('stop', lambda: (StopIteration().value, StopIteration(5).value, StopIteration(1, 2).value)); t('exit', lambda: (SystemExit().code, SystemExit(3).code, SystemExit(1, 2).code, SystemExit('x').code)); t('import', lambda: look(ImportError('m', name='n', path='p', name_from='f'), 'name', 'path', 'msg', 'name_from')); t('import 2', lambda: look(ImportError(1, 2), 'msg')); t('import kw', lambda: ImportError(x=1)); t('attr', lambda: look(AttributeError('m', name='n', obj=5), 'name', 'obj')); t('name', lambda: look(NameError('m', name='n'), 'name')); t('attr kw', lambda: AttributeError(foo=1)); t('key', lambda: (str(KeyError('a')), str(KeyError('a', 'b')), str(KeyError()), str(KeyError(('t',)))))
for args in [('m',), ('m', ('f', 1, 2, 't')), ('m', ('f', 1, 2, 't', 3, 4)), ('m', ('f', 1, 2)), ('m', 5), ('m', ('f', 1, 2, 't', 3)), ('m', ('f', 'x', None, None)), ('m', ('f', 1, 2, 't', 3, 4, 5)), ('m', ('f', 1, 2, 't', 3, 4, 5, 6)), ('a', 'b', 'c'), ('m', ['f', 1, 2, 't'])]: t(f'syntax{args}', lambda: look(SyntaxError(*args), 'msg', 'filename', 'lineno', 'offset', 'text', 'end_lineno', 'end_offset', 'print_file_and_line'))
s = SyntaxError('m', ('dir/f.py', 3, 1, 't')); print(str(s)); s.filename = None; print(str(s)); s.lineno = 'x'; print(str(s)); s.msg = 5; print(str(s))
for c, args in [(UnicodeEncodeError, ('ascii', 'é\u4e2d', 0, 1, 'why')), (UnicodeEncodeError, ('ascii', '\U0001f600', 0, 1, 'why')), (UnicodeEncodeError, ('ascii', 'abc', 0, 2, 'why')), (UnicodeDecodeError, ('utf-8', b'\xff\xfe', 0, 1, 'why')), (UnicodeDecodeError, ('utf-8', b'\xff\xfe', 0, 2, 'why')), (UnicodeTranslateError, ('ab', 0, 1, 'why')), (UnicodeTranslateError, ('ab', 1, 5, 'why')), (UnicodeEncodeError, ('a', 'b', 0, 1)), (UnicodeEncodeError, (1, 'b', 0, 1, 'r')), (UnicodeEncodeError, ('a', b'b', 0, 1, 'r')), (UnicodeDecodeError, ('a', 'b', 0, 1, 'r')), (UnicodeDecodeError, ('a', bytearray(b'b'), -5, 99, 'r')), (UnicodeEncodeError, ('a', '', 0, 1, 'r')), (UnicodeEncodeError, ('a', 'b', 'x', 1, 'r')), (UnicodeDecodeError, ('a', b'', 5, 2, 'r'))]: t(f'{c.__name__}{args}', lambda: look(c(*args), 'start', 'end', 'object', 'encoding', 'reason'))
u = UnicodeDecodeError('utf-8', b'abc', 0, 1, 'r')
for n, v in [('start', 99), ('end', -3), ('object', b''), ('object', 'str'), ('encoding', 5), ('reason', None), ('start', 'x'), ('end', 2**80)]:
    t(f'set {n}={v!r:.9}', lambda: (setattr(u, n, v), str(u), getattr(u, n))[1:])
for n in ('object', 'encoding', 'reason', 'start'): t('del ' + n, lambda: (delattr(u, n), str(u)))
t('unmade', lambda: str(UnicodeDecodeError.__new__(UnicodeDecodeError)))
b = BaseException(1)
for n, v in [('args', 5), ('args', [1, 2]), ('args', 'ab'), ('__traceback__', 5), ('__traceback__', None), ('__cause__', 5), ('__cause__', ValueError('c')), ('__cause__', None), ('__context__', 5), ('__context__', KeyError()), ('__suppress_context__', 5), ('__suppress_context__', False), ('__dict__', 5), ('__dict__', {'q': 1}), ('x', 1), ('__notes__', 5), ('__class__', int)]: t(f'{n}={v!r}', lambda: (setattr(b, n, v), getattr(b, n), b.__suppress_context__)[1:])
for n in ('args', '__traceback__', '__cause__', '__context__', '__suppress_context__', '__dict__'): t('del ' + n, lambda: delattr(b, n))
t('with_traceback', lambda: b.with_traceback(5)); t('with none', lambda: b.with_traceback(None) is b); t('setstate', lambda: b.__setstate__(5)); t('setstate d', lambda: (b.__setstate__({'z': 1}), b.z)[1]); t('setstate none', lambda: b.__setstate__(None)); t('reduce', lambda: ValueError(1, 2).__reduce__()); t('kw', lambda: ValueError(x=1)); t('new kw', lambda: Exception.__new__(Exception, 1, 2).args); t('sub kw', lambda: type('E', (Exception,), {})(a=1) if 0 else 'skip'); t('init twice', lambda: (lambda e: (e.__init__(5), e.args)[1])(ValueError(1)))
for e in (ValueError(1), OSError(2, 'm', 'f'), KeyError('k'), SyntaxError('m', ('f', 1, 2, 't')), ImportError('m', name='n'), StopIteration(3), SystemExit(4), AttributeError('m', name='n', obj=1), NameError('m', name='n'), UnicodeEncodeError('a', 'b', 0, 1, 'r'), ExceptionGroup('g', [ValueError(1)])):
    e.note = 1; e.add_note('n'); x = pickle.loads(pickle.dumps(e)); y = copy.copy(e); print(repr(x), x.note, x.__notes__, repr(y), y.note, str(x) == str(e), getattr(x, 'name', None))
def chain():
    try:
        try: 1 / 0
        except ZeroDivisionError as z: raise KeyError('k') from None
    except KeyError as k: return k.__cause__, repr(k.__context__), k.__suppress_context__
print(chain())
def loop():
    a, b = ValueError('a'), ValueError('b')
    try:
        try: raise a
        except ValueError: raise b
    except ValueError:
        try: raise a
        except ValueError: return a.__context__ is b, b.__context__
print(loop())
for bad in ('raise 5', 'raise int', 'raise', 'raise ValueError from 5', 'raise ValueError from int', 'raise None', 'raise ValueError from ValueError', 'raise type("X", (Exception,), {"__new__": lambda *a: 5})', 'raise type("X", (Exception,), {"__init__": lambda *a: 1/0})', 'assert 0, 5', 'assert 0', 'assert (), KeyError()', 'try: raise KeyError(1)\nexcept 5: pass', 'try: raise KeyError(1)\nexcept (ValueError, 5): pass', 'try: raise KeyError(1)\nexcept (): pass', 'try: raise KeyError(1)\nexcept ((KeyError,),): pass', 'try: 1/0\nfinally: raise KeyError', 'try: 1/0\nexcept ZeroDivisionError as e: pass\nprint(e)'): t(bad, lambda: exec(bad, {}))
