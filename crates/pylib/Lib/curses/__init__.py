"""curses: character-cell terminals.

The work is done by the native module _curses; this package adds what that cannot know before a
terminal has been opened: ACS_* characters after initscr(), COLORS and COLOR_PAIRS after
start_color().

    import curses
    screen = curses.initscr()
"""

from _curses import *
import os as _os
import sys as _sys


def initscr():
    """Open the terminal and return the window that is the whole screen."""
    import _curses
    import curses

    # A failing initscr() of the C library ends the process, setupterm() raises.
    setupterm(term=_os.environ.get("TERM", "unknown"), fd=_sys.__stdout__.fileno())
    screen = _curses.initscr()
    for name, value in _curses.__dict__.items():
        if name[:4] == "ACS_" or name in ("LINES", "COLS"):
            setattr(curses, name, value)
    return screen


def start_color():
    """Switch to colours; COLORS and COLOR_PAIRS are known from here on."""
    import _curses
    import curses

    _curses.start_color()
    for name in ("COLORS", "COLOR_PAIRS"):
        if hasattr(_curses, name):
            setattr(curses, name, getattr(_curses, name))


try:
    has_key
except NameError:
    from .has_key import has_key


def wrapper(func, /, *args, **kwds):
    """Call func(screen, ...) with the terminal set up for full-screen programs.

    Keys come unechoed and one by one, colours are on where there are any; however func ends, the
    terminal is put back in order.
    """
    screen = None
    try:
        screen = initscr()
        noecho()
        cbreak()
        screen.keypad(1)
        try:
            start_color()
        except Exception:
            # Not every terminal has colours.
            pass
        return func(screen, *args, **kwds)
    finally:
        if screen is not None:
            screen.keypad(0)
            echo()
            nocbreak()
            endwin()
