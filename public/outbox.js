// The outbox: what a person did, kept in IndexedDB until the server has answered.
//
// One implementation for two places: the page loads it as a classic script, the service worker through importScripts.
// Both find it as `self.opsguardOutbox`. Whoever holds the Web Lock is the leader and sends; everybody may enqueue.
//
// Promises kept here:
// - an item is on disk before anything is sent, and leaves the disk only after a 2xx or when a person discards it;
// - items of one entity go out in the order in which they were made; entities do not wait for each other;
// - each send carries the item's Idempotency-Key, so a crash between answer and delete costs a replay, not a second effect;
// - an item belongs to a user and is sent for nobody else;
// - an item that needs a person is parked and does not hold up later ones: an acknowledgement must not wait until somebody
//   has read a conflict about the title.
(function (self) {
  "use strict";

  const DB_NAME = "opsguard-outbox";
  const ITEMS = "outbox";
  const META = "meta";
  const CHANNEL = "opsguard-outbox";
  const LOCK = "opsguard-outbox";
  const SYNC_TAG = "outbox";

  const ANSWER_WITHIN_MS = 10_000; // enqueue() says "queued" at the latest after this
  const SEND_TIMEOUT_MS = 20_000; // a request on a dead radio link hangs: cut it, the key makes the repeat harmless
  const BACKOFF_BASE_MS = 1_000;
  const BACKOFF_CAP_MS = 60_000;
  const LANES = 4; // entities sent at the same time
  const MAX_REBASES = 5; // in a row, for one item: a busy record must not keep us in a loop
  const KEEPALIVE_BYTES = 16_384; // browsers share 64 KiB between all keepalive requests of a page

  // ---------------------------------------------------------------------------------------------------------- ids

  const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

  // UUID v7 (RFC 9562, 5.7); the 12 bits after the version count within one millisecond (6.2, method 1).
  function uuid7Maker(now) {
    let lastMs = 0;
    let count = 0;
    return function uuid7() {
      const ms = Math.max(now(), lastMs); // a clock that jumps back must not break the order
      count = ms === lastMs ? count + 1 : self.crypto.getRandomValues(new Uint8Array(1))[0];
      lastMs = ms + (count > 0xfff ? 1 : 0);
      count &= 0xfff;
      const bytes = self.crypto.getRandomValues(new Uint8Array(16));
      let rest = lastMs;
      for (let i = 5; i >= 0; i--) {
        bytes[i] = rest % 256;
        rest = Math.floor(rest / 256);
      }
      bytes[6] = 0x70 | (count >> 8);
      bytes[7] = count & 0xff;
      bytes[8] = 0x80 | (bytes[8] & 0x3f);
      const h = hex(bytes);
      return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`;
    };
  }

  // X-Request-ID: 1 to 64 safe characters; the prefix tells in the log that a person's device made it.
  function requestId() {
    return `web-${hex(self.crypto.getRandomValues(new Uint8Array(12)))}`;
  }

  // "/api/v1/incidents/42/notes" -> "incident:42"; anything else is its own entity.
  function entityOf(path) {
    const match = /^\/api\/(?:v1\/)?([a-z-]+)\/([^/?#]+)/.exec(path);
    return match ? `${match[1].replace(/s$/, "")}:${match[2]}` : path;
  }

  // ------------------------------------------------------------------------------------- what an answer means (pure)

  // Retry-After (RFC 9110, 10.2.3): seconds or a date. Null when absent or unreadable.
  function retryAfterMs(header, now) {
    if (!header) return null;
    if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
    const at = Date.parse(header);
    return Number.isNaN(at) ? null : Math.max(0, at - now);
  }

  // Full jitter: anywhere between now and the exponential bound, so that a thousand phones do not come back together.
  function backoffMs(attempts, random) {
    return random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** (attempts - 1));
  }

  // The ETag of their version: the answer's header, else made from `problem.current` (architecture.md, Versions).
  function theirEtag(answer) {
    if (answer.etag) return answer.etag;
    const current = answer.problem && answer.problem.current;
    return current && current.version != null ? `"v${current.version}.${current.rev ?? 0}"` : null;
  }

  // True when the others changed only fields that this edit does not touch.
  function isDisjoint(item, problem) {
    if (!problem || !Array.isArray(problem.changed)) return false;
    const mine = Object.keys(item.body ?? {});
    return mine.length > 0 && mine.every((field) => !problem.changed.includes(field));
  }

  function canRebase(item, answer) {
    const etag = theirEtag(answer);
    return Boolean(
      answer.status === 412 && item.if_match && etag && etag !== item.if_match &&
        item.rebases < MAX_REBASES && isDisjoint(item, answer.problem),
    );
  }

  // "sent" | "retry" | "auth" | "rebase" | "park". Whatever is not known to pass by itself goes to the person.
  function verdict(item, answer) {
    const { status } = answer;
    if (status === 0 || answer.foreign) return "retry";
    if (status >= 200 && status < 300) return "sent";
    if (status === 401 || answer.problem.code === "wrong_user") return "auth";
    if (status === 408 || status === 425 || status === 429 || status >= 500) return "retry";
    // The server still works on the first send of this very key: it says so with Retry-After. Not a conflict.
    if (status === 409 && answer.retry_after_ms !== null) return "retry";
    return canRebase(item, answer) ? "rebase" : "park";
  }

  // ------------------------------------------------------------------------------------------------------ IndexedDB

  const done = (request) =>
    new Promise((resolve, reject) => {
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });

  function openStore(indexedDB) {
    let opening = null;

    function open() {
      return new Promise((resolve, reject) => {
        const request = indexedDB.open(DB_NAME, 1);
        request.onupgradeneeded = () => {
          // The generated number is the order of the queue: a wall clock may jump, this only grows.
          const items = request.result.createObjectStore(ITEMS, { keyPath: "seq", autoIncrement: true });
          items.createIndex("id", "id", { unique: true });
          request.result.createObjectStore(META, { keyPath: "name" });
        };
        request.onerror = () => reject(request.error);
        request.onblocked = () => reject(new Error("outbox database is blocked"));
        request.onsuccess = () => {
          const db = request.result;
          db.onversionchange = () => { db.close(); opening = null; };
          db.onclose = () => { opening = null; };
          resolve(db);
        };
      });
    }

    async function database() {
      if (!indexedDB) throw new Error("no IndexedDB");
      opening ??= open();
      try {
        return await opening;
      } catch (error) {
        opening = null;
        throw error;
      }
    }

    async function run(mode, work) {
      // "strict": on disk when we say so; the default may lose the last writes with the battery.
      const transaction = (await database()).transaction([ITEMS, META], mode, { durability: "strict" });
      const committed = new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = () => reject(transaction.error ?? new Error("outbox transaction was aborted"));
      });
      committed.catch(() => {}); // awaited below, unless work() throws first
      const result = await work(transaction.objectStore(ITEMS), transaction.objectStore(META));
      await committed;
      return result;
    }

    // iOS drops the connection of an app that slept; the first use after that throws. Once more with a new one.
    async function transact(mode, work) {
      try {
        return await run(mode, work);
      } catch (error) {
        if (error?.name !== "InvalidStateError" && error?.name !== "UnknownError") throw error;
        opening = null;
        return run(mode, work);
      }
    }

    return {
      // The current user and all items in the order in which they were made, from one snapshot.
      read: () =>
        transact("readonly", async (items, meta) => {
          const [all, user] = await Promise.all([done(items.getAll()), done(meta.get("user"))]);
          return { items: all, user: user?.value ?? null };
        }),
      add: (item) => transact("readwrite", async (items) => ({ ...item, seq: await done(items.add(item)) })),
      // Read, decide, write in one transaction. `decide` gives the new item, null to delete, undefined to leave it.
      change: (id, decide) =>
        transact("readwrite", async (items) => {
          const before = await done(items.index("id").get(id));
          const after = before && decide(before);
          if (after) await done(items.put(after));
          else if (after === null) await done(items.delete(before.seq));
          return { before, after };
        }),
      changeAll: (decide) =>
        transact("readwrite", async (items) => {
          const changed = (await done(items.getAll())).map(decide).filter(Boolean);
          await Promise.all(changed.map((item) => done(items.put(item))));
          return changed;
        }),
      setUser: (id) =>
        transact("readwrite", async (_, meta) => {
          const before = (await done(meta.get("user")))?.value ?? null;
          await done(meta.put({ name: "user", value: id }));
          return before;
        }),
    };
  }

  // ---------------------------------------------------------------------------------------- the world, replaceable

  // Without Web Locks (plain http on a LAN) two tabs may send the same item; its key makes that harmless.
  function localLock() {
    let last = Promise.resolve();
    return (work) => {
      const result = last.then(work);
      last = result.catch(() => {});
      return result;
    };
  }

  function webLock() {
    const locks = self.navigator?.locks;
    return locks ? (work) => locks.request(LOCK, work) : localLock();
  }

  async function registerSync() {
    const registration = self.registration ?? (await self.navigator?.serviceWorker?.ready);
    await registration?.sync?.register(SYNC_TAG);
  }

  function browser() {
    return {
      indexedDB: self.indexedDB,
      fetch: (path, init) => self.fetch(path, init),
      now: () => Date.now(),
      random: () => Math.random(),
      setTimeout: (run, ms) => self.setTimeout(run, ms),
      clearTimeout: (timer) => self.clearTimeout(timer),
      online: () => self.navigator?.onLine !== false,
      lock: webLock(),
      channel: typeof self.BroadcastChannel === "function" ? new self.BroadcastChannel(CHANNEL) : null,
      emit: (name, detail) => self.dispatchEvent(new self.CustomEvent(name, { detail })),
      registerSync,
    };
  }

  // ----------------------------------------------------------------------------------------------------- the outbox

  // `world` replaces parts of `browser()`: tests bring their own clock, network and lock.
  function create(world) {
    const env = { ...browser(), ...world };
    const store = openStore(env.indexedDB);
    const uuid7 = uuid7Maker(env.now);
    const watchers = new Map(); // item id -> resolve of the enqueue that waits for it
    let memoryUser = null; // for direct sends when there is no database
    let ring = () => {}; // wakes the leader's loop when something changed
    let nudged = false;
    let registering = false; // whether what is left is for the browser to remember
    let flushing = null; // a flush that waits for the lock; later callers share it
    let wake = null; // {at, timer} of the next flush by itself

    // ------------------------------------------------------------------------------------------------ telling others

    const isOpen = (item) => item.state === "waiting" || item.state === "sending";

    function tally(items, user) {
      const mine = items.filter((item) => item.user === user);
      return {
        waiting: mine.filter(isOpen).length,
        parked: mine.filter((item) => item.state === "parked").length,
        auth: mine.filter((item) => item.state === "auth").length,
        others: items.length - mine.length, // somebody else's, on this device: never sent, never shown, never lost
      };
    }

    function hear(message) {
      ring();
      const outcome = outcomeOf(message);
      if (outcome) watchers.get(message.item.id)?.(outcome);
      // Every tab plans the repeat, since the one that leads now may be closed by then.
      if (message.item?.state === "waiting") wakeAt(message.item.next_at);
      env.emit("opsguard:outbox", { type: message.type, item: message.item, counts: message.counts });
      if (message.type === "sent") env.emit("opsguard:outbox-sent", { item: message.item, ...message.answer });
    }

    async function announce(type, item = null, answer = null) {
      const { items, user } = await store.read();
      const message = { type, item, answer, counts: tally(items, user) };
      env.channel?.postMessage(message);
      hear(message);
    }

    if (env.channel) env.channel.onmessage = (event) => hear(event.data);

    // What the person who just pressed a button is told; null while nothing is decided.
    function outcomeOf({ type, item, answer }) {
      if (!item) return null;
      if (type === "sent") return { state: "sent", id: item.id, ...answer };
      if (type === "parked") return parkedOutcome(item);
      if (type === "auth") return { state: "queued", id: item.id, reason: "auth" };
      if (item.state === "waiting" && item.attempts > 0) return { state: "queued", id: item.id, reason: "retry" };
      return null;
    }

    const parkedOutcome = ({ id, reason, problem, request_id }) => ({ state: "parked", id, reason, problem, request_id });

    // ------------------------------------------------------------------------------------------------------- sending

    function requestOf(item, request_id, signal) {
      const body = JSON.stringify(item.body ?? {});
      const headers = {
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Idempotency-Key": item.key,
        "X-Request-ID": request_id,
        "X-Opsguard-Acted-At": item.acted_at,
        "X-Opsguard-User": item.user,
      };
      if (item.if_match) headers["If-Match"] = item.if_match;
      return {
        method: item.method,
        headers,
        body,
        signal,
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error", // the API never redirects; a captive portal does
        keepalive: body.length < KEEPALIVE_BYTES, // "Acknowledge", then the phone goes back into the pocket
      };
    }

    async function answerOf(response, sent_request_id) {
      const text = await response.text();
      const type = response.headers.get("Content-Type") ?? "";
      let json = null;
      if (/\bjson\b/.test(type) && text) {
        try { json = JSON.parse(text); } catch { /* cut or mangled on the way: judged by its status */ }
      }
      const request_id = response.headers.get("X-Request-ID") ?? sent_request_id;
      const answer = {
        status: response.status,
        request_id,
        etag: response.headers.get("ETag"),
        retry_after_ms: retryAfterMs(response.headers.get("Retry-After"), env.now()),
        // A page with status 200 comes from a proxy or portal in between, not from our API.
        foreign: response.ok && type.startsWith("text/html"),
      };
      if (response.ok) return { ...answer, body: json };
      const unknown = { type: "about:blank", title: response.statusText || "Refused", code: `http_${response.status}` };
      return { ...answer, problem: { ...unknown, status: response.status, request_id, ...json } };
    }

    async function send(item) {
      const request_id = requestId();
      const abort = new AbortController();
      const timer = env.setTimeout(() => abort.abort(), SEND_TIMEOUT_MS);
      try {
        return await answerOf(await env.fetch(item.path, requestOf(item, request_id, abort.signal)), request_id);
      } catch {
        return { status: 0, request_id };
      } finally {
        env.clearTimeout(timer);
      }
    }

    // The item after an answer; null when it has done its work.
    function after(item, answer, kind) {
      const told = { problem: answer.problem ?? null, request_id: answer.request_id };
      switch (kind) {
        case "sent":
          return null;
        case "auth":
          return { ...item, ...told, state: "auth" };
        case "rebase":
          // A new key: the body is the same but the precondition is not, and the refused send had no effect.
          return { ...item, ...told, state: "waiting", key: uuid7(), if_match: theirEtag(answer), rebases: item.rebases + 1, attempts: 0, next_at: 0 };
        case "park":
          return { ...item, ...told, state: "parked", reason: "refused", their_etag: theirEtag(answer) };
        default:
          return { ...item, ...told, state: "waiting", ...postponed(item, answer) };
      }
    }

    function postponed(item, answer) {
      const wait = backoffMs(item.attempts, env.random);
      // The server's word is a lower bound; jitter on top, or everybody it turned away returns in the same second.
      const asked = answer.retry_after_ms ?? null;
      const ms = asked === null ? wait : asked + Math.min(wait, BACKOFF_BASE_MS);
      return { next_at: env.now() + ms, held_by: answer.status === 0 ? "network" : "server" };
    }

    async function sendOne(item) {
      const claim = (now) => ({ ...now, state: "sending", attempts: now.attempts + 1 });
      // Still as we saw it? Between the look and now a person may have discarded it.
      const { after: claimed } = await store.change(item.id, (now) => (now.state === "waiting" ? claim(now) : undefined));
      if (!claimed) return;
      const answer = await send(claimed);
      const kind = verdict(claimed, answer);
      const next = after(claimed, answer, kind);
      await store.change(item.id, () => next);
      if (kind === "sent") await announce("sent", claimed, sentAnswer(answer));
      else await announce(kind === "park" ? "parked" : kind === "auth" ? "auth" : "changed", next);
    }

    const sentAnswer = ({ status, body, etag, request_id }) => ({ status, body, etag, request_id });

    // -------------------------------------------------------------------------------------------------------- leading

    // Only the leader sends, so an item found in "sending" belongs to a leader that died: same key, once more.
    // A nudge (online, socket open, page shown) ends waits that were for the network; waits for the server stay.
    function recover(nudge) {
      return store.changeAll((item) => {
        const crashed = item.state === "sending";
        const early = nudge && item.state === "waiting" && item.held_by === "network" && item.next_at > 0;
        return crashed || early ? { ...item, state: "waiting", next_at: 0 } : null;
      });
    }

    const isStale = (item) => item.warn_after !== null && env.now() > item.warn_after;

    const STALE = { type: "about:blank", status: 0, code: "stale", title: "This waited too long to be applied without asking" };

    async function myItems() {
      const { items, user } = await store.read();
      return items.filter((item) => user !== null && item.user === user);
    }

    // What is left after those were set aside that must not be applied without asking.
    async function withoutStale(mine) {
      const stale = new Set(mine.filter((item) => item.state === "waiting" && isStale(item)).map((item) => item.id));
      if (stale.size === 0) return mine;
      const parked = await store.changeAll((item) =>
        stale.has(item.id) && item.state === "waiting"
          ? { ...item, state: "parked", reason: "stale", problem: { ...STALE } }
          : null,
      );
      for (const item of parked) await announce("parked", item);
      return mine.filter((item) => !stale.has(item.id));
    }

    // The oldest open item of each entity, when it is ready to go. One 401 pauses all items of its user.
    function heads(mine) {
      if (mine.some((item) => item.state === "auth")) return [];
      const first = new Map();
      for (const item of mine) if (isOpen(item) && !first.has(item.entity)) first.set(item.entity, item);
      return [...first.values()].filter((item) => item.state === "waiting");
    }

    async function lead() {
      const [nudge, register] = [nudged, registering];
      nudged = registering = false;
      if (!env.online()) return;
      await recover(nudge);
      const lanes = new Map(); // entity -> the send in flight
      let broken = null;
      for (;;) {
        // The bell is hung up before the look, so that nothing enqueued in between is overlooked.
        const changed = new Promise((resolve) => { ring = resolve; });
        for (const item of heads(await withoutStale(await myItems()))) {
          if (lanes.size >= LANES) break;
          if (lanes.has(item.entity) || item.next_at > env.now()) continue;
          const lane = sendOne(item).catch((error) => { broken = error; }).finally(() => lanes.delete(item.entity));
          lanes.set(item.entity, lane);
        }
        if (broken || lanes.size === 0) break;
        await Promise.race([changed, ...lanes.values()]);
      }
      await Promise.all(lanes.values()); // storage failed under one: the others still end under our lock
      if (broken) throw broken;
      await sleepUntilNext(register);
    }

    async function sleepUntilNext(register) {
      const times = heads(await myItems()).map((item) => item.next_at);
      if (times.length === 0) return;
      wakeAt(Math.min(...times));
      if (register) env.registerSync().catch(() => {}); // refused or unknown to this browser: page load and `online` do it
    }

    function wakeAt(at) {
      if (at <= env.now() || (wake && wake.at <= at)) return;
      if (wake) env.clearTimeout(wake.timer);
      const timer = env.setTimeout(() => {
        wake = null;
        flush({ nudge: false }).catch(() => {}); // storage failed: the next trigger tries again
      }, at - env.now());
      wake = { at, timer };
    }

    // Waits for the lock instead of giving up when it is taken: an item written while another tab's leader was already
    // leaving would be seen by nobody.
    // A flush that the browser's sync asked for registers none: that would be fired again at once, and so on.
    function flush({ nudge = true, register = true } = {}) {
      nudged ||= nudge;
      registering ||= register;
      if (flushing) return flushing;
      const begin = () => {
        flushing = null;
        return lead();
      };
      const mine = env.lock(begin).then(counts).finally(() => {
        if (flushing === mine) flushing = null; // the lock was refused: let the next call ask again
      });
      flushing = mine;
      return mine;
    }

    // ------------------------------------------------------------------------------------------------------- enqueue

    async function newItem({ method, path, body, entity, label, if_match, warn_after }) {
      if (!/^\/(?!\/)/.test(path ?? "")) throw new TypeError("outbox: path must be a path on this origin");
      const id = uuid7();
      return {
        id, // stays; what the tray and the conflict view hold on to
        key: id, // the Idempotency-Key; a new one when the person or a rebase changes what is sent
        user: await currentUser(),
        method: method ?? "POST",
        path,
        body: body ?? {},
        acted_at: new Date(env.now()).toISOString(),
        if_match: if_match ?? null,
        warn_after: warn_after == null ? null : new Date(warn_after).getTime(),
        attempts: 0,
        rebases: 0,
        next_at: 0,
        held_by: null,
        state: "waiting",
        reason: null,
        entity: entity ?? entityOf(path),
        label: label ?? `${method ?? "POST"} ${path}`,
        problem: null,
        their_etag: null,
        request_id: null,
      };
    }

    async function enqueue(request) {
      const item = await newItem(request);
      if (item.user === null) return { state: "failed", problem: { status: 401, code: "no_user", title: "Nobody is signed in" } };
      try {
        await store.add(item);
      } catch {
        return sendDirect(item);
      }
      return settle(item.id, () => announce("changed", item));
    }

    // No database: nothing can be kept, so the truth is "sent" or "failed".
    async function sendDirect(item) {
      const answer = await send(item);
      if (verdict(item, answer) === "sent") {
        const outcome = { state: "sent", id: item.id, ...sentAnswer(answer) };
        env.emit("opsguard:outbox-sent", { item, ...sentAnswer(answer) });
        return outcome;
      }
      return { state: "failed", status: answer.status, problem: answer.problem ?? null, request_id: answer.request_id };
    }

    // Tells what became of an item: as soon as it is known, and within ANSWER_WITHIN_MS in any case.
    async function settle(id, tell) {
      const queued = (reason) => ({ state: "queued", id, reason });
      const outcome = new Promise((resolve) => watchers.set(id, resolve));
      let timer;
      try {
        await tell();
        if (!env.online()) {
          env.registerSync().catch(() => {});
          return queued("offline");
        }
        const late = new Promise((resolve) => { timer = env.setTimeout(() => resolve(queued("slow")), ANSWER_WITHIN_MS); });
        const drained = flush().catch(() => {}).then(() => standing(id)).then((known) => known ?? outcome);
        return await Promise.race([outcome, drained, late]);
      } finally {
        env.clearTimeout(timer);
        watchers.delete(id);
      }
    }

    // Drained without a word about this item: it stands behind one that waits. Null when it is gone: another tab sent it
    // and its message is on the way.
    async function standing(id) {
      const mine = await myItems().catch(() => null);
      const item = mine?.find((one) => one.id === id);
      if (mine && !item) return null;
      if (item?.state === "parked") return parkedOutcome(item);
      return { state: "queued", id, reason: mine?.some((one) => one.state === "auth") ? "auth" : "waiting" };
    }

    // ---------------------------------------------------------------------------------------------- the person's word

    const fresh = { state: "waiting", attempts: 0, rebases: 0, next_at: 0, held_by: null, reason: null, warn_after: null };

    async function decide(id, change) {
      const { before, after: item } = await store.change(id, (now) => (now.state === "sending" ? undefined : change(now)));
      if (!before) return { state: "gone", id };
      if (!item) return { state: before.state, id };
      return settle(id, () => announce("changed", item));
    }

    // Mine stands, against their version. `body` replaces mine when the conflict view merged field by field.
    // The conflict is cleared only by the answer: until then the tray can still say what this is about.
    function keepMine(id, body) {
      return decide(id, (item) =>
        item.state === "parked"
          ? { ...item, ...fresh, key: uuid7(), body: body ?? item.body, if_match: item.if_match && (item.their_etag ?? item.if_match) }
          : undefined,
      );
    }

    // The same request with the same key; also the "yes, still" to a stale item.
    async function retry(id) {
      const { items } = await store.read();
      const item = items.find((one) => one.id === id);
      if (item?.state === "auth") await resume(item.user);
      return decide(id, (now) => ({ ...now, ...fresh }));
    }

    // False when it is gone, or on its way at this moment: then it cannot be taken back.
    async function discard(id) {
      const { before } = await store.change(id, (item) => (item.state === "sending" ? undefined : null));
      if (!before || before.state === "sending") return false;
      await announce("changed", before);
      return true;
    }

    // -------------------------------------------------------------------------------------------------------- users

    const resume = (user) =>
      store.changeAll((item) => (item.user === user && item.state === "auth" ? { ...item, state: "waiting", next_at: 0 } : null));

    async function currentUser() {
      try {
        return (await store.read()).user;
      } catch {
        return memoryUser;
      }
    }

    // Called with the session's user on each page load and with null after sign-out. A new sign-in resumes what a 401 paused.
    // Says whether the person changed, so that the page can drop what the last one has seen.
    async function setUser(id) {
      const user = id || null;
      const before = memoryUser;
      memoryUser = user;
      try {
        const stored = await store.setUser(user);
        if (user !== null) await resume(user);
        await announce("changed");
        flush().catch(() => {});
        return { changed: stored !== user };
      } catch {
        return { changed: before !== user };
      }
    }

    async function list() {
      try {
        const { items, user } = await store.read();
        return items.filter((item) => item.user === user);
      } catch {
        return [];
      }
    }

    async function counts() {
      try {
        const { items, user } = await store.read();
        return tally(items, user);
      } catch {
        return tally([], null);
      }
    }

    return { enqueue, list, counts, flush, keepMine, discard, retry, setUser, uuid7, requestId };
  }

  // A page flushes when there is reason to believe that the network is back. The worker has its own events.
  function watchPage(outbox) {
    const flush = () => outbox.flush().catch(() => {});
    self.addEventListener("online", flush);
    self.document.addEventListener("visibilitychange", () => {
      if (self.document.visibilityState === "visible") flush();
    });
    if (self.document.readyState === "complete") flush();
    else self.addEventListener("load", flush);
  }

  self.opsguardOutbox = { ...create(), create };
  if (self.document) watchPage(self.opsguardOutbox);
})(self);
