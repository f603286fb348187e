import unicodedata as u

for c in "Aé٣½ﬁ\u0301\u200d한\U0001f600\n\ud800":
    print(f"{ord(c):#x}", u.name(c, "none"), u.category(c), u.bidirectional(c), u.combining(c), u.east_asian_width(c), u.mirrored(c), u.decomposition(c), u.decimal(c, None), u.digit(c, None), u.numeric(c, None))
for form in ("NFC", "NFD", "NFKC", "NFKD"):
    print(form, [f"{ord(x):x}" for x in u.normalize(form, "é한ﬁe\u0301①Å")], u.is_normalized(form, "é"))
print(u.lookup("GREEK SMALL LETTER ALPHA"), u.lookup("LATIN SMALL LETTER E WITH ACUTE"), u.unidata_version, u.ucd_3_2_0.unidata_version, u.name("\u4e00"), u.name("\uac00"), "\N{SNOWMAN}")
print("ß".upper(), "İ".lower(), "ǆ".title(), "ΑΣ".lower(), "ﬃ".casefold(), "ŉ".capitalize(), "\u1e9e".lower(), "Ǆ".swapcase())
print([m for m in ("isalpha", "isdigit", "isdecimal", "isnumeric", "isspace", "isidentifier", "isprintable", "islower") if getattr("²", m)()], "٣".isdecimal(), int("٣٤"), float("１.５"), "\u2003".isspace(), "ª".islower())
for bad in (lambda: u.name("\0"), lambda: u.lookup("NO SUCH"), lambda: u.decimal("a"), lambda: u.numeric("a"), lambda: u.normalize("X", "a"), lambda: u.name("ab"), lambda: u.category(1)):
    try:
        bad()
    except (ValueError, KeyError, TypeError) as error:
        print(type(error).__name__, error)
