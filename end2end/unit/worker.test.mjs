// What the service worker keeps for reading without network, and what it must never touch.
import { test } from "node:test";
import assert from "node:assert/strict";
import { quiet, source } from "./world.mjs";

const ORIGIN = "https://ops.example";
const PRECACHE = (build) => [`/pkg/app.${build}.js`, `/pkg/app.${build}.wasm`, `/outbox.js?v=${build}`, "/offline.html", "/offline.css"];

// Cache Storage as far as the worker uses it: by address, in the order of storing.
function cacheStorage() {
  const all = new Map();
  const address = (request) => new URL(typeof request === "string" ? request : request.url, ORIGIN).href;
  const cache = (entries) => ({
    put: async (request, response) => void entries.set(address(request), response),
    delete: async (request) => entries.delete(address(request)),
    keys: async () => [...entries.keys()].map((url) => ({ url })),
    match: async (request, { ignoreSearch } = {}) => {
      const wanted = address(request);
      const bare = (url) => (ignoreSearch ? url.split("?")[0] : url);
      return [...entries].find(([url]) => bare(url) === bare(wanted))?.[1].clone();
    },
  });
  const open = (name) => {
    if (!all.has(name)) all.set(name, new Map());
    return cache(all.get(name));
  };
  return {
    all,
    open: async (name) => open(name),
    keys: async () => [...all.keys()],
    delete: async (name) => all.delete(name),
    match: async (request, { cacheName, ...options } = {}) => {
      for (const [name, entries] of all) {
        if (cacheName && name !== cacheName) continue;
        const found = await cache(entries).match(request, options);
        if (found) return found;
      }
    },
    stored: (name) => [...(all.get(name)?.keys() ?? [])].map((url) => url.replace(ORIGIN, "")),
  };
}

function answer(body, { status = 200, type = "text/html; charset=utf-8", build = "b1", redirected = false, kind = "basic" } = {}) {
  const response = new Response(status === 204 ? null : body, { status, headers: { "Content-Type": type, "X-Opsguard-Build": build } });
  const mark = (one) => {
    Object.defineProperties(one, { type: { value: kind }, redirected: { value: redirected } });
    const clone = one.clone.bind(one);
    one.clone = () => mark(clone());
    return one;
  };
  return mark(response);
}

// One browser: its caches outlive the workers of the builds.
function browser() {
  const caches = cacheStorage();
  const net = { asked: [], up: true, hang: false, page: () => answer("<h1>page</h1>") };
  const tabs = [];
  const registration = { updates: 0, waiting: null, installing: null, update: async () => { registration.updates += 1; } };

  function worker(build) {
    const listeners = {};
    const timers = [];
    const text = source("sw.js")
      .replace('/*__BUILD__*/""', JSON.stringify(build))
      .replace("/*__PRECACHE__*/[]", JSON.stringify(build ? PRECACHE(build) : []));
    const scope = {
      location: new URL(ORIGIN),
      registration,
      clients: { claim: async () => {}, matchAll: async () => tabs },
      opsguardOutbox: { flush: async () => ({ waiting: 0 }) },
      addEventListener: (name, run) => { listeners[name] = run; },
      skipWaiting: async () => { scope.skipped = true; },
    };
    const fetch = async (request, init) => {
      const url = new URL(typeof request === "string" ? request : request.url, ORIGIN);
      net.asked.push(url.pathname + url.search);
      if (net.hang) return new Promise(() => {});
      if (!net.up) throw new TypeError("Failed to fetch");
      return /^\/(pkg|outbox|offline)/.test(url.pathname) ? answer(`file ${url.pathname}`, { type: "text/plain" }) : net.page(url, init);
    };
    const globals = {
      caches, fetch, importScripts: (url) => { scope.imported = url; },
      setTimeout: (run) => timers.push(run), clearTimeout: () => {},
    };
    new Function("self", ...Object.keys(globals), text)(scope, ...Object.values(globals));

    const dispatch = async (name, event) => {
      const work = [];
      let answered;
      const full = { waitUntil: (promise) => work.push(promise), respondWith: (promise) => { answered = promise; }, ...event };
      listeners[name](full);
      return { answered, done: Promise.all(work) };
    };
    const request = (path, { method = "GET", mode = "cors", headers = {} } = {}) =>
      ({ url: new URL(path, ORIGIN).href, method, mode, headers: new Headers(headers) });

    return {
      scope,
      install: async () => (await dispatch("install", {})).done,
      activate: async () => (await dispatch("activate", {})).done,
      send: async (data, id = "tab") => {
        let reply = null;
        await (await dispatch("message", { data, source: { id }, ports: [{ postMessage: (value) => { reply = value; } }] })).done;
        return reply;
      },
      // The answer to the page, or undefined when the browser is left to do it.
      get: async (path, init) => {
        const { answered } = await dispatch("fetch", { request: request(path, init) });
        const response = await answered;
        await quiet();
        return response;
      },
      visit: async (path, { slow = false, id = "tab" } = {}) => {
        const event = await dispatch("fetch", { request: request(path, { mode: "navigate" }), resultingClientId: id });
        if (slow) {
          await quiet();
          timers.splice(0).forEach((run) => run());
        }
        const response = await event.answered;
        await quiet();
        return response && response.text();
      },
      sync: async (tag) => (await dispatch("sync", { tag })).done,
    };
  }

  // A tab that runs a build and says so when asked.
  const openTab = (build) => tabs.push({ postMessage: (_, [port]) => { port.postMessage({ build }); port.close(); } });

  async function running(build = "b1") {
    const it = worker(build);
    await it.install();
    await it.activate();
    return it;
  }
  return { caches, net, tabs, registration, worker, running, openTab };
}

test("the template is valid and caches nothing before the server has filled it in", async () => {
  const it = browser();
  const worker = await it.running("");
  assert.equal(worker.scope.imported, "/outbox.js");
  assert.equal(await worker.visit("/incidents"), undefined);
  assert.deepEqual(await it.caches.keys(), []);
});

test("the worker brings its build's files with it, or does not start", async () => {
  const it = browser();
  const worker = await it.running();
  assert.deepEqual(it.caches.stored("opsguard-assets-b1").sort(), PRECACHE("b1").sort());
  assert.equal(worker.scope.imported, "/outbox.js?v=b1");

  it.net.up = false;
  await assert.rejects(it.worker("b2").install());
});

test("a page that was read online can be read offline, with the time of the copy", async () => {
  const it = browser();
  const worker = await it.running();
  it.net.page = () => answer("<h1>INC-418</h1>");
  await worker.visit("/incidents/418");
  assert.deepEqual(await worker.send({ type: "cached-at", url: "/incidents/418" }).then(({ cached_at }) => cached_at), null, "fresh from the server");

  it.net.up = false;
  assert.equal(await worker.visit("/incidents/418", { id: "tab2" }), "<h1>INC-418</h1>");
  const { cached_at } = await worker.send({ type: "cached-at", url: "/incidents/418" }, "tab2");
  assert.ok(Math.abs(Date.parse(cached_at) - Date.now()) < 60_000);
});

test("after three seconds of silence the stored page is shown", async () => {
  const it = browser();
  const worker = await it.running();
  await worker.visit("/");
  it.net.hang = true;
  assert.equal(await worker.visit("/", { slow: true }), "<h1>page</h1>");
});

test("a gateway error is covered by the stored page; without one it is shown as it is", async () => {
  const it = browser();
  const worker = await it.running();
  await worker.visit("/");
  it.net.page = () => answer("bad gateway", { status: 502 });
  assert.equal(await worker.visit("/"), "<h1>page</h1>");
  assert.equal(await worker.visit("/incidents"), "bad gateway");
});

test("a page that is not stored shows the offline page", async () => {
  const it = browser();
  const worker = await it.running();
  it.net.up = false;
  assert.equal(await worker.visit("/incidents/419"), "file /offline.html");
  assert.equal(await worker.visit("/deploys"), "file /offline.html");
});

test("a list with another filter is another page", async () => {
  const it = browser();
  const worker = await it.running();
  await worker.visit("/incidents");
  it.net.up = false;
  assert.equal(await worker.visit("/incidents?status=open"), "file /offline.html");
});

for (const path of ["/api/v1/incidents", "/rpc/list", "/live", "/in/key", "/incidents.csv", "/incidents/418.json", "/livez"]) {
  test(`${path} is never touched`, async () => {
    const it = browser();
    const worker = await it.running();
    it.net.asked.length = 0;
    assert.equal(await worker.get(path), undefined);
    assert.equal(await worker.visit(path), undefined);
    assert.deepEqual(it.net.asked, []);
  });
}

for (const path of ["/sign-in", "/settings", "/settings/tokens", "/setup", "/invite/abc", "/incidents/new", "/deploys"]) {
  test(`${path} is never stored`, async () => {
    const it = browser();
    const worker = await it.running();
    await worker.visit(path);
    await worker.send({ type: "store", url: path });
    assert.deepEqual(it.caches.stored("opsguard-pages-b1"), []);
  });
}

test("only complete pages of ours are stored: no errors, redirects, other types or other hosts", async () => {
  const it = browser();
  const worker = await it.running();
  const answers = [{ status: 404 }, { status: 500 }, { redirected: true }, { kind: "opaqueredirect" }, { type: "application/json" }];
  for (const options of answers) {
    it.net.page = () => answer("x", options);
    await worker.visit("/incidents/1");
  }
  await worker.send({ type: "store", url: "https://evil.example/incidents" });
  assert.deepEqual(it.caches.stored("opsguard-pages-b1"), []);
});

test("writes go to the network untouched", async () => {
  const it = browser();
  const worker = await it.running();
  assert.equal(await worker.get("/incidents/418", { method: "POST", mode: "navigate" }), undefined);
});

test("files are taken from the cache, also those of an older build that a tab still runs", async () => {
  const it = browser();
  await it.running("b1");
  const worker = await it.running("b2");
  it.net.up = false;
  for (const path of ["/pkg/app.b2.wasm", "/pkg/app.b1.wasm"]) assert.equal(await (await worker.get(path)).text(), `file ${path}`);
  assert.equal(await (await worker.get("/outbox.js")).text(), "file /outbox.js", "the offline page names no version");
});

test("a navigation inside the app stores the document, so that its link works offline", async () => {
  const it = browser();
  const worker = await it.running();
  await worker.send({ type: "store", url: `${ORIGIN}/services/7#top` });
  it.net.up = false;
  assert.equal(await worker.visit("/services/7"), "<h1>page</h1>");
});

test("sixty pages are kept; the one read longest ago goes first", async () => {
  const it = browser();
  const worker = await it.running();
  for (let n = 1; n <= 60; n++) await worker.send({ type: "store", url: `/incidents/${n}` });
  await worker.send({ type: "store", url: "/incidents/1" }); // read again
  await worker.send({ type: "store", url: "/incidents/61" });
  const stored = it.caches.stored("opsguard-pages-b1");
  assert.equal(stored.length, 60);
  assert.ok(stored.includes("/incidents/1"));
  assert.ok(!stored.includes("/incidents/2"));
});

for (const [method, path] of [["POST", "/sign-in"], ["POST", "/sign-out"], ["DELETE", "/api/v1/session"]]) {
  test(`${method} ${path} drops all stored pages, also when the page's scripts do not run`, async () => {
    const it = browser();
    const worker = await it.running();
    await worker.visit("/incidents");
    await worker.get(path, { method });
    assert.deepEqual(await it.caches.keys(), ["opsguard-assets-b1"]);
  });
}

test("a page that was on its way when the person signed out is not stored after it", async () => {
  const it = browser();
  const worker = await it.running();
  let arrive;
  it.net.page = () => new Promise((resolve) => { arrive = () => resolve(answer("secret")); });
  const storing = worker.send({ type: "store", url: "/incidents/418" });
  await quiet();
  await worker.send({ type: "clear" });
  arrive();
  await storing;
  assert.deepEqual(it.caches.stored("opsguard-pages-b1"), []);
});

test("a page of a newer build is not stored with our files; its worker is looked for", async () => {
  const it = browser();
  const worker = await it.running("b1");
  it.net.page = () => answer("new", { build: "b2" });
  assert.equal(await worker.visit("/incidents"), "new");
  assert.deepEqual(it.caches.stored("opsguard-pages-b1"), []);
  assert.equal(it.registration.updates, 1);
});

test("an update carries the stored pages over and drops the old build when no tab runs it", async () => {
  const it = browser();
  const old = await it.running("b1");
  await old.visit("/incidents/418");
  it.openTab("b2");
  const worker = await it.running("b2");
  it.net.page = () => answer("<h1>new</h1>", { build: "b2" });
  await worker.send({ type: "build", build: "b2" });
  await quiet();
  assert.deepEqual((await it.caches.keys()).sort(), ["opsguard-assets-b2", "opsguard-pages-b2"]);
  it.net.up = false;
  assert.equal(await worker.visit("/incidents/418"), "<h1>new</h1>");
});

test("while a tab runs the old build its files stay", async () => {
  const it = browser();
  await it.running("b1");
  it.openTab("b1");
  const worker = await it.running("b2");
  await worker.send({ type: "build", build: "b2" });
  assert.ok((await it.caches.keys()).includes("opsguard-assets-b1"));
});

test("an update without network, or while the server restarts, keeps the old pages with their files", async () => {
  const it = browser();
  const old = await it.running("b1");
  await old.visit("/incidents/418");
  const worker = await it.running("b2");
  it.net.page = () => answer("restarting", { status: 503 });
  await worker.send({ type: "build", build: "b2" });
  it.net.up = false;
  await worker.send({ type: "build", build: "b2" });
  assert.equal(await worker.visit("/incidents/418"), "<h1>page</h1>");
  assert.equal((await worker.get("/pkg/app.b1.wasm")).status, 200);
});

test("a waiting update's files are not taken for an old build's", async () => {
  const it = browser();
  const worker = await it.running("b1");
  await it.worker("b2").install();
  it.registration.waiting = {};
  await worker.send({ type: "build", build: "b1" });
  assert.ok((await it.caches.keys()).includes("opsguard-assets-b2"));
});

test("a new version takes over only on the person's word", async () => {
  const it = browser();
  const worker = it.worker("b1");
  await worker.install();
  assert.equal(worker.scope.skipped, undefined);
  assert.deepEqual(await worker.send({ type: "which-build" }), { build: "b1" });
  await worker.send({ type: "skip-waiting" });
  assert.equal(worker.scope.skipped, true);
});

test("background sync sends what waits and comes again when something is left", async () => {
  const it = browser();
  const worker = await it.running();
  await worker.sync("outbox");
  const asked = [];
  worker.scope.opsguardOutbox.flush = async (how) => {
    asked.push(how);
    return { waiting: 2 };
  };
  await assert.rejects(worker.sync("outbox"));
  assert.deepEqual(asked, [{ register: false }], "a sync registered while one fires would fire at once, without end");
});

test("page and worker agree on which pages are read offline", () => {
  const routes = (name) => /READ_PAGE = (\/.+\/);/.exec(source(name))[1];
  assert.equal(routes("pwa.js"), routes("sw.js"));
});

test("the manifest and the offline page need nothing that the content security policy forbids", () => {
  assert.equal(JSON.parse(source("manifest.webmanifest")).id, "/");
  const page = source("offline.html");
  assert.doesNotMatch(page, /<style|style=|<script>|\son\w+=/);
  for (const [, path] of page.matchAll(/(?:src|href)="(\/offline[^"]*)"/g)) assert.ok(source(path.slice(1)).length > 0, path);
});

test("the page's object takes and gives JSON for the wasm client", async () => {
  const asked = [];
  const outbox = { enqueue: async (request) => { asked.push(request); return { state: "sent", id: "1" }; }, list: async () => [], counts: async () => ({ waiting: 0 }) };
  const head = { "opsguard-build": "b1" };
  const window = {
    opsguardOutbox: outbox,
    document: { querySelector: (query) => ({ content: head[/"(.+)"/.exec(query)[1]] ?? null }), addEventListener() {}, head: null },
    navigator: { onLine: true }, location: new URL(ORIGIN), addEventListener() {}, dispatchEvent() {}, CustomEvent,
    matchMedia: () => ({ matches: false }),
  };
  new Function("window", source("pwa.js"))(window);
  assert.equal(await window.opsguard.enqueueJson('{"path":"/x"}'), '{"state":"sent","id":"1"}');
  assert.deepEqual(asked, [{ path: "/x" }]);
  assert.equal(await window.opsguard.pwa.install(), "unavailable");
  assert.equal(await window.opsguard.pwa.cachedAt(), null);
});
