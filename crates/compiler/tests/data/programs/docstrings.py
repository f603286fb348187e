"""   A docstring that is
    indented
        in its lines.
\t
    """
"A second string."


def only():
    "Just this."


def f():
    """

    Starts with blank lines.
      More.

    """
    "second"
    return f


class C:
    "One line.  "


async def g(): 'doc'; "other"; 1; x


def not_a_docstring():
    f"formatted"
    "late"


def bytes_first():
    b"bytes"


def formatted():
    "%s" % ("folded",)


class D:
    """Only."""
    def m(self):
        """Doc."""
