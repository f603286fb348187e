from email import message_from_string, policy
from email.header import Header, decode_header
from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.utils import formataddr, formatdate, getaddresses, parseaddr, parsedate_to_datetime

message = EmailMessage()
message["From"] = "Ada <ada@example.com>"
message["To"] = "bob@example.com, Eve Ä <eve@example.com>"
message["Subject"] = "Grüße an alle, die diese sehr lange Zeile lesen, welche umbrochen werden muss"
message.set_content("Hello\nwörld\n")
message.add_alternative("<p>Hello</p>", subtype="html")
message.add_attachment(b"\x00\x01data", maintype="application", subtype="octet-stream", filename="x.bin")
message.set_boundary("=====b=====")
for part in message.walk():
    if part.is_multipart():
        part.set_boundary("=====" + part.get_content_subtype() + "=====")
text = message.as_string()
print(text)
parsed = message_from_string(text, policy=policy.default)
print(parsed["subject"], [str(a) for a in parsed["to"].addresses], parsed.get_body(("plain",)).get_content(), [a.get_filename() for a in parsed.iter_attachments()])
print(formataddr(("Zoë", "z@x.org")), parseaddr('"Smith, J." <j@x.org>'), getaddresses(["a@b.c, D <e@f.g>"]), formatdate(0))
print(parsedate_to_datetime("Mon, 20 Nov 1995 19:12:08 -0500"), decode_header("=?utf-8?q?p=C3=B6stal?="), Header("pöstal", "utf-8").encode())
old = MIMEMultipart(boundary="B")
old.attach(MIMEText("plain"))
print(old.as_string())
broken = message_from_string("Subject: x\nContent-Type: multipart/mixed\n\nno parts", policy=policy.default)
print([type(d).__name__ for d in broken.defects], broken.get_content_type())
