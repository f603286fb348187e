import sys, os, tempfile, importlib
folder = tempfile.mkdtemp()
def write(name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as f: f.write(text)
write('pkg/__init__.py', "print('pkg', __name__, __package__)\nfrom . import sub\n__all__ = ['sub', 'other']\n")
write('pkg/sub.py', "value = 1\nfrom .other import helper\n")
write('pkg/other.py', "def helper(): return __name__\n")
write('broken.py', "x = 1 +\n")
write('failing.py', "import pkg\nraise RuntimeError('at import')\n")
write('lazy.py', "def __getattr__(name):\n    if name == 'dynamic': return 'made'\n    raise AttributeError(name)\n")
write('circular_a.py', "from circular_b import y\nx = 1\n")
write('circular_b.py', "from circular_a import x\ny = 2\n")
write('ns/part.py', "where = __package__\n")
sys.path.insert(0, folder)
import pkg.sub
print(pkg.sub.value, pkg.sub.helper(), pkg.__path__ == [os.path.join(folder, 'pkg')], pkg.__spec__.name, 'pkg.other' in sys.modules)
from pkg import *
print(other.helper(), sub is pkg.sub)
import lazy; print(lazy.dynamic)
try: lazy.nothing
except AttributeError as e: print(e)
import ns.part; print(ns.part.where, type(ns.__path__).__name__)
for name in ('broken', 'failing', 'no_such', 'pkg.missing', 'circular_a'):
    try: importlib.import_module(name)
    except Exception as e: print(type(e).__name__, str(e).replace(folder, '<folder>'), name in sys.modules)
print(importlib.reload(pkg) is pkg)
try: from pkg import nothing_there
except ImportError as e: print(str(e).replace(folder, '<folder>'))
try: exec('from . import x', {'__name__': '__main__'})
except ImportError as e: print(e)
import shutil; shutil.rmtree(folder)
