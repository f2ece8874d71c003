"""The live channel, as a program sees it."""

import json
import time

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect


class Live:
    """A socket that follows some topics; its first frame is read already."""

    def __init__(self, url, token=None, topics=("incidents", "alerts"), **more):
        headers = {"Authorization": f"Bearer {token}"} if token else more.pop("headers")
        self.socket = connect(f"{url.replace('http', 'ws', 1)}/live", additional_headers=headers, proxy=None, legacy=True, **more)
        self.hello = self.frame()
        assert self.hello["t"] == "hello", self.hello
        self.socket.send(json.dumps({"t": "sub", "topics": list(topics)}))
        # The answer to an own ping comes behind what was sent before it: the subscription stands.
        assert self.socket.ping().wait(10), "the socket does not answer"

    def frame(self, seconds=10.0):
        return json.loads(self.socket.recv(timeout=seconds))

    def event(self, entity, seconds):
        """The next event about this thing."""
        deadline = time.monotonic() + seconds
        while True:
            frame = self.frame(max(deadline - time.monotonic(), 0.001))
            if frame["t"] == "event" and frame["entity"] == entity:
                return frame

    def closed(self, seconds=10.0):
        """Waits for the other side's close; answers its code and reason."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                self.socket.recv(timeout=max(deadline - time.monotonic(), 0.001))
            except ConnectionClosed as e:
                assert e.rcvd, f"the connection broke without a close frame: {e}"
                return e.rcvd.code, e.rcvd.reason

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
