from urllib.parse import *

for url in ("http://user:pw@host.com:8080/p/a;x?q=1&r=%20#frag", "//net/loc", "mailto:a@b.c", "file:///etc", "http://[::1]:80/", "a?b", "HTTP://H", "", "x:y", "http://h:bad/"):
    parts = urlsplit(url)
    print(parts, parts.geturl())
    try:
        print(parts.hostname, parts.port, parts.username, urlparse(url).params)
    except ValueError as error:
        print(error)
for relative in ("g", "./g/", "../g", "../../../g", "/g", "//g", "?y", "#s", "g;x?y#s", "", "http:g", "g/./h/../i"):
    print(relative, urljoin("http://a/b/c/d;p?q", relative))
print(quote("a b/ü?&=~"), quote("/x y", safe=""), quote_plus("a b&c"), unquote("a%20b%C3%BC%zz"), unquote_plus("a+b%2B"), unquote_to_bytes("%ff"), quote(b"\xff"), quote("ü", encoding="latin-1"), unquote("%FC", encoding="latin-1"))
print(urlencode({"a": 1, "b": "x y", "c": [1, 2]}), urlencode({"c": [1, "ü"]}, doseq=True), urlencode([("a", "&")], quote_via=quote), parse_qs("a=1&b=2&a=3&c=&d"), parse_qs("c=&d", keep_blank_values=True), parse_qsl("a=%20+x;b=1", separator=";"))
print(urldefrag("http://h/p#f"), urlunsplit(("s", "n", "p", "q", "f")), urlunparse(("s", "n", "p", "pa", "q", "f")), urlsplit("http://h/p")._replace(path="/x").geturl(), urlsplit(b"http://h/p?q"))
for bad in (lambda: urlsplit("http://[::1/"), lambda: urljoin("a", b"b"), lambda: parse_qsl("a=1&b", strict_parsing=True), lambda: parse_qs("a=1&b=2", max_num_fields=1), lambda: urlencode("ab"), lambda: quote(1), lambda: urlsplit("http://h:99999/").port, lambda: urlsplit("//[x]/").hostname):
    try:
        print(bad())
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
