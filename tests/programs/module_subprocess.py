import subprocess
import sys

r = subprocess.run(["sh", "-c", "echo out; echo err >&2; exit 3"], capture_output=True, text=True)
print(r.returncode, repr(r.stdout), repr(r.stderr), r.args[0])
print(subprocess.check_output(["cat"], input=b"given"), subprocess.run(["tr", "a-z", "A-Z"], input="text", text=True, stdout=subprocess.PIPE).stdout)
with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as p:
    out, err = p.communicate("line\n")
    print(repr(out), err, p.returncode, p.poll())
p1 = subprocess.Popen(["printf", "b\\na\\n"], stdout=subprocess.PIPE)
p2 = subprocess.Popen(["sort"], stdin=p1.stdout, stdout=subprocess.PIPE)
p1.stdout.close()
print(p2.communicate()[0], p1.wait())
print(subprocess.getoutput("echo shell"), subprocess.getstatusoutput("exit 2"), subprocess.call("exit 4", shell=True))
print(subprocess.run(["sh", "-c", "echo $X; pwd"], env={"X": "env", "PATH": "/bin:/usr/bin"}, cwd="/", stdout=-1).stdout, subprocess.run(["sh", "-c", "echo both; echo err >&2"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT).stdout, subprocess.run(["echo"], stdout=subprocess.DEVNULL).stdout)
print(subprocess.list2cmdline(["a b", 'c"d']), subprocess.run([sys.executable, "-c", "import sys; sys.exit('bye')"], stderr=-1).stderr)
p = subprocess.Popen(["sleep", "10"])
p.kill()
print(p.wait(), p)
for bad in (lambda: subprocess.run(["false"], check=True), lambda: subprocess.run(["/no/such/program"]), lambda: subprocess.run(["sleep", "9"], timeout=0.05), lambda: subprocess.run(["cat"], input="x", stdin=0), lambda: subprocess.check_call(["sh", "-c", "kill -9 $$"]), lambda: subprocess.run(["ls"], cwd="/no/such"), lambda: subprocess.Popen("x", bufsize="a")):
    try:
        bad()
    except (subprocess.SubprocessError, OSError, ValueError, TypeError) as error:
        print(type(error).__name__, error)
