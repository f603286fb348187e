from jinja2 import Environment, DictLoader, StrictUndefined, TemplateError, sandbox

env = Environment(loader=DictLoader({
    "base.html": "<title>{% block title %}none{% endblock %}</title>{% block body required %}{% endblock %}",
    "page.html": """{% extends "base.html" %}{% from "macros.html" import item %}
{% block title %}{{ title|title }}{% endblock %}
{% block body %}<ul>{% for user in users if user.age > 18 recursive -%}
{{ loop.index }}/{{ loop.length }} {{ item(user.name, last=loop.last) }}
{%- else %}nobody{% endfor %}</ul>{{ users|map(attribute="age")|sum }} {{ "%.2f"|format(3.14159) }}{% endblock %}""",
    "macros.html": "{% macro item(name, last=False) %}<li{% if last %} class=last{% endif %}>{{ name|e }}</li>{% endmacro %}",
}), autoescape=True, undefined=StrictUndefined)
users = [{"name": "Ann <3", "age": 30}, {"name": "Bob", "age": 12}, {"name": "Cid", "age": 19}]
print(env.get_template("page.html").render(title="all users", users=users))
for text in ("{{ missing }}", "{% for %}", "{{ 1 / 0 }}", "{% include 'no.html' %}"):
    try:
        print(env.from_string(text, ).render())
    except (TemplateError, ZeroDivisionError) as error:
        print(type(error).__name__, error)
print(env.from_string("{% set ns = namespace(n=0) %}{% for c in 'abc' %}{% set ns.n = ns.n + loop.index %}{% endfor %}{{ ns.n }} {{ [1,2,3]|batch(2)|list }} {{ {'a': 1}|tojson }}").render())
try:
    sandbox.SandboxedEnvironment().from_string("{{ ().__class__.__base__ }}").render()
except Exception as error:
    print(type(error).__name__, error)
import asyncio
async def main():
    env = Environment(enable_async=True)
    async def items():
        for i in range(3):
            yield i
    print(await env.from_string("{% for i in items() %}{{ i }},{% endfor %}").render_async(items=items))
asyncio.run(main())
