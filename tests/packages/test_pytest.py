# pytest over a small suite: fixtures, parameters, marks, captured output, assertion introspection.
import pathlib, re, subprocess, sys
pathlib.Path("test_it.py").write_text('''
import pytest, warnings

@pytest.fixture(scope="module", params=[1, 2])
def number(request):
    yield request.param
    print("teardown", request.param)

@pytest.mark.parametrize("a,b", [(1, 1), (2, 3)], ids=["same", "other"])
def test_equal(a, b):
    assert a == b, "not the same"

def test_number(number, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("X", "1")
    (tmp_path / "f").write_text("hi")
    print("out")
    assert capsys.readouterr().out == "out\\n"
    assert number < 2

def test_diff():
    assert {"a": 1, "b": [1, 2, 3]} == {"a": 1, "b": [1, 2, 4]}

def test_text():
    assert "one\\ntwo\\nthree" == "one\\n2\\nthree"

@pytest.mark.skipif(True, reason="no")
def test_skip(): pass

@pytest.mark.xfail(raises=ZeroDivisionError)
def test_xfail(): 1 / 0

def test_raises():
    with pytest.raises(ValueError, match="bad .*"):
        raise ValueError("bad thing")
    assert pytest.approx(0.3) == 0.1 + 0.2

class TestClass:
    def setup_method(self): self.x = 1
    def test_x(self): assert self.x == len("ab"), f"{self.x}"

def test_error(missing_fixture): pass
''')
done = subprocess.run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "--color=no"], capture_output=True, text=True)
print(done.returncode, re.sub(r"in \d+\.\d+s|pytest-\d+/|/tmp/tmp\w+|rootdir: .*|platform .*|@\d+|0x[0-9a-f]+", "", done.stdout), done.stderr)
