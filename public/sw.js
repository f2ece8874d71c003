// The service worker. The server renders this file at start: it replaces the two tokens below by the build id and the list
// of the build's files, so that the bytes change exactly when the files do. Unrendered (development without hashed files)
// it is valid and caches nothing.
//
// The rule that everything here serves: a stored page is only ever shown together with the files it was made for.
// Caches carry the build in their name, a page is stored only when its X-Opsguard-Build is ours, and an old build's
// caches stay until no tab runs it.
"use strict";

const BUILD = /*__BUILD__*/"";
const PRECACHE = /*__PRECACHE__*/[];

const ASSETS = `opsguard-assets-${BUILD}`;
const PAGES = `opsguard-pages-${BUILD}`;
const CACHE_NAME = /^opsguard-(assets|pages)-(.*)$/;
const OFFLINE_PAGE = "/offline.html";
const STORED_AT = "X-Opsguard-Cached";

const NETWORK_PATIENCE_MS = 3_000; // then a stored page is better than a spinner
const MAX_PAGES = 60;
const BUILD_ANSWER_MS = 3_000;

// The same outbox as in the page, under the versioned address of this build.
importScripts(PRECACHE.find((url) => url.startsWith("/outbox.js")) ?? "/outbox.js");

// ------------------------------------------------------------------------------------------------------------- routes

// Pages worth reading without network. The same expression stands in pwa.js; a test compares them.
const READ_PAGE = /^\/((incidents|services|log|log\/blockers)(\/(?!new$)[^/]+)?)?$/;
const NEVER = /^\/(api|rpc|live|livez|readyz|metrics|version|in|testing|auth|sign-in|sign-out|setup|invite|settings)(\/|$)/;
const EXPORT = /\.(csv|json)$/;
const ASSET = /^\/(pkg\/.+|icon-[\w-]+\.png|apple-touch-icon\.png|favicon\.(ico|svg|png)|manifest\.webmanifest)$/;
const SESSION_CHANGE = /^\/(sign-in|sign-out|api\/(v1\/)?session)$/;

const PRECACHED_PATHS = new Set(PRECACHE.map((url) => url.split("?")[0]));
const IMMUTABLE = /^\/pkg\/|\?v=/; // the address names the content

const isOurs = (url) => url.origin === self.location.origin;
const isUntouchable = (url) => NEVER.test(url.pathname) || EXPORT.test(url.pathname);
const isReadPage = (url) => isOurs(url) && !isUntouchable(url) && READ_PAGE.test(url.pathname);
const isAsset = (url) => ASSET.test(url.pathname) || PRECACHED_PATHS.has(url.pathname);

// The page's address without fragment. The query stays: /incidents?status=open is another page than /incidents, and
// showing one for the other would make the client disagree with its HTML.
const keyOf = (url) => url.pathname + url.search;

// ------------------------------------------------------------------------------------------------ install, activate

self.addEventListener("install", (event) => {
  if (BUILD) event.waitUntil(precache());
});

// All or nothing: a worker without one of its files must not become active.
async function precache() {
  const cache = await caches.open(ASSETS);
  await Promise.all(
    PRECACHE.map(async (url) => {
      const known = IMMUTABLE.test(url) ? await caches.match(url, { ignoreVary: true }) : null;
      // Hashed files are as good from the HTTP cache, where the page has just put them: no second download on 3G.
      const response = known ?? (await fetch(url, { cache: IMMUTABLE.test(url) ? "default" : "no-cache" }));
      if (!response.ok || response.redirected) throw new Error(`precache: ${url} answered ${response.status}`);
      await cache.put(url, response);
    }),
  );
}

self.addEventListener("activate", (event) => event.waitUntil(takeOver()));

// Only what is quick: requests wait until this has ended. Pages are carried over when the first client reports.
async function takeOver() {
  const preload = self.registration.navigationPreload;
  await (BUILD ? preload?.enable() : preload?.disable())?.catch(() => {});
  await self.clients.claim();
}

// --------------------------------------------------------------------------------------------------------------- fetch

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (!isOurs(url)) return;
  if (request.method !== "GET") {
    // Forms work before the page's scripts do, so the worker itself notices that the person changes.
    if (SESSION_CHANGE.test(url.pathname)) event.waitUntil(clearPages());
    return;
  }
  if (!BUILD || request.headers.has("Range")) return;
  if (request.mode === "navigate") return navigate(event, url);
  if (!isUntouchable(url) && isAsset(url)) event.respondWith(asset(request, url));
});

function navigate(event, url) {
  if (isReadPage(url)) return event.respondWith(readPage(event, url));
  // A preload is on its way already: using it as it is saves a second request, which for an export would be a second export.
  if (isUntouchable(url)) return event.preloadResponse && event.respondWith(fromNetwork(event));
  event.respondWith(fromNetwork(event).catch(offlinePage));
}

async function fromNetwork(event) {
  return (await event.preloadResponse) ?? fetch(event.request);
}

// This build's files first; those of an older build for tabs and stored pages that still run it.
async function asset(request, url) {
  const own = await caches.open(ASSETS);
  // The offline page is not rendered and asks for /outbox.js without its version: then, and only then, ours will do.
  const bare = url.search === "" && !url.pathname.startsWith("/pkg/");
  const found = (await own.match(request, { ignoreVary: true, ignoreSearch: bare })) ?? (await caches.match(request, { ignoreVary: true }));
  if (found) return found;
  const response = await fetch(request);
  if (isComplete(response)) own.put(request, response.clone()).catch(() => {});
  return response;
}

// Network first, for three seconds; then the stored page, while the network's answer is still stored for the next time.
async function readPage(event, url) {
  const asked = generation;
  const network = fromNetwork(event);
  event.waitUntil(network.then((response) => mayKeep(response) && keepPage(url, response.clone(), asked)).catch(() => {}));
  const stored = await storedPage(url);
  try {
    const response = stored ? await withPatience(network) : await network;
    // A gateway that cannot reach our server answers in its place.
    const unreachable = response.status === 502 || response.status === 503 || response.status === 504;
    return stored && unreachable ? showStored(event, stored) : response;
  } catch {
    return stored ? showStored(event, stored) : offlinePage();
  }
}

function withPatience(promise) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("slow")), NETWORK_PATIENCE_MS);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

async function offlinePage() {
  const page = await caches.match(OFFLINE_PAGE, { cacheName: ASSETS });
  return page ?? Response.error();
}

// -------------------------------------------------------------------------------------------------------- stored pages

// Raised by clearPages: what was asked for before must not be stored after, it may show what the last person could see.
let generation = 0;

const isComplete = (response) => response.status === 200 && response.type === "basic" && !response.redirected;
const isHtml = (response) => (response.headers.get("Content-Type") ?? "").startsWith("text/html");

// Throws when the answer says nothing about the page (another build's, or no server behind the gateway); false for a page
// that may not be stored (signed out, moved, gone). Asked before the body is cloned: an unread clone holds the stream open.
function mayKeep(response) {
  if (response.status >= 500) throw new Error(`page: ${response.status}`);
  if (!isComplete(response) || !isHtml(response)) return false;
  if (response.headers.get("X-Opsguard-Build") === BUILD) return true;
  // It needs files that we do not have. The worker of its own build stores it, so look for that one. Not awaited: an
  // event that waits for the next worker would keep that worker from taking over.
  self.registration.update().catch(() => {});
  throw new Error("page: another build");
}

async function keepPage(url, response, asked) {
  const copy = stamped(response, await response.blob());
  if (asked !== generation) return;
  const pages = await caches.open(PAGES);
  await pages.delete(keyOf(url)); // so that keys() is ordered by age
  await pages.put(keyOf(url), copy);
  for (const old of (await pages.keys()).slice(0, -MAX_PAGES)) await pages.delete(old);
  if (asked !== generation) await pages.delete(keyOf(url));
}

function stamped(response, body) {
  const headers = new Headers(response.headers);
  headers.set(STORED_AT, new Date().toISOString());
  headers.delete("Content-Encoding"); // the body was decoded on the way here
  headers.delete("Content-Length");
  return new Response(body, { status: 200, headers });
}

// Fetches and stores the document of a page that the client shows from data alone.
async function storePage(address) {
  const url = new URL(address, self.location.origin);
  if (!BUILD || !isReadPage(url)) return;
  const asked = generation;
  const init = { credentials: "include", redirect: "manual", headers: { Accept: "text/html" }, priority: "low" };
  const response = await fetch(keyOf(url), init);
  if (mayKeep(response)) await keepPage(url, response, asked);
}

async function cacheNames(kind) {
  return (await caches.keys()).filter((name) => CACHE_NAME.exec(name)?.[1] === kind);
}

// Ours, or an older build's, whose files are still here as well.
async function storedPage(url) {
  const older = (await cacheNames("pages")).filter((name) => name !== PAGES).reverse();
  for (const name of [PAGES, ...older]) {
    const page = await caches.match(keyOf(url), { cacheName: name, ignoreVary: true });
    if (page) return page;
  }
  return null;
}

async function clearPages() {
  generation += 1;
  await Promise.all((await cacheNames("pages")).map((name) => caches.delete(name)));
}

// Which client was shown a stored page, and from when. In memory: the page asks while it loads and remembers the answer.
const shownFrom = new Map();

function showStored(event, page) {
  shownFrom.set(event.resultingClientId, page.headers.get(STORED_AT));
  if (shownFrom.size > 100) shownFrom.delete(shownFrom.keys().next().value);
  return page;
}

async function cachedAt(clientId, address) {
  const stored = await storedPage(new URL(address, self.location.origin));
  return { cached_at: shownFrom.get(clientId) ?? null, stored_at: stored?.headers.get(STORED_AT) ?? null };
}

// -------------------------------------------------------------------------------------------------------- older builds

let movingHouse = null;

function retireOldBuilds() {
  movingHouse ??= carryPagesOver().then(dropUnused).finally(() => { movingHouse = null; });
  return movingHouse;
}

// The pages a person has offline are fetched again under this build; an old copy goes when the server has answered.
async function carryPagesOver() {
  const asked = generation;
  for (const name of (await cacheNames("pages")).filter((one) => one !== PAGES)) {
    const old = await caches.open(name);
    for (const { url } of await old.keys()) {
      if (asked !== generation) return; // somebody else signs in: they did not choose these pages
      if (!(await caches.match(url, { cacheName: PAGES }))) await storePage(url); // rejects without network: later again
      await old.delete(url);
    }
    await caches.delete(name);
  }
}

async function dropUnused() {
  // Listed before the look at the registration: a newer worker that fills its cache now is either not in the list or seen.
  const names = (await caches.keys()).filter((name) => CACHE_NAME.test(name) && name !== ASSETS && name !== PAGES);
  if (names.length === 0) return;
  const running = await runningBuilds();
  if (!running || self.registration.installing || self.registration.waiting) return;
  await Promise.all(names.filter((name) => !running.has(CACHE_NAME.exec(name)[2])).map((name) => caches.delete(name)));
}

// The builds that open tabs run. Null when one does not tell (frozen, still loading): then nothing is dropped.
async function runningBuilds() {
  const tabs = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const builds = await Promise.all(tabs.map(askBuild));
  return builds.includes(null) ? null : new Set(builds);
}

function askBuild(client) {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    const answer = (build) => {
      clearTimeout(timer);
      port1.close();
      resolve(build);
    };
    const timer = setTimeout(() => answer(null), BUILD_ANSWER_MS);
    port1.onmessage = ({ data }) => answer(data.build ?? "");
    client.postMessage({ type: "which-build" }, [port2]);
  });
}

// -------------------------------------------------------------------------------------------------- messages and sync

const ON_MESSAGE = {
  store: ({ url }) => storePage(url),
  clear: () => clearPages(),
  build: () => retireOldBuilds(),
  flush: () => self.opsguardOutbox.flush(),
  "skip-waiting": () => self.skipWaiting(),
  "which-build": (_, reply) => reply({ build: BUILD }),
  "cached-at": async ({ url }, reply, clientId) => reply(await cachedAt(clientId, url)),
};

self.addEventListener("message", (event) => {
  const handle = ON_MESSAGE[event.data?.type];
  if (!handle) return;
  const reply = (answer) => event.ports[0]?.postMessage(answer);
  // Without network most of these fail; each has another occasion.
  event.waitUntil(Promise.resolve(handle(event.data, reply, event.source?.id)).catch(() => {}));
});

self.addEventListener("sync", (event) => {
  if (event.tag === "outbox") event.waitUntil(flushAll());
});

// Refused when something still waits: that is how the browser learns to come again.
async function flushAll() {
  const { waiting } = await self.opsguardOutbox.flush({ register: false });
  if (waiting > 0) throw new Error(`${waiting} waiting`);
}
