"""The live channel, as a program sees it."""

import asyncio
import json
import threading
import time

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed


class Live:
    """A socket that follows some topics; its first frame is read already.

    The client is the asyncio one, on a thread of its own. The synchronous client of websockets reads on one thread and
    writes on another, over one SSL object, and OpenSSL's are not made for that (Python locks them only since 3.13): when
    the tickets of TLS 1.3 arrive while the request is written, the request may never leave, or the heap breaks.
    """

    def __init__(self, url, token=None, topics=("incidents", "alerts"), **more):
        headers = {"Authorization": f"Bearer {token}"} if token else more.pop("headers")
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()
        self.socket = None
        try:
            self.socket = self._run(self._open(f"{url.replace('http', 'ws', 1)}/live", additional_headers=headers, proxy=None, **more))
            self.hello = self.frame()
            assert self.hello["t"] == "hello", self.hello
            self.send({"t": "sub", "topics": list(topics)})
            # The answer to an own ping comes behind what was sent before it: the subscription stands.
            self._run(self._ping())
        except BaseException:
            self.__exit__()
            raise

    def _run(self, work, seconds=15.0):
        """What the thread of the socket makes of it. The time is a net: each piece of work has its own, shorter one."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(seconds)

    @staticmethod
    async def _open(*where, **how):
        return await connect(*where, **how)

    async def _ping(self):
        await asyncio.wait_for(await self.socket.ping(), 10)

    async def _receive(self, seconds):
        return await asyncio.wait_for(self.socket.recv(), seconds)

    def send(self, frame):
        self._run(self.socket.send(json.dumps(frame)))

    def receive(self, seconds):
        return self._run(self._receive(seconds), seconds + 5)

    def frame(self, seconds=10.0):
        return json.loads(self.receive(seconds))

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
                self.receive(max(deadline - time.monotonic(), 0.001))
            except ConnectionClosed as e:
                assert e.rcvd, f"the connection broke without a close frame: {e}"
                return e.rcvd.code, e.rcvd.reason

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            if self.socket:
                self._run(self.socket.close())
        finally:
            self.loop.call_soon_threadsafe(self.loop.stop)
            self.thread.join(5)
            self.loop.close()
