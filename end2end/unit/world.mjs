// A browser small enough for a test: a clock that only moves when told, a server that answers from a list, one lock and
// one channel for all tabs. Nothing here sleeps: `until` turns the event loop until something is true.
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { IDBFactory } from "fake-indexeddb";

export const source = (name) => readFileSync(new URL(`../../public/${name}`, import.meta.url), "utf8");

// Runs a classic script with a global object of our own.
export function runScript(name, self, text = source(name)) {
  new Function("self", "window", ...Object.keys(self), text)(self, self, ...Object.values(self));
  return self;
}

export const turn = () => new Promise((resolve) => setImmediate(resolve));

export async function until(condition, what = "condition") {
  for (let i = 0; i < 2000; i++) {
    if (await condition()) return;
    await turn();
  }
  throw new Error(`never happened: ${what}`);
}

// Long enough for every database step that is under way to end.
export async function quiet() {
  for (let i = 0; i < 200; i++) await turn();
}

export function clock(start = Date.parse("2026-11-20T03:12:00.000Z")) {
  let now = start;
  let serial = 0;
  const timers = new Map();
  return {
    now: () => now,
    setTimeout: (run, ms) => {
      timers.set(++serial, { run, at: now + ms });
      return serial;
    },
    clearTimeout: (id) => timers.delete(id),
    async advance(ms) {
      const end = now + ms;
      for (;;) {
        await quiet();
        const [id, next] = [...timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)[0] ?? [];
        if (!next) break;
        now = next.at;
        timers.delete(id);
        next.run();
      }
      now = end;
      await quiet();
    },
  };
}

export function locks() {
  let last = Promise.resolve();
  return (work) => {
    const result = last.then(work);
    last = result.catch(() => {});
    return result;
  };
}

// A BroadcastChannel per tab on one wire; like the real one it does not hear itself.
export function wire() {
  const ends = new Set();
  return () => {
    const end = {
      onmessage: null,
      postMessage: (data) => {
        for (const other of ends) if (other !== end) queueMicrotask(() => other.onmessage?.({ data: structuredClone(data) }));
      },
    };
    ends.add(end);
    return end;
  };
}

export const json = (status, body, headers = {}) =>
  new Response(body === null ? null : JSON.stringify(body), {
    status,
    headers: { "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...headers },
  });

export const networkError = () => { throw new TypeError("Failed to fetch"); };

// A server that remembers what it was sent. `answer(request)` decides; the default accepts everything.
export function server() {
  const requests = [];
  const it = {
    requests,
    answer: () => json(200, { ok: true }),
    paths: () => requests.map((request) => request.path),
    fetch: async (path, init) => {
      const request = { path, ...init, headers: { ...init.headers }, body: JSON.parse(init.body) };
      requests.push(request);
      return it.answer(request, requests.length);
    },
  };
  return it;
}

// One device: its disk, its tabs, its network.
export function device() {
  const time = clock();
  const remote = server();
  const disk = new IDBFactory();
  const lock = locks();
  const connect = wire();
  const events = [];
  const syncs = [];
  const state = { online: true, random: 0.5 };
  const self = {
    crypto: webcrypto,
    navigator: {},
    CustomEvent,
    dispatchEvent: () => true,
  };
  runScript("outbox.js", self);

  const openTab = (replaced = {}) =>
    self.opsguardOutbox.create({
      indexedDB: disk,
      fetch: remote.fetch,
      now: time.now,
      setTimeout: time.setTimeout,
      clearTimeout: time.clearTimeout,
      random: () => state.random,
      online: () => state.online,
      lock,
      channel: connect(),
      emit: (name, detail) => events.push({ name, ...detail }),
      registerSync: async () => { syncs.push("outbox"); },
      ...replaced,
    });

  return { time, remote, events, syncs, state, openTab };
}
