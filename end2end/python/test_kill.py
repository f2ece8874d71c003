"""`kill -9` at a random instant under load, again and again: what was answered with 202 is there, once."""

import os
import random
import threading
import time
from collections import Counter

import pytest
import requests

from opsguard import DATABASES, until

ROUNDS = int(os.environ.get("OPSGUARD_KILL_ROUNDS", "20"))  # `cargo xtask torture` asks for more
SENDERS = 4


class Senders:
    """Programs that send unique alerts and, like every real source, send again what was not answered."""

    def __init__(self, url):
        self.url = url
        self.accepted = []  # list.append is atomic
        self.unanswered = []
        self.again = []
        self.round = 0
        self.others = Counter()

    def send(self, session, key):
        answer = session.post(self.url, json={"title": f"Alert {key}", "dedup_key": key}, timeout=10)
        if answer.status_code == 202:
            self.accepted.append(key)
        else:
            self.others[answer.status_code] += 1
            self.unanswered.append(key)

    def run(self, number):
        with requests.Session() as session:
            n = 0
            while True:
                try:
                    key = self.again.pop()
                except IndexError:
                    key, n = f"{self.round}-{number}-{n}", n + 1
                try:
                    self.send(session, key)
                except requests.RequestException:
                    self.unanswered.append(key)
                    return

    def start(self):
        self.round += 1
        self.again, self.unanswered = self.unanswered, []
        threads = [threading.Thread(target=self.run, args=(n,)) for n in range(SENDERS)]
        for thread in threads:
            thread.start()
        return threads


@pytest.mark.timeout(max(240, 12 * ROUNDS))
@pytest.mark.parametrize("kind", DATABASES)
def test_nothing_that_was_accepted_is_lost_and_nothing_is_there_twice(fresh, figure, kind):
    seed = int(os.environ.get("OPSGUARD_TEST_SEED", time.time_ns() % 1_000_000))
    instant = random.Random(seed)
    server = fresh(kind).up()
    api = server.api()
    service, integration = api.source("generic")
    senders = Senders(integration["url"])
    began = time.monotonic()
    for _ in range(ROUNDS):
        before = len(senders.accepted)
        threads = senders.start()
        until("the load runs", lambda: len(senders.accepted) > before, every=0.005)
        # Not a wait for something: the random instant itself.
        time.sleep(instant.uniform(0, 0.4))
        server.kill()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive(), "a sender hangs"
        server.up()
    seconds = time.monotonic() - began

    alerts = api.alerts(service)
    stored = Counter(alert["dedup_key"] for alert in alerts)
    lost = set(senders.accepted) - stored.keys()
    twice = [key for key, times in stored.items() if times > 1]
    known = f"accepted {len(senders.accepted)}, lost {len(lost)}, rounds {ROUNDS}"
    figure(f"{known}, cut off {len(senders.unanswered)} at the end, stored {len(stored)}, {seconds:.0f} s, seed {seed}")
    print(f"{known}, seed {seed}")
    assert not lost, f"{known}: {sorted(lost)[:5]} .. (seed {seed})"
    assert not twice, f"keys with two alerts: {twice[:5]} (seed {seed})"
    assert not senders.others, f"answers that are neither 202 nor nothing: {senders.others}"

    # Grouping is off: one incident for each alert, none without one.
    assert all(alert["incident_id"] for alert in alerts), "an alert without an incident"
    shared = [incident for incident, times in Counter(a["incident_id"] for a in alerts).items() if times > 1]
    assert not shared, f"incidents of two alerts: {shared[:5]}"
    incidents = api.incidents(service)
    assert Counter(i["title"] for i in incidents) == Counter(a["title"] for a in alerts)
