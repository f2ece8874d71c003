// How a page hands over from one worker to the next: without a word to the old one meanwhile, and loading again once.
import { test } from "node:test";
import assert from "node:assert/strict";
import { clock, quiet, source } from "./world.mjs";

// A page of build `build` under a worker of b1, while one of b2 waits.
function page(build) {
  const time = clock();
  const log = [];
  const listeners = {};
  const worker = (name, answer) => ({
    postMessage: (message, ports) => {
      log.push(`${name}: ${message.type}`);
      const known = { "which-build": { build: answer }, "cached-at": { cached_at: null } }[message.type];
      if (known) ports[0].postMessage(known);
    },
  });
  const registration = { active: worker("old", "b1"), waiting: worker("new", "b2"), addEventListener() {}, update: async () => {} };
  const container = {
    controller: registration.active,
    ready: Promise.resolve(registration),
    register: async () => registration,
    addEventListener: (name, run) => (listeners[name] ??= []).push(run),
  };
  const head = { "opsguard-build": build };
  const window = {
    opsguardOutbox: {},
    document: { readyState: "complete", querySelector: (query) => (/"(.+)"/.exec(query)[1] in head ? { content: build } : null), addEventListener() {} },
    navigator: { onLine: true, serviceWorker: container },
    location: { href: "https://ops.example/", reload: () => log.push("reload") },
    addEventListener() {}, dispatchEvent() {}, CustomEvent, MessageChannel,
    matchMedia: () => ({ matches: false }),
    setTimeout: time.setTimeout, clearTimeout: time.clearTimeout,
  };
  new Function("window", source("pwa.js"))(window);
  return {
    log, time,
    pwa: window.opsguard.pwa,
    takeOver: async () => {
      [registration.active, registration.waiting] = [registration.waiting, null];
      container.controller = registration.active;
      listeners.controllerchange.splice(0).forEach((run) => run());
      await quiet();
    },
    said: async () => {
      await quiet();
      return log.splice(0).filter((line) => !/which-build|cached-at/.test(line));
    },
  };
}

test("a page that the new build rendered hands over at once, and tells the old worker nothing", async () => {
  const it = page("b2");
  assert.deepEqual(await it.said(), ["new: skip-waiting"]);
  it.pwa.storePage("/incidents/418");
  assert.deepEqual(await it.said(), [], "what can wait does");
  await it.takeOver();
  assert.deepEqual((await it.said()).sort(), ["new: build", "new: build", "new: store"]);
});

test("on the person's word the page loads again under the new worker, once, and says nothing more to the old one", async () => {
  const it = page("b1");
  assert.deepEqual(await it.said(), ["old: build"]);
  it.pwa.applyUpdate();
  it.pwa.applyUpdate();
  it.pwa.storePage("/incidents/418");
  assert.deepEqual(await it.said(), ["new: skip-waiting"]);
  await it.takeOver();
  assert.deepEqual(await it.said(), ["reload"]);
  await it.time.advance(60_000);
  assert.deepEqual(await it.said(), [], "on a slow line a second reload would begin the first anew");
});

test("a takeover that is never told holds nobody up for ever", async () => {
  const it = page("b1");
  await it.said();
  it.pwa.applyUpdate();
  assert.deepEqual(await it.said(), ["new: skip-waiting"]);
  await it.time.advance(5_000);
  assert.deepEqual(await it.said(), ["reload"]);
});
