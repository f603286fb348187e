import html
from html.entities import codepoint2name, name2codepoint
from html.parser import HTMLParser


class Printer(HTMLParser):
    def handle_starttag(self, tag, attrs):
        print("start", tag, attrs, self.getpos())

    def handle_endtag(self, tag):
        print("end", tag)

    def handle_startendtag(self, tag, attrs):
        print("empty", tag, attrs)

    def handle_data(self, data):
        if data.strip():
            print("data", repr(data))

    def handle_comment(self, data):
        print("comment", data)

    def handle_decl(self, decl):
        print("declaration", decl)

    def handle_entityref(self, name):
        print("entity", name)

    def handle_charref(self, name):
        print("character", name)

    def unknown_decl(self, data):
        print("unknown", data)


parser = Printer()
parser.feed('<!DOCTYPE html><p class="a" id=b checked>Hello &amp; <b>w&ouml;rld</b><br/><!-- c --></p>')
parser.feed("<script>if (a < b) {}</script><a href='x?a=1&amp;b'>&#65;</a")
parser.feed(">tail")
parser.close()
raw = Printer(convert_charrefs=False)
raw.feed("&lt;&#x41;&nope; <x y='&quot;'>")
raw.close()
print(html.escape("<a href=\"x\">'&'</a>"), html.escape('"', quote=False), html.unescape("&lt;&eacute;&#8364;&#x20ac;&notit;&amp&nbsp;|&bogus;"))
print(codepoint2name[233], name2codepoint["euro"])
