#!/usr/bin/env python3
"""Writes the character tables of the East Asian codecs: cjk_tables.py OUT (crates/stdlib-data/src/cjk/tables.bin).

The tables are asked of the Python that runs this (a CPython 3.14 with these codecs), by decoding every sequence of one, two and three
bytes and encoding every character. Each encoding is written as its difference to another, so that the same characters are there once;
which one, and how its bytes are carried over, crates/stdlib-data/src/cjk/table.rs knows as well.

The file is a deflated sequence of little-endian 16-bit numbers, for each encoding of ENCODINGS:
  256 numbers: what a byte alone means, a character, 0xFFFF nothing, 0xFFFE the first of several;
  runs of two-byte codes: their number; each first code, length, plane; then for each run that many characters (0xFFFF: none);
  the same for three-byte codes behind 0x8F;
  codes that mean two characters: their number; each high byte or 0, code, the two characters;
  characters that encode otherwise than decoding, turned round, would say: their number; each plane, character, code's high part, low part
  (0xFFFF 0xFFFF: not at all).
Then the ranges of GB 18030's four-byte codes: their number; each first character, length, place of its code.
"""
import struct
import sys
import zlib

ENCODINGS = [
    ("euc_jp", None),
    ("shift_jis", "euc_jp"),
    ("cp932", "shift_jis"),
    ("euc_jis_2004", "euc_jp"),
    ("euc_jisx0213", "euc_jis_2004"),
    ("shift_jis_2004", "euc_jis_2004"),
    ("shift_jisx0213", "shift_jis_2004"),
    ("gb2312", None),
    ("gbk", "gb2312"),
    ("gb18030", "gbk"),
    ("euc_kr", None),
    ("cp949", "euc_kr"),
    ("johab", None),
    ("big5", None),
    ("cp950", "big5"),
    ("big5hkscs", "big5"),
]
NONE, LEAD = 0xFFFF, 0xFFFE
CHARACTERS = [chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000]


def to_shift_jis(code):
    row, cell = (code >> 8) - 0xA1, (code & 0xFF) - 0xA1
    first = 0x81 + row // 2
    second = 0x40 + cell + 94 * (row & 1)
    return (first + 0x40 * (first > 0x9F)) << 8 | second + (second >= 0x7F)


def decoded(data, encoding):
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def decode_tables(encoding):
    single = []
    for byte in range(256):
        try:
            single.append(ord(bytes([byte]).decode(encoding)))
        except UnicodeDecodeError as error:
            single.append(LEAD if error.reason.startswith("incomplete") else NONE)
    codes = {}
    for first in range(256):
        if single[first] != LEAD or first < 0x80:
            continue
        for second in range(256):
            text = decoded(bytes([first, second]), encoding)
            if text is not None:
                codes[first << 8 | second] = text
            elif first == 0x8F and encoding.startswith("euc_j"):
                for third in range(256):
                    text = decoded(bytes([first, second, third]), encoding)
                    if text is not None:
                        codes[first << 16 | second << 8 | third] = text
    return single, codes


def runs_of(codes):
    runs = []
    for code in sorted(codes):
        plane, character = codes[code] >> 16, codes[code] & 0xFFFF
        if runs and runs[-1][0] + len(runs[-1][2]) == code and runs[-1][1] == plane:
            runs[-1][2].append(character)
        else:
            runs.append((code, plane, [character]))
    return runs


def main(out):
    words, tables = [], {}
    for encoding, parent in ENCODINGS:
        single, codes = decode_tables(encoding)
        if "gb18030" != encoding and any(0x10000 <= code and encoding[:5] != "euc_j" for code in codes):
            raise SystemExit(encoding)
        tables[encoding] = codes
        inherited = dict(tables.get(parent, {}))
        if encoding.startswith("shift_jis") and parent.startswith("euc"):
            inherited = {to_shift_jis(code): text for code, text in inherited.items() if code < 0x10000 and code >> 8 >= 0xA1}
        pairs = {code: text for code, text in codes.items() if len(text) == 2}
        change = {}
        for code in codes.keys() | inherited.keys():
            if code in pairs:
                if code in inherited and len(inherited[code]) == 1:
                    change[code] = NONE
            elif code not in codes:
                change[code] = NONE
            elif codes[code] != inherited.get(code):
                change[code] = ord(codes[code])
        words += single
        for wide in (False, True):
            runs = runs_of({code & 0xFFFF: c for code, c in change.items() if (code > 0xFFFF) == wide})
            words.append(len(runs))
            for first, plane, characters in runs:
                words += [first, len(characters), plane]
            for first, plane, characters in runs:
                words += characters
        words.append(len(pairs))
        for code in sorted(pairs):
            words += [code >> 16, code & 0xFFFF, *map(ord, pairs[code])]
        # What turning the tables round gives, the first code of a character winning.
        turned = {}
        for byte, c in enumerate(single):
            if c < LEAD:
                turned.setdefault(chr(c), byte)
        for code in sorted(codes):
            if len(codes[code]) == 1:
                turned.setdefault(codes[code], code)
        differences, four = [], []
        for character in CHARACTERS:
            try:
                data = character.encode(encoding)
            except UnicodeEncodeError:
                data = b""
            if len(data) == 4 and encoding == "gb18030":
                four.append((ord(character), data))
            code = int.from_bytes(data) if data and len(data) < 4 else None
            if code != turned.get(character):
                differences.append((character, 0xFFFFFFFF if code is None else code))
        words.append(len(differences))
        for character, code in differences:
            words += [ord(character) >> 16, ord(character) & 0xFFFF, code >> 16, code & 0xFFFF]
        print(encoding, len(codes), len(change), len(pairs), len(differences), len(words), file=sys.stderr)
        if four:
            ranges = []
            for c, (a, b, d, e) in four:
                if c > 0xFFFF:
                    break
                place = (((a - 0x81) * 10 + b - 0x30) * 126 + d - 0x81) * 10 + e - 0x30
                if ranges and ranges[-1][0] + ranges[-1][1] == c and ranges[-1][2] + ranges[-1][1] == place:
                    ranges[-1][1] += 1
                else:
                    ranges.append([c, 1, place])
    words.append(len(ranges))
    for first, length, place in ranges:
        words += [first, length, place]
    compress = zlib.compressobj(9, wbits=-15)
    data = compress.compress(struct.pack("<%dH" % len(words), *words)) + compress.flush()
    open(out, "wb").write(data)
    print(len(words) * 2, "->", len(data), file=sys.stderr)


main(*sys.argv[1:])
