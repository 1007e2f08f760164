"""Reads mails and verifies DKIM with Python's email package and dkimpy, for tests that must not trust our own reader.

Input: {"mails": [base64, ...], "records": {dns name: txt}}. Output: a list with what was found in each mail.
"""
import base64
import email
import email.policy
import json
import sys


def defects(part):
    found = [type(defect).__name__ for defect in part.defects]
    for value in part.values():
        found += [type(defect).__name__ for defect in getattr(value, "defects", [])]
    return found


def addresses(mail, field):
    return [[address.display_name, address.addr_spec] for value in mail.get_all(field, []) for address in value.addresses]


def read(raw):
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    parts = list(mail.walk())
    leaves = [part for part in parts if not part.is_multipart()]
    text = mail.get_body(("plain",))
    html = mail.get_body(("html",))
    return {
        "defects": sum((defects(part) for part in parts), []),
        "fields": [[name, str(value)] for name, value in mail.items()],
        "subject": mail["subject"],
        "from": addresses(mail, "from"),
        "to": addresses(mail, "to"),
        "cc": addresses(mail, "cc"),
        "reply_to": addresses(mail, "reply-to"),
        "date": mail["date"].datetime.isoformat(),
        "types": [part.get_content_type() for part in parts],
        "encodings": [part["content-transfer-encoding"] for part in leaves],
        "text": text.get_content() if text else None,
        "html": html.get_content() if html else None,
        "attachments": [[part.get_filename(), part.get_content_type(), base64.b64encode(part.get_payload(decode=True)).decode()] for part in mail.iter_attachments()]
        if mail.get_content_type() == "multipart/mixed" else [],
    }


def verify(raw, records):
    import dkim

    def txt(name, timeout=5):
        record = records.get(name.decode().rstrip("."))
        return record.encode() if record else None

    results = []
    checked = dkim.DKIM(raw, minkey=1024)
    count = sum(1 for name, _ in checked.headers if name.lower() == b"dkim-signature")
    for index in range(count):
        try:
            results.append(bool(dkim.DKIM(raw, minkey=1024).verify(idx=index, dnsfunc=txt)))
        except dkim.DKIMException as problem:
            results.append(str(problem))
    return results


def main():
    request = json.load(sys.stdin)
    answers = []
    for encoded in request["mails"]:
        raw = base64.b64decode(encoded)
        answers.append(verify(raw, request["records"]) if request.get("records") is not None else read(raw))
    json.dump(answers, sys.stdout)


main()
