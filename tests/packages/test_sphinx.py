import pathlib, re
from sphinx.cmd.build import build_main
pathlib.Path("src").mkdir()
pathlib.Path("src/conf.py").write_text("project = 'P'\nextensions = ['sphinx.ext.autodoc', 'sphinx.ext.viewcode']\nhtml_theme = 'basic'\n")
pathlib.Path("src/index.rst").write_text("P\n=\n\n.. toctree::\n\n   more\n\n.. automodule:: json\n   :members: dumps\n\n.. math:: a^2\n")
pathlib.Path("src/more.rst").write_text("More\n====\n\nSee :ref:`genindex` and :py:func:`json.dumps`.\n")
print(build_main(["-q", "-b", "html", "src", "out"]))
print(sorted(p.name for p in pathlib.Path("out").iterdir() if p.suffix == ".html"))
print(re.sub(r"\?v=\w+", "", pathlib.Path("out/more.html").read_text())[:3000])
print("dumps" in pathlib.Path("out/index.html").read_text(), build_main(["-q", "-b", "text", "src", "text"]), pathlib.Path("text/index.txt").read_text())
