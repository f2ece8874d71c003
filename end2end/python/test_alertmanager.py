"""What Alertmanager sends becomes incidents, once each, whatever it repeats. The real Alertmanager sends it."""

from alertmanager import Alertmanager
from opsguard import until


def webhook(integration, **more):
    return {"webhook_configs": [{"url": integration["url"], "send_resolved": True, **more}]}


# The worst severity of what fires: what people write into their pagerduty_configs.
WORST = (
    '{{ $worst := "warning" }}{{ range .Alerts.Firing }}{{ if eq .Labels.severity "critical" }}'
    '{{ $worst = "critical" }}{{ end }}{{ end }}{{ $worst }}'
)


def pagerduty(server, integration):
    return {
        "pagerduty_configs": [
            {"url": f"{server.url}/v2/enqueue", "routing_key": integration["key"], "severity": WORST, "send_resolved": True}
        ]
    }


def by_title(rows):
    found = {row["title"]: row for row in rows}
    assert len(found) == len(rows), f"a title twice: {[row['title'] for row in rows]}"
    return found


def test_an_alert_is_one_incident_however_often_it_is_repeated_and_ends_with_it(api):
    service, integration = api.source("alertmanager")
    alert = {"alertname": "DiskFull", "instance": "db1", "severity": "critical", "summary": "Disk of db1 is full"}
    with Alertmanager(webhook(integration)) as source:
        source.fire(alert)
        [incident] = until("the incident is open", lambda: api.incidents(service))
        assert (incident["title"], incident["severity"], incident["status"]) == ("Disk of db1 is full", "critical", "open")

        until("Alertmanager said it three times", lambda: api.alerts(service)[0]["count"] >= 3)
        [known] = api.alerts(service)
        assert known["incident_id"] == incident["id"] and known["labels"]["instance"] == "db1"
        [again] = api.incidents(service)
        assert again["version"] == incident["version"], "a repetition edited the incident"

        source.resolve(alert)
        until("the incident is resolved", lambda: api.incidents(service)[0]["status"] == "resolved")
    [known] = api.alerts(service)
    assert known["status"] == "resolved" and known["resolved_at"]
    assert len(api.incidents(service)) == 1


def test_two_alertmanagers_that_say_the_same_make_one_incident(api):
    service, integration = api.source("alertmanager")
    alert = {"alertname": "ApiDown", "severity": "page"}
    with Alertmanager(webhook(integration)) as one, Alertmanager(webhook(integration)) as other:
        one.fire(alert)
        other.fire(alert)
        until("both were heard, more than once", lambda: api.alerts(service)[0]["count"] >= 4)
    assert len(api.alerts(service)) == 1 and len(api.incidents(service)) == 1


def test_in_a_group_each_alert_begins_and_ends_by_itself(api):
    service, integration = api.source("alertmanager")
    a, b = ({"alertname": "Slow", "instance": name, "summary": f"{name} is slow"} for name in ("a", "b"))
    with Alertmanager(webhook(integration)) as source:
        source.fire(a)
        until("the first is open", lambda: len(api.incidents(service)) == 1)
        source.fire(b)
        until("the second is open too", lambda: len(api.incidents(service)) == 2)
        source.resolve(a)
        until("the first is over", lambda: by_title(api.incidents(service))["a is slow"]["status"] == "resolved")
        heard = by_title(api.alerts(service))["b is slow"]["count"]
        until("the group was sent again", lambda: by_title(api.alerts(service))["b is slow"]["count"] > heard)
        assert by_title(api.incidents(service))["b is slow"]["status"] == "open"
        source.resolve(b)
        until("the second is over", lambda: by_title(api.incidents(service))["b is slow"]["status"] == "resolved")
    assert len(api.incidents(service)) == 2


def test_what_fires_again_soon_is_the_same_incident_again(api):
    service, integration = api.source("alertmanager")
    alert = {"alertname": "Flap", "severity": "warning"}
    with Alertmanager(webhook(integration)) as source:
        source.fire(alert)
        [first] = until("open", lambda: api.incidents(service))
        source.resolve(alert)
        until("resolved", lambda: api.incidents(service)[0]["status"] == "resolved")
        source.fire(alert)
        until("open again", lambda: api.incidents(service)[0]["status"] == "open")
    assert [i["id"] for i in api.incidents(service)] == [first["id"]]


def test_another_label_is_another_alert(api):
    service, integration = api.source("alertmanager")
    with Alertmanager(webhook(integration)) as source:
        source.fire({"alertname": "Queue", "severity": "warning", "summary": "Queue grows"})
        until("one incident", lambda: len(api.incidents(service)) == 1)
        source.fire({"alertname": "Queue", "severity": "critical", "summary": "Queue is full"})
        until("two incidents", lambda: len(api.incidents(service)) == 2)
    assert {i["severity"] for i in api.incidents(service)} == {"medium", "critical"}


def test_keyed_by_group_the_group_is_one_incident_that_gets_worse_and_ends_with_its_last_alert(api):
    service, integration = api.source("alertmanager", key_by_group=True)
    a = {"alertname": "Errors", "instance": "a", "severity": "warning"}
    b = {"alertname": "Errors", "instance": "b", "severity": "critical"}
    with Alertmanager(webhook(integration)) as source:
        source.fire(a)
        [incident] = until("the incident is open", lambda: api.incidents(service))
        assert incident["severity"] == "medium"
        source.fire(b)
        until("it got worse", lambda: api.incidents(service)[0]["severity"] == "critical")
        source.resolve(a)
        heard = api.alerts(service)[0]["count"]
        until("the group was sent twice more", lambda: api.alerts(service)[0]["count"] >= heard + 2)
        assert [i["status"] for i in api.incidents(service)] == ["open"]
        source.resolve(b)
        until("it is over", lambda: api.incidents(service)[0]["status"] == "resolved")
    assert [i["id"] for i in api.incidents(service)] == [incident["id"]] and len(api.alerts(service)) == 1


def test_pagerduty_configs_of_alertmanager_work_unchanged(server, api):
    service, integration = api.source("pagerduty")
    a = {"alertname": "Latency", "instance": "a", "severity": "warning"}
    b = {"alertname": "Latency", "instance": "b", "severity": "critical"}
    with Alertmanager(pagerduty(server, integration)) as source:
        source.fire(a)
        [incident] = until("the incident is open", lambda: api.incidents(service))
        assert (incident["severity"], incident["urgency"]) == ("medium", "low")
        until("it was said three times", lambda: api.alerts(service)[0]["count"] >= 3)
        source.fire(a, b)
        worse = until("it got worse", lambda: [i for i in api.incidents(service) if i["severity"] == "critical"])[0]
        assert (worse["id"], worse["urgency"]) == (incident["id"], "high")
        source.resolve(a, b)
        until("it is over", lambda: api.incidents(service)[0]["status"] == "resolved")
    assert len(api.incidents(service)) == 1 and len(api.alerts(service)) == 1


def test_an_alert_that_fires_while_the_server_is_down_arrives_when_it_is_back(fresh, server):
    own = fresh(server.database.kind).up()
    api = own.api()
    service, integration = api.source("alertmanager")
    own.kill()
    with Alertmanager(webhook(integration)) as source:
        source.fire({"alertname": "DuringTheRestart"})
        until("Alertmanager tried in vain", lambda: source.failed_requests("webhook") > 0)
        own.up()
        [incident] = until("the incident is open", lambda: api.incidents(service))
    assert incident["title"] == "DuringTheRestart"
