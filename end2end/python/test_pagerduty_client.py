"""PagerDuty's own client for Python, pointed at us, works as it does against PagerDuty. It insists on https."""

import threading

import pagerduty
import pytest

from opsguard import DATABASES, Database, Server, until


@pytest.fixture(params=DATABASES, scope="module")
def server(request, certificate):
    database = Database(request.param)
    try:
        with Server(database, certificate=certificate) as server:
            yield server
    finally:
        database.drop()


@pytest.fixture(scope="module")
def connect(certificate):
    """The client as an operator would set it up for us: our address, and our certificate to believe."""

    def client(key, server):
        return pagerduty.EventsApiV2Client(key, base_url=server.url, verify=certificate.context(), trust_env=False)

    return client


@pytest.fixture
def place(api):
    """A service, and the key of its PagerDuty integration."""
    service, integration = api.source("pagerduty")
    return service, integration["key"]


@pytest.fixture
def events(server, place, connect):
    with connect(place[1], server) as client:
        yield client


def only(rows):
    assert len(rows) == 1, rows
    return rows[0]


def test_a_problem_is_triggered_acknowledged_and_resolved(api, place, events):
    service, _ = place
    key = events.trigger(
        "Disk of db1 is full",
        "db1.example.org",
        severity="critical",
        custom_details={"free": "0 MB"},
        links=[{"href": "https://graphs.example.org/db1", "text": "Graph"}],
    )
    assert key
    incident = only(api.incidents(service))
    assert (incident["title"], incident["severity"], incident["status"]) == ("Disk of db1 is full", "critical", "open")
    assert only(api.alerts(service))["dedup_key"] == key

    assert events.acknowledge(key) == key
    assert only(api.incidents(service))["status"] == "acknowledged"
    assert events.resolve(key) == key
    assert only(api.incidents(service))["status"] == "resolved"


def test_the_same_key_is_the_same_problem(api, place, events):
    service, _ = place
    for _ in range(5):
        assert events.trigger("Queue grows", "worker", dedup_key="queue", severity="warning") == "queue"
    assert only(api.alerts(service))["count"] == 5
    assert only(api.incidents(service))["severity"] == "medium"

    events.trigger("Queue is full", "worker", dedup_key="queue", severity="critical")
    assert only(api.incidents(service))["severity"] == "critical"


def test_without_a_key_each_trigger_is_a_problem_of_its_own(api, place, events):
    service, _ = place
    keys = {events.trigger("Something", "here") for _ in range(3)}
    assert len(keys) == 3 and {a["dedup_key"] for a in api.alerts(service)} == keys
    assert len(api.incidents(service)) == 3


@pytest.mark.parametrize(("severity", "ours"), [("critical", "critical"), ("error", "high"), ("warning", "medium"), ("info", "low")])
def test_each_severity_has_one_of_ours(api, place, events, severity, ours):
    events.trigger("x", "y", severity=severity)
    assert only(api.incidents(place[0]))["severity"] == ours


@pytest.mark.parametrize("action", ["acknowledge", "resolve"])
def test_what_was_never_triggered_is_accepted_and_makes_nothing(api, place, events, action):
    assert getattr(events, action)("never-triggered") == "never-triggered"
    assert api.alerts(place[0]) == [] and api.incidents(place[0]) == []


def test_a_wrong_routing_key_is_the_clients_error(server, connect):
    with connect("0" * 32, server) as client:
        with pytest.raises(pagerduty.HttpError) as caught:
            client.trigger("x", "y")
    answer = caught.value.response
    assert answer.status_code == 400
    assert answer.json()["status"] == "invalid event" and "routing_key" in answer.json()["errors"][0]


def test_an_event_that_cannot_be_read_is_the_clients_error_and_the_teams_incident(api, place, events):
    service, _ = place
    with pytest.raises(pagerduty.HttpError) as caught:
        events.send_event("trigger", payload={"source": "db1", "severity": "error"})
    body = caught.value.response.json()
    assert caught.value.response.status_code == 400 and body["status"] == "invalid event"
    assert any("summary" in error for error in body["errors"]), body
    told = until("the team is told", lambda: [i for i in api.incidents(service) if "rejects payloads" in i["title"]])
    assert only(told)["urgency"] == "high"

    events.trigger("Readable", "again")
    until("the next good event ends it", lambda: [i for i in api.incidents(service) if i["id"] == told[0]["id"]][0]["status"] == "resolved")


def test_the_clients_own_retries_outlast_a_restart(fresh, server, certificate, connect):
    own = fresh(server.database.kind, certificate=certificate).up()
    api = own.api()
    service, integration = api.source("pagerduty")
    own.kill()
    back = threading.Timer(1.0, own.up)
    with connect(integration["key"], own) as client:
        client.max_network_attempts, client.sleep_timer = 10, 0.2
        back.start()
        assert client.trigger("During the restart", "db1", dedup_key="restart") == "restart"
    back.join()
    assert only(api.incidents(service))["title"] == "During the restart"
