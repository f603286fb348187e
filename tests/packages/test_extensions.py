# Compiled wheels: numbers, markup, pictures, cryptography, serialisers, greenlets.
import datetime, io, json
import numpy as np
a = np.arange(12.0).reshape(3, 4)
print(a.T @ a, np.linalg.det(a[:, :3] + np.eye(3)).round(6), np.fft.rfft([1, 2, 3, 4]), a[a > 5].sum(), np.sort(np.array([3, 1, 2]))[::-1], a.astype("f4").dtype, np.random.default_rng(1).integers(0, 10, 5))
print(np.array([("a", 1)], dtype=[("n", "U3"), ("v", "i4")]), np.einsum("ij,ij->i", a, a), repr(np.float64(0.1)), np.datetime64("2024-02-28") + 2)
try:
    a @ np.ones(3)
except ValueError as error:
    print(error)
from lxml import etree, html
tree = etree.fromstring("<r xmlns:n='u'><a k='1'>x</a><n:b/>t</r>")
print(tree.xpath("//a/@k"), etree.tostring(tree, pretty_print=True), html.fromstring("<p>a<b>c</p>").text_content(), tree.find("{u}b").tag)
print(etree.XSLT(etree.XML("<xsl:stylesheet version='1.0' xmlns:xsl='http://www.w3.org/1999/XSL/Transform'><xsl:template match='/'><o><xsl:value-of select='//a'/></o></xsl:template></xsl:stylesheet>"))(tree))
try:
    etree.fromstring("<a><b></a>")
except etree.XMLSyntaxError as error:
    print(error)
from PIL import Image, ImageDraw, ImageFilter
image = Image.new("RGB", (20, 10), "red")
ImageDraw.Draw(image).ellipse((2, 2, 12, 8), fill=(0, 255, 0))
out = io.BytesIO()
image.filter(ImageFilter.BLUR).resize((10, 5)).save(out, "PNG")
print(Image.open(io.BytesIO(out.getvalue())).getpixel((3, 2)), image.getcolors(), np.asarray(image).shape)
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
key = Fernet(b"A" * 43 + b"=")
print(key.decrypt(key.encrypt(b"secret")), AESGCM(b"k" * 16).encrypt(b"n" * 12, b"data", None).hex())
signer = ed25519.Ed25519PrivateKey.from_private_bytes(b"s" * 32)
signer.public_key().verify(signer.sign(b"m"), b"m")
digest = hashes.Hash(hashes.SHA256())
digest.update(b"x")
print(digest.finalize().hex(), signer.sign(b"m").hex()[:20])
import pydantic
class User(pydantic.BaseModel):
    name: str = pydantic.Field(min_length=2)
    age: int | None = None
    tags: list[str] = []
    @pydantic.field_validator("name")
    @classmethod
    def upper(cls, value):
        return value.title()
print(User(name="ann", age="3", tags=("a",)), User.model_validate_json('{"name": "bob"}').model_dump(), sorted(User.model_json_schema()))
try:
    User(name="x", age="y")
except pydantic.ValidationError as error:
    print([(e["loc"], e["type"], e["msg"]) for e in error.errors()])
import yaml
print(yaml.load("a: [1, 2.5, yes]\nb: {c: 2024-01-02}\nd: |\n  x\n  y\n", Loader=yaml.CSafeLoader), yaml.dump({"k": [1, {"z": None}]}, Dumper=yaml.CSafeDumper))
import orjson, msgpack
print(orjson.dumps({"d": datetime.datetime(2024, 1, 2), "l": [1.5, None, "ü"]}, option=orjson.OPT_SORT_KEYS), orjson.loads(b'{"a": [1]}'), msgpack.unpackb(msgpack.packb({"a": [1, b"x", 2.5]})))
try:
    orjson.loads(b"[1,")
except orjson.JSONDecodeError as error:
    print(error)
import cffi
ffi = cffi.FFI()
ffi.cdef("size_t strlen(const char *); int abs(int); struct p { int x; double y; };")
libc = ffi.dlopen(None)
p = ffi.new("struct p *", {"x": 1, "y": 2.5})
print(libc.strlen(b"hello"), libc.abs(-3), p.x + p.y, ffi.sizeof("struct p"), ffi.string(ffi.new("char[]", b"abc")), ffi.callback("int(int)", lambda n: n * 2)(21))
import psutil
me = psutil.Process()
print(me.pid > 0, me.memory_info().rss > 10**6, psutil.virtual_memory().total > 0, me.name() != "", psutil.cpu_count() > 0)
import greenlet
def child(x):
    while x < 100:
        x = greenlet.getcurrent().parent.switch(x * 2)
    return "end"
g = greenlet.greenlet(child)
print(g.switch(3), g.switch(5), g.switch(200), g.dead)
import regex
print(regex.findall(r"(?P<w>\p{Lu}\w+)(?=\s)", "Über Alles x"), regex.sub(r"(\d)+", lambda m: str(m.captures(1)), "a123"), regex.fullmatch(r"(?:cats|cat){e<=1}", "cit") is not None)
import markupsafe
print(markupsafe.escape("<a>") + markupsafe.Markup("<b>%s</b>") % "<i>")
import pandas as pd
frame = pd.DataFrame({"k": list("aab"), "v": [1, 2, 3], "d": pd.date_range("2024-01-01", periods=3)})
print(frame.groupby("k")["v"].agg(["sum", "mean"]), frame.pivot_table(index="k", values="v"), pd.read_csv(io.StringIO("x,y\n1,2\n3,")).to_dict(), frame.merge(pd.DataFrame({"k": ["a"], "w": [9]}), how="left"), frame.describe().loc["mean", "v"])
print(json.loads(frame.to_json(orient="records", date_format="iso"))[0], frame.set_index("d").resample("2D")["v"].sum().tolist())
