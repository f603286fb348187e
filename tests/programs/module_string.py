import string

print(string.ascii_letters, string.digits, string.hexdigits, string.punctuation, repr(string.whitespace), len(string.printable))
print(string.capwords("hello  wORLD again"), string.capwords("a-b-c", "-"))
t = string.Template("$who owes ${amount}$$ to $who2, ${who}s")
print(t.substitute(who="Ada", amount=5, who2="Bob"), t.safe_substitute({"who": "X"}), t.get_identifiers(), t.is_valid(), string.Template("$ 1").is_valid())


class Percent(string.Template):
    delimiter = "%"
    idpattern = "[a-z]+"


print(Percent("%x and %{y} %%").substitute(x=1, y=2))
f = string.Formatter()
print(f.format("{0} {name!r:>6} {0:{width}}", 7, name="n", width=4), list(f.parse("a{b!r:c}d{{e}}")), f.vformat("{x[0]} {x[1].real}", (), {"x": [1, 2]}))


class Default(string.Formatter):
    def get_value(self, key, args, kwargs):
        return kwargs.get(key, f"<{key}>") if isinstance(key, str) else args[key]


print(Default().format("{a} {b}", a=1))
for bad in (lambda: t.substitute(who=1), lambda: string.Template("$ x").substitute(), lambda: f.format("{}{1}", 1, 2), lambda: f.format("{x}"), lambda: f.format("{0")):
    try:
        bad()
    except (KeyError, ValueError, IndexError) as error:
        print(type(error).__name__, error)
