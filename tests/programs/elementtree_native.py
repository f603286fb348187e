"""_elementtree: elements, builders, parsers, what they refuse, and what changes under their hands."""
import copy
import gc
import pickle
import warnings
import weakref
import xml.etree.ElementTree as ET

warnings.simplefilter("ignore", DeprecationWarning)
E = ET.Element


def attempt(what, *args, **kwargs):
    try:
        print("gives", repr(what(*args, **kwargs)).split(" at 0x")[0])
    except Exception as exc:
        print(type(exc).__name__, "|", exc, "|", getattr(exc, "code", "-"), getattr(exc, "position", "-"))


def put(element, key, value):
    element[key] = value


def take(element, key):
    del element[key]


print(E.__module__, ET.TreeBuilder.__module__, ET.XMLParser.__module__, ET.ParseError.__mro__[1].__name__)
attempt(E)
attempt(E, "a", 1)
attempt(E, "a", attrib=1)
e = E("a", {"x": "1"}, z="3")
print(e.items(), e.keys(), e.attrib, e.get("x"), e.get("no", 5))
for what, args in [
    (ET.SubElement, (e, "b", {"k": "v"})), (ET.SubElement, (1, "b")), (ET.SubElement, (e, "b", 1)), (e.append, (1,)), (e.extend, ([1],)),
    (e.extend, (1,)), (e.insert, (0, 1)), (e.insert, (-1, E("first"))), (e.remove, (E("other"),)), (lambda: e[9], ()), (lambda: e["x"], ()),
    (lambda: [c.tag for c in e], ()), (put, (e, 0, 1)), (put, (e, 9, E("q"))), (put, (e, slice(0, 1), 5)), (put, (e, slice(0, 0), [E("n"), E("m")])),
    (lambda: [c.tag for c in e[::-1]], ()), (put, (e, slice(None, None, 2), [E("q")])), (take, (e, slice(None, None, 2))),
    (lambda: [c.tag for c in e], ()), (take, (e, 9)), (take, (e, -1)), (len, (e,)), (setattr, (e, "attrib", 1)), (delattr, (e, "text")),
    (e.makeelement, ("t", {"a": "b"})), (e.__setstate__, (1,)), (e.__setstate__, ({},)), (e.__setstate__, ({"tag": "t", "_children": 1},)),
]:
    attempt(what, *args)

tree = ET.XML('<r a="1">t0<x>t1</x>t2<y b="2"><x>t3</x></y>t4<!-- no --><z/></r>')
print([n.tag for n in tree.iter()], [n.text for n in tree.iter("x")], list(tree.itertext()))
print(tree.find("x").text, tree.findtext("y/x"), tree.findtext("none", "default"), [n.tag for n in tree.findall("*")], tree.find("z").text)
for clone in (copy.copy(tree), copy.deepcopy(tree), pickle.loads(pickle.dumps(tree))):
    print(ET.tostring(clone), clone[0] is tree[0])
reference = weakref.ref(tree)
tree.append(ET.SubElement(tree, "loop"))
tree[-1].append(tree)
del tree, clone
gc.collect()
print(reference())


class Shy(str):
    def __eq__(self, other):
        parent.clear()
        return False

    __hash__ = str.__hash__


parent = E("p")
for _ in range(3):
    ET.SubElement(parent, Shy("c"))
print(parent.find("c"), len(parent), parent.findall("c"), list(parent.iter("nothing")))
deep = top = E("d")
for _ in range(100000):
    deep = ET.SubElement(deep, "d")
print(sum(1 for _ in top.iter()))
del top, deep

# Builders.
builder = ET.TreeBuilder(insert_comments=True, insert_pis=True)
attempt(builder.end, "x")
root = builder.start("a", {})
builder.data("one")
builder.data("two")
builder.comment("c")
builder.data("after")
builder.pi("t", "d")
builder.start("b", {"k": "v"})
builder.end("b")
builder.data("tail")
builder.end("a")
print(ET.tostring(builder.close()))
attempt(builder.start, "again", {})
attempt(builder.start, "b", 1)

# Parsers.
for text in ["<a>", "<a></b>", "", "<a/>x", "<a>&foo;</a>", '<!DOCTYPE a SYSTEM "s"><a>&foo;</a>', "<a b='1' b='2'/>", "<a\0/>", b"\xff\xfe<\0a\0/\0>\0"]:
    attempt(ET.XML, text)
parser = ET.XMLParser()
parser.entity["foo"] = "bar"
parser.feed('<!DOCTYPE a SYSTEM "s"><a>1&foo;2&lt;3\r\n4')
parser.feed("</a>")
print(repr(parser.close().text))
attempt(parser.feed, "x")
attempt(ET.XMLParser.__new__(ET.XMLParser).feed, "x")
attempt(ET.XMLParser(target=1)._setevents, [])
attempt(ET.XMLParser()._setevents, [], ["unknown"])
pull = ET.XMLPullParser(("start", "end", "start-ns", "end-ns", "comment", "pi"))
pull.feed('<?x y?><a xmlns:q="u"><q:b k="v"/>t<!--d--></a>')
print([(event, getattr(what, "tag", what) if not callable(getattr(what, "tag", None)) else what.text) for event, what in pull.read_events()])


class Target:
    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args: print(name, args)


parser = ET.XMLParser(target=Target())
parser.feed('<!DOCTYPE a PUBLIC "p" "s"><a xmlns="u" xmlns:p="v" p:k="1">\n<b/>t&#65;<![CDATA[<]]><!--c--><?p q?></a>')
parser.close()


class Failing:
    def start(self, tag, attrs):
        raise KeyError(tag)

    def close(self):
        return "closed"


parser = ET.XMLParser(target=Failing())
attempt(parser.feed, "<a><b/></a>")
