"""Encodings of East Asia: characters by checksum, errors, state of incremental codecs, streams."""
import codecs
import io
import zlib

ENCODINGS = """gb2312 gbk gb18030 hz big5hkscs cp932 shift_jis euc_jp euc_jisx0213 shift_jisx0213 euc_jis_2004 shift_jis_2004
cp949 euc_kr johab big5 cp950 iso2022_jp iso2022_jp_1 iso2022_jp_2 iso2022_jp_2004 iso2022_jp_3 iso2022_jp_ext iso2022_kr""".split()
TEXT = "".join(map(chr, [*range(0x20, 0x500), *range(0x2000, 0x2700, 3), *range(0x3000, 0x3300), *range(0x4E00, 0xA000, 11),
                         *range(0xAC00, 0xD7A4, 17), *range(0xFF00, 0xFFE8), *range(0x20000, 0x20400, 5)]))

for encoding in ENCODINGS:
    data = TEXT.encode(encoding, "ignore")
    back = data.decode(encoding, "replace")
    print(encoding, len(data), zlib.crc32(data), zlib.crc32(back.encode()))

for data, encoding in [(b"a\xa4", "euc_jp"), (b"\xff", "shift_jis"), (b"\x81\x30\x81", "gb18030"), (b"\xa4\xd4\xa4\xa1", "euc_kr"),
                       (b"~{\x21", "hz"), (b"\x1b$Bxx\x7f", "iso2022_jp"), (b"\x1b$(Zxx", "iso2022_jp_2")]:
    try:
        print(data.decode(encoding))
    except UnicodeDecodeError as error:
        print(error)
    print(ascii(data.decode(encoding, "replace")), ascii(data.decode(encoding, "backslashreplace")))
for text, encoding in [("a\udc80", "euc_jp"), ("\u0e01", "gb2312"), ("\xe6\u0301\u1234", "euc_jis_2004")]:
    try:
        print(text.encode(encoding))
    except UnicodeEncodeError as error:
        print(error)
    print(text.encode(encoding, "replace"), text.encode(encoding, "xmlcharrefreplace"))

for encoding in "euc_jis_2004", "iso2022_jp_2", "hz", "big5hkscs":
    encoder = codecs.getincrementalencoder(encoding)("replace")
    print([(encoder.encode(c), encoder.getstate()) for c in "\xe6\u0300\u3042\xca\u4e2da"], encoder.encode("", True))
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    print([(decoder.decode(bytes([b])), decoder.getstate()) for b in b"\x1b$B\x24\x22\x1b(B~{VP~}\x88\x62"], ascii(decoder.decode(b"", True)))

stream = codecs.getreader("gb18030")(io.BytesIO("一\n二\n\U00012345".encode("gb18030")))
print(ascii(stream.readline()), ascii(stream.read(1)), ascii(stream.read()), stream.errors)
out = io.BytesIO()
writer = codecs.getwriter("iso2022_kr")(out)
writer.writelines(["가", "a", "나"])
writer.reset()
print(out.getvalue())
print("\u10a0\u10a1".encode("idna"))
