import gettext
import locale
import string

print(locale.setlocale(locale.LC_ALL, "C"), locale.localeconv()["decimal_point"], locale.format_string("%.2f %d", (1234.5, 1000000), grouping=True), locale.atof("1.5"), locale.atoi("12"), locale.str(1.5), locale.strcoll("a", "b") < 0, locale.strxfrm("a"), locale.normalize("en_US"), locale.delocalize("1,5") if False else locale.getlocale(locale.LC_CTYPE))
t = gettext.NullTranslations()
print(t.gettext("hello"), t.ngettext("one", "many", 1), t.ngettext("one", "many", 2), t.pgettext("c", "m"), gettext.find("nothing"), gettext.gettext("x"), gettext.c2py("n != 1")(2), [gettext.c2py("n%10==1 && n%100!=11 ? 0 : n != 0 ? 1 : 2")(n) for n in (0, 1, 5, 11, 21)])
for spec in ("", "d", "b", "#o", "+x", "X", "c", "n", "e", "08.3f", "%", "_d", ",d", "<8", "^8d", "*>8d", "=+8d", " d", "_b"):
    print(repr(spec), repr(format(1234567 if spec != "c" else 65, spec)), end=" ")
print()
for spec in ("", ".3", ".3f", "10.2e", "g", "G", "%", "+.1%", "_.2f", ",.1f", "#.0f", "z.0f", "<10", "010.3f", "n", ".0e", "#g"):
    print(repr(spec), repr(format(-1234.5678, spec)), repr(format(0.0001, spec)), repr(format(float("inf"), spec)), end=" ")
print()
for spec in ("", "5", "<5", ">5", "^5", ".2", "*^6.3", "s"):
    print(repr(format("text", spec)), end=" ")
print(format(1 + 2j, ".2f"), format(-1.5j, "+"), format(True, "d"), format(None, ""), f"{3:{'>'}{5}}", f"{'a'!r:^{7}}", "%5.1f|%-5d|%+d|%x|%#o|%e|%c|%r|%s|%%|%05d|%.3s" % (3.14159, 42, 7, 255, 8, 12345.678, "z", "r", "s", 42, "truncate"), "%(a)s %(b)03d" % {"a": 1, "b": 2})
for bad in ("d|x", "s|1", ".2d|1", "c|-1", "q|1", ",_|1", "+|s", "=5|s", "5.|1.0", "n,|1", ",x|255", "#s|a", "z|1", "c|1114112"):
    spec, value = bad.split("|")
    value = int(value) if value.lstrip("-").isdigit() else float(value) if "." in value else value
    try:
        print(format(value, spec))
    except (ValueError, OverflowError) as error:
        print(spec, type(error).__name__, error)
for bad in (lambda: "%d" % "x", lambda: "%s %s" % 1, lambda: "%s" % (1, 2), lambda: "%(a)s" % 1, lambda: "%(a)s" % {}, lambda: "%z" % 1, lambda: "%c" % "ab", lambda: "%x" % 1.5, lambda: "%" % (), lambda: "%(a" % {}, lambda: "%*d" % ("a", 1), lambda: "{" .format(), lambda: "}".format(), lambda: "{0}{}".format(1), lambda: "{a.b}".format(a=1), lambda: "{!z}".format(1), lambda: "{[}".format(1), lambda: "{:{:{}}}".format(1, 2, 3)):
    try:
        print(bad())
    except (ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        print(type(error).__name__, error)
