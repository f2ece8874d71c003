"""The database is gone for a while: everybody is told so, nothing accepted is lost, and nobody has to help afterwards."""

import threading
import time
from collections import Counter

import pytest
import requests

from live import Live
from opsguard import Database, Server, until
from postgres import Postgres

# A sender gives up after about this long; Alertmanager's own patience is 10 s and more.
PATIENCE = 10


@pytest.fixture(scope="module")
def postgres():
    own = Postgres()
    try:
        yield own.up()
    finally:
        own.end()


@pytest.fixture
def server(postgres):
    database = Database("postgres", postgres.url)
    try:
        with Server(database) as server:
            yield server
    finally:
        database.drop()


class Outage:
    """The database is away inside the `with`, and back behind it."""

    def __init__(self, postgres, way):
        self.begin = {"stopped": postgres.stop, "frozen": postgres.freeze}[way]
        self.end = {"stopped": postgres.up, "frozen": postgres.thaw}[way]

    def __enter__(self):
        self.begin()

    def __exit__(self, *_):
        self.end()


WAYS = pytest.mark.parametrize("way", ["stopped", "frozen"])


@WAYS
def test_everybody_is_told_and_it_recovers_by_itself(server, postgres, way, figure):
    api = server.api()
    service, integration = api.source("generic")
    cookie = {"Cookie": f"opsguard={api.cookies['opsguard']}", "Accept": "text/html"}
    get = lambda path, **more: requests.get(f"{server.url}{path}", timeout=PATIENCE, **more)  # noqa: E731
    assert get("/incidents", headers=cookie).status_code == 200

    with Outage(postgres, way):
        until("it is not ready", lambda: get("/readyz").status_code == 503)
        assert get("/livez").status_code == 200

        began = time.monotonic()
        answer = requests.post(integration["url"], json={"title": "During the outage"}, timeout=PATIENCE)
        took = time.monotonic() - began
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["Retry-After"]) > 0
        assert answer.json()["code"] == "unavailable" and "try again" in answer.json()["detail"]

        answer = requests.get(f"{server.url}/api/v1/incidents", headers=api.http.headers, timeout=PATIENCE)
        assert answer.status_code == 503 and answer.json()["request_id"]

        page = get("/incidents", headers=cookie)
        assert page.status_code == 503
        assert page.headers["content-type"].startswith("text/html"), f"a page for a person is {page.headers['content-type']}"
        assert "database does not answer" in page.text
        # What needs no database is there all the same.
        assert get("/sw.js").status_code == 200 and get("/favicon.svg").status_code == 200

    began = time.monotonic()
    until("it is ready", lambda: get("/readyz").ok)
    until("alerts are accepted", lambda: requests.post(integration["url"], json={"title": "After it"}, timeout=PATIENCE).status_code == 202)
    until("pages are there", lambda: get("/incidents", headers=cookie).status_code == 200)
    figure(f"refused after {took:.1f} s; back {time.monotonic() - began:.1f} s after the database")
    assert "After it" in {i["title"] for i in api.incidents(service)}


@WAYS
def test_what_was_accepted_around_an_outage_is_there(server, postgres, way, figure):
    api = server.api()
    service, integration = api.source("generic")
    accepted, refused, stop = [], Counter(), threading.Event()

    def send(number):
        with requests.Session() as session:
            n = 0
            while not stop.is_set():
                key = f"{number}-{n}"
                n += 1
                try:
                    answer = session.post(integration["url"], json={"title": key, "dedup_key": key}, timeout=30)
                except requests.RequestException as e:
                    refused[repr(e)] += 1
                    continue
                if answer.status_code == 202:
                    accepted.append(key)
                elif answer.status_code == 503 and answer.headers.get("Retry-After"):
                    refused[503] += 1
                    stop.wait(0.1)
                else:
                    refused[f"{answer.status_code} {answer.text}"] += 1

    threads = [threading.Thread(target=send, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    try:
        until("alerts arrive", lambda: len(accepted) > 20)
        with Outage(postgres, way):
            until("a sender is told to come again", lambda: refused[503] > 0)
        before = len(accepted)
        until("alerts arrive again", lambda: len(accepted) > before + 20)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert set(refused) == {503}, refused
    stored = Counter(alert["dedup_key"] for alert in api.alerts(service))
    lost = set(accepted) - stored.keys()
    figure(f"accepted {len(accepted)}, refused {refused[503]}, lost {len(lost)}")
    assert not lost and max(stored.values()) == 1
    assert len(api.incidents(service)) == len(stored)


@WAYS
def test_sockets_stay_open_through_an_outage_and_go_on_behind_it(server, postgres, way):
    api = server.api()
    service, integration = api.source("generic")
    with Live(server.url, api.token) as live:
        with Outage(postgres, way):
            until("it is not ready", lambda: requests.get(f"{server.url}/readyz", timeout=PATIENCE).status_code == 503)
        until("alerts are accepted", lambda: requests.post(integration["url"], json={"title": "After it"}, timeout=PATIENCE).status_code == 202)
        [incident] = [i for i in api.incidents(service) if i["title"] == "After it"]
        assert live.event(f"incident:{incident['id']}", 10)["patch"]["title"] == "After it"
