import io
from rich.console import Console
from rich.table import Table
from rich.tree import Tree
from rich.markdown import Markdown
from rich.syntax import Syntax
from rich.panel import Panel
from rich.progress import track
from rich.pretty import Pretty
from rich.traceback import Traceback

out = Console(file=io.StringIO(), width=70, force_terminal=True, color_system="truecolor", legacy_windows=False)
table = Table(title="Stars", show_lines=True)
table.add_column("Name", style="cyan", no_wrap=True)
table.add_column("Distance", justify="right")
table.add_row("Sirius", "8.6 ly")
table.add_row("[b]Vega[/b] ✨", "25 ly")
tree = Tree("root")
tree.add("a").add("[red]b")
for item in (table, tree, Markdown("# Title\n\n* one\n* `two`\n\n```python\nprint(1)\n```"), Syntax("def f(x):\n    return x + 1", "python", line_numbers=True),
             Panel("boxed 日本"), Pretty({"a": [1, 2, {"b": (None, True)}] * 4}), "[bold magenta]markup[/] :rocket:"):
    out.print(item)
try:
    1 / 0
except ZeroDivisionError:
    plain = Console(file=io.StringIO(), width=70)
    plain.print_exception(show_locals=False)
    print("ZeroDivisionError" in plain.file.getvalue())
print(out.file.getvalue().encode("unicode_escape").decode())
