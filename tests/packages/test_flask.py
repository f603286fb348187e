import flask
from flask import Flask, Blueprint, request, session, jsonify, render_template_string, abort, g, url_for, flash, get_flashed_messages

app = Flask(__name__)
app.secret_key = "secret"
api = Blueprint("api", __name__, url_prefix="/api")

@api.route("/items/<int:number>", methods=["GET", "PUT"])
def item(number):
    if request.method == "PUT":
        return jsonify(number=number, data=request.get_json()), 201
    if number == 0:
        abort(404)
    return {"number": number, "args": request.args.to_dict(flat=False)}

@app.route("/hello/<name>")
def hello(name):
    session["visits"] = session.get("visits", 0) + 1
    flash("note")
    return render_template_string("Hello {{ name }} {{ session.visits }} {{ url_for('api.item', number=3) }} {{ get_flashed_messages() }}", name=name)

@app.errorhandler(404)
def missing(error):
    return f"missing: {error.description[:20]}", 404

@app.before_request
def before():
    g.start = 1

@app.route("/stream")
def stream():
    return flask.Response((f"{i}\n" for i in range(3)), mimetype="text/plain")

@app.route("/boom")
def boom():
    1 / 0

app.register_blueprint(api)
client = app.test_client()
print(client.get("/api/items/5?a=1&a=2").get_json(), client.put("/api/items/6", json={"x": [1]}).status)
print(client.get("/api/items/0").data, client.get("/nowhere").status_code, client.post("/api/items/1").status)
print(client.get("/hello/<Ann>").text)
print(client.get("/hello/Bob").text, client.get("/stream").data)
app.logger.disabled = True
print(client.get("/boom").status)
with app.test_request_context("/x?y=1"):
    print(request.path, request.args["y"], url_for("hello", name="a b", _external=True))
print(sorted(rule.rule for rule in app.url_map.iter_rules()))
result = app.test_cli_runner().invoke(args=["routes"])
print(result.output)
