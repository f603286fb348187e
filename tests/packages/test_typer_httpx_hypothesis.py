import asyncio, typing
import typer
from typer.testing import CliRunner
app = typer.Typer()
@app.command()
def add(a: int, b: int = 2, names: typing.Annotated[list[str], typer.Option("--name", "-n")] = [], loud: bool = False):
    """Adds."""
    print(a + b, names, loud)
@app.command()
def other(kind: typing.Literal["x", "y"] = "x"):
    print(kind)
runner = CliRunner()
for args in (["add", "1"], ["add", "1", "--b", "5", "-n", "q", "-n", "r", "--loud"], ["add", "z"], ["other", "--kind", "y"], ["add", "--help"]):
    result = runner.invoke(app, args)
    print(result.exit_code, result.output)

import httpx
def respond(request):
    if request.url.path == "/r":
        return httpx.Response(302, headers={"Location": "/final"})
    return httpx.Response(200, json={"path": request.url.path, "q": dict(request.url.params), "body": request.content.decode()})
with httpx.Client(transport=httpx.MockTransport(respond), base_url="http://x.test", follow_redirects=True) as client:
    print(client.get("/r").json(), client.post("/p", params={"a": "1"}, json={"b": [1]}).json(), client.get("/r").history)
async def main():
    async def handle(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body", "body": b"asgi " + scope["path"].encode()})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=handle), base_url="http://t") as client:
        print((await asyncio.gather(*[client.get(f"/{i}") for i in range(3)]))[2].text)
asyncio.run(main())

from hypothesis import given, settings, strategies as st, find, seed
@seed(1)
@settings(max_examples=60, database=None, deadline=None)
@given(st.lists(st.integers()), st.text(), st.dictionaries(st.text(max_size=3), st.floats(allow_nan=False)))
def check(numbers, text, mapping):
    assert sorted(sorted(numbers)) == sorted(numbers)
    assert text.encode("utf-8", "surrogatepass").decode("utf-8", "surrogatepass") == text
    assert dict(list(mapping.items())) == mapping
check()
print(find(st.lists(st.integers()), lambda x: sum(x) >= 10, settings=settings(database=None)))
@settings(database=None, derandomize=True)
@given(st.integers(0, 1000))
def bad(n):
    assert n < 500
try:
    bad()
except AssertionError as error:
    print("falsified", error.__notes__)
