# The smaller ones, a few calls each.
import datetime
import sqlparse
print(sqlparse.format("select a,b from t join u on t.x=u.y where a in (select 1) -- c\norder by 1", reindent=True, keyword_case="upper", strip_comments=True))
print([type(t).__name__ for t in sqlparse.parse("insert into t values (1, 'a')")[0].tokens])
import more_itertools as mi
print(list(mi.chunked(range(7), 3)), list(mi.windowed("abcd", 2)), mi.partition(str.isupper, "aBc")[0].__next__(), list(mi.distinct_permutations("aab"))[:3], mi.peekable("ab").peek())
import toolz
print(toolz.pipe([1, 2, 3], toolz.curried.map(lambda x: x + 1), toolz.curried.filter(lambda x: x > 2), list), toolz.groupby(len, ["a", "bb", "c"]), toolz.get_in(["a", 0], {"a": [5]}))
from packaging.version import Version
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
print(sorted(map(Version, ["1.0", "1.0rc1", "1.0.post1", "0.9.dev3"])), Requirement("a[b]>=1,<2; python_version > '3'").specifier, "1.5" in SpecifierSet("~=1.4"))
from boltons import iterutils, strutils, dictutils, cacheutils
print(iterutils.chunked(range(5), 2), strutils.slugify("A b!"), dictutils.OMD([("a", 1), ("a", 2)]).getlist("a"), iterutils.remap({"a": [1, {"b": 2}]}, visit=lambda p, k, v: (k, v * 2) if isinstance(v, int) else True))
from tabulate import tabulate
print(tabulate([["a", 1.5], ["bb", 20]], headers=["n", "v"], tablefmt="grid"), tabulate({"x": [1, 2]}, headers="keys", tablefmt="github"))
from dateutil import parser, relativedelta, rrule, tz
print(parser.parse("Thu, 25 Sep 2003 10:49:41 -0300"), datetime.date(2024, 1, 31) + relativedelta.relativedelta(months=1), [d.day for d in rrule.rrule(rrule.WEEKLY, count=3, dtstart=datetime.datetime(2024, 1, 1))])
import pytz
print(pytz.timezone("Europe/Berlin").localize(datetime.datetime(2024, 7, 1)).isoformat(), len(pytz.all_timezones) > 400)
import arrow
print(arrow.get("2024-02-29T10:00:00+01:00").to("US/Pacific").shift(years=1).format("YYYY-MM-DD HH:mm ZZ"), arrow.get(0).humanize(arrow.get(7200)))
import pyparsing as pp
expr = pp.infix_notation(pp.common.integer, [("*", 2, pp.OpAssoc.LEFT), (pp.one_of("+ -"), 2, pp.OpAssoc.LEFT)])
print(expr.parse_string("1+2*3-(4-5)").as_list())
try:
    expr.parse_string("1+", parse_all=True)
except pp.ParseException as error:
    print(error)
from lark import Lark, Transformer
tree = Lark('start: (word ",")* word\nword: /[a-z]+/ NUMBER?\n%import common.NUMBER\n%ignore " "', parser="lalr").parse("ab 1, c")
print(tree.pretty())
import marshmallow as ma
class S(ma.Schema):
    name = ma.fields.Str(required=True, validate=ma.validate.Length(max=3))
    when = ma.fields.Date()
print(S().load({"name": "ab", "when": "2024-01-02"}), S().validate({"when": "x"}), S(many=True).dump([{"name": "a", "when": datetime.date(2024, 1, 1)}]))
from mako.template import Template
print(Template("% for i in range(3):\n${i} ${f(i) | h}\n% endfor\n<%def name='f(x)'><b>${x}</b></%def>").render())
import parso, jedi
module = parso.parse("def f(a, b=1):\n  return a +\nx = 1")
print(module.children[0].name.value, [type(c).__name__ for c in module.children], parso.load_grammar().iter_errors(module)[0].message)
print([c.name for c in jedi.Script("import json\njson.lo").complete(2, 7)])
import isort
print(isort.code("import sys, os\nfrom b import z, a\nimport attr\n"))
from loguru import logger
import io
sink = io.StringIO()
logger.remove()
logger.add(sink, format="{level} {message} {extra}")
logger.bind(a=1).info("hello {}", "you")
with logger.catch():
    1 / 0
print(sink.getvalue().splitlines()[0], "ZeroDivisionError" in sink.getvalue())
from tqdm import tqdm
bar = io.StringIO()
print(sum(tqdm(range(5), file=bar, bar_format="{n_fmt}/{total_fmt}")), bar.getvalue().split("\r")[-1].strip())
from werkzeug.datastructures import MultiDict, Headers
from werkzeug.routing import Map, Rule
from werkzeug.security import generate_password_hash, check_password_hash
print(MultiDict("ab" for _ in range(2)).to_dict(False), Map([Rule("/<int:x>/<path:y>", endpoint="e")]).bind("h").match("/3/a/b"), check_password_hash(generate_password_hash("pw", "pbkdf2:sha256:10"), "pw"))
