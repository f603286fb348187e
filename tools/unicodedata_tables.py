"""Writes crates/stdlib-data/data/unicodedata*.txt, the facts of `unicodedata`, from the reference's module.

Lines: `R category bidirectional combining width mirrored` (a record, numbered in order), `S start record` (code points from start on have it),
`N code decimal digit numeric` (`-` for none), `D code mapping` (`D! ` if the mapping is not composed again). The file of version 3.2.0
has only the mappings that differ from today's, and `C code mapping` for those that were corrected since.
"""

import sys
import unicodedata


def value(function, char):
    found = function(char, None)
    return "-" if found is None else repr(found)


def write(path, data, base=None):
    records, lines = {}, []
    last = None
    for code in range(sys.maxunicode + 1):
        c = chr(code)
        record = (data.category(c), data.bidirectional(c) or "-", data.combining(c), data.east_asian_width(c), data.mirrored(c))
        if record != last:
            last = record
            number = records.setdefault(record, len(records))
            lines.append(f"S {code:x} {number}")
    for code in range(sys.maxunicode + 1):
        c = chr(code)
        numbers = (value(data.decimal, c), value(data.digit, c), value(data.numeric, c))
        if numbers != ("-", "-", "-"):
            lines.append("N " + " ".join([f"{code:x}", *numbers]))
        if base is not None and data.category(c) != "Cn" and data.normalize("NFD", c) != base.normalize("NFD", c):
            lines.append(f"C {code:x} {ord(data.normalize('NFD', c)):x}")
        mapping = data.decomposition(c)
        if 0xAC00 <= code < 0xD7A4:
            continue
        if base is not None and (mapping == base.decomposition(c) or data.category(c) == "Cn"):
            continue
        if mapping:
            excluded = not mapping.startswith("<") and data.normalize("NFC", c) != c
            lines.append(f"D{'!' if excluded else ''} {code:x} {mapping}")
    with open(path, "w", encoding="ascii") as out:
        for record in records:
            print("R", *record, file=out)
        print(*lines, sep="\n", file=out)


write("crates/stdlib-data/data/unicodedata.txt", unicodedata)
write("crates/stdlib-data/data/unicodedata_3_2_0.txt", unicodedata.ucd_3_2_0, unicodedata)
