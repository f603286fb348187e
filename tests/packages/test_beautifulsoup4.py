from bs4 import BeautifulSoup
soup = BeautifulSoup("""<html><head><title>T &amp; t</title></head><body><p class="a b">One <b>two</b></p><p id=x>Three<br>four
<ul><li><a href='/1'>1</a><li><a href='/2' data-x="y">2</a></ul><!-- note --></body>""", "html.parser")
print(soup.title.string, soup.p["class"], soup.find(id="x").get_text("|", strip=True), [a["href"] for a in soup.select("ul > li a[href^='/']")])
print(soup.select_one("p.a:has(b) b").parent.name, [s for s in soup.stripped_strings], soup.find_all(["b", "a"], limit=2))
soup.b.replace_with(soup.new_tag("i", attrs={"k": "v"}))
soup.find("ul").decompose()
print(soup.prettify())
