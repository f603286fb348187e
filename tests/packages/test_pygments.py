from pygments import highlight, lex
from pygments.formatters import HtmlFormatter, TerminalFormatter, get_all_formatters
from pygments.lexers import get_lexer_by_name, guess_lexer, get_all_lexers
samples = {"python": "async def f(x: int = 0x1F) -> str:\n    '''doc'''\n    return f'{x!r:>{10}}' # c\n", "rust": "fn main() { let x: &'a str = r#\"raw\"#; println!(\"{}\", x); }",
           "json": '{"a": [1, 2.5e3, null, "\\u00e4"]}', "html": "<a href='x'>b &amp; <script>var a = `x${1}`;</script></a>", "c": "#include <stdio.h>\nint main(void){return 0x10u;}",
           "sql": "SELECT a, count(*) FROM t WHERE b LIKE '%x' GROUP BY 1;", "bash": "for f in $(ls *.txt); do echo \"${f%.txt}\"; done"}
for name, text in samples.items():
    lexer = get_lexer_by_name(name)
    print(name, [(str(t), v) for t, v in lex(text, lexer) if v.strip()])
    print(highlight(text, lexer, HtmlFormatter(linenos="inline")))
print(guess_lexer("#!/usr/bin/python\nimport os").name, len(list(get_all_lexers())), len(list(get_all_formatters())))
