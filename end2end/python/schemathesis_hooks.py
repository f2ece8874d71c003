"""What schemathesis does not know by itself: things that exist, the version that an edit is made on, and who it is.

Runs inside `schemathesis run` (SCHEMATHESIS_HOOKS). Without it nearly every request would end at "not found".
"""

import json
import os
import zlib

import requests
import schemathesis

# {"url", "token", "path": {"/api/v1/services/{id}": {"id": [..]}}, "body": {"user_id": [..]},
#  "body_of": {"/api/v1/session": {"email": [..]}}, "own": [ids], "report": file}
KNOWN = json.loads(os.environ["OPSGUARD_KNOWN"])
SEEN = {}


def choice(text, among):
    """The same for the same text in every run."""
    return among[zlib.crc32(repr(text).encode()) % len(among)]


@schemathesis.hook
def map_path_parameters(context, path_parameters):
    """Three of four times a thing that is there, else what was generated."""
    for name, things in KNOWN["path"].get(context.operation.path, {}).items():
        generated = (path_parameters or {}).get(name)
        if path_parameters and choice(generated, [True, True, True, False]):
            path_parameters[name] = choice((generated, "which"), things)
    return path_parameters


@schemathesis.hook
def map_body(context, body):
    """The same for what a body refers to."""
    if isinstance(body, dict):
        for name, things in {**KNOWN["body"], **KNOWN["body_of"].get(context.operation.path, {})}.items():
            if body.get(name) and choice(body[name], [True, True, True, False]):
                body[name] = choice((body[name], "which"), things)
    return body


@schemathesis.hook
def filter_case(context, case):
    """The caller does not end itself: everything behind it would only be 401."""
    ends = case.method in ("DELETE", "PATCH") and set(map(str, (case.path_parameters or {}).values())) & set(KNOWN["own"])
    return not ends


@schemathesis.hook
def before_call(context, case, kwargs):
    """Edits are made on what is there now, two of three times."""
    if case.method == "PATCH" and choice(case.path_parameters, [True, True, False]):
        address = case.formatted_path
        answer = requests.get(f"{KNOWN['url']}{address}", headers={"Authorization": f"Bearer {KNOWN['token']}"}, timeout=10)
        if "etag" in answer.headers:
            case.headers = {**(case.headers or {}), "If-Match": answer.headers["etag"]}


@schemathesis.hook
def after_call(context, case, response):
    statuses = SEEN.setdefault(f"{case.method} {case.operation.path}", {})
    statuses[response.status_code] = statuses.get(response.status_code, 0) + 1


@schemathesis.hook
def after_load_schema(context, schema):
    import atexit

    def report():
        with open(KNOWN["report"], "w") as file:
            json.dump(SEEN, file)

    atexit.register(report)
