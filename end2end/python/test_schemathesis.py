"""The OpenAPI document against the server: schemathesis sends what the document allows and what it forbids."""

import json
import os
import re
import subprocess
import sys
import uuid

import pytest
import requests

from opsguard import until

CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
]
SEED = "20251120"
# What somebody who only looks may do: with their own session, tokens and profile, and nobody else's.
OWN_AFFAIRS = {
    "POST /api/v1/session",
    "DELETE /api/v1/session",
    "POST /api/v1/sessions/revoke-others",
    "DELETE /api/v1/sessions/{id}",
    "POST /api/v1/api-tokens",
    "DELETE /api/v1/api-tokens/{id}",
    "PATCH /api/v1/users/{id}",
}


@pytest.fixture(scope="module")
def world(api):
    """Some of everything, so that requests find what they ask for."""
    found = {name: [] for name in ("service", "integration", "incident", "team", "user", "token", "invitation", "blocker")}
    for n in range(4):
        team = api.post("/teams", {"name": f"Team {n}"})
        user = api.post("/users", {"name": f"User {n}", "email": f"user{n}@example.org", "role": "responder", "password": "long enough 12345"})
        api.post(f"/teams/{team['id']}/members", {"user_id": user["id"]})
        service, integration = api.source("generic")
        assert requests.post(integration["url"], json={"title": f"Alert {n}"}, timeout=10).status_code == 202
        [incident] = api.incidents(service)
        invitation = api.post("/invitations", {"email": f"new{n}@example.org", "role": "viewer"})
        token = api.post("/api-tokens", {"name": f"Token {n}", "scopes": ["incidents:read"]})
        blocker = api.post("/blockers", {"description": f"Blocker {n}", "related_incident_id": incident["id"]})
        for thing, rows in zip([service, integration, incident, team, user, token, invitation, blocker], found.values(), strict=True):
            rows.append(thing["id"])
    [payload] = until("the payload is kept", lambda: api.get(f"/integrations/{integration['id']}/payloads"))
    found["payload"] = (integration["id"], payload["id"])
    return found


def places(operation, world):
    """Which things go into which place of an address."""
    noun = operation.removeprefix("/api/v1").split("/")[1]
    names = re.findall(r"{(\w+)}", operation)
    for inner in ("note", "payload"):
        if f"{inner}_id" in names:
            outer, thing = world.get(inner, (world["incident"][0], world["user"][0]))
            return {"id": [outer], f"{inner}_id": [thing]}
    things = {"id": world.get({"api-tokens": "token", "status": "update"}.get(noun, noun.removesuffix("s"))), "user_id": world["user"]}
    return {name: things[name] for name in names}


def run(server, api, who, world, report, examples):
    """Runs the checks as `who`; answers the run and the statuses of each operation."""
    document = requests.get(f"{server.url}/api/openapi.json", timeout=10).json()
    if who.get("/me")["role"] != "viewer":
        # Only its author edits a note.
        incident = world["incident"][0]
        world = {**world, "note": (incident, who.post(f"/incidents/{incident}/notes", {"body": "Looked at it."})["id"])}
    # Only its author edits an update.
    author = api if who.get("/me")["role"] == "viewer" else who
    world = {**world, "update": [author.post("/status", {"title": f"Update {n}", "tags": ["log"]})["id"] for n in range(4)]}
    # Each of these is a session of theirs; ending one does not end the token.
    world = {**world, "session": [s["id"] for _ in range(3) for s in who.again().get("/sessions")]}
    # The caller, and who made the world and makes the next callers: lists name them, and what lists name is tried.
    own = [one for person in (who, api) for one in [person.get("/me")["id"], *(t["id"] for t in person.get("/api-tokens") if t["name"] == "test")]]
    env = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "schemathesis_hooks",
        "PYTHONPATH": os.path.dirname(__file__),
        "OPSGUARD_KNOWN": json.dumps(
            {
                "url": server.url,
                "token": who.token,
                "path": {operation: places(operation, world) for operation in document["paths"]},
                "body": {
                    "user_id": world["user"],
                    "assigned_to_id": world["user"],
                    "owner_id": world["user"][:2],
                    "waits_for_id": world["user"][2:],
                    "related_status_id": world["update"],
                    "related_incident_id": world["incident"],
                    "team_id": world["team"],
                    "service_id": world["service"],
                    "scopes": [["*"], ["incidents:read"]],
                    "email": [f"{uuid.uuid4().hex[:12]}@example.org" for _ in range(100)],
                },
                "body_of": {"/api/v1/session": {"email": [who.email], "password": [who.password]}},
                "own": own,
                "report": str(report / "statuses.json"),
            }
        ),
    }
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/api/openapi.json"]
    command += ["--header", f"Authorization: Bearer {who.token}", "--phases", "examples,coverage,fuzzing", "--seed", SEED]
    command += ["--max-examples", str(examples), "--checks", ",".join(CHECKS), "--continue-on-failure", "--no-color", "--warnings", "off"]
    # A seed of its own and no folder of kept examples: the same requests in every run.
    command += ["--generation-database", "none", "--request-timeout", "30"]
    ran = subprocess.run(command, cwd=report, env=env, capture_output=True, text=True, timeout=220)
    seen = json.loads((report / "statuses.json").read_text())
    return ran, {operation: {int(status): n for status, n in statuses.items()} for operation, statuses in seen.items()}, document


def check(ran, seen, who, server):
    assert ran.returncode == 0, f"schemathesis found faults (seed {SEED}):\n{ran.stdout[-20000:]}\n{ran.stderr[-2000:]}"
    assert who.get("/me"), "the caller was locked out on the way: everything behind it was only 401"
    assert not [(o, s) for o, s in seen.items() if any(status >= 500 for status in s)]
    assert "panicked" not in server.output, server.output


def reached(seen):
    return sorted(o for o, statuses in seen.items() if any(200 <= status < 300 for status in statuses))


def test_as_administrator_every_answer_is_documented_and_nearly_every_operation_works(server, api, world, tmp_path, figure):
    who = api.user("admin")
    ran, seen, document = run(server, api, who, world, tmp_path, examples=15)
    check(ran, seen, who, server)
    operations = {f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item}
    worked = operations & set(reached(seen))
    requests_sent = sum(sum(s.values()) for s in seen.values())
    missed = sorted(operations - worked)
    figure(f"{requests_sent} requests, {len(worked)} of {len(operations)} operations answered 2xx; without: {', '.join(missed) or 'none'}")
    assert len(worked) >= 0.9 * len(operations), f"operations that never worked: {missed}"


def test_as_viewer_every_answer_is_documented_and_nothing_changes(server, api, world, tmp_path, figure):
    who = api.user("viewer")
    ran, seen, _ = run(server, api, who, world, tmp_path, examples=6)
    check(ran, seen, who, server)
    wrote = {o for o in reached(seen) if not o.startswith("GET ")} - OWN_AFFAIRS
    figure(f"{sum(sum(s.values()) for s in seen.values())} requests, {len(reached(seen))} operations answered 2xx")
    assert not wrote, f"a viewer could do this: {sorted(wrote)}"


@pytest.mark.parametrize("noun", ["services", "teams"])
def test_a_name_that_is_taken_is_refused_in_any_script(api, noun):
    for name in ["Payments", "Öffentlich", "Κέντρο", "決済"]:
        api.post(f"/{noun}", {"name": f"{name} again"}, expected=201)
        refused = api.http.post(f"{api.url}/api/v1/{noun}", json={"name": f"{name} again"}, timeout=10)
        assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "taken"), refused.text
