"""The prompts on a terminal, the plain one and that of _pyrepl: what the terminal is sent, byte for byte."""

import os
import pty
import select
import signal
import sys
import time

# Whoever started the tests may ignore interrupts, as shells do for programs in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)
PROMPT = b'>>> \x1b[?12l\x1b[?25h'


def session(name, steps, *args, **variables):
    """Types each step's text when its answer to the one before has come."""
    pid, terminal = pty.fork()
    if pid == 0:
        for variable in list(os.environ):
            if variable.startswith(('PYTHON', 'LC_')) and variable != 'PYTHONHOME':
                del os.environ[variable]
        os.environ.update({'TERM': 'xterm', 'LC_ALL': 'C.UTF-8', 'PYTHON_COLORS': '0', 'PYTHON_HISTORY': os.devnull} | variables)
        os.execv(sys.executable, [sys.executable, *args])
    shown, begin, deadline = b'', 0, time.monotonic() + 60

    def more():
        nonlocal shown
        if time.monotonic() > deadline:
            return False
        if select.select([terminal], [], [], 1)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                return False
            shown += data
            return bool(data)
        return True

    for text, answer in steps:
        while answer not in shown[begin:] and more():
            pass
        begin = len(shown)
        if b'\x03' in text:
            # The prompt is shown a moment before it can be interrupted.
            time.sleep(0.3)
        os.write(terminal, text)
    while more():
        pass
    status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    os.close(terminal)
    print('==', name, status)
    for line in shown.decode().splitlines():
        print('  ', ascii(line)[1:-1])


# A module that cannot be imported keeps the plain prompt plain.
without_readline = os.path.join(os.path.dirname(os.path.abspath(__file__)), 'data', 'without_readline')
session('plain', [
    (b'1 + 1\n', b'>>> '), (b'if 1:\n', b'>>> '), (b'  2\n', b'... '), (b'\n', b'... '), (b'1/0\n', b'>>> '),
    (b'input("na" "me: ")\n', b'>>> '), (b'me\n', b'name: '), (b'exit\n', b'>>> '), (b'\x04', b'>>> '),
], '-q', PYTHON_BASIC_REPL='1', PYTHONPATH=without_readline)
session('plain, interrupted', [
    (b'1\n', b'>>> '), (b'x = \x03', b'>>> '), (b'def f():\n', b'>>> '), (b'\x03', b'... '), (b'3\n', b'>>> '), (b'import sys; sys.exit(5)\n', b'>>> '),
], '-q', PYTHON_BASIC_REPL='1', PYTHONPATH=without_readline)
session('pyrepl', [
    (b'1 + 1\n', PROMPT), (b'1/0\n', PROMPT), (b'exit(6)\n', PROMPT),
], '-q')
session('pyrepl after a program', [(b'x\n', PROMPT), (b'\x04', PROMPT)], '-q', '-i', '-c', 'x = 5')
