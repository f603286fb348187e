# A session against a server in a thread: JSON, redirects, cookies, errors.
import http.server, json, threading
import requests

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/redirect":
            self.send_response(302)
            self.send_header("Location", "/data?x=1")
            self.send_header("Set-Cookie", "seen=yes")
            self.end_headers()
            return
        if self.path == "/missing":
            self.send_error(404)
            return
        body = json.dumps({"path": self.path, "cookie": self.headers.get("Cookie"), "agent": self.headers["User-Agent"][:15]}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.end_headers()
        self.wfile.write(b"got " + body)
    def log_message(self, *args):
        pass

server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
base = f"http://127.0.0.1:{server.server_port}"
with requests.Session() as session:
    answer = session.get(base + "/redirect", params=None)
    print(answer.status_code, answer.json(), [r.status_code for r in answer.history], dict(session.cookies))
    print(session.post(base + "/form", data={"a": "1 2", "b": "ü"}).text)
    print(session.post(base + "/form", json={"a": [1, None]}).text)
    try:
        session.get(base + "/missing").raise_for_status()
    except requests.HTTPError as error:
        print(str(error).replace(base, "BASE"))
try:
    requests.get("http://127.0.0.1:1/", timeout=2)
except requests.ConnectionError as error:
    print(type(error).__name__)
print(requests.Request("GET", "http://x.test/ä", params={"q": ["1", "2"]}).prepare().url)
server.shutdown()
