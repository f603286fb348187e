# The messages of Unicode errors whose attributes were changed or deleted; truth by __bool__ = None.
def t(f):
    try: print(f())
    except Exception as e: print(type(e).__name__, e)
def s(e, **k):
    for n, v in k.items(): setattr(e, n, v)
    return str(e)
E=lambda: UnicodeEncodeError('a','bcd',0,1,'r'); T=lambda: UnicodeTranslateError('bcd',0,1,'r'); D=lambda: UnicodeDecodeError('a',b'bcd',0,1,'r')
for e in (E,T,D):
    t(lambda: s(e(), object=5)); t(lambda: s(e(), object=None)); t(lambda: s(e(), encoding=5)); t(lambda: s(e(), reason=None)); t(lambda: s(e(), start=-1)); t(lambda: s(e(), end=9)); t(lambda: s(e(), start=1,end=1)); t(lambda: s(e(), start=2,end=3)); t(lambda: s(e(), start=3,end=4))
    def d(n):
        x=e(); delattr(x,n); return str(x), getattr(x,n,'unset')
    for n in ('object','encoding','reason'): t(lambda: d(n))
class NB: __bool__=None
class NL: __len__=None
t(lambda: bool(NB())); t(lambda: bool(NL())); t(lambda: len(NL())); t(lambda: not NL())
t(lambda: UnicodeEncodeError('a',5,0,1,'r')); t(lambda: UnicodeTranslateError(5,0,1,'r')); t(lambda: UnicodeTranslateError(None,0,1,'r'));t(lambda: UnicodeDecodeError('a',b'',0,1,None)); t(lambda: UnicodeDecodeError('a',5,0,1,'r')); t(lambda: UnicodeDecodeError('a',b'','x',1,'r')); t(lambda: UnicodeDecodeError('a',b'',2**80,1,'r')); t(lambda: UnicodeDecodeError('a',b'',1.5,1,'r'))
t(lambda: SyntaxError('m', (1,2,3,4,5,6,7,8))); t(lambda: SyntaxError('m', (1,2,3))); t(lambda: SyntaxError('m', ())); t(lambda: SyntaxError('m', (1,2,3,4,5)))
u=E()
for v in ('x', 1.5, None, 2**80): t(lambda: setattr(u,'start',v))
class X: pass
t(lambda: setattr(u,'start',True)); t(lambda: delattr(u,'start'))
