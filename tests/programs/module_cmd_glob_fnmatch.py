import cmd
import fnmatch
import glob
import io
import os
import tempfile


class Shell(cmd.Cmd):
    prompt = "> "
    intro = "welcome"
    def do_add(self, line):
        """add A B: the sum"""
        print(sum(map(int, line.split())), file=self.stdout)
    def do_quit(self, line): return True
    def default(self, line): print("unknown:", line, file=self.stdout)
    def emptyline(self): print("(empty)", file=self.stdout)
    def precmd(self, line): return line.lower()
    def complete_add(self, text, line, begin, end): return [w for w in ("1", "12", "2") if w.startswith(text)]


out = io.StringIO()
shell = Shell(stdin=io.StringIO("ADD 1 2\n\nfoo bar\nhelp\nhelp add\nquit\nadd 9 9\n"), stdout=out)
shell.use_rawinput = False
shell.cmdloop()
print(out.getvalue())
print(shell.parseline("add  1 2"), shell.parseline("!ls"), shell.completenames("a"), shell.onecmd("quit"))
print([fnmatch.fnmatch(n, p) for n, p in (("a.py", "*.py"), ("a.py", "?.[!t]*"), ("A.PY", "*.py"), ("x[1]", "x[[]1]"), (".hid", "*"))], fnmatch.filter(["a", "b1", "b2"], "b[12]"), fnmatch.translate("a*b?[!c]"), fnmatch.filterfalse(["a", "b"], "a"))
with tempfile.TemporaryDirectory() as root:
    for name in ("a.txt", "b.py", ".hidden", "sub/c.py", "sub/deep/d.py", "we[ird"):
        os.makedirs(os.path.dirname(os.path.join(root, name)), exist_ok=True)
        open(os.path.join(root, name), "w").close()
    for pattern, options in (("*", {}), ("*.py", {}), ("**/*.py", {"recursive": True}), ("sub/*", {}), ("**", {"recursive": True}), ("?.*", {}), ("[!ab]*", {}), (".*", {}), ("*", {"include_hidden": True}), ("nothing*", {})):
        print(pattern, sorted(glob.glob(pattern, root_dir=root, **options)))
    print(glob.escape("we[ird"), glob.glob(glob.escape("we[ird"), root_dir=root), glob.has_magic("a*"), len(list(glob.iglob(os.path.join(root, "*.py")))), glob.translate("**/*.py", recursive=True, seps="/"))
