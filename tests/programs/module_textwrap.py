import textwrap

text = "The quick  brown fox jumps over the lazy-dog; supercalifragilistic words and a\ttab.\n\nSecond paragraph here."
for options in ({}, {"initial_indent": "* ", "subsequent_indent": "  "}, {"break_long_words": False}, {"break_on_hyphens": False}, {"max_lines": 2}, {"max_lines": 1, "placeholder": "~"}, {"drop_whitespace": False}, {"replace_whitespace": False}, {"expand_tabs": False}, {"fix_sentence_endings": True}):
    print(options, textwrap.wrap(text, 20, **options))
print(textwrap.fill(text, 30))
print(textwrap.shorten("Hello  world of text", 12), textwrap.shorten("Hello", 3, placeholder=""), textwrap.dedent("\n    a\n      b\n    c\n"), textwrap.dedent("\ta\n  b"), textwrap.indent("a\n\nb\n", "> "), textwrap.indent("a\nb", "-", lambda line: "b" in line), sep="|")
for bad in (lambda: textwrap.wrap("x", 0), lambda: textwrap.shorten("aaa bbb", 2), lambda: textwrap.wrap(5)):
    try:
        bad()
    except (ValueError, AttributeError) as error:
        print(type(error).__name__, error)
