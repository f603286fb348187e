"""Panels: windows in a stack that know what covers them, through the panel library of the system."""

import _curses
import ctypes as _ctypes

_library = _curses._load(("libpanelw.so.6", "libpanelw.so.5", "libpanelw.so"))
_pointer, _int = _ctypes.c_void_p, _ctypes.c_int
for _name in ("new_panel", "panel_above", "panel_below"):
    _function = getattr(_library, _name)
    _function.restype, _function.argtypes = _pointer, [_pointer]
for _name in ("del_panel", "hide_panel", "show_panel", "top_panel", "bottom_panel", "panel_hidden"):
    getattr(_library, _name).argtypes = [_pointer]
_library.move_panel.argtypes = [_pointer, _int, _int]
_library.replace_panel.argtypes = [_pointer, _pointer]

version = __version__ = "2.1"


class error(Exception):
    pass


error.__module__ = "_curses_panel"

# The panels that live, by their address; weakly, since a panel leaves the stack when it dies.
_alive = {}
_NOTHING = object()


def _check(result, name):
    if result == -1:
        raise error(f"{name}() returned ERR")


class panel:
    """A window in the stack."""

    __slots__ = ("_state", "_window", "_pointed", "__weakref__")

    def __new__(cls, *args, **kwargs):
        raise TypeError("cannot create '_curses_panel.panel' instances")

    def __init_subclass__(cls):
        raise TypeError("type '_curses_panel.panel' is not an acceptable base type")

    def __del__(self):
        state = getattr(self, "_state", None)
        if state is not None:
            state.release()

    @property
    def _at(self):
        return self._state.at

    def above(self, /):
        """The panel above, or None."""
        return _find(_library.panel_above(self._at), "panel_above")

    def below(self, /):
        """The panel below, or None."""
        return _find(_library.panel_below(self._at), "panel_below")

    def bottom(self, /):
        """Put the panel at the bottom."""
        _check(_library.bottom_panel(self._at), "bottom_panel")

    def top(self, /):
        """Put the panel on top."""
        _check(_library.top_panel(self._at), "top_panel")

    def hide(self, /):
        """Take the panel out of the stack."""
        _check(_library.hide_panel(self._at), "hide_panel")

    def show(self, /):
        """Put a hidden panel on top."""
        _check(_library.show_panel(self._at), "show_panel")

    def hidden(self, /):
        """Whether the panel is hidden."""
        return bool(_library.panel_hidden(self._at))

    def move(self, y, x, /):
        """Move the panel on the screen."""
        _check(_library.move_panel(self._at, _curses._index(y), _curses._index(x)), "move_panel")

    def replace(self, win, /):
        """Give the panel another window."""
        if not isinstance(win, _curses.window):
            raise TypeError(f"replace() argument must be _curses.window, not {type(win).__name__}")
        _check(_library.replace_panel(self._at, win._at), "replace_panel")
        at, self._state.at = self._at, None
        self._state.release()
        self._state, self._window = _State(at, win._at), win

    def window(self, /):
        """The panel's window."""
        return self._window

    def set_userptr(self, obj, /):
        """Keep an object with the panel."""
        self._pointed = obj

    def userptr(self, /):
        """The object kept with the panel."""
        if self._pointed is _NOTHING:
            raise error("no userptr set")
        return self._pointed


class _State:
    """A panel of the library, which is deleted once: with its object, or with its window if that goes first."""

    __slots__ = ("at", "window")

    def __init__(self, at, window):
        self.at, self.window = at, window
        _curses._dependents.setdefault(window, []).append(self.release)

    def release(self):
        at, self.at = self.at, None
        if at:
            _alive.pop(at, None)
            _library.del_panel(at)
        waiting = _curses._dependents.get(self.window)
        if waiting and self.release in waiting:
            waiting.remove(self.release)
            if not waiting:
                del _curses._dependents[self.window]


def _find(at, name):
    if not at:
        return None
    found = _alive.get(at)
    found = found and found()
    if found is None:
        raise RuntimeError(f"{name}: can't find panel object")
    return found


def new_panel(win, /):
    """A panel for a window, on top of the stack."""
    from _weakref import ref

    if not isinstance(win, _curses.window):
        raise TypeError(f"new_panel() argument must be _curses.window, not {type(win).__name__}")
    at = _library.new_panel(win._at)
    if not at:
        raise error("new_panel() returned NULL")
    made = object.__new__(panel)
    made._state, made._window, made._pointed = _State(at, win._at), win, _NOTHING
    _alive[at] = ref(made)
    return made


def bottom_panel():
    """The panel at the bottom, or None."""
    _curses._need_screen()
    return _find(_library.panel_above(None), "panel_above")


def top_panel():
    """The panel on top, or None."""
    _curses._need_screen()
    return _find(_library.panel_below(None), "panel_below")


def update_panels():
    """Bring the virtual screen up to date with the stack; doupdate() shows it."""
    _curses._need_screen()
    _library.update_panels()


del _name, _function
