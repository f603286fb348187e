"""Writes crates/unicode/data/*.txt: the character properties that str needs, as facts asked of a reference Python.

usage: python3.14 tools/unicode_tables.py crates/unicode/data

properties.txt: runs of code points with the same properties: first code point, flags (hex), decimal, digit, and the distances to the
simple lower, upper, title and folded forms. special.txt: characters with longer forms: lower, upper, title, folded.
"""
import sys
import unicodedata
import _sre

FLAGS = ["alpha", "decimal", "digit", "numeric", "lower", "upper", "title", "space", "printable", "xid_start", "xid_continue",
         "cased", "case_ignorable", "special"]


def properties(cp):
    c = chr(cp)
    forms = c.lower(), c.upper(), c.title(), c.casefold()
    special = any(len(f) > 1 for f in forms)
    lower, upper = c.islower(), c.isupper()
    title = unicodedata.category(c) == "Lt"
    after = ("a" + c + "\u03a3").lower().endswith("\u03c2")
    cased_only = ("1" + c + "\u03a3").lower().endswith("\u03c2")
    cased = lower or upper or title
    flags = [c.isalpha(), c.isdecimal(), c.isdigit(), c.isnumeric(), lower, upper, title, c.isspace(), c.isprintable(),
             c.isidentifier(), ("a" + c).isidentifier(), cased, after and not cased_only, special]
    low = _sre.unicode_tolower(cp)
    up = forms[1] if len(forms[1]) == 1 else forms[2] if len(forms[2]) == 1 else c
    ti = forms[2] if len(forms[2]) == 1 else up
    fold = forms[3] if len(forms[3]) == 1 else c
    bits = sum(1 << i for i, f in enumerate(flags) if f)
    return (bits, unicodedata.decimal(c, -1), unicodedata.digit(c, -1),
            low - cp, ord(up) - cp, ord(ti) - cp, ord(fold) - cp), forms if special else None


def main(out):
    last = None
    note = f"# Unicode {unicodedata.unidata_version}, written by tools/unicode_tables.py\n"
    with open(f"{out}/properties.txt", "w") as runs, open(f"{out}/special.txt", "w") as specials:
        runs.write(note + "# " + " ".join(f"{1 << i:x}={name}" for i, name in enumerate(FLAGS)) + "\n")
        specials.write(note)
        for cp in range(0x110000):
            record, forms = properties(cp)
            if record != last:
                runs.write(f"{cp:x} {record[0]:x} " + " ".join(map(str, record[1:])) + "\n")
                last = record
            if forms:
                specials.write(f"{cp:x};" + ";".join(" ".join(f"{ord(x):x}" for x in f) for f in forms) + "\n")


main(sys.argv[1])
