"""Names of the ASCII control characters and tests for classes of characters.

All functions take a character or its code.
"""

(NUL, SOH, STX, ETX, EOT, ENQ, ACK, BEL, BS, TAB, LF, VT, FF, CR, SO, SI,
 DLE, DC1, DC2, DC3, DC4, NAK, SYN, ETB, CAN, EM, SUB, ESC, FS, GS, RS, US, SP) = range(33)
HT = TAB
NL = LF
DEL = 0x7F

controlnames = """
NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI
DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US SP
""".split()


def _ctoi(c):
    return ord(c) if isinstance(c, str) else c


def isalnum(c):
    return isalpha(c) or isdigit(c)


def isalpha(c):
    return isupper(c) or islower(c)


def isascii(c):
    return 0 <= _ctoi(c) <= 127


def isblank(c):
    return _ctoi(c) in (TAB, SP)


def iscntrl(c):
    return 0 <= _ctoi(c) <= US or _ctoi(c) == DEL


def isdigit(c):
    return 48 <= _ctoi(c) <= 57


def isgraph(c):
    return 33 <= _ctoi(c) <= 126


def islower(c):
    return 97 <= _ctoi(c) <= 122


def isprint(c):
    return 32 <= _ctoi(c) <= 126


def ispunct(c):
    return isgraph(c) and not isalnum(c)


def isspace(c):
    return _ctoi(c) in (TAB, LF, VT, FF, CR, SP)


def isupper(c):
    return 65 <= _ctoi(c) <= 90


def isxdigit(c):
    return isdigit(c) or 65 <= _ctoi(c) <= 70 or 97 <= _ctoi(c) <= 102


def isctrl(c):
    return 0 <= _ctoi(c) < SP


def ismeta(c):
    return _ctoi(c) > 127


def _like(c, code):
    """The code in the form that c has."""
    return chr(code) if isinstance(c, str) else code


def ascii(c):
    """The character without its eighth bit."""
    return _like(c, _ctoi(c) & 0x7F)


def ctrl(c):
    """The character typed with the control key."""
    return _like(c, _ctoi(c) & 0x1F)


def alt(c):
    """The character with its eighth bit set."""
    return _like(c, _ctoi(c) | 0x80)


def unctrl(c):
    """A printable form: ^X for control characters, ! before those with the eighth bit."""
    code = _ctoi(c)
    if code == DEL:
        text = "^?"
    elif isprint(code & 0x7F):
        text = chr(code & 0x7F)
    else:
        text = "^" + chr((code & 0x7F | 0x20) + 0x20)
    return "!" + text if code & 0x80 else text
