import markdown
text = """Title
=====

A *b* **c** `d` [link](http://x.test "t") ![img](a.png) <http://y.test>

1. one
2. two
    * nested

> quote

    code <b>

| a | b |
|---|:-:|
| 1 | 2 |

```python
x = 1
```

Term
:   Definition[^1]

[^1]: Note.

*[HTML]: Hyper
"""
print(markdown.markdown(text, extensions=["extra", "toc", "codehilite", "admonition", "sane_lists"]))
