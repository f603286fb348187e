"""A rectangle for text on the screen, with the editing keys of Emacs."""

import curses
import curses.ascii


def rectangle(win, uly, ulx, lry, lrx):
    """Draw a box with these upper left and lower right corners."""
    win.vline(uly + 1, ulx, curses.ACS_VLINE, lry - uly - 1)
    win.hline(uly, ulx + 1, curses.ACS_HLINE, lrx - ulx - 1)
    win.hline(lry, ulx + 1, curses.ACS_HLINE, lrx - ulx - 1)
    win.vline(uly + 1, lrx, curses.ACS_VLINE, lry - uly - 1)
    win.addch(uly, ulx, curses.ACS_ULCORNER)
    win.addch(uly, lrx, curses.ACS_URCORNER)
    win.addch(lry, lrx, curses.ACS_LRCORNER)
    win.addch(lry, ulx, curses.ACS_LLCORNER)


class Textbox:
    """Edits text inside a window, which serves as the only store.

    Ctrl-A  to the left edge            Ctrl-K  delete to the end of the line
    Ctrl-B  left, wrapping              Ctrl-L  refresh the screen
    Ctrl-D  delete the character        Ctrl-N  down
    Ctrl-E  to the end of the line      Ctrl-O  insert a line here
    Ctrl-F  right, wrapping             Ctrl-P  up
    Ctrl-G  done                        Ctrl-H  delete backwards
    Ctrl-J  done if the window has one line, else a new line

    Moves that would leave the window do nothing. The arrow keys and backspace work where the
    terminal has them.
    """

    def __init__(self, win, insert_mode=False):
        self.win = win
        self.insert_mode = insert_mode
        self._update_max_yx()
        self.stripspaces = 1
        self.lastcmd = None
        win.keypad(1)

    def _update_max_yx(self):
        maxy, maxx = self.win.getmaxyx()
        self.maxy = maxy - 1
        self.maxx = maxx - 1

    def _char(self, y, x):
        """The text of a cell, as a number; blank where there is none."""
        text = self.win.instr(y, x, 1)
        return text[0] if text else curses.ascii.SP

    def _end_of_line(self, y):
        """Column after the last character of the line that is not blank."""
        self._update_max_yx()
        last = self.maxx
        while True:
            if self._char(y, last) != curses.ascii.SP:
                return min(self.maxx, last + 1)
            if last == 0:
                return 0
            last -= 1

    def _insert_printable_char(self, ch):
        self._update_max_yx()
        y, x = self.win.getyx()
        home = None
        while True:
            pushed_out = self.win.inch() if self.insert_mode else None
            if y >= self.maxy and x >= self.maxx:
                # The cursor cannot go on from the last cell: insch() leaves it, and does not scroll.
                self.win.insch(ch)
                break
            self.win.addch(ch)
            if not self.insert_mode or not curses.ascii.isprint(pushed_out):
                break
            ch = pushed_out
            y, x = self.win.getyx()
            if home is None:
                home = y, x
        if home is not None:
            self.win.move(*home)

    def do_command(self, ch):
        """Carry out one key; 0 when editing is over."""
        self._update_max_yx()
        y, x = self.win.getyx()
        self.lastcmd = ch
        key = curses.ascii
        if key.isprint(ch):
            self._insert_printable_char(ch)
        elif ch == key.SOH:
            self.win.move(y, 0)
        elif ch in (key.STX, curses.KEY_LEFT, key.BS, curses.KEY_BACKSPACE, key.DEL):
            if x > 0:
                self.win.move(y, x - 1)
            elif y == 0:
                pass
            elif self.stripspaces:
                self.win.move(y - 1, self._end_of_line(y - 1))
            else:
                self.win.move(y - 1, self.maxx)
            if ch in (key.BS, curses.KEY_BACKSPACE, key.DEL):
                self.win.delch()
        elif ch == key.EOT:
            self.win.delch()
        elif ch == key.ENQ:
            if self.stripspaces:
                self.win.move(y, self._end_of_line(y))
            else:
                self.win.move(y, self.maxx)
        elif ch in (key.ACK, curses.KEY_RIGHT):
            if x < self.maxx:
                self.win.move(y, x + 1)
            elif y < self.maxy:
                self.win.move(y + 1, 0)
        elif ch == key.BEL:
            return 0
        elif ch == key.NL:
            if self.maxy == 0:
                return 0
            if y < self.maxy:
                self.win.move(y + 1, 0)
        elif ch == key.VT:
            if x == 0 and self._end_of_line(y) == 0:
                self.win.deleteln()
            else:
                # Clearing must not move the cursor.
                self.win.move(y, x)
                self.win.clrtoeol()
        elif ch == key.FF:
            self.win.refresh()
        elif ch in (key.SO, curses.KEY_DOWN):
            if y < self.maxy:
                self.win.move(y + 1, min(x, self._end_of_line(y + 1)))
        elif ch == key.SI:
            self.win.insertln()
        elif ch in (key.DLE, curses.KEY_UP):
            if y > 0:
                self.win.move(y - 1, min(x, self._end_of_line(y - 1)))
        return 1

    def gather(self):
        """The text in the window."""
        lines = []
        self._update_max_yx()
        for y in range(self.maxy + 1):
            self.win.move(y, 0)
            stop = self._end_of_line(y)
            if stop == 0 and self.stripspaces:
                continue
            columns = range(self.maxx + 1)
            if self.stripspaces:
                columns = range(min(stop, self.maxx) + 1)
            line = "".join(chr(self._char(y, x)) for x in columns)
            lines.append(line + "\n" if self.maxy > 0 else line)
        return "".join(lines)

    def edit(self, validate=None):
        """Edit until Ctrl-G and return the text; validate() may replace or drop (0) keys."""
        while True:
            ch = self.win.getch()
            if validate:
                ch = validate(ch)
            if not ch:
                continue
            if not self.do_command(ch):
                break
            self.win.refresh()
        return self.gather()


if __name__ == "__main__":
    def _demo(screen):
        width, height = 9, 4
        left, top = 15, 20
        screen.addstr(top - 2, left, "Use Ctrl-G to end editing.")
        win = curses.newwin(height, width, top, left)
        rectangle(screen, top - 1, left - 1, top + height, left + width)
        screen.refresh()
        return Textbox(win).edit()

    print("Contents of text box:", repr(curses.wrapper(_demo)))
