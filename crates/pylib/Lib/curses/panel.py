"""Windows with depth: panels stacked over one another."""

from _curses_panel import *
