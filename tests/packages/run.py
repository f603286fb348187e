#!/usr/bin/env python3
"""Installs popular packages with pip into virtual environments of Taipan and of CPython, does something real with each, and compares.

    run.py TAIPAN CPYTHON WHEELS [NAME ...]

WHEELS is a folder of wheels, filled beforehand:

    pip download --only-binary=:all: --python-version 3.14 -d WHEELS -r requirements.txt

The CPython may lack ensurepip; pip then comes from the other environment.
"""
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent


def environment(folder, interpreter, wheels, pip=None):
    """A virtual environment with all packages; its Python."""
    subprocess.run([interpreter, "-m", "venv", *(["--without-pip"] if pip else []), folder], check=True)
    python = folder / "bin/python"
    command = [pip, "--python", python] if pip else [folder / "bin/pip"]
    subprocess.run([*command, "install", "-q", "--no-index", "--find-links", wheels, "-r", HERE / "requirements.txt"], check=True)
    return python


def run(python, script):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run([python, "-W", "ignore", script], cwd=folder, capture_output=True, text=True, timeout=600,
                              env={"PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0", "COLUMNS": "80", "LANG": "C.UTF-8", "HOME": folder})
    return done.returncode, done.stdout, done.stderr


def main():
    taipan, cpython, wheels, *names = sys.argv[1:]
    different = 0
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        ours = environment(folder / "ours", taipan, wheels)
        theirs = environment(folder / "theirs", cpython, wheels, pip=folder / "ours/bin/pip")
        for script in sorted(HERE.glob("test_*.py")):
            if names and script.stem.removeprefix("test_") not in names:
                continue
            mine, reference = run(ours, script), run(theirs, script)
            verdict = "ok" if mine == reference and mine[0] == 0 else "DIFFERS"
            different += verdict != "ok"
            print(f"{script.stem.removeprefix('test_'):20} {verdict}")
            if verdict != "ok":
                print(f"  Taipan: {mine}\n  CPython: {reference}")
    sys.exit(different > 0)


main()
