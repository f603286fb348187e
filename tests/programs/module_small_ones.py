import colorsys
import errno
import getopt
import keyword
import linecache
import mimetypes
import os
import reprlib
import stat
import timeit
import token

print([round(x, 4) for x in colorsys.rgb_to_hsv(0.2, 0.4, 0.4)], colorsys.hsv_to_rgb(0.5, 0.5, 0.4), [round(x, 4) for x in colorsys.rgb_to_hls(0.2, 0.4, 0.4)], colorsys.rgb_to_yiq(1, 1, 1)[0])
print(errno.errorcode[errno.ENOENT], os.strerror(errno.EACCES), errno.EAGAIN == errno.EWOULDBLOCK)
print(getopt.getopt(["-a", "-b", "v", "--long=x", "--flag", "rest", "-c"], "ab:c", ["long=", "flag"]), getopt.gnu_getopt(["rest", "-a", "--lo", "y"], "a", ["long="]))
print(keyword.kwlist[:5], keyword.softkwlist, keyword.iskeyword("None"), keyword.issoftkeyword("match"))
print(linecache.getline(__file__, 1), repr(linecache.getline("/no/such", 1)), len(linecache.getlines(__file__)) > 10)
print(mimetypes.guess_type("a.html"), mimetypes.guess_type("x.tar.gz"), mimetypes.guess_extension("text/plain"), mimetypes.guess_type("none"), mimetypes.guess_file_type("a.json"))
short = reprlib.Repr(maxlist=2, maxstring=12, maxdict=1, maxlevel=2)
print(short.repr(list(range(10))), short.repr("x" * 50), short.repr({1: {2: {3: 4}}, 5: 6}), reprlib.repr(set(range(20))), short.repr([[[1]]]), short.repr(10**60))


class Loop:
    @reprlib.recursive_repr("<...>")
    def __repr__(self): return f"Loop({self!r})"


print(Loop())
print(stat.filemode(0o100755), stat.filemode(0o40700), stat.S_ISDIR(0o40000), stat.S_IMODE(0o100644), stat.filemode(stat.S_IFLNK | 0o777))
print(timeit.timeit("x += 1", "x = 0", number=10) >= 0, timeit.Timer("pass").autorange()[0] > 0, token.tok_name[token.NAME], token.EXACT_TOKEN_TYPES["->"] == token.RARROW)
for bad in (lambda: getopt.getopt(["-z"], "a"), lambda: getopt.getopt(["--nope"], "", ["x"]), lambda: getopt.getopt(["-a"], "a:"), lambda: getopt.getopt(["--ab"], "", ["abc", "abd"]), lambda: getopt.getopt(["--f=1"], "", ["f"]), lambda: timeit.Timer("x ="), lambda: timeit.Timer(5)):
    try:
        bad()
    except (getopt.GetoptError, SyntaxError, ValueError) as error:
        print(type(error).__name__, error)
