"""Line editing and history for input() and the plain prompt, by the editor of the interactive prompt.

What cannot be bound to keys here (parse_and_bind) is accepted and without effect.
"""

import os
import sys
from _readline import set_editor as _set_editor

__all__ = [
    'add_history', 'append_history_file', 'backend', 'clear_history', 'get_begidx', 'get_completer', 'get_completer_delims',
    'get_completion_type', 'get_current_history_length', 'get_endidx', 'get_history_item', 'get_history_length',
    'get_line_buffer', 'insert_text', 'parse_and_bind', 'read_history_file', 'read_init_file', 'redisplay',
    'remove_history_item', 'replace_history_item', 'set_auto_history', 'set_completer', 'set_completer_delims',
    'set_completion_display_matches_hook', 'set_history_length', 'set_pre_input_hook', 'set_startup_hook',
    'write_history_file',
]

backend = 'readline'
_READLINE_VERSION = _READLINE_RUNTIME_VERSION = 0x0803
_READLINE_LIBRARY_VERSION = '8.3'

_history = []
_history_length = -1
_auto_history = True
_completer = None
_delimiters = ' \t\n`~!@#$%^&*()-=+[{]}\\|;:\'",<>/?'
_startup_hook = _pre_input_hook = _display_hook = None
_reader = None
_editing = False


def _hook(function, name):
    if function is not None and not callable(function):
        raise TypeError(f'{name}(func): argument not callable')
    return function


# History

def add_history(string, /):
    """Add a line to the history."""
    if not isinstance(string, str):
        raise TypeError(f'add_history() argument must be str, not {type(string).__name__}')
    _history.append(string)


def clear_history():
    """Forget all lines of the history."""
    _history.clear()


def get_current_history_length():
    """The number of lines in the history."""
    return len(_history)


def get_history_item(index, /):
    """The line at an index, counted from 1; None if there is none."""
    return _history[index - 1] if 1 <= index <= len(_history) else None


def _place(pos, what):
    if pos < 0:
        raise ValueError('History index cannot be negative')
    if pos >= len(_history):
        raise ValueError(f'No history item at position {pos}')
    return pos


def remove_history_item(pos, /):
    """Remove the line at a position, counted from 0."""
    del _history[_place(pos, 'remove')]


def replace_history_item(pos, line, /):
    """Replace the line at a position, counted from 0."""
    _history[_place(pos, 'replace')] = line


def get_history_length():
    """The most lines that a history file gets; negative for no limit."""
    return _history_length


def set_history_length(length, /):
    """Limit the lines that are written to a history file."""
    global _history_length
    _history_length = length


def set_auto_history(enabled, /):
    """Whether lines that are read become part of the history."""
    global _auto_history
    _auto_history = bool(enabled)


def _file_name(filename, event):
    filename = os.path.expanduser('~/.history') if filename is None else os.fspath(filename)
    sys.audit('open', filename, event, 0)
    return filename


def read_history_file(filename=None, /):
    """Add the lines of a history file (default: ~/.history)."""
    with open(_file_name(filename, 'r'), encoding='utf-8', errors='surrogateescape', newline='\n') as file:
        _history.extend(line.removesuffix('\n') for line in file)


def _limit(filename):
    if _history_length < 0:
        return
    with open(filename, encoding='utf-8', errors='surrogateescape', newline='\n') as file:
        lines = file.readlines()
    if len(lines) > _history_length:
        with open(filename, 'w', encoding='utf-8', errors='surrogateescape', newline='\n') as file:
            file.writelines(lines[len(lines) - _history_length:])


def _write(filename, mode, lines):
    descriptor = os.open(filename, os.O_WRONLY | (os.O_APPEND if mode == 'a' else os.O_CREAT | os.O_TRUNC), 0o600)
    with open(descriptor, mode, encoding='utf-8', errors='surrogateescape', newline='\n') as file:
        file.writelines(line + '\n' for line in lines)
    _limit(filename)


def write_history_file(filename=None, /):
    """Write the history to a file (default: ~/.history)."""
    _write(_file_name(filename, 'w'), 'w', _history)


def append_history_file(nelements, filename=None, /):
    """Append the last lines of the history to a file that exists."""
    if nelements < 0:
        raise ValueError('nelements must be positive')
    _write(_file_name(filename, 'a'), 'a', _history[len(_history) - nelements:] if nelements else [])


# Completion

def set_completer(function=None, /):
    """Set what completes: function(text, state) gives one possibility for each state from 0, then None."""
    global _completer
    _completer = _hook(function, 'set_completer')


def get_completer():
    """The function that completes."""
    return _completer


def set_completer_delims(string, /):
    """Set the characters that end a word to complete."""
    global _delimiters
    _delimiters = string


def get_completer_delims():
    """The characters that end a word to complete."""
    return _delimiters


def get_completion_type():
    """The kind of completion that is being tried."""
    return 9 if _editing else 0


def set_completion_display_matches_hook(function=None, /):
    """Accepted; the editor shows possibilities by itself."""
    global _display_hook
    _display_hook = _hook(function, 'set_completion_display_matches_hook')


def _word():
    if _reader is None:
        return 0, 0
    end = begin = _reader.pos
    while begin > 0 and _reader.buffer[begin - 1] not in _delimiters:
        begin -= 1
    return begin, end


def get_begidx():
    """Where the word to complete begins."""
    return _word()[0]


def get_endidx():
    """Where the word to complete ends."""
    return _word()[1]


# The line

def get_line_buffer():
    """The line as it is so far."""
    return _reader.get_unicode() if _reader is not None else ''


def insert_text(string, /):
    """Insert text at the cursor."""
    if _editing:
        _reader.insert(string)


def redisplay():
    """Show the line as it is now."""
    if _editing:
        _reader.refresh()


def set_startup_hook(function=None, /):
    """Set a function to call before a line is read."""
    global _startup_hook
    _startup_hook = _hook(function, 'set_startup_hook')


def set_pre_input_hook(function=None, /):
    """Set a function to call before the first character of a line is read."""
    global _pre_input_hook
    _pre_input_hook = _hook(function, 'set_pre_input_hook')


def parse_and_bind(string, /):
    """Accepted; keys are bound as the interactive prompt has them."""
    if not isinstance(string, str):
        raise TypeError(f'parse_and_bind() argument must be str, not {type(string).__name__}')


def read_init_file(filename=None, /):
    """Look for an init file, of which nothing is used."""
    os.stat(_file_name(os.path.expanduser('~/.inputrc') if filename is None else filename, 'r'))


class _NoModules:
    """Names of modules are for the interactive prompt."""

    @staticmethod
    def get_completions(line):
        return None


def _run_hooks():
    for hook in (_startup_hook, _pre_input_hook):
        if hook is not None:
            hook()


def _edit(prompt):
    """A line with its end, as bytes; b'' at the end of input, None where the terminal cannot."""
    global _reader, _editing, _completer
    if _reader is None:
        # rlcompleter, which the editor imports, sets itself as what completes.
        completer = _completer
        from _pyrepl.readline import ReadlineAlikeReader, ReadlineConfig
        from _pyrepl.unix_console import UnixConsole
        _completer = completer
        try:
            console = UnixConsole(0, 1, encoding=sys.stdin.encoding or 'utf-8')
        except Exception:
            # A terminal that cannot move the cursor, or is unknown.
            return None
        _reader = ReadlineAlikeReader(console=console, config=ReadlineConfig())
        _reader.config.module_completer = _NoModules
        _reader.can_colorize = False
    _reader.history = _history
    _reader.should_auto_add_history = _auto_history
    _reader.config.readline_completer = _completer
    _reader.config.completer_delims = frozenset(_delimiters)
    _reader.ps1 = prompt.decode(errors='surrogateescape')
    _editing = True
    try:
        line = _reader.readline(startup_hook=_run_hooks)
    except EOFError:
        return b''
    finally:
        _editing = False
    return line.encode(errors='surrogateescape') + b'\n'


_set_editor(_edit)
