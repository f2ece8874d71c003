"""Several servers: live across nodes on one PostgreSQL, refused on one SQLite file, and an end in order."""

import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from live import Live
from opsguard import DATABASES, SAME_ORIGIN, required, until


@pytest.fixture
def nodes(fresh):
    """Two servers over one PostgreSQL."""
    one = fresh("postgres").up()
    other = fresh("postgres", database=one.database).up()
    return one, other


def test_an_alert_at_one_node_is_live_at_the_other(nodes, figure):
    one, other = nodes
    api = one.api()
    service, integration = api.source("generic")
    took = []
    with Live(other.url, api.token, topics=["incidents"]) as live:
        for n in range(5):
            began = time.monotonic()
            answer = requests.post(integration["url"], json={"title": f"Alert {n}"}, timeout=10)
            assert answer.status_code == 202
            [incident] = [i for i in api.incidents(service) if i["title"] == f"Alert {n}"]
            event = live.event(f"incident:{incident['id']}", 2)
            took.append(time.monotonic() - began)
            assert event["patch"]["title"] == f"Alert {n}"
    figure(f"alert at one node to event at the other, 5 times: slowest {max(took) * 1000:.0f} ms")
    assert max(took) < 2


def test_both_nodes_take_the_same_alert_and_it_is_one_incident(nodes):
    one, other = nodes
    api = one.api()
    service, integration = api.source("generic")
    there = integration["url"].replace(one.url, other.url)
    with ThreadPoolExecutor(8) as pool:
        send = lambda n: requests.post([integration["url"], there][n % 2], json={"title": "One", "dedup_key": "one"}, timeout=20)  # noqa: E731
        assert {a.status_code for a in pool.map(send, range(40))} == {202}
    [alert] = api.alerts(service)
    assert alert["count"] == 40 and len(api.incidents(service)) == 1


def test_signing_out_at_one_node_ends_the_socket_at_the_other(nodes):
    one, other = nodes
    api = one.api()
    cookie = f"opsguard={api.cookies['opsguard']}"
    with Live(other.url, headers={"Cookie": cookie}) as live:
        answer = requests.delete(f"{one.url}/api/v1/session", headers={"Cookie": cookie, **SAME_ORIGIN}, timeout=10)
        assert answer.status_code == 204
        # Signing out is no event of the feed: the other node looks again with its next ping, at most 25 s later.
        assert live.closed(30)[0] == 4401


def test_a_second_server_on_one_sqlite_file_is_refused_in_words(fresh):
    first = fresh("sqlite").up()
    second = fresh("sqlite", database=first.database)
    ended = subprocess.run([required("OPSGUARD_BIN"), "serve"], env=second.env, capture_output=True, text=True, timeout=20)
    assert ended.returncode != 0
    said = [line for line in (ended.stdout + ended.stderr).splitlines() if line.startswith("opsguard:")]
    assert len(said) == 1 and f"another OpsGuard (process {first.process.pid}) already serves" in said[0], ended
    assert "stop it first, or use PostgreSQL" in said[0]
    assert requests.get(f"{first.url}/readyz", timeout=5).ok


@pytest.mark.parametrize("kind", DATABASES)
def test_told_to_end_it_ends_soon_in_order_and_sockets_are_told_to_come_back(fresh, kind):
    server = fresh(kind).up()
    api = server.api()
    service, integration = api.source("generic")
    accepted, stop = [], threading.Event()

    def send(number):
        with requests.Session() as session:
            for n in range(100_000):
                if stop.is_set():
                    return
                try:
                    answer = session.post(integration["url"], json={"title": f"{number}-{n}"}, timeout=10)
                except requests.RequestException:
                    return
                assert answer.status_code in (202, 503), answer.text
                if answer.status_code == 202:
                    accepted.append(f"{number}-{n}")

    with Live(server.url, api.token) as live, socket.create_connection(("127.0.0.1", server.port)) as idle:
        # A connection that stays open between requests, and one in the middle of its request.
        idle.sendall(b"GET /livez HTTP/1.1\r\nhost: x\r\n\r\n")
        assert b"200" in idle.recv(4096)
        with socket.create_connection(("127.0.0.1", server.port)) as slow:
            head = f"POST /in/generic/{integration['key']} HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n{{"
            slow.sendall(head.encode())
            with ThreadPoolExecutor(3) as pool:
                senders = [pool.submit(send, n) for n in range(3)]
                until("alerts arrive", lambda: len(accepted) > 20)
                code, seconds = server.stop()
                stop.set()
                for sender in senders:
                    sender.result()
        assert live.closed() == (1012, "restarting")
    assert code == 0, server.output
    assert seconds < 8, f"it took {seconds:.1f} s"
    server.up()
    assert set(accepted) <= {alert["title"] for alert in api.alerts(service)}


def test_the_rest_of_a_missed_feed_is_replayed_after_a_restart(fresh):
    server = fresh("sqlite").up()
    api = server.api()
    service, integration = api.source("generic")
    with Live(server.url, api.token) as live:
        seq, epoch = live.hello["seq"], live.hello["epoch"]
        server.stop()
    server.up()
    requests.post(integration["url"], json={"title": "While nobody listened"}, timeout=10)
    [incident] = api.incidents(service)
    with Live(server.url, api.token) as live:
        live.send({"t": "sub", "topics": ["incidents"], "after": seq, "epoch": epoch})
        assert live.event(f"incident:{incident['id']}", 5)["patch"]["title"] == "While nobody listened"
