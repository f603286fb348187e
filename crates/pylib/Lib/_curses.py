"""Character-cell terminals, through the ncurses library of the system.

The library is looked for when this module is imported, so that nothing needs it to be there otherwise. Wide characters are used throughout: a str
becomes a cell by setcchar(), bytes and ints go to the narrow functions as they are.
"""

import ctypes as _ctypes
import sys as _sys


def _load(names):
    for name in names:
        try:
            return _ctypes.CDLL(name)
        except OSError as error:
            failure = error
    raise ImportError(str(failure), name="_curses") from None


_library = _load(("libncursesw.so.6", "libncursesw.so.5", "libncursesw.so"))

_int, _chtype, _pointer, _bytes = _ctypes.c_int, _ctypes.c_uint32, _ctypes.c_void_p, _ctypes.c_char_p
_wide, _short, _bool = _ctypes.c_wchar_p, _ctypes.c_short, _ctypes.c_bool


class _Cell(_ctypes.Structure):
    """cchar_t: attributes, a character with what combines with it, a colour pair."""

    _fields_ = [("attr", _chtype), ("chars", _ctypes.c_wchar * 5), ("pair", _int)]


class _Mouse(_ctypes.Structure):
    _fields_ = [("id", _short), ("x", _int), ("y", _int), ("z", _int), ("state", _chtype)]


_cell = _ctypes.POINTER(_Cell)

# What functions give, and take.
_SIGNATURES = {
    _pointer: "initscr; newwin iiii; newpad ii; subwin piiii; derwin piiii; subpad piiii; getwin p",
    _chtype: "winch p; getbkgd p; termattrs",
    _bytes: "keyname i; unctrl c; longname; termname; tigetstr s; erasechar_; curses_version",
    _bool: "has_colors; can_change_color; has_ic; has_il; isendwin; is_term_resized ii; is_linetouched pi; is_wintouched p; wenclose pii",
    None: "idcok pb; immedok pb; wsyncup p; wsyncdown p; wcursyncup p; wbkgdset pc; wbkgrndset pC; wtimeout pi; filter; use_env b; noqiflush; qiflush",
    _int: """
        waddch pc; wadd_wch pC; wechochar pc; wecho_wchar pC; winsch pc; wins_wch pC; whline pci; whline_set pCi; wvline pci; wvline_set pCi
        wborder pcccccccc; wborder_set pCCCCCCCC; wbkgd pc; wbkgrnd pC; waddnstr psi; waddnwstr pwi; winsnstr psi; wins_nwstr pwi; winnstr psi
        wgetch p; wget_wch pI; wgetnstr psi; wattron pi; wattroff pi; wattrset pi; wattr_get pCSp; wattr_set pchp; wstandout p; wstandend p
        wchgat pichp; werase p; wclear p; wclrtobot p; wclrtoeol p; clearok pb; idlok pb; keypad pb; leaveok pb; nodelay pb; notimeout pb; scrollok pb
        syncok pb; wdelch p; winsdelln pi; wmove pii; mvwin pii; mvderwin pii; wredrawln pii; redrawwin p; wrefresh p; wnoutrefresh p
        prefresh piiiiii; pnoutrefresh piiiiii; wresize pii; wscrl pi; wsetscrreg pii; wtouchln piii; touchwin p; untouchwin p; overlay pp; overwrite pp
        copywin ppiiiiiii; delwin p; putwin pp; getcurx p; getcury p; getbegx p; getbegy p; getmaxx p; getmaxy p; getparx p; getpary p; is_pad p
        beep; flash; cbreak; nocbreak; echo; noecho; nl; nonl; raw; noraw; doupdate; endwin; flushinp; savetty; resetty; def_prog_mode; def_shell_mode
        reset_prog_mode; reset_shell_mode; curs_set i; delay_output i; halfdelay i; intrflush pb; meta pb; mouseinterval i; napms i; typeahead i; ungetch i
        unget_wch W; start_color; use_default_colors; assume_default_colors ii; resize_term ii; resizeterm ii; baudrate; has_key i; set_escdelay i
        set_tabsize i; tigetflag s; tigetnum s; putp s; setupterm siI; getmouse M; ungetmouse M; init_extended_pair iii; init_extended_color iiii
        extended_pair_content iII; extended_color_content iIII; init_pair hhh; init_color hhhh; pair_content hSS; color_content hSSS
        setcchar Cwchp""",
}
_CODES = {
    "p": _pointer, "i": _int, "c": _chtype, "C": _ctypes.POINTER(_Cell), "s": _bytes, "w": _wide, "b": _bool, "h": _short, "W": _ctypes.c_wchar,
    "I": _ctypes.POINTER(_int), "S": _ctypes.POINTER(_short), "M": _ctypes.POINTER(_Mouse),
}


def _declare():
    for result, functions in _SIGNATURES.items():
        for entry in functions.replace("\n", ";").split(";"):
            name, _, arguments = entry.strip().partition(" ")
            function = getattr(_library, name, None) if name else None
            if function is not None:
                function.restype = result
                function.argtypes = [_CODES[code] for code in arguments]


_declare()
_library.winnstr.argtypes = [_pointer, _ctypes.c_char_p, _int]
_library.wattr_get.argtypes = [_pointer, _ctypes.POINTER(_chtype), _ctypes.POINTER(_short), _pointer]
_library.mousemask.restype = _chtype
_library.mousemask.argtypes = [_chtype, _ctypes.POINTER(_chtype)]
_library.erasechar.restype = _library.killchar.restype = _ctypes.c_char
_library.tparm.restype = _bytes

ERR = -1
OK = 0

_BITS = ("STANDOUT UNDERLINE REVERSE BLINK DIM BOLD ALTCHARSET INVIS PROTECT HORIZONTAL LEFT LOW RIGHT TOP VERTICAL ITALIC").split()
_COLORS = "BLACK RED GREEN YELLOW BLUE MAGENTA CYAN WHITE".split()
_EVENTS = "RELEASED PRESSED CLICKED DOUBLE_CLICKED TRIPLE_CLICKED".split()
# From 0o401 and 0o510 on, without gaps.
_KEYS_FIRST = "BREAK DOWN UP LEFT RIGHT HOME BACKSPACE F0".split()
_KEYS_LAST = (
    "DL IL DC IC EIC CLEAR EOS EOL SF SR NPAGE PPAGE STAB CTAB CATAB ENTER SRESET RESET PRINT LL A1 A3 B2 C1 C3 BTAB BEG CANCEL CLOSE COMMAND COPY "
    "CREATE END EXIT FIND HELP MARK MESSAGE MOVE NEXT OPEN OPTIONS PREVIOUS REDO REFERENCE REFRESH REPLACE RESTART RESUME SAVE SBEG SCANCEL SCOMMAND "
    "SCOPY SCREATE SDC SDL SELECT SEND SEOL SEXIT SFIND SHELP SHOME SIC SLEFT SMESSAGE SMOVE SNEXT SOPTIONS SPREVIOUS SPRINT SREDO SREPLACE SRIGHT "
    "SRSUME SSAVE SSUSPEND SUNDO SUSPEND UNDO MOUSE RESIZE"
).split()


def _constants():
    yield from (("A_NORMAL", 0), ("A_CHARTEXT", 0xFF), ("A_COLOR", 0xFF00), ("A_ATTRIBUTES", 0xFFFFFF00))
    yield from (("A_" + name, 1 << 16 + bit) for bit, name in enumerate(_BITS))
    yield from (("COLOR_" + name, number) for number, name in enumerate(_COLORS))
    for button in range(1, 6):
        yield from ((f"BUTTON{button}_{event}", 1 << (button - 1) * 5 + bit) for bit, event in enumerate(_EVENTS))
    yield from (("BUTTON_CTRL", 1 << 25), ("BUTTON_SHIFT", 1 << 26), ("BUTTON_ALT", 1 << 27))
    yield from (("ALL_MOUSE_EVENTS", (1 << 28) - 1), ("REPORT_MOUSE_POSITION", 1 << 28))
    yield from (("KEY_" + name, 0o401 + at) for at, name in enumerate(_KEYS_FIRST))
    yield from ((f"KEY_F{number}", 0o410 + number) for number in range(64))
    yield from (("KEY_" + name, 0o510 + at) for at, name in enumerate(_KEYS_LAST))
    yield from (("KEY_MIN", 0o401), ("KEY_MAX", 0o777))


# ITALIC is the last bit; the one before it is not used.
_BITS.insert(15, "_UNUSED")
globals().update((name, value) for name, value in _constants() if name != "A__UNUSED")

# The terminal's line-drawing characters, known after initscr(), by their letter.
_ACS = dict(
    ULCORNER="l", LLCORNER="m", URCORNER="k", LRCORNER="j", LTEE="t", RTEE="u", BTEE="v", TTEE="w", HLINE="q", VLINE="x", PLUS="n", S1="o", S9="s",
    DIAMOND="`", CKBOARD="a", DEGREE="f", PLMINUS="g", BULLET="~", LARROW=",", RARROW="+", DARROW=".", UARROW="-", BOARD="h", LANTERN="i", BLOCK="0",
    BSSB="l", SSBB="m", BBSS="k", SBBS="j", SBSS="u", SSSB="t", SSBS="v", BSSS="w", BSBS="q", SBSB="x", SSSS="n", S3="p", S7="r", LEQUAL="y",
    GEQUAL="z", PI="{", NEQUAL="|", STERLING="}",
)

version = __version__ = b"2.2"


class error(Exception):
    pass


error.__module__ = "_curses"


def _ncurses_version():
    import re
    from collections import namedtuple

    kind = namedtuple("ncurses_version", "major minor patch")
    kind.__module__ = "curses"
    found = re.findall(rb"\d+", _library.curses_version())
    return kind(*map(int, found[:3]))


ncurses_version = _ncurses_version()

_has_terminal = _has_screen = _has_color = False


def _need_terminal():
    if not _has_terminal:
        raise error("must call (at least) setupterm() first")


def _need_screen():
    if not _has_screen:
        raise error("must call initscr() first")


def _need_color():
    _need_screen()
    if not _has_color:
        raise error("must call start_color() first")


def _check(result, name):
    if result == ERR:
        raise error(f"{name}() returned ERR")


# ---- arguments ---------------------------------------------------------------------------------------------------------------------


def _index(value, low=-(2**31), high=2**31 - 1):
    value = value.__index__() if hasattr(value, "__index__") else _no_integer(value)
    if value > high:
        raise OverflowError("signed integer is greater than maximum")
    if value < low:
        raise OverflowError("signed integer is less than minimum")
    return value


def _short_int(value):
    value = _index(value)
    if not -(2**15) <= value < 2**15:
        raise OverflowError("signed short integer is " + ("less than minimum" if value < 0 else "greater than maximum"))
    return value


def _no_integer(value):
    raise TypeError(f"'{type(value).__name__}' object cannot be interpreted as an integer")


def _attribute(value):
    value = value.__index__() if hasattr(value, "__index__") else _no_integer(value)
    if not -(2**63) <= value < 2**63:
        raise OverflowError("Python int too large to convert to C long")
    return value & 0xFFFFFFFF


def _character(value, wide=True):
    """A chtype, or a str of one character."""
    if isinstance(value, str) and len(value) == 1:
        return value if wide else _encoded(value)
    if isinstance(value, bytes) and len(value) == 1:
        return value[0]
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            raise OverflowError("Python int too large to convert to C long")
        if not -(2**31) <= value < 2**32:
            raise OverflowError("byte doesn't fit in chtype")
        return value & 0xFFFFFFFF
    if isinstance(value, (str, bytes)):
        raise TypeError(f"expect int or bytes or str of length 1, got a {type(value).__name__} of length {len(value)}")
    raise TypeError(f"expect int or bytes or str of length 1, got {type(value).__name__}")


def _encoded(text, encoding=None):
    data = text.encode(encoding or _encoding())
    if len(data) != 1:
        raise OverflowError("byte doesn't fit in chtype")
    return data[0]


def _encoding():
    from _locale import getencoding

    return getencoding()


def _wide_cell(character, attr):
    cell = _Cell()
    _check(_library.setcchar(_ctypes.byref(cell), character, attr & ~A_COLOR & 0xFFFFFFFF, (attr & A_COLOR) >> 8, None), "setcchar")
    return _ctypes.byref(cell)


def _text(value):
    """A str or bytes without NULs."""
    if not isinstance(value, (str, bytes)):
        raise TypeError(f"expect bytes or str, got {type(value).__name__}")
    if ("\0" if isinstance(value, str) else b"\0") in value:
        raise ValueError("embedded null character" if isinstance(value, str) else "embedded null byte")
    return value


def _place(name, args, least, most):
    """Takes y and x off the arguments, which have them if there are more than `most`."""
    if not least <= len(args) <= most + 2 or (len(args) > most and len(args) < least + 2):
        raise TypeError(f"_curses.window.{name} requires {least} to {most + 2} arguments")
    if len(args) >= least + 2 and len(args) > most or len(args) == least + 2 and most < least + 2:
        return (_index(args[0]), _index(args[1])), args[2:]
    return None, args


# ---- windows -----------------------------------------------------------------------------------------------------------------------


class window:
    """A rectangle of the screen."""

    __slots__ = ("_at", "_parent", "_encoding", "__weakref__")

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_curses.window' instances")

    def __init_subclass__(cls):
        raise TypeError("type '_curses.window' is not an acceptable base type")

    def __del__(self):
        at = getattr(self, "_at", None)
        if at and at != _screen:
            for release in _dependents.pop(at, ()):
                release()
            _library.delwin(at)

    @property
    def encoding(self):
        return self._encoding

    @encoding.setter
    def encoding(self, value):
        if not isinstance(value, str):
            raise TypeError(f"setting encoding to a non-string, got {type(value).__name__}")
        value.encode("ascii")
        self._encoding = value

    @encoding.deleter
    def encoding(self):
        raise TypeError("encoding may not be deleted")

    def _to(self, place):
        if place is not None:
            _check(_library.wmove(self._at, *place), "wmove")

    def _put(self, name, args, narrow, wide, most=2):
        place, args = _place(name, args, 1, most)
        character, attr = _character(args[0]), _attribute(args[1]) if len(args) > 1 else 0
        self._to(place)
        if isinstance(character, str):
            _check(getattr(_library, wide)(self._at, _wide_cell(character, attr)), name)
        else:
            _check(getattr(_library, narrow)(self._at, character | attr), name)

    def addch(self, *args):
        """addch([y, x,] ch, [attr]): put a character at the cursor."""
        self._put("addch", args, "waddch", "wadd_wch")

    def insch(self, *args):
        """insch([y, x,] ch, [attr]): insert a character at the cursor."""
        self._put("insch", args, "winsch", "wins_wch")

    def echochar(self, ch, attr=0, /):
        """addch() and refresh() at once."""
        character, attr = _character(ch), _attribute(attr)
        if isinstance(character, str):
            _check(_library.wecho_wchar(self._at, _wide_cell(character, attr)), "echochar")
        else:
            _check(_library.wechochar(self._at, character | attr), "echochar")

    def _write(self, name, args, counted, narrow, wide):
        place, args = _place(name, args, 1 + counted, 2 + counted)
        text = _text(args[0])
        count = _index(args[1]) if counted else -1
        attr = _attribute(args[1 + counted]) if len(args) > 1 + counted else None
        old, pair = _chtype(), _short()
        if attr is not None:
            _library.wattr_get(self._at, _ctypes.byref(old), _ctypes.byref(pair), None)
            _library.wattrset(self._at, _ctypes.c_int32(attr).value)
        try:
            self._to(place)
            if isinstance(text, str):
                _check(getattr(_library, wide)(self._at, text, count), name)
            else:
                _check(getattr(_library, narrow)(self._at, text, count), name)
        finally:
            if attr is not None:
                _library.wattr_set(self._at, old.value, pair.value, None)

    def addstr(self, *args):
        """addstr([y, x,] str, [attr]): write text at the cursor."""
        self._write("addstr", args, 0, "waddnstr", "waddnwstr")

    def addnstr(self, *args):
        """addnstr([y, x,] str, n, [attr]): write up to n characters at the cursor."""
        self._write("addnstr", args, 1, "waddnstr", "waddnwstr")

    def insstr(self, *args):
        """insstr([y, x,] str, [attr]): insert text at the cursor."""
        self._write("insstr", args, 0, "winsnstr", "wins_nwstr")

    def insnstr(self, *args):
        """insnstr([y, x,] str, n, [attr]): insert up to n characters at the cursor."""
        self._write("insnstr", args, 1, "winsnstr", "wins_nwstr")

    def _line(self, name, args):
        place, args = _place(name, args, 2, 3)
        character, count, attr = _character(args[0]), _index(args[1]), _attribute(args[2]) if len(args) > 2 else 0
        self._to(place)
        if isinstance(character, str):
            _check(getattr(_library, f"w{name}_set")(self._at, _wide_cell(character, attr), count), name)
        else:
            _check(getattr(_library, "w" + name)(self._at, character | attr, count), name)

    def hline(self, *args):
        """hline([y, x,] ch, n, [attr]): draw a line to the right."""
        self._line("hline", args)

    def vline(self, *args):
        """vline([y, x,] ch, n, [attr]): draw a line downwards."""
        self._line("vline", args)

    def border(self, *args):
        """border([ls, rs, ts, bs, tl, tr, bl, br]): draw a border of these characters; 0 is the usual one."""
        if len(args) > 8:
            raise TypeError(f"border expected at most 8 arguments, got {len(args)}")
        characters = [_character(arg) for arg in args]
        characters += [0] * (8 - len(characters))
        if any(isinstance(character, str) for character in characters):
            if any(isinstance(character, int) and character for character in characters):
                raise TypeError("border() characters must be all str or all int or bytes")
            cells = [_wide_cell(character, 0) if character else None for character in characters]
            _check(_library.wborder_set(self._at, *cells), "border")
        else:
            _check(_library.wborder(self._at, *characters), "border")

    def box(self, *args):
        """box([verch, horch]): draw a border of two characters."""
        if len(args) not in (0, 2):
            raise TypeError("_curses.window.box requires 0 to 2 arguments" if len(args) > 2 else "box() requires both characters")
        vertical, horizontal = args or (0, 0)
        self.border(vertical, vertical, horizontal, horizontal)

    def _background(self, name, ch, attr, narrow, wide):
        character, attr = _character(ch), _attribute(attr)
        if isinstance(character, str):
            return getattr(_library, wide)(self._at, _wide_cell(character, attr))
        return getattr(_library, narrow)(self._at, character | attr)

    def bkgd(self, ch, attr=0, /):
        """Set the background, of what is there too."""
        _check(self._background("bkgd", ch, attr, "wbkgd", "wbkgrnd"), "bkgd")

    def bkgdset(self, ch, attr=0, /):
        """Set the background of what will be written."""
        self._background("bkgdset", ch, attr, "wbkgdset", "wbkgrndset")

    def attron(self, attr, /):
        """Switch attributes on."""
        _check(_library.wattron(self._at, _ctypes.c_int32(_attribute(attr)).value), "attron")

    def attroff(self, attr, /):
        """Switch attributes off."""
        _check(_library.wattroff(self._at, _ctypes.c_int32(_attribute(attr)).value), "attroff")

    def attrset(self, attr, /):
        """Set the attributes."""
        _check(_library.wattrset(self._at, _ctypes.c_int32(_attribute(attr)).value), "attrset")

    def chgat(self, *args):
        """chgat([y, x,] [n,] attr): give cells attributes; without n to the end of the line."""
        if not 1 <= len(args) <= 4:
            raise TypeError("_curses.window.chgat requires 1 to 4 arguments")
        place = (_index(args[0]), _index(args[1])) if len(args) > 2 else None
        count = _index(args[-2]) if len(args) in (2, 4) else -1
        attr = _attribute(args[-1])
        self._to(place)
        y, x = place or self.getyx()
        _check(_library.wchgat(self._at, count, attr & ~A_COLOR & 0xFFFFFFFF, (attr & A_COLOR) >> 8, None), "chgat")
        _library.wtouchln(self._at, y, 1, 1)

    def inch(self, *args):
        """inch([y, x]): the character at the cursor with its attributes."""
        self._to(_place("inch", args, 0, 0)[0])
        result = _library.winch(self._at)
        if result == 0xFFFFFFFF:
            raise error("inch() returned ERR")
        return result

    def _text(self, name, function, args):
        place, args = _place(name, args, 0, 1)
        count = _index(args[0]) if args else 2047
        if count < 0:
            raise ValueError("'n' must be nonnegative")
        self._to(place)
        buffer = _ctypes.create_string_buffer(2048)
        return b"" if function(self._at, buffer, min(count, 2047)) == ERR else buffer.value

    def instr(self, *args):
        """instr([y, x,] [n]): text from the cursor on, as bytes."""
        return self._text("instr", _library.winnstr, args)

    def getstr(self, *args):
        """getstr([y, x,] [n]): a line of input, as bytes."""
        return self._text("getstr", _library.wgetnstr, args)

    def getch(self, *args):
        """getch([y, x]): a key as a number; -1 if there is none in time."""
        self._to(_place("getch", args, 0, 0)[0])
        return _library.wgetch(self._at)

    def getkey(self, *args):
        """getkey([y, x]): a key as a str: a character, or a name."""
        self._to(_place("getkey", args, 0, 0)[0])
        key = _library.wgetch(self._at)
        if key == ERR:
            raise error("no input")
        return chr(key) if key <= 255 else (_library.keyname(key) or b"").decode("latin-1")

    def get_wch(self, *args):
        """get_wch([y, x]): a character as a str, or a key as a number."""
        self._to(_place("get_wch", args, 0, 0)[0])
        key = _int()
        kind = _library.wget_wch(self._at, _ctypes.byref(key))
        if kind == ERR:
            raise error("no input")
        return key.value if kind == _KEY_CODE_YES else chr(key.value)

    def delch(self, *args):
        """delch([y, x]): delete the character at the cursor."""
        self._to(_place("delch", args, 0, 0)[0])
        _check(_library.wdelch(self._at), "delch")

    def getbkgd(self, /):
        """The background character with its attributes."""
        return _library.getbkgd(self._at)

    def getyx(self, /):
        """(y, x) of the cursor."""
        return _library.getcury(self._at), _library.getcurx(self._at)

    def getbegyx(self, /):
        """(y, x) of the upper left corner."""
        return _library.getbegy(self._at), _library.getbegx(self._at)

    def getmaxyx(self, /):
        """(height, width)."""
        return _library.getmaxy(self._at), _library.getmaxx(self._at)

    def getparyx(self, /):
        """(y, x) in the parent, (-1, -1) without one."""
        return _library.getpary(self._at), _library.getparx(self._at)

    def enclose(self, y, x, /):
        """Whether a place of the screen is in the window."""
        return _library.wenclose(self._at, _index(y), _index(x))

    def is_linetouched(self, line, /):
        """Whether a line was changed since the last refresh()."""
        if not 0 <= _index(line) < _library.getmaxy(self._at):
            raise TypeError("is_linetouched: line number outside of boundaries")
        return _library.is_linetouched(self._at, line)

    def is_wintouched(self, /):
        """Whether the window was changed since the last refresh()."""
        return _library.is_wintouched(self._at)

    def _sub(self, name, args, function):
        if len(args) not in (2, 4):
            raise TypeError(f"_curses.window.{name} requires 2 to 4 arguments")
        numbers = [_index(arg) for arg in args]
        return _window(function(self._at, *([0] * (4 - len(numbers)) + numbers)), name, self)

    def derwin(self, *args):
        """derwin([nlines, ncols,] y, x): a window in this one, placed by the window's coordinates."""
        return self._sub("derwin", args, _library.derwin)

    def subwin(self, *args):
        """subwin([nlines, ncols,] y, x): a window in this one, placed by the screen's coordinates."""
        return self._sub("subwin", args, _library.subpad if _library.is_pad(self._at) else _library.subwin)

    subpad = subwin

    def _shown(self, name, args, window_function, pad_function):
        if _library.is_pad(self._at):
            if len(args) != 6:
                raise error("refresh() for a pad requires 6 arguments")
            _check(pad_function(self._at, *map(_index, args)), name)
        elif args:
            raise TypeError(f"{name}() takes no arguments (6 given)" if len(args) == 6 else f"_curses.window.{name} requires 0 to 6 arguments")
        else:
            _check(window_function(self._at), name)

    def refresh(self, *args):
        """refresh([pminrow, pmincol, sminrow, smincol, smaxrow, smaxcol]): show the window; a pad's part at a place of the screen."""
        self._shown("refresh", args, _library.wrefresh, _library.prefresh)

    def noutrefresh(self, *args):
        """noutrefresh(...): as refresh(), but wait with the output for doupdate()."""
        self._shown("noutrefresh", args, _library.wnoutrefresh, _library.pnoutrefresh)

    def _copy(self, name, other, args, whole, overlay):
        if not isinstance(other, window):
            raise TypeError(f"{name}() argument 1 must be _curses.window, not {type(other).__name__}")
        if not args:
            _check(whole(self._at, other._at), name)
        elif len(args) == 6:
            _check(_library.copywin(self._at, other._at, *map(_index, args), overlay), name)
        else:
            raise TypeError(f"_curses.window.{name} requires one or seven arguments")

    def overlay(self, destwin, *args):
        """overlay(destwin, [...]): copy the window over another, without its blanks."""
        self._copy("overlay", destwin, args, _library.overlay, 1)

    def overwrite(self, destwin, *args):
        """overwrite(destwin, [...]): copy the window over another."""
        self._copy("overwrite", destwin, args, _library.overwrite, 0)

    def scroll(self, *args):
        """scroll([lines]): scroll up."""
        if len(args) > 1:
            raise TypeError("_curses.window.scroll requires 0 to 1 arguments")
        _check(_library.wscrl(self._at, _index(args[0]) if args else 1), "scroll")

    def touchline(self, start, count, changed=True):
        """touchline(start, count, [changed]): mark lines as changed or not."""
        _check(_library.wtouchln(self._at, _index(start), _index(count), 1 if changed else 0), "touchline")

    def setscrreg(self, top, bottom, /):
        """Set the lines that scroll."""
        _check(_library.wsetscrreg(self._at, _index(top), _index(bottom)), "setscrreg")

    def putwin(self, file, /):
        """Write the window to a file, from which getwin() makes it again."""
        file.write(_through_file(lambda stream: _check(_library.putwin(self._at, stream), "putwin")))

    def timeout(self, delay, /):
        """How long getch() waits, in milliseconds; negative: without end."""
        _library.wtimeout(self._at, _index(delay))


_KEY_CODE_YES = 0o400
# By the address of a window: what must be released before it (panels; the collector may begin with the window).
_dependents = {}
_screen = None


def _simple_method(name, function, doc, flag=False, numbers=(), checked=True):
    """A method that passes its arguments on."""
    call = getattr(_library, function)
    if flag:
        def method(self, flag, /):
            result = call(self._at, bool(flag))
            return _check(result, name) if checked else None
    elif len(numbers) == 2:
        def method(self, y, x, /):
            _check(call(self._at, _index(y), _index(x)), name)
    elif len(numbers) == 1:
        def method(self, number, /):
            _check(call(self._at, _index(number)), name)
    else:
        def method(self, /):
            result = call(self._at)
            return _check(result, name) if checked else None
    method.__name__, method.__qualname__, method.__doc__ = name, "window." + name, doc
    setattr(window, name, method)


for _name, _doc in dict(
    clearok="Clear the whole screen at the next refresh().", idlok="Whether lines may be inserted and deleted by the terminal.",
    keypad="Whether special keys come as one number.", leaveok="Whether the cursor may stay anywhere.", nodelay="Whether getch() does not wait.",
    notimeout="Whether escape sequences have no time limit.", scrollok="Whether the window scrolls at its end.", syncok="Whether changes reach ancestors.",
).items():
    _simple_method(_name, _name, _doc, flag=True)
for _name, _doc in dict(idcok="Whether characters may be inserted and deleted by the terminal.", immedok="Whether each change is shown at once.").items():
    _simple_method(_name, _name, _doc, flag=True, checked=False)
for _name, _doc in dict(
    clear="Clear the window, and the screen at the next refresh().", erase="Clear the window.", clrtobot="Erase from the cursor on.",
    clrtoeol="Erase the rest of the line.", standout="Switch the standout attribute on.", standend="Switch all attributes off.",
).items():
    _simple_method(_name, "w" + _name, _doc)
for _name in ("redrawwin", "touchwin", "untouchwin"):
    _simple_method(_name, _name, "Mark the window as to be drawn again, changed, or not changed.")
for _name in ("syncup", "syncdown", "cursyncup"):
    _simple_method(_name, "w" + _name, "Pass changes or the cursor on to ancestors, or take them from there.", checked=False)
for _name, _function in dict(move="wmove", mvwin="mvwin", mvderwin="mvderwin", redrawln="wredrawln", resize="wresize").items():
    _simple_method(_name, _function, "Move the cursor or the window, draw lines again, or change the size.", numbers="yx")
_simple_method("insdelln", "winsdelln", "Insert lines, or delete them if the number is negative.", numbers="n")


def _deleteln(self, /):
    """Delete the cursor's line."""
    _check(_library.winsdelln(self._at, -1), "deleteln")


def _insertln(self, /):
    """Insert a line at the cursor."""
    _check(_library.winsdelln(self._at, 1), "insertln")


window.deleteln, window.insertln = _deleteln, _insertln
_deleteln.__name__, _insertln.__name__ = "deleteln", "insertln"


def _window(at, name, parent=None):
    if not at:
        raise error(f"{name}() returned NULL")
    made = object.__new__(window)
    made._at, made._parent, made._encoding = at, parent, parent._encoding if parent is not None else _encoding()
    return made


def _through_file(write=None, data=None):
    """What `write` writes to a C stream; or what `write` makes of a C stream with `data`."""
    import os
    import tempfile

    libc = _ctypes.CDLL(None)
    libc.fdopen.restype, libc.fdopen.argtypes, libc.fclose.argtypes = _pointer, [_int, _bytes], [_pointer]
    with tempfile.TemporaryFile() as file:
        if data is not None:
            file.write(data)
            file.seek(0)
        stream = libc.fdopen(os.dup(file.fileno()), b"wb+" if data is None else b"rb")
        try:
            result = write(stream)
        finally:
            libc.fclose(stream)
        if data is not None:
            return result
        file.seek(0)
        return file.read()


# ---- the terminal ------------------------------------------------------------------------------------------------------------------


def setupterm(term=None, fd=-1):
    """Prepare the use of a terminal: TERM and standard output unless told otherwise."""
    global _has_terminal
    if term is not None and not isinstance(term, str):
        raise TypeError(f"setupterm() argument 'term' must be str or None, not {type(term).__name__}")
    fd = _index(fd)
    if fd == -1:
        if getattr(_sys, "stdout", None) is None:
            raise error("lost sys.stdout")
        fd = _sys.stdout.fileno()
    if _has_terminal:
        return
    status = _int()
    if _library.setupterm(None if term is None else term.encode(), fd, _ctypes.byref(status)) == ERR:
        reasons = {0: "could not find terminal", -1: "could not find terminfo database"}
        raise error("setupterm: " + reasons.get(status.value, "unknown error"))
    _has_terminal = True


def initscr():
    """Begin, and give the window that is the whole screen."""
    global _has_terminal, _has_screen, _screen
    if _has_screen:
        _check(_library.wrefresh(_screen), "initscr")
        return _window(_screen, "initscr")
    _screen = _library.initscr()
    if not _screen:
        raise error("initscr() returned NULL")
    _has_terminal = _has_screen = True
    try:
        drawn = (_chtype * 128).in_dll(_library, "acs_map")
    except ValueError:
        drawn = range(128)
    globals().update(("ACS_" + name, drawn[ord(letter)]) for name, letter in _ACS.items())
    update_lines_cols()
    return _window(_screen, "initscr")


def _number(name):
    return _int.in_dll(_library, name).value


def update_lines_cols():
    """Set LINES and COLS as they are now."""
    import curses

    for name in ("LINES", "COLS"):
        globals()[name] = _number(name)
        setattr(curses, name, _number(name))


def _publish(name, function):
    function.__name__ = function.__qualname__ = name
    function.__module__ = "_curses"
    globals()[name] = function


def _plain(name, need=_need_screen, doc=None):
    call = getattr(_library, name)

    def function():
        need()
        _check(call(), name)

    function.__doc__ = doc or "Call the library's " + name + "()."
    _publish(name, function)


for _name in (
    "beep doupdate endwin flash nocbreak noecho nonl noraw resetty savetty def_prog_mode def_shell_mode reset_prog_mode reset_shell_mode flushinp"
).split():
    _plain(_name, _need_terminal if _name in ("def_prog_mode", "def_shell_mode") else _need_screen)


def _switch(name, off):
    on, off = getattr(_library, name), getattr(_library, off)

    def function(flag=True, /):
        _need_screen()
        _check((on if flag else off)(), name)

    function.__doc__ = "Switch a mode of the terminal on, or off."
    _publish(name, function)


for _name in ("cbreak", "echo", "nl", "raw"):
    _switch(_name, "no" + _name)


def qiflush(flag=True, /):
    """Whether interrupt keys flush the input."""
    _need_screen()
    (_library.qiflush if flag else _library.noqiflush)()


def noqiflush():
    """Interrupt keys leave the input alone."""
    _need_screen()
    _library.noqiflush()


def _with_number(name, need=_need_screen, gives=False):
    call = getattr(_library, name)

    def function(number, /):
        need()
        result = call(_index(number))
        _check(result, name)
        return result if gives else None

    function.__doc__ = "Call the library's " + name + "()."
    _publish(name, function)


for _name in ("curs_set", "delay_output", "typeahead", "set_escdelay", "set_tabsize"):
    _with_number(_name, (lambda: None) if _name.startswith("set_") else _need_screen, _name == "curs_set")


def halfdelay(tenths, /):
    """As cbreak(), but input that takes longer is an error."""
    _need_screen()
    if not 0 <= _index(tenths) <= 255:
        raise OverflowError("unsigned byte integer is " + ("greater than maximum" if tenths > 255 else "less than minimum"))
    _check(_library.halfdelay(tenths), "halfdelay")


def napms(ms, /):
    """Sleep for milliseconds."""
    _need_screen()
    return _library.napms(_index(ms))


def mouseinterval(interval, /):
    """How close the parts of a click must be, in milliseconds."""
    _need_screen()
    _check(_library.mouseinterval(_index(interval)), "mouseinterval")


def intrflush(flag, /):
    """Whether an interrupt key flushes the output."""
    _need_screen()
    _check(_library.intrflush(None, bool(flag)), "intrflush")


def meta(yes, /):
    """Whether input has eight bits."""
    _need_screen()
    _check(_library.meta(_screen, bool(yes)), "meta")


def filter():
    """Use one line of the screen only; before initscr()."""
    _library.filter()


def use_env(flag, /):
    """Whether LINES and COLUMNS of the environment count; before initscr()."""
    _library.use_env(bool(flag))


def _question(name, need=_need_screen):
    call = getattr(_library, name)

    def function():
        need()
        return call()

    function.__doc__ = "What the library's " + name + "() says."
    _publish(name, function)


for _name in ("has_colors", "can_change_color", "has_ic", "has_il", "isendwin", "baudrate", "termattrs", "longname", "termname", "erasechar", "killchar"):
    _question(_name)


def has_extended_color_support():
    """Whether there may be more than 256 colour pairs."""
    return hasattr(_library, "init_extended_pair")


def has_key(key, /):
    """Whether the terminal has a key."""
    _need_screen()
    return bool(_library.has_key(_index(key)))


def keyname(key, /):
    """A key's name, as bytes."""
    _need_screen()
    if _index(key) < 0:
        raise ValueError("invalid key number")
    return _library.keyname(key) or b""


def get_escdelay():
    """How long an escape sequence may take, in milliseconds."""
    return _number("ESCDELAY")


def get_tabsize():
    """The width of tabs."""
    return _number("TABSIZE")


def _current_screen():
    return _pointer.in_dll(_library, "newscr").value


def getsyx():
    """(y, x) of the virtual screen's cursor."""
    _need_screen()
    at = _current_screen()
    if _library.is_leaveok(_pointer(at)):
        return -1, -1
    return _library.getcury(at), _library.getcurx(at)


def setsyx(y, x, /):
    """Set the virtual screen's cursor; (-1, -1): anywhere."""
    _need_screen()
    y, x, at = _index(y), _index(x), _current_screen()
    if y == x == -1:
        _library.leaveok(at, True)
    else:
        _library.leaveok(at, False)
        _library.wmove(at, y, x)


def getmouse():
    """(id, x, y, z, state) of the event after KEY_MOUSE."""
    _need_screen()
    event = _Mouse()
    _check(_library.getmouse(_ctypes.byref(event)), "getmouse")
    return event.id, event.x, event.y, event.z, event.state


def ungetmouse(id, x, y, z, bstate, /):
    """Put a mouse event back."""
    _need_screen()
    event = _Mouse(_index(id), _index(x), _index(y), _index(z), bstate.__index__() & 0xFFFFFFFF)
    _check(_library.ungetmouse(_ctypes.byref(event)), "ungetmouse")


def mousemask(newmask, /):
    """Choose the mouse events that are reported: (those that can be, the choice before)."""
    _need_screen()
    old = _chtype()
    return _library.mousemask(newmask.__index__() & 0xFFFFFFFF, _ctypes.byref(old)), old.value


def newwin(nlines, ncols, *args):
    """newwin(nlines, ncols, [y, x]): a new window."""
    _need_screen()
    if len(args) not in (0, 2):
        raise TypeError("_curses.newwin requires 2 to 4 arguments")
    y, x = args or (0, 0)
    return _window(_library.newwin(_index(nlines), _index(ncols), _index(y), _index(x)), "newwin")


def newpad(nlines, ncols, /):
    """A new pad: a window that may be larger than the screen."""
    _need_screen()
    return _window(_library.newpad(_index(nlines), _index(ncols)), "newpad")


def getwin(file, /):
    """The window that putwin() wrote to a file."""
    _need_screen()
    return _window(_through_file(_library.getwin, file.read()), "getwin")


def is_term_resized(nlines, ncols, /):
    """Whether resize_term() would change anything."""
    _need_screen()
    return _library.is_term_resized(_index(nlines), _index(ncols))


def _resizer(name):
    call = getattr(_library, name)

    def function(nlines, ncols, /):
        _need_screen()
        _check(call(_short_int(nlines), _short_int(ncols)), name)
        update_lines_cols()

    function.__doc__ = "Take a new size of the terminal on."
    _publish(name, function)


for _name in ("resize_term", "resizeterm"):
    _resizer(_name)


def unctrl(ch, /):
    """How a character is shown, as bytes."""
    _need_screen()
    return _library.unctrl(_character(ch, wide=False)) or b""


def ungetch(ch, /):
    """Put a key back."""
    _need_screen()
    _check(_library.ungetch(_ctypes.c_int32(_character(ch, wide=False)).value), "ungetch")


def unget_wch(ch, /):
    """Put a character back."""
    _need_screen()
    if isinstance(ch, str):
        if len(ch) != 1:
            raise TypeError(f"expect str of length 1 or int, got a str of length {len(ch)}")
    elif isinstance(ch, int):
        if not -(2**63) <= ch < 2**63:
            raise OverflowError("int doesn't fit in long")
        if not 0 <= ch <= 0x10FFFF:
            raise OverflowError("character doesn't fit in wchar_t")
        ch = chr(ch)
    else:
        raise TypeError(f"expect int or str of length 1, got {type(ch).__name__}")
    _check(_library.unget_wch(ch), "unget_wch")


# ---- capabilities ------------------------------------------------------------------------------------------------------------------


def tigetflag(capname, /):
    """A capability that is a flag: 1, 0, or -1 for what is none."""
    _need_terminal()
    return _library.tigetflag(_text(capname).encode())


def tigetnum(capname, /):
    """A capability that is a number; -1 if the terminal lacks it, -2 for what is none."""
    _need_terminal()
    return _library.tigetnum(_text(capname).encode())


_library.tigetstr.restype = _pointer


def tigetstr(capname, /):
    """A capability that is a string, as bytes; None if there is none."""
    _need_terminal()
    at = _library.tigetstr(_text(capname).encode())
    return None if at in (None, 0, 2**64 - 1) else _ctypes.string_at(at)


def tparm(str, i1=0, i2=0, i3=0, i4=0, i5=0, i6=0, i7=0, i8=0, i9=0, /):
    """A capability with its parameters put in, as bytes."""
    _need_terminal()
    numbers = [_ctypes.c_long(_index(number)) for number in (i1, i2, i3, i4, i5, i6, i7, i8, i9)]
    result = _library.tparm(_bytes(bytes(str)), *numbers)
    if result is None:
        raise error("tparm() returned NULL")
    return result


def putp(string, /):
    """Put a capability out."""
    _need_terminal()
    _check(_library.putp(bytes(string)), "putp")


# ---- colours -----------------------------------------------------------------------------------------------------------------------

_extended = hasattr(_library, "init_extended_pair")


def _color(value, least=0):
    value = value.__index__() if hasattr(value, "__index__") else _no_integer(value)
    most = _number("COLORS") - 1
    if value > most:
        raise ValueError(f"Color number is greater than COLORS-1 ({most}).")
    if value < least:
        raise ValueError("Color number is less than 0.")
    return value


def _pair(value):
    value = value.__index__() if hasattr(value, "__index__") else _no_integer(value)
    most = _number("COLOR_PAIRS") - 1
    if _has_default_colors:
        most += 2 * _number("COLORS") + 1
    if not _extended:
        most = min(most, 0x7FFF)
    if value > most:
        raise ValueError(f"Color pair is greater than COLOR_PAIRS-1 ({most}).")
    if value < 0:
        raise ValueError("Color pair is less than 0.")
    return value


_has_default_colors = False


def start_color():
    """Begin to use colours."""
    global _has_color
    _need_screen()
    _check(_library.start_color(), "start_color")
    _has_color = True
    globals().update(COLORS=_number("COLORS"), COLOR_PAIRS=_number("COLOR_PAIRS"))


def color_content(color_number, /):
    """(red, green, blue) of a colour, each from 0 to 1000."""
    _need_color()
    color, kind = _color(color_number), _int if _extended else _short
    parts = kind(), kind(), kind()
    call = _library.extended_color_content if _extended else _library.color_content
    if call(color, *map(_ctypes.byref, parts)) == ERR:
        raise error(f"{call.__name__}() returned ERR")
    return tuple(part.value for part in parts)


def init_color(color_number, r, g, b, /):
    """Change a colour; its parts are from 0 to 1000."""
    _need_color()
    color = _color(color_number)
    for part in (r, g, b):
        if not 0 <= _index(part) <= 1000:
            raise ValueError("Color component is " + ("less than 0." if part < 0 else "greater than 1000."))
    call = _library.init_extended_color if _extended else _library.init_color
    _check(call(color, r, g, b), call.__name__)


def pair_content(pair_number, /):
    """(foreground, background) of a colour pair."""
    _need_color()
    pair, kind = _pair(pair_number), _int if _extended else _short
    parts = kind(), kind()
    call = _library.extended_pair_content if _extended else _library.pair_content
    _check(call(pair, *map(_ctypes.byref, parts)), call.__name__)
    return parts[0].value, parts[1].value


def init_pair(pair_number, fg, bg, /):
    """Choose the colours of a pair; -1 is the terminal's own."""
    _need_color()
    call = _library.init_extended_pair if _extended else _library.init_pair
    if call(_pair(pair_number), _color(fg, -1), _color(bg, -1)) == ERR:
        if pair_number >= _number("COLOR_PAIRS"):
            raise ValueError(f"Color pair is greater than COLOR_PAIRS-1 ({_number('COLOR_PAIRS') - 1}).")
        raise error(f"{call.__name__}() returned ERR")


def color_pair(pair_number, /):
    """The attribute of a colour pair."""
    _need_color()
    return _index(pair_number) << 8 & A_COLOR


def pair_number(attr, /):
    """The colour pair of an attribute."""
    _need_color()
    return (_index(attr, -(2**63), 2**63 - 1) & A_COLOR) >> 8


def use_default_colors():
    """Let -1 be the terminal's own colours."""
    assume_default_colors(-1, -1)


def assume_default_colors(fg, bg, /):
    """Let pair 0 have these colours."""
    global _has_default_colors
    _need_color()
    _check(_library.assume_default_colors(_color(fg, -1), _color(bg, -1)), "assume_default_colors")
    _has_default_colors = True


del _name, _doc, _function
