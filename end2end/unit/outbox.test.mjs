// What a responder may rely on when the network is bad.
import { test } from "node:test";
import assert from "node:assert/strict";
import { device, json, locks, networkError, quiet, until } from "./world.mjs";

const ANA = "0193-ana";
const BEN = "0193-ben";

const acknowledge = (incident, more) => ({
  method: "POST", path: `/api/v1/incidents/${incident}/acknowledge`, label: `Acknowledge INC-${incident}`, ...more,
});
const note = (incident, text) => ({
  method: "POST", path: `/api/v1/incidents/${incident}/notes`, body: { text }, label: `Note on INC-${incident}`,
});
const rename = (incident, body = { title: "Checkout is down" }) => ({
  method: "PATCH", path: `/api/v1/incidents/${incident}`, body, if_match: '"v3.7"', label: `Edit INC-${incident}`,
});

// A phone with Ana signed in and one tab open.
async function phone() {
  const it = device();
  const outbox = it.openTab();
  await outbox.setUser(ANA);
  await outbox.flush();
  return { ...it, outbox };
}

const key = (request) => request.headers["Idempotency-Key"];
const texts = (requests) => requests.map((request) => request.body.text);
const goOffline = (it) => { it.remote.answer = networkError; };
const goOnline = (it) => { it.remote.answer = () => json(200, { ok: true }); };

test("an acknowledgement made online is sent at once and tells the answer", async () => {
  const { outbox, remote, events } = await phone();
  remote.answer = () => json(200, { id: "418", status: "acknowledged" }, { ETag: '"v3.8"', "X-Request-ID": "srv-1" });

  const result = await outbox.enqueue(acknowledge(418));

  assert.equal(result.state, "sent");
  assert.equal(result.status, 200);
  assert.equal(result.request_id, "srv-1");
  assert.deepEqual(result.body, { id: "418", status: "acknowledged" });
  assert.deepEqual(await outbox.list(), []);
  const sent = events.find((event) => event.name === "opsguard:outbox-sent");
  assert.equal(sent.etag, '"v3.8"');
  assert.equal(sent.body.status, "acknowledged");
});

test("what is sent says who acted, when, and under which key", async () => {
  const { outbox, remote } = await phone();
  const result = await outbox.enqueue(rename(418));

  const [{ method, path, headers, credentials, redirect }] = remote.requests;
  assert.deepEqual([method, path], ["PATCH", "/api/v1/incidents/418"]);
  assert.deepEqual([credentials, redirect], ["same-origin", "error"]);
  assert.equal(headers["Content-Type"], "application/json");
  assert.equal(headers["Idempotency-Key"], result.id);
  assert.match(headers["Idempotency-Key"], /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  assert.match(headers["X-Request-ID"], /^[A-Za-z0-9_-]{1,64}$/);
  assert.equal(headers["X-Opsguard-Acted-At"], "2026-11-20T03:12:00.000Z");
  assert.equal(headers["X-Opsguard-User"], ANA);
  assert.equal(headers["If-Match"], '"v3.7"');
});

test("without network it says queued, keeps the item, and sends it when the network is back with the time of the act", async () => {
  const it = await phone();
  it.state.online = false;
  const result = await it.outbox.enqueue(acknowledge(418));
  assert.deepEqual([result.state, result.reason], ["queued", "offline"]);
  assert.deepEqual(await it.outbox.counts(), { waiting: 1, parked: 0, auth: 0, others: 0 });
  assert.equal(it.remote.requests.length, 0);
  assert.deepEqual(it.syncs, ["outbox"], "background sync is asked for");

  it.state.online = true;
  await it.time.advance(40 * 60_000);
  await it.outbox.flush();
  assert.equal(it.remote.requests[0].headers["X-Opsguard-Acted-At"], "2026-11-20T03:12:00.000Z");
  assert.equal((await it.outbox.counts()).waiting, 0);
});

test("a server that does not answer does not keep the person waiting longer than ten seconds", async () => {
  const it = await phone();
  it.remote.answer = (request) => new Promise((_, reject) => request.signal.addEventListener("abort", () => reject(request.signal.reason)));
  let result = null;
  it.outbox.enqueue(acknowledge(418)).then((outcome) => { result = outcome; });
  await until(() => it.remote.requests.length === 1);
  await it.time.advance(9_000);
  assert.equal(result, null);
  await it.time.advance(1_000);
  assert.deepEqual([result.state, result.reason], ["queued", "slow"]);

  goOnline(it);
  await it.time.advance(15_000); // the hanging request is cut at 20 s and made again
  assert.equal(it.remote.requests.length, 2);
  assert.equal(key(it.remote.requests[1]), key(it.remote.requests[0]));
  assert.equal((await it.outbox.counts()).waiting, 0);
});

test("notes on one incident arrive in the order in which they were written, also when the first fails", async () => {
  const it = await phone();
  goOffline(it);
  for (const text of ["one", "two", "three"]) await it.outbox.enqueue(note(418, text));
  goOnline(it);
  it.remote.requests.length = 0;
  let refusals = 1;
  it.remote.answer = () => (refusals-- > 0 ? json(503, { code: "draining" }) : json(200, {}));
  await it.outbox.flush();
  assert.deepEqual(texts(it.remote.requests), ["one"], "two and three do not overtake");

  await it.time.advance(60_000);
  assert.deepEqual(texts(it.remote.requests), ["one", "one", "two", "three"]);
});

test("one incident that fails does not hold up another", async () => {
  const it = await phone();
  it.remote.answer = ({ path }) => (path.includes("/418/") ? json(503, {}) : json(200, {}));
  assert.equal((await it.outbox.enqueue(acknowledge(418))).state, "queued");
  assert.equal((await it.outbox.enqueue(acknowledge(419))).state, "sent");
});

test("a hanging request for one incident does not hold up another", async () => {
  const it = await phone();
  it.remote.answer = ({ path }) => (path.includes("/418/") ? new Promise(() => {}) : json(200, {}));
  it.outbox.enqueue(acknowledge(418));
  await until(() => it.remote.requests.length === 1);
  assert.equal((await it.outbox.enqueue(acknowledge(419))).state, "sent");
});

test("repeats wait longer each time, at random within the bound, at most a minute", async () => {
  const it = await phone();
  it.remote.answer = () => json(500, {});
  await it.outbox.enqueue(acknowledge(418));
  const waits = [];
  for (let attempt = 1; attempt <= 8; attempt++) {
    const [item] = await it.outbox.list();
    waits.push(item.next_at - it.time.now());
    await it.time.advance(item.next_at - it.time.now());
  }
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 16000, 30000, 30000], "half of the bound: the dice say 0.5");
});

for (const status of [408, 425, 429, 500, 502, 503, 504]) {
  test(`${status} is tried again by itself`, async () => {
    const it = await phone();
    it.remote.answer = (_, count) => (count === 1 ? json(status, {}) : json(200, {}));
    const result = await it.outbox.enqueue(acknowledge(418));
    assert.deepEqual([result.state, result.reason], ["queued", "retry"]);
    await it.time.advance(60_000);
    assert.equal(it.remote.requests.length, 2);
    assert.equal(key(it.remote.requests[0]), key(it.remote.requests[1]));
    assert.deepEqual(await it.outbox.list(), []);
  });
}

test("Retry-After is respected, in seconds and as a date, also when the network seems to come back", async () => {
  for (const header of ["30", "Fri, 20 Nov 2026 03:12:30 GMT"]) {
    const it = await phone();
    it.remote.answer = (_, count) => (count === 1 ? json(429, {}, { "Retry-After": header }) : json(200, {}));
    await it.outbox.enqueue(acknowledge(418));
    await it.time.advance(29_000);
    await it.outbox.flush();
    assert.equal(it.remote.requests.length, 1, header);
    await it.time.advance(2_000);
    assert.equal(it.remote.requests.length, 2, header);
  }
});

test("a wait for the network ends as soon as the network is back", async () => {
  const it = await phone();
  goOffline(it);
  await it.outbox.enqueue(acknowledge(418));
  goOnline(it);
  await it.outbox.flush(); // `online`, the live socket, the page is shown
  assert.equal(it.remote.requests.length, 2);
});

test("a flush that the browser's sync asked for registers no sync: it would fire again at once, without end", async () => {
  const it = await phone();
  goOffline(it);
  await it.outbox.enqueue(acknowledge(418));
  await it.time.advance(0);
  assert.deepEqual(it.syncs.splice(0), ["outbox"], "the page asks for one");
  await it.openTab().flush({ register: false });
  assert.equal(it.remote.requests.length, 2, "it was tried");
  assert.deepEqual(it.syncs, []);
});

test("a sign-in page of a captive portal is not taken for success", async () => {
  const it = await phone();
  it.remote.answer = () => new Response("<h1>Airport Wi-Fi</h1>", { status: 200, headers: { "Content-Type": "text/html" } });
  assert.equal((await it.outbox.enqueue(acknowledge(418))).state, "queued");
  assert.equal((await it.outbox.counts()).waiting, 1);
});

test("an ended session pauses everything of this person, asks to sign in, and goes on after it", async () => {
  const it = await phone();
  goOffline(it);
  await it.outbox.enqueue(acknowledge(418));
  await it.outbox.enqueue(acknowledge(419));
  it.remote.requests.length = 0;
  it.remote.answer = () => json(401, { code: "signed_out" });
  await it.outbox.flush();
  const asked = it.remote.requests.length;
  assert.ok(it.events.some((event) => event.type === "auth"));

  const later = await it.outbox.enqueue(acknowledge(420));
  assert.deepEqual([later.state, later.reason], ["queued", "auth"]);
  await it.time.advance(3_600_000);
  await it.outbox.flush();
  assert.equal(it.remote.requests.length, asked, "no knocking at a closed door");

  goOnline(it);
  await it.outbox.setUser(ANA);
  await it.outbox.flush();
  assert.deepEqual(await it.outbox.counts(), { waiting: 0, parked: 0, auth: 0, others: 0 });
});

test("when the browser's session belongs to somebody else nothing is applied in the wrong name", async () => {
  const it = await phone();
  it.remote.answer = () => json(403, { code: "wrong_user" });
  assert.equal((await it.outbox.enqueue(acknowledge(418))).reason, "auth");
  assert.equal((await it.outbox.counts()).auth, 1);
});

for (const status of [400, 403, 404, 409, 412, 422]) {
  test(`${status} is kept for the person to decide, with the server's words`, async () => {
    const it = await phone();
    const current = { id: "418", title: "Checkout slow", version: 5, rev: 9 };
    const errors = [{ field: "title", code: "changed", message: "Ben changed it" }];
    it.remote.answer = () => json(status, { code: "refused", title: "No", current, errors }, { "X-Request-ID": "srv-9" });

    const result = await it.outbox.enqueue(rename(418));

    assert.equal(result.state, "parked");
    assert.equal(result.request_id, "srv-9");
    const [item] = await it.outbox.list();
    assert.equal(item.id, result.id);
    assert.deepEqual(item.body, { title: "Checkout is down" }, "mine");
    assert.deepEqual(item.problem.current, current, "theirs");
    assert.deepEqual(item.problem.errors, errors);
    assert.equal(item.problem.status, status);
    assert.deepEqual(await it.outbox.counts(), { waiting: 0, parked: 1, auth: 0, others: 0 });
    assert.ok(it.events.some((event) => event.type === "parked" && event.counts.parked === 1));

    await it.time.advance(3_600_000);
    await it.outbox.flush();
    assert.equal(it.remote.requests.length, 1, "not repeated without the person's word");
  });
}

test("a conflict about the title does not hold up the acknowledgement of the same incident", async () => {
  const it = await phone();
  it.remote.answer = ({ method }) => (method === "PATCH" ? json(412, { code: "stale" }) : json(200, {}));
  assert.equal((await it.outbox.enqueue(rename(418))).state, "parked");
  assert.equal((await it.outbox.enqueue(acknowledge(418))).state, "sent");
});

test("409 with Retry-After means that the first send is still at work: it is repeated with the same key", async () => {
  const it = await phone();
  it.remote.answer = (_, count) => (count === 1 ? json(409, { code: "in_progress" }, { "Retry-After": "1" }) : json(200, {}));
  assert.equal((await it.outbox.enqueue(acknowledge(418))).state, "queued");
  await it.time.advance(3_000);
  assert.equal(key(it.remote.requests[0]), key(it.remote.requests[1]));
});

test("keep mine sends my edit again under a new key against their version", async () => {
  const it = await phone();
  it.remote.answer = (_, count) =>
    count === 1 ? json(412, { code: "stale", changed: ["title"], current: { version: 5, rev: 9, title: "Theirs" } }) : json(200, { title: "Checkout is down" });
  const { id } = await it.outbox.enqueue(rename(418));

  const result = await it.outbox.keepMine(id);

  assert.equal(result.state, "sent");
  const [first, second] = it.remote.requests;
  assert.notEqual(key(second), key(first));
  assert.equal(second.headers["If-Match"], '"v5.9"');
  assert.deepEqual(second.body, first.body);
});

test("keep mine can send what the person merged field by field", async () => {
  const it = await phone();
  it.remote.answer = (_, count) => (count === 1 ? json(412, { changed: ["title"], current: { version: 5 } }) : json(200, {}));
  const { id } = await it.outbox.enqueue(rename(418, { title: "Mine", description: "Mine" }));
  await it.outbox.keepMine(id, { description: "Mine" });
  assert.deepEqual(it.remote.requests[1].body, { description: "Mine" });
});

test("try again sends the same request under the same key", async () => {
  const it = await phone();
  it.remote.answer = (_, count) => (count === 1 ? json(404, {}) : json(200, {}));
  const { id } = await it.outbox.enqueue(note(418, "hello"));
  assert.equal((await it.outbox.retry(id)).state, "sent");
  assert.equal(key(it.remote.requests[0]), key(it.remote.requests[1]));
});

test("discard removes an item that was not sent, and refuses while it is on its way", async () => {
  const it = await phone();
  it.remote.answer = () => json(422, {});
  const { id } = await it.outbox.enqueue(note(418, ""));
  assert.equal(await it.outbox.discard(id), true);
  assert.deepEqual(await it.outbox.list(), []);
  assert.deepEqual(await it.outbox.keepMine(id), { state: "gone", id });

  let answer;
  it.remote.answer = () => new Promise((resolve) => { answer = resolve; });
  const sending = it.outbox.enqueue(note(418, "x"));
  await until(() => answer);
  const [item] = await it.outbox.list();
  assert.equal(await it.outbox.discard(item.id), false);
  answer(json(200, {}));
  assert.equal((await sending).state, "sent");
});

test("when the others changed other fields, my edit is moved onto their version without a question", async () => {
  const it = await phone();
  it.remote.answer = (_, count) =>
    count === 1 ? json(412, { changed: ["severity"], current: { version: 4, rev: 12 } }) : json(200, {});
  const result = await it.outbox.enqueue(rename(418));
  assert.equal(result.state, "sent");
  const [first, second] = it.remote.requests;
  assert.equal(second.headers["If-Match"], '"v4.12"');
  assert.notEqual(key(second), key(first));
});

test("moving onto a newer version gives up when the record never rests, and asks", async () => {
  const it = await phone();
  it.remote.answer = (_, count) => json(412, { changed: ["severity"], current: { version: 3 + count, rev: 0 } });
  assert.equal((await it.outbox.enqueue(rename(418))).state, "parked");
  assert.equal(it.remote.requests.length, 6);
});

test("somebody else's items on the same device are neither shown nor sent, and not lost", async () => {
  const it = await phone();
  goOffline(it);
  await it.outbox.enqueue(acknowledge(418));
  goOnline(it);
  it.remote.requests.length = 0;

  assert.deepEqual(await it.outbox.setUser(BEN), { changed: true });
  await it.outbox.flush();
  await it.time.advance(3_600_000);
  assert.equal(it.remote.requests.length, 0);
  assert.deepEqual(await it.outbox.list(), []);
  assert.deepEqual(await it.outbox.counts(), { waiting: 0, parked: 0, auth: 0, others: 1 });

  await it.outbox.setUser(ANA);
  await it.outbox.flush();
  assert.equal(it.remote.requests[0].headers["X-Opsguard-User"], ANA);
});

test("signed out, nothing is accepted and nothing is sent", async () => {
  const it = await phone();
  await it.outbox.setUser(null);
  const result = await it.outbox.enqueue(acknowledge(418));
  assert.deepEqual([result.state, result.problem.code], ["failed", "no_user"]);
  assert.equal(it.remote.requests.length, 0);
});

test("a tab that died while it sent: the next one sends again with the same key", async () => {
  const it = device();
  // This tab holds its own lock, as if the browser had released it when the process died.
  const dying = it.openTab({ lock: locks() });
  await dying.setUser(ANA);
  it.remote.answer = () => new Promise(() => {});
  dying.enqueue(acknowledge(418));
  await until(() => it.remote.requests.length === 1);
  assert.equal((await dying.list())[0].state, "sending");

  goOnline(it);
  const next = it.openTab();
  await next.flush();
  assert.equal(it.remote.requests.length, 2);
  assert.equal(key(it.remote.requests[0]), key(it.remote.requests[1]));
  assert.deepEqual(await next.list(), []);
});

test("two tabs send each item once, and both learn of it", async () => {
  const it = await phone();
  const other = it.openTab();
  goOffline(it);
  for (const incident of [1, 2, 3, 4, 5, 6]) await it.outbox.enqueue(acknowledge(incident));
  goOnline(it);
  it.remote.requests.length = 0;
  it.events.length = 0;
  await Promise.all([it.outbox.flush(), other.flush()]);
  await quiet();
  assert.equal(new Set(it.remote.requests.map(key)).size, 6);
  assert.equal(it.remote.requests.length, 6);
  assert.equal(it.events.filter((event) => event.name === "opsguard:outbox-sent").length, 12);
});

test("an item written in one tab while another leads is sent by the leader", async () => {
  const it = await phone();
  const other = it.openTab();
  let release;
  it.remote.answer = ({ path }) => (path.includes("/1/") ? new Promise((resolve) => { release = resolve; }) : json(200, {}));
  const first = it.outbox.enqueue(acknowledge(1));
  await until(() => release);
  assert.equal((await other.enqueue(acknowledge(2))).state, "sent");
  release(json(200, {}));
  assert.equal((await first).state, "sent");
});

test("when the leading tab closes, another one makes the repeat", async () => {
  const it = device();
  let closed = false;
  const closing = it.openTab({ setTimeout: (run, ms) => it.time.setTimeout(() => closed || run(), ms) });
  it.openTab();
  await closing.setUser(ANA);
  it.remote.answer = () => json(503, {});
  await closing.enqueue(acknowledge(418));
  closed = true;
  goOnline(it);
  await it.time.advance(60_000);
  assert.equal(it.remote.requests.length, 2);
});

test("an acknowledgement older than the ack timeout asks before it applies", async () => {
  const it = await phone();
  it.state.online = false;
  const { id } = await it.outbox.enqueue(acknowledge(418, { warn_after: "2026-11-20T03:17:00Z" }));
  await it.time.advance(6 * 60_000);
  it.state.online = true;
  await it.outbox.flush();
  assert.equal(it.remote.requests.length, 0);
  const [item] = await it.outbox.list();
  assert.deepEqual([item.state, item.reason, item.problem.code], ["parked", "stale", "stale"]);

  assert.equal((await it.outbox.retry(id)).state, "sent", "yes, still");
  assert.equal(it.remote.requests[0].headers["X-Opsguard-Acted-At"], "2026-11-20T03:12:00.000Z");
});

test("within the ack timeout it applies without a question", async () => {
  const it = await phone();
  it.state.online = false;
  await it.outbox.enqueue(acknowledge(418, { warn_after: "2026-11-20T03:17:00Z" }));
  await it.time.advance(4 * 60_000);
  it.state.online = true;
  await it.outbox.flush();
  assert.equal(it.remote.requests.length, 1);
});

test("a browser without storage sends directly and says when it failed", async () => {
  const it = device();
  const outbox = it.openTab({ indexedDB: undefined });
  await outbox.setUser(ANA);
  assert.equal((await outbox.enqueue(acknowledge(418))).state, "sent");
  goOffline(it);
  const result = await outbox.enqueue(acknowledge(419));
  assert.equal(result.state, "failed");
  assert.match(result.request_id, /^web-/);
  it.remote.answer = () => json(422, { code: "invalid" });
  assert.deepEqual((await outbox.enqueue(acknowledge(420))).problem.code, "invalid");
});

test("a path to another host is refused", async () => {
  const { outbox } = await phone();
  await assert.rejects(outbox.enqueue({ path: "//evil.example/api" }), TypeError);
  await assert.rejects(outbox.enqueue({ path: "https://evil.example/api" }), TypeError);
});

test("keys are in order, also within one millisecond and when the clock jumps back", () => {
  const it = device();
  let now = 1_800_000_000_000;
  const { uuid7 } = it.openTab({ now: () => now });
  const ids = [];
  for (let i = 0; i < 10_000; i++) {
    if (i === 5_000) now -= 60_000;
    ids.push(uuid7());
  }
  assert.deepEqual(ids, [...new Set(ids)].sort());
});
