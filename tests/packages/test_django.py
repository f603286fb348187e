# URLs, views, forms, templates, validation, middleware, the test client; no database driver is needed.
import django
from django.conf import settings
settings.configure(DEBUG=True, SECRET_KEY="x" * 50, ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], USE_TZ=True, INSTALLED_APPS=[],
                   MIDDLEWARE=["django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware"],
                   TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": {"builtins": []}}], LANGUAGE_CODE="de")
django.setup()
from django import forms
from django.http import HttpResponse, JsonResponse, Http404
from django.template import Template, Context
from django.test import Client, RequestFactory
from django.urls import path, reverse
from django.utils import timezone, text, html, dateparse, translation
from django.core import signing, validators, paginator, exceptions, cache

class Person(forms.Form):
    name = forms.CharField(max_length=5)
    email = forms.EmailField(required=False)
    age = forms.IntegerField(min_value=0)
    def clean_name(self):
        if self.cleaned_data["name"] == "root":
            raise forms.ValidationError("not you")
        return self.cleaned_data["name"].title()

def index(request, number):
    if number > 100:
        raise Http404("too big")
    return JsonResponse({"n": number, "q": request.GET.getlist("q")})

def form(request):
    form = Person(request.POST or None)
    return HttpResponse(str(form.cleaned_data) if form.is_valid() else form.errors.as_json() + form.as_p())

urlpatterns = [path("n/<int:number>/", index, name="index"), path("form", form)]
client = Client()
print(reverse("index", args=[5]), client.get("/n/7/?q=a&q=b").json(), client.get("/n/101/").status_code, client.get("/n/7").headers["Location"])
print(client.post("/form", {"name": "ann", "age": "3"}).content.decode())
print(client.post("/form", {"name": "much too long", "age": "-1", "email": "no"}).content.decode())
print(Template("{% for k, v in d.items %}{{ forloop.counter }}:{{ k|upper }}={{ v|floatformat:2 }}{% if not forloop.last %}, {% endif %}{% empty %}-{% endfor %} {{ t|date:'D d.m.Y' }} {{ h }}").render(
    Context({"d": {"a": 1.234, "b": 2}, "t": dateparse.parse_datetime("2024-02-29T12:00:00Z"), "h": "<b>"})))
signed = signing.dumps({"a": 1}, salt="s")
print(signing.loads(signed, salt="s"), text.slugify("Hällo Wörld!"), html.escape("<&>"), translation.gettext("January"))
print([p.object_list for p in paginator.Paginator(range(7), 3)])
try:
    validators.URLValidator()("nope")
except exceptions.ValidationError as error:
    print(error.messages)
cache.cache.set("k", [1, 2])
print(cache.cache.get("k"), RequestFactory().get("/x?y=1").GET["y"], timezone.is_aware(timezone.now()))
