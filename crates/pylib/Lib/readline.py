"""Line editing and history for input() and the plain prompt, by the editor of the interactive prompt.

Keys are bound to the editor's commands under the names that GNU Readline has for them, and to macros (parse_and_bind, init files).
Functions that the editor lacks are accepted and without effect, as are variables other than those in ``_set_variable``.
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
    _stifle()


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
    if filename is None:
        sys.audit('open', '~/.history', event, 0)
        return os.path.expanduser('~/.history')
    filename = os.fspath(filename)
    sys.audit('open', filename, event, 0)
    return filename


def read_history_file(filename=None, /):
    """Add the lines of a history file (default: ~/.history)."""
    with open(_file_name(filename, 'r'), encoding='utf-8', errors='surrogateescape', newline='\n') as file:
        _history.extend(line.removesuffix('\n') for line in file)
    _stifle()


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
    """Set what shows several possibilities: function(substitution, matches, longest_match_length)."""
    global _display_hook, _changed
    _changed = True
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


# Keys

# Readline's names of functions that the editor calls otherwise.
_COMMANDS = {
    'abort': 'cancel', 'accept-line': 'accept', 'backward-char': 'left', 'backward-delete-char': 'backspace',
    'beginning-of-history': 'first-history', 'delete-char': 'delete', 'end-of-history': 'last-history', 'forward-char': 'right',
    'forward-search-history': 'forward-history-isearch', 'menu-complete': 'complete', 'redraw-current-line': 'refresh',
    'reverse-search-history': 'reverse-history-isearch', 'transpose-chars': 'transpose-characters', 'yank-last-arg': 'yank-arg',
}
_KEYS = {'del': '\x7f', 'rubout': '\x7f', 'esc': '\x1b', 'escape': '\x1b', 'lfd': '\n', 'newline': '\n', 'ret': '\r', 'return': '\r',
         'space': ' ', 'spc': ' ', 'tab': '\t'}
_ESCAPES = {'a': '\a', 'b': '\b', 'd': '\x7f', 'e': '\x1b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}
_bindings = {}
_history_size = -1
_completion_off = False
_changed = False


def _control(char):
    return '\x7f' if char == '?' else chr(ord(char.upper()) & 0x1f)


def _unescape(text):
    """What a quoted key sequence or macro stands for."""
    out, i = [], 0
    while i < len(text):
        char = text[i]
        i += 1
        if char != '\\' or i == len(text):
            out.append(char)
            continue
        prefix = ''
        # \C-x, \M-x and both.
        while text[i:i + 2] in ('C-', 'M-') and i + 2 < len(text):
            prefix += text[i]
            i += 2
            if text[i] == '\\' and text[i + 1:i + 3] in ('C-', 'M-'):
                i += 1
        if prefix:
            char = _control(text[i]) if 'C' in prefix else text[i]
            out.append('\x1b' + char if 'M' in prefix else char)
            i += 1
        elif text[i] == 'x' and i + 1 < len(text) and text[i + 1] in '0123456789abcdefABCDEF':
            end = i + 2
            while end < len(text) and end < i + 3 and text[end] in '0123456789abcdefABCDEF':
                end += 1
            out.append(chr(int(text[i + 1:end], 16)))
            i = end
        elif text[i] in '01234567':
            end = i + 1
            while end < len(text) and end < i + 3 and text[end] in '01234567':
                end += 1
            out.append(chr(int(text[i:end], 8)))
            i = end
        else:
            out.append(_ESCAPES.get(text[i], text[i]))
            i += 1
    return ''.join(out)


def _quoted(text):
    """A text in quotes at the start, and what follows; or None."""
    i = 1
    while i < len(text) and text[i] != text[0]:
        i += 2 if text[i] == '\\' else 1
    return (text[1:i], text[i + 1:]) if i < len(text) else None


def _named_key(name):
    """`Control-x`, `Meta-Rubout` and the like."""
    prefix = ''
    while True:
        head, dash, rest = name.partition('-')
        if not dash or not rest or head.lower() not in ('control', 'c', 'ctrl', 'meta', 'm'):
            break
        prefix += head[0].upper()
        name = rest
    char = _KEYS.get(name.lower(), name[:1])
    if char and 'C' in prefix:
        char = _control(char)
    return '\x1b' + char if 'M' in prefix else char


def _set_variable(name, value):
    global _history_size, _completion_off
    name, is_on = name.lower(), value.lower() in ('', 'on', '1')
    if name == 'history-size':
        try:
            _history_size = max(int(value), -1)
        except ValueError:
            return
        _stifle()
    elif name == 'disable-completion':
        _completion_off = is_on


def _stifle():
    if 0 <= _history_size < len(_history):
        del _history[:len(_history) - _history_size]


def _bind_line(line):
    global _changed
    line = line.strip()
    if not line or line[0] in '#$':
        return
    if line[:4].lower() == 'set ':
        name, _, value = line[4:].strip().partition(' ')
        return _set_variable(name, value.strip())
    if line[0] == '"':
        parts = _quoted(line)
        if parts is None:
            return
        keys, rest = _unescape(parts[0]), parts[1].lstrip()
    else:
        name, colon, rest = line.partition(':')
        if not colon:
            return
        keys, rest = _named_key(name.strip()), ':' + rest
    if not keys or rest[:1] != ':':
        return
    action = rest[1:].strip()
    if action[:1] in ('"', "'"):
        parts = _quoted(action)
        if parts is None:
            return
        action = '"' + _unescape(parts[0])
    else:
        action = action.split()[0].lower() if action else ''
    _bindings[keys] = action
    _changed = True


def parse_and_bind(string, /):
    """Execute a line of an init file: bind a key sequence, or set a variable."""
    if not isinstance(string, str):
        raise TypeError(f'parse_and_bind() argument must be str, not {type(string).__name__}')
    _bind_line(string)


def _is_met(test):
    name, equals, value = test.replace(' ', '').partition('=')
    if not equals:
        return name.lower() == 'python'
    if name == 'mode':
        return value == 'emacs'
    if name == 'term':
        term = os.environ.get('TERM', '')
        return value in (term, term.partition('-')[0])
    return False


def _run_init_file(filename):
    # Whether lines count, for each $if around them.
    active = []
    with open(filename, encoding='utf-8', errors='surrogateescape') as file:
        lines = file.read().split('\n')
    for line in lines:
        word, _, rest = line.strip().partition(' ')
        match word.lower():
            case '$if':
                active.append(_is_met(rest.strip()))
            case '$else' if active:
                active[-1] = not active[-1]
            case '$endif' if active:
                active.pop()
            case '$include' if all(active):
                try:
                    _run_init_file(os.path.expanduser(rest.strip()))
                except (OSError, RecursionError):
                    pass
            case _ if all(active):
                _bind_line(line)


def read_init_file(filename=None, /):
    """Execute the lines of an init file (default: the file that was read last, or the user's)."""
    global _init_file
    if filename is None:
        sys.audit('open', '<readline_init_file>', 'r', 0)
        filename = _init_file or _default_init_file()
    else:
        filename = os.fspath(filename)
        sys.audit('open', filename, 'r', 0)
    _run_init_file(filename)
    _init_file = filename


_init_file = None


def _default_init_file():
    return os.environ.get('INPUTRC') or os.path.expanduser('~/.inputrc')


def _make_macro(text):
    from _pyrepl.commands import Command

    class Macro(Command):
        def do(self):
            # As if it were typed.
            for byte in text.encode(errors='surrogateescape'):
                self.reader.console.event_queue.push(bytes([byte]))
    return Macro


def _make_complete():
    """Completion that shows what is possible by the display hook."""
    from _pyrepl.commands import Command

    class HookedComplete(Command):
        def do(self):
            reader = self.reader
            stem = reader.get_stem()
            found = _cooked(reader.get_completions, stem)
            if not found:
                return
            common = os.path.commonprefix(found)
            if len(common) > len(stem):
                reader.insert(common[len(stem):])
            elif len(found) > 1 and reader.last_command_is(type(self)):
                _cooked(_display_hook, stem, found, max(map(len, found)))
                reader.dirty = True
    return HookedComplete


def _cooked(function, *arguments):
    """Calls a function that may print: lines end as they do outside the editor."""
    import termios
    sys.stdout.flush()
    try:
        attributes = termios.tcgetattr(1)
    except (OSError, termios.error):
        return function(*arguments)
    termios.tcsetattr(1, termios.TCSADRAIN, attributes[:1] + [attributes[1] | termios.OPOST | termios.ONLCR] + attributes[2:])
    try:
        return function(*arguments)
    finally:
        sys.stdout.flush()
        termios.tcsetattr(1, termios.TCSADRAIN, attributes)


def _spec(keys):
    """The editor's notation of a key sequence."""
    return ''.join(f'\\x{ord(char):02x}' if ord(char) < 256 and not char.isalnum() else char for char in keys)


def _apply_bindings():
    global _changed
    _changed = False
    from _pyrepl.input import KeymapTranslator
    from _pyrepl.keymap import KeySpecError
    keymap = list(_reader.collect_keymap())
    for number, (keys, action) in enumerate(_bindings.items()):
        if action[:1] == '"':
            name = f'macro-{number}'
            _reader.commands[name] = _make_macro(action[1:])
        else:
            name = _COMMANDS.get(action, action)
            if name not in _reader.commands:
                continue
        keymap.append((_spec(keys), name))
    if _completion_off:
        keymap = [(keys, 'self-insert' if name == 'complete' else name) for keys, name in keymap]
    elif _display_hook is not None:
        _reader.commands['hooked-complete'] = _make_complete()
        keymap = [(keys, 'hooked-complete' if name == 'complete' else name) for keys, name in keymap]
    _reader.keymap = tuple(keymap)
    try:
        _reader.input_trans = KeymapTranslator(_reader.keymap, invalid_cls='invalid-key', character_cls='self-insert')
    except (KeySpecError, ValueError):
        # Keys that exclude each other: the editor's own.
        _reader.keymap = _reader.collect_keymap()
        _reader.input_trans = KeymapTranslator(_reader.keymap, invalid_cls='invalid-key', character_cls='self-insert')


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
        except (RuntimeError, OSError, ValueError):
            # A terminal that cannot move the cursor, or is unknown.
            return None
        _reader = ReadlineAlikeReader(console=console, config=ReadlineConfig())
        _reader.config.module_completer = _NoModules
        _reader.can_colorize = False
    from _pyrepl import historical_reader
    _reader.history = _history
    historical_reader.should_auto_add_history = _auto_history
    if _changed:
        _apply_bindings()
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
        _stifle()
    return line.encode(errors='surrogateescape') + b'\n'


def _remember(line):
    """A line that was read without the editor."""
    text = line.decode(errors='surrogateescape').rstrip('\n')
    if text and _auto_history:
        add_history(text)


_edit.remember = _remember
_set_editor(_edit)
# As where Readline reads it when it is initialized.
try:
    _run_init_file(_default_init_file())
except OSError:
    pass
