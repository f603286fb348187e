# Native codecs: what they give, where they find errors, and what error handlers do.
import _codecs
import codecs


def show(label, function, *args):
    try:
        result = ascii(function(*args))
    except (UnicodeEncodeError, UnicodeDecodeError) as e:
        result = f"{type(e).__name__} {e.encoding} {e.start} {e.end} {e.reason}; {ascii(str(e))}"
    except Exception as e:
        result = f"{type(e).__name__}: {ascii(str(e))} {getattr(e, '__notes__', '')}"
    print(label, "->", result)


handlers = ["strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace", "namereplace", "surrogateescape", "surrogatepass"]
encodings = ["utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7", "latin-1", "ascii", "cp1252", "unicode_escape", "raw_unicode_escape", "utf-8-sig", "cp037", "koi8-r"]
texts = ["", "abc", "a\xe9", "\u20ac\u1234", "\U0001f600x", "a\ud800\udc80b", "\udcff\udc80", "+-~\\\t\n\x00\x7f\x80\xff"]
for encoding in encodings:
    for text in texts:
        show(f"{text!a}.encode({encoding!r})", text.encode, encoding)
        try:
            data = text.encode(encoding)
        except UnicodeError:
            continue
        show("  and back", data.decode, encoding)
for encoding in "ascii", "latin-1", "utf-8", "utf-16-le", "utf-32-be", "cp1252":
    for handler in handlers:
        for text in "a\u20ac\xe9b", "x\ud800\udcffy", "\udc80\ud800":
            show(f"{text!a}.encode({encoding!r}, {handler!r})", text.encode, encoding, handler)
blobs = [b"", b"abc", b"\xff", b"a\xe9b", b"\xc3\xa9", b"\xc3", b"\xe2\x82", b"\xe2\x82\xac\xf0\x9f\x98\x80", b"\xf0\x90\x80", b"\xf0\x80\x80\x80", b"\xed\xa0\x80", b"\xed\xb2\x80z", b"\xf4\x90\x80\x80", b"\xc0\x80\xe0\x80x", b"a\x00b", b"\x00\xd8\x00\xdc", b"\x00\xd8a\x00", b"\x00\xdc", b"\xff\xfea\x00", b"\xfe\xff\x00a\x00", b"\x00\x00\xfe\xff\x00\x00\x00a", b"\x00\x00\x11\x00", b"\x81\x8d"]
for encoding in "utf-8", "ascii", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "cp1252", "latin-1", "utf-7":
    for handler in handlers:
        for data in blobs:
            show(f"{data!a}.decode({encoding!r}, {handler!r})", data.decode, encoding, handler)
for data in b"+", b"+!", b"+-", b"+AA-", b"+AAB-", b"+2AA-", b"+2AAx", b"+2D3eAA-x", b"+AGE-b", b"+AGEc!", b"a+AGE", b"\xff", b"+AGE", b"+AA", b"+AGEA":
    show(f"utf-7 {data}", data.decode, "utf-7")
    show(f"utf-7 partly {data}", _codecs.utf_7_decode, data, "strict", False)
for data in rb"\x41\u20ac\U0001f600\N{SPACE}\N{LATIN SMALL LETTER A}\101\n\t\\\'\"\a\b\f\v\r", b"a\\\nb", b"\xe9", b"\\", b"\\x1", b"\\x1g", b"\\u12", b"\\U00110000", b"\\N", b"\\N{", b"\\N{}", b"\\N{foo}", b"\\Nx":
    for encoding in "unicode_escape", "raw_unicode_escape":
        show(f"{encoding} {data}", data.decode, encoding)
        show(f"{encoding} {data} replace", data.decode, encoding, "replace")
    show(f"unicode_escape partly {data}", _codecs.unicode_escape_decode, data, "strict", False)
    show(f"raw_unicode_escape partly {data}", _codecs.raw_unicode_escape_decode, data, "strict", False)
    show(f"escape_decode {data}", _codecs.escape_decode, data)
for data in b"\xe2", b"\xe2\x82", b"a\xf0\x9f", b"\xff", b"\xed\xa0", b"\xc3\xa9\xc3":
    show(f"utf-8 partly {data}", _codecs.utf_8_decode, data, "strict", False)
    show(f"utf-8 partly {data} replace", _codecs.utf_8_decode, data, "replace")
for data in b"\xff", b"\xff\xfe", b"\xff\xfea", b"\xfe\xff\x00a\xd8", b"\x00\xd8", b"a\x00\x00\xd8\x00", b"\xff\xfe\x00\x00a":
    show(f"utf-16 partly {data}", _codecs.utf_16_ex_decode, data, "strict", 0, False)
    show(f"utf-32 partly {data}", _codecs.utf_32_ex_decode, data, "strict", 0, False)
show("escape_encode", _codecs.escape_encode, b"a'\"\n\xff\\")
show("readbuffer_encode", _codecs.readbuffer_encode, "\xe9")
show("escape_decode", _codecs.escape_decode, b"\\x1", "foo")
show("escape_decode", _codecs.escape_decode, b"\\x1z", "replace")

for encoding in "foo", "hex", "rot13", "utf-8\0":
    show(encoding, "x".encode, encoding)
    show(encoding, b"x".decode, encoding)
show("encode", codecs.encode, "a", "foo")
show("encode", codecs.encode, b"abc", "hex")
show("decode", codecs.decode, b"\xff", "utf-8", "foo")
show("str", str, b"\xff", "utf-8", "foo")
show("str", str, 5, "utf-8")
show("str", str, "x", "utf-8")
show("str", str, bytearray(b"ab\xff"), "latin-1")
show("str", str, memoryview(b"ab\xff"), "utf-8", "replace")

print([codecs.lookup_error(name).__name__ for name in handlers])
show("lookup_error", codecs.lookup_error, "foo")
for name in handlers:
    handler = codecs.lookup_error(name)
    show(name, handler, 5)
    show(name, handler, UnicodeEncodeError("ascii", "a\u20ac\udc80b", 1, 2, "r"))
    show(name, handler, UnicodeEncodeError("utf-8", "a\udc80b", 1, 2, "r"))
    show(name, handler, UnicodeDecodeError("utf-8", b"a\xff\xed\xa0\x80", 1, 2, "r"))
    show(name, handler, UnicodeDecodeError("utf-8", b"a\xff\xed\xa0\x80", 2, 3, "r"))
    show(name, handler, UnicodeTranslateError("a\u20acb", 1, 2, "r"))
show("register", codecs.register, 5)
show("register_error", codecs.register_error, "x", 5)
show("unregister_error", _codecs._unregister_error, "strict")
show("unregister_error", _codecs._unregister_error, "foo")


def register(result):
    def handler(exc):
        seen.append((type(exc).__name__, exc.encoding, exc.start, exc.end, exc.reason))
        if len(seen) > 4:
            raise RuntimeError("again and again")
        return result

    codecs.register_error("test.own", handler)


for result in ("x", 1), ("x", -1), (b"x", 1), ("\u1234", 1), ("", 9), ("", -9), 5, ("x",), ("x", 1, 2), (5, 1), ("x", "y"):
    register(result)
    for encoding in "ascii", "utf-8", "utf-16-le", "cp1252":
        seen = []
        show(f"{result!a} {encoding} encode", "\ud800z".encode, encoding, "test.own")
        show(f"{result!a} {encoding} decode", b"\x81\xffz".decode, encoding, "test.own")
        print(seen)


def search(name):
    if name == "my_own":
        return codecs.CodecInfo(lambda text, errors="strict": (text.upper().encode(), len(text)), lambda data, errors="strict": (bytes(data).decode().lower(), len(data)), name=name)
    if name == "bad":
        return (1, 2)


codecs.register(search)
show("own", "text".encode, "My-Own")
show("own", b"TEXT".decode, "my own")
show("bad", "text".encode, "bad")
codecs.unregister(search)
show("gone", "text".encode, "my-own")
table = "".join(map(chr, range(256)))
print(type(codecs.charmap_build(table)).__name__, type(codecs.charmap_build("x" + table)).__name__)
show("charmap", codecs.charmap_encode, "a\xe9", "strict", codecs.charmap_build(table))
for mapping in {97: 256}, {97: "x"}, {97: b"xyz"}, {97: None}, {}, {97: 98}, {97: 1.5}:
    show(f"charmap {mapping}", codecs.charmap_encode, "a", "strict", mapping)
    show(f"charmap {mapping}", codecs.charmap_decode, b"a", "strict", mapping)
show("charmap", codecs.charmap_decode, b"\x00\x01\x02", "replace", "ab\ufffe")
show("charmap", codecs.charmap_encode, "a\u1234b", "replace", {97: 65, 98: 66, 63: b"?!"})
show("charmap", codecs.charmap_encode, "a\u1234b", "xmlcharrefreplace", {97: 65, 98: 66})
decoder = codecs.getincrementaldecoder("utf-8")()
print([decoder.decode(bytes([byte])) for byte in "a\u20ac\U0001f600".encode()], decoder.decode(b"", True))
decoder = codecs.getincrementaldecoder("utf-16")()
print([decoder.decode(bytes([byte])) for byte in "a\u20ac\U0001f600".encode("utf-16")])
