"""Options, variables, exit statuses and messages of the command line: each case runs the interpreter again."""

import os
import subprocess
import sys
import tempfile
import zipfile

KEPT = ('PATH', 'HOME', 'PYTHONHOME', 'LD_LIBRARY_PATH', 'TMPDIR')


def run(*args, stdin='', cwd=None, **variables):
    env = {name: value for name, value in os.environ.items() if name in KEPT}
    env |= {'LC_ALL': 'C.UTF-8', 'PYTHONDONTWRITEBYTECODE': '1', 'PYTHON_COLORS': '0'} | variables
    done = subprocess.run([sys.executable, *args], input=stdin.encode(), capture_output=True, env=env, cwd=cwd)
    shown = ' '.join([f'{name}={value}' for name, value in variables.items()] + [ascii(arg) if ' ' in arg or '\n' in arg or not arg else arg for arg in args])
    print('$', shown.replace(folder, 'FOLDER'), '->', done.returncode)
    for mark, data in (('', done.stdout), ('! ', done.stderr)):
        text = data.decode(errors='backslashreplace').replace(sys.executable, 'PYTHON').replace(folder, 'FOLDER')
        for line in text.splitlines():
            if not line.startswith(('Current thread', '  <no Python frame>')):
                print('   ', mark + line)


def write(name, text):
    path = os.path.join(folder, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w') as file:
        file.write(text)
    return path


folder = os.path.realpath(tempfile.mkdtemp())
flags = 'import sys; f = sys.flags; print('
script = write('script.py', 'import sys\nprint(sys.argv, __name__, __package__, sys.path[0] == sys.argv[0].rpartition("/")[0])\n')

# What is wrong with the command line.
for args in (['-Z'], ['--nothing'], ['-c'], ['-m'], ['-W'], ['-X'], ['-J'], ['--check-hash-based-pycs'], ['--check-hash-based-pycs', 'often']):
    run(*args)
for option in ('utf8=2', 'int_max_str_digits=3', 'int_max_str_digits', 'importtime=7', 'cpu_count=0', 'cpu_count=x', 'tracemalloc=x', 'frozen_modules=x',
               'context_aware_warnings=2', 'thread_inherit_context', 'gil=0', 'gil=2'):
    run('-X', option, '-c', 'pass')
for name, value in {'PYTHONUTF8': '2', 'PYTHONHASHSEED': 'x', 'PYTHONINTMAXSTRDIGITS': '3', 'PYTHONMALLOC': 'nothing', 'PYTHON_CPU_COUNT': 'x',
                    'PYTHON_FROZEN_MODULES': 'x', 'PYTHONPROFILEIMPORTTIME': '3', 'PYTHON_GIL': 'x', 'PYTHONIOENCODING': 'nothing',
                    'PYTHON_THREAD_INHERIT_CONTEXT': '4', 'PYTHON_CONTEXT_AWARE_WARNINGS': '4'}.items():
    run('-c', 'pass', **{name: value})

# Flags and what they set.
run('-c', flags + 'f.optimize, f.verbose, f.bytes_warning, f.debug, f.quiet, f.no_site, f.safe_path)', PYTHONOPTIMIZE='2', PYTHONDEBUG='1')
run('-OO', '-bb', '-q', '-S', '-P', '-d', '-c', flags + 'f.optimize, f.bytes_warning, f.debug, f.quiet, f.no_site, f.safe_path, sys.warnoptions)')
run('-O', '-c', flags + 'f.optimize)', PYTHONOPTIMIZE='2')
run('-X', 'dev', '-c', flags + 'f.dev_mode, sys.warnoptions)', PYTHONWARNINGS='a,b')
run('-W', 'x', '-b', '-c', 'import sys; print(sys.warnoptions)')
run('-X', 'a=b', '-X', 'c', '-c', 'import sys; print(sys._xoptions)')
run('-R', '-c', flags + 'f.hash_randomization)', PYTHONHASHSEED='0')
run('-c', flags + 'f.hash_randomization)', PYTHONHASHSEED='0')
run('-X', 'utf8=0', '-c', flags + 'f.utf8_mode)')
run('-c', flags + 'f.utf8_mode, sys.stdout.errors)', LC_ALL='C')
run('-X', 'no_debug_ranges', '-c', '1/0')
run('-X', 'pycache_prefix=/a', '-c', 'import sys; print(sys.pycache_prefix)', PYTHONPYCACHEPREFIX='/b')
run('-X', 'cpu_count=3', '-c', 'import os; print(os.cpu_count())')
run('-X', 'thread_inherit_context=1', '-c', flags + 'f.thread_inherit_context, f.context_aware_warnings)')
run('-c', 'import sys; print(sys.platlibdir)', PYTHONPLATLIBDIR='lib')
run('-u', '-c', 'import sys; print(sys.stdout.line_buffering, sys.stdout.write_through)')

# Where programs come from.
run(script, 'a', '-b')
run('-x', write('skip.py', 'not python\nprint("skipped")\n'))
run('-', 'a', stdin='import sys; print(sys.argv, sys.path[0])')
run(stdin='def f(x, x): pass\n')
run('-c', '  if 1:\n    print(1)\n  print(2)')
run('-m', 'package', 'a', cwd=os.path.dirname(os.path.dirname(write('package/__main__.py', 'import sys\nprint(sys.argv[1:], __package__, __spec__.name)\n'))))
run('-m', 'package.nothing', cwd=folder)
run('-m', 'nothing.at.all')
run(os.path.join(folder, 'package'), 'a')
run(folder)
run(os.path.join(folder, 'absent.py'))
archive = os.path.join(folder, 'archive.zip')
with zipfile.ZipFile(archive, 'w') as made:
    made.writestr('__main__.py', 'import other, sys; print(other.x, sys.argv[1:])')
    made.writestr('other.py', 'x = "from the archive"')
run(archive, 'a')
run(write('broken.py', 'x = (\n'))
run(write('escape.py', 'x = "\\q"\n'), )
run('-W', 'error', os.path.join(folder, 'escape.py'))

# How programs end.
for value in ('', '0', '3', '256', '-1', 'None', '"words"', '1.5', '(1, 2)', 'True', '2**70'):
    run('-c', f'import sys; sys.exit({value})')
run('-c', 'raise SystemExit')
run('-c', 'raise KeyboardInterrupt')
run('-c', 'import os; os.kill(os.getpid(), 2)')
run('-c', 'import sys; sys.excepthook = 3; 1/0')
run('-c', 'import sys; del sys.excepthook; 1/0')
run('-c', 'import atexit; atexit.register(int, "x"); print(1)')
run('-c', 'import sys, os; print(1); os.close(1)')
run('-c', 'import sys; sys.stdout.close()')
run('-c', 'class A:\n def __del__(self): 1/0\n __del__ = type("", (), {"__call__": __del__, "__repr__": lambda self: "<finalizer>"})()\na = A()\ndel a')
run('-c', 'import os; os._exit(7)')
reader, writer = os.pipe()
os.close(reader)
done = subprocess.run([sys.executable, '-c', 'print("x" * 100000)'], stdout=writer, stderr=subprocess.PIPE)
print('broken pipe', done.returncode, done.stderr.decode().splitlines()[-1])

# The prompt where there is no terminal.
run('-i', '-q', stdin='1+1\nif 1:\n  2\n\ndef f():\n  return 1/0\n\nf()\nx = (\nx y\n_ = 3\nraise SystemExit(4)\n')
run('-i', '-q', '-c', 'x = 5; y', stdin='x\n__name__\n1/0')
run('-i', '-q', script, stdin='"__file__" in globals()\n')
run('-i', '-q', stdin='import sys\nsys.ps1 = "# "\nsys.ps2 = "+ "\n(1,\n2)\ndel sys.ps1\n4\n')
run('-i', '-q', stdin='def f(x, x): pass\n\nif 1:\n  1\n2\n@a\n\n#comment\n\n3 # comment\nclass A: pass\n\nA\n"""a\nb"""\n')
run('-i', '-q', stdin='from __future__ import annotations\ndef f(a: nothing): pass\n\nf.__annotations__\n')
run('-i', '-q', stdin='s\n', PYTHONSTARTUP=write('startup.py', 's = "started"\n'))
run('-i', '-q', stdin='1\n', PYTHONSTARTUP=write('failing.py', '1/0\n'))
run('-i', '-q', stdin='1\n', PYTHONSTARTUP=os.path.join(folder, 'absent'))
run('-i', '-q', stdin='1\n', PYTHONSTARTUP=write('hook.py', 'import sys\nsys.__interactivehook__ = lambda: 1/0\n'))
run('-i', write('exiting.py', 'raise SystemExit(3)\n'), stdin='4\n')
run(write('asks.py', 'import os\nos.environ["PYTHONINSPECT"] = "1"\n'), stdin='4\n')
run('-i', '-q', stdin='input("? ")\nline\nexit\nquit()\n')
