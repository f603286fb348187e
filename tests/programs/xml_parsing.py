# pyexpat: events with their places, document types, entities, namespaces, encodings, text in pieces, errors.
import xml.etree.ElementTree as ET
import xml.dom.minidom
import xml.sax
from xml.parsers import expat


def events(data, *, separator=None, chunk=None, handlers=None, **settings):
    parser = expat.ParserCreate(namespace_separator=separator)
    parser.SetReparseDeferralEnabled(False)
    out = []

    def note(name):
        def handler(*args):
            out.append((name, parser.CurrentLineNumber, parser.CurrentColumnNumber, parser.CurrentByteIndex, args))
            return 1
        return handler
    for name, value in settings.items():
        setattr(parser, name, value)
    for name in handlers or ("StartElement EndElement ProcessingInstruction CharacterData UnparsedEntityDecl NotationDecl StartNamespaceDecl "
                             "EndNamespaceDecl Comment StartCdataSection EndCdataSection NotStandalone ExternalEntityRef StartDoctypeDecl "
                             "EndDoctypeDecl EntityDecl XmlDecl ElementDecl AttlistDecl SkippedEntity").split():
        setattr(parser, name if name.startswith("Default") else name + "Handler", note(name if not name.startswith("Default") else "Default"))
    try:
        if chunk:
            for i in range(0, len(data), chunk):
                parser.Parse(data[i:i + chunk], False)
            parser.Parse(data[:0], True)
        else:
            parser.Parse(data, True)
    except expat.ExpatError as error:
        out.append((str(error), error.code, error.lineno, error.offset))
    return out


DOCUMENT = b"""<?xml version='1.0' encoding="utf-8" standalone="no"?>
<!-- before -->
<!DOCTYPE root PUBLIC " -//x//y " "root.dtd" [
  <!ENTITY hello "Hello <b>&name;</b>">
  <!ENTITY name 'W&#xf6;rld'>
  <!ENTITY pic SYSTEM "a.png" NDATA png>
  <!ENTITY chapter SYSTEM "chapter.xml">
  <!ENTITY % part "<!ELEMENT part EMPTY>">
  <!NOTATION png PUBLIC "image/png">
  <!ELEMENT root (a|(b,c?)+|d*)>
  <!ELEMENT a (#PCDATA|b)*>
  <!ELEMENT c ANY>
  <!ATTLIST root kind (x|y) "x" id ID #IMPLIED n NMTOKENS " p  q " f CDATA #FIXED "fi&#10;x" r CDATA #REQUIRED>
  <?target some data?>
]>
<root id="1" r=" a&#9;b
c &amp; &name; ">text &hello; &#65;&lt;
<![CDATA[raw ]] <x> &amp;]]><a/>&chapter;<?pi?>
</root>
<!-- after -->
"""
for row in events(DOCUMENT):
    print(row)
print(events(DOCUMENT, chunk=1) == events(DOCUMENT), [row[0] for row in events(DOCUMENT, chunk=7)] == [row[0] for row in events(DOCUMENT, chunk=1)])
for row in events(DOCUMENT, handlers=["DefaultHandler"]):
    print(row)
for row in events(DOCUMENT, handlers=["DefaultHandlerExpand", "StartElement"], ordered_attributes=True, specified_attributes=True):
    print(row)
for row in events(b'<a xmlns="u:1" xmlns:p="u:2" p:x="1" x="2" xml:lang="de"><p:b xmlns:p="u:3"/><c xmlns=""/></a>', separator=" ", namespace_prefixes=True):
    print(row)

for data in (b"", b" ", b"<", b"<a", b"<a>", b"<a></b>", b"<a/><b/>", b"<a/>x", b"x<a/>", b"<a b=1/>", b"<a b='1' b='2'/>", b"<a b='<'/>", b"<a>&x;</a>", b"<a>&#0;</a>",
             b"<a>]]></a>", b"<a>\x01</a>", b"<a>\xff</a>", b"<a>\xe4\xb8</a>", b"<a><!-- -- --></a>", b" <?xml version='1.0'?><a/>", b"<?xml encoding='utf-8'?><a/>", b"<a><![CDATA[x", b"<!DOCTYPE a [<!ENTITY e '&f;'><!ENTITY f '&e;'>]><a>&e;</a>", b"<!DOCTYPE a [<!ENTITY e '<b>'>]><a>&e;</b></a>",
             b"<!DOCTYPE a [<!ELEMENT a (b,c|d)>]><a/>", b"<!DOCTYPE a [<!FOO>]><a/>", b"<!DOCTYPE a SYSTEM><a/>", b"<!DOCTYPE a [%e;]><a>&x;</a>", b"<a><?XML?></a>",
             b"<a\n  b='1'\n  =''/>", b"<a>\n\n  <b>\n</a>", b"<a b='&lt;&y;'/>", b"\xfe\xff\x00<\x00a\x00/", b"<a xmlns:b=''/>", b"<b:a/>"):
    print(data, [row for row in events(data, separator=" ") if len(row) == 4])

for encoding in ("utf-8", "utf-16", "utf-16-le", "iso-8859-1", "cp1252", "koi8-r", "cp037"):
    name = encoding.replace("utf-16-le", "utf-16le")
    data = f"<?xml version='1.0' encoding='{name}'?>\n<a b='\xe4'>\xe4\n<c/></a>".encode(encoding, "xmlcharrefreplace")
    print(encoding, [row for row in events(data) if row[0] != "XmlDecl"])

tree = ET.fromstring("<r a='1'>t<c/>tail<n:d xmlns:n='u'>&#228;</n:d></r>")
print(ET.tostring(tree), [element.tag for element in tree.iter()], ET.canonicalize("<b  z='1' a='2'/>"))
try:
    ET.fromstring("<r>\n<c></r>")
except ET.ParseError as error:
    print(error, error.position, error.code)
document = xml.dom.minidom.parseString("<!DOCTYPE r [<!ENTITY e 'x'>]><r><!--c--><a b='2'>&e;</a></r>")
print(document.toprettyxml(indent=" "), document.doctype.internalSubset)


class Handler(xml.sax.ContentHandler):
    def startElement(self, name, attributes):
        print("start", name, dict(attributes), self.locator.getLineNumber(), self.locator.getColumnNumber())

    def setDocumentLocator(self, locator):
        self.locator = locator

    def characters(self, text):
        print("text", repr(text))


try:
    xml.sax.parseString("<a>x\n<b c='d'>y</b>&oops;</a>", Handler())
except xml.sax.SAXParseException as error:
    print(error)
deep = "<a>" * 50000 + "</a>" * 50000
print(len(events(deep.encode(), handlers=["StartElement"])))
bomb = "<!DOCTYPE a [<!ENTITY e0 '" + "x" * 1000 + "'>" + "".join(f"<!ENTITY e{i + 1} '" + f"&e{i};" * 10 + "'>" for i in range(8)) + "]><a>&e8;</a>"
try:
    parser = expat.ParserCreate()
    parser.Parse(bomb, True)
except expat.ExpatError as error:
    print(str(error).partition(":")[0])
