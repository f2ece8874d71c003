// What makes the page an app, without a framework: registers the worker, offers updates and installation, keeps offline
// copies of what is read, and gives the wasm client one object, `window.opsguard`, with plain promise functions.
//
// The page tells three things in its head, so that this works before (and without) hydration:
//   <meta name="opsguard-build" content="..">   the build that rendered it
//   <meta name="opsguard-user" content="..">    the session's user, empty when nobody is signed in; absent = no statement
// Forms are left alone: until hydration they are plain HTML and the server answers them.
(function (window) {
  "use strict";

  const { document, navigator, location } = window;
  const outbox = window.opsguardOutbox;
  const container = navigator.serviceWorker; // absent on plain http: everything below then answers "no"

  const READ_PAGE = /^\/((incidents|services|log|log\/blockers)(\/(?!new$)[^/]+)?)?$/;
  const PREFETCH_AGAIN_MS = 60_000;
  const HOVER_MS = 80; // a pointer that only passes by means nothing
  const ANSWER_MS = 3_000;
  const UPDATE_CHECK_MS = 3_600_000;
  const TAKEOVER_MS = 5_000;

  const meta = (name) => document.querySelector(`meta[name="${name}"]`)?.content ?? null;
  const tell = (name, detail = null) => window.dispatchEvent(new window.CustomEvent(name, { detail }));
  const BUILD = meta("opsguard-build") ?? "";

  // ------------------------------------------------------------------------------------------- talking with the worker

  // While a worker takes over, messages wait for it: one that reaches the old worker in the moment in which it is told to
  // end starts it once more, and the browser then lets the new one wait until that one is idle again.
  let takeover = null;
  let leaving = false; // the page loads again: nothing more to say

  async function post(message) {
    if (!container) return;
    await takeover;
    if (!leaving) (await container.ready).active?.postMessage(message);
  }

  function takeOver(worker) {
    takeover = new Promise((resolve) => {
      container.addEventListener("controllerchange", resolve, { once: true });
      window.setTimeout(resolve, TAKEOVER_MS); // in case it is never told
      worker.postMessage({ type: "skip-waiting" });
    });
    return takeover;
  }

  // The worker's answer, or null when it stays silent.
  function ask(worker, message) {
    return new Promise((resolve) => {
      const { port1, port2 } = new window.MessageChannel();
      const answer = (data) => {
        window.clearTimeout(timer);
        port1.close();
        resolve(data);
      };
      const timer = window.setTimeout(() => answer(null), ANSWER_MS);
      port1.onmessage = ({ data }) => answer(data);
      worker.postMessage(message, [port2]);
    });
  }

  // -------------------------------------------------------------------------------------------------- registration, update

  let registration = null;
  let update = null; // {build} of the version that waits, for those who listen late
  let lastCheck = Date.now();

  async function register() {
    registration = await container.register("/sw.js", { scope: "/", updateViaCache: "none" });
    registration.addEventListener("updatefound", () => watch(registration.installing));
    watch(registration.installing);
    if (registration.waiting) await offer(registration.waiting);
    await post({ type: "build", build: BUILD });
  }

  function watch(worker) {
    worker?.addEventListener("statechange", () => {
      // Without a controller this is the first installation, not an update.
      if (worker.state === "installed" && container.controller) offer(worker);
    });
  }

  async function offer(worker) {
    const build = (await ask(worker, { type: "which-build" }))?.build ?? "";
    // This page was already rendered by the new build: nothing on it changes, so nobody need be asked. Other tabs keep
    // their build's files.
    if (build === BUILD) return takeOver(worker);
    announce(build);
  }

  function announce(build) {
    if (update?.build === build) return; // one offer, by whichever way we learn of it
    update = { build };
    tell("opsguard:update", update);
  }

  async function onTakeover() {
    if (leaving) return;
    await post({ type: "build", build: BUILD }); // lets the new worker carry over pages and drop old files
    const build = (await ask(container.controller, { type: "which-build" }))?.build;
    if (build && BUILD && build !== BUILD) announce(build); // another tab said yes; this one is not reloaded under the hands
  }

  function applyUpdate() {
    if (leaving) return;
    leaving = true;
    const waiting = registration?.waiting;
    if (!waiting) return location.reload();
    takeOver(waiting).then(() => location.reload());
  }

  async function checkUpdate() {
    lastCheck = Date.now();
    await registration?.update().catch(() => {}); // offline: next time
  }

  // ---------------------------------------------------------------------------------------------------------- offline copies

  const storePage = (url) => post({ type: "store", url: new URL(url, location.href).href });
  const clearPages = () => post({ type: "clear" });

  // Asked once, at load: the worker knows it only for a while.
  const shownFrom = container?.controller
    ? ask(container.controller, { type: "cached-at", url: location.href }).then((answer) => answer?.cached_at ?? null)
    : Promise.resolve(null);

  // Whoever signs in must not find what the last person has seen.
  async function signedIn(user) {
    const { changed } = await outbox.setUser(user);
    if (changed) await clearPages();
  }

  // ----------------------------------------------------------------------------------------------------------------- prefetch

  const prefetchedAt = new Map();

  function isFrugal() {
    const connection = navigator.connection;
    return Boolean(connection?.saveData) || /2g/.test(connection?.effectiveType ?? "");
  }

  function prefetchable(target) {
    const link = target.closest?.("a[href]");
    if (!link || link.hasAttribute("download") || (link.target && link.target !== "_self")) return null;
    const url = new URL(link.href, location.href);
    if (url.origin !== location.origin || !READ_PAGE.test(url.pathname)) return null;
    return url.pathname + url.search;
  }

  function prefetch(path) {
    const now = Date.now();
    if (isFrugal() || !navigator.onLine || now - (prefetchedAt.get(path) ?? -PREFETCH_AGAIN_MS) < PREFETCH_AGAIN_MS) return;
    prefetchedAt.set(path, now);
    if (container?.controller) return storePage(path);
    const hint = document.createElement("link");
    hint.rel = "prefetch";
    hint.href = path;
    document.head.append(hint);
  }

  function watchLinks() {
    let hover = null;
    document.addEventListener("mouseover", ({ target }) => {
      window.clearTimeout(hover);
      const path = prefetchable(target);
      if (path) hover = window.setTimeout(() => prefetch(path), HOVER_MS);
    });
    const now = ({ target }) => {
      const path = prefetchable(target);
      if (path) prefetch(path);
    };
    document.addEventListener("touchstart", now, { passive: true });
  }

  // -------------------------------------------------------------------------------------------------------------- installation

  let installPrompt = null;

  const installed = () => window.matchMedia("(display-mode: standalone)").matches || navigator.standalone === true;

  // "accepted" | "dismissed" | "unavailable" (then the page shows written steps, as for iOS).
  async function install() {
    const prompt = installPrompt;
    if (!prompt) return "unavailable";
    installPrompt = null; // a prompt can be shown once
    await prompt.prompt();
    return (await prompt.userChoice).outcome;
  }

  function watchInstallation() {
    window.addEventListener("beforeinstallprompt", (event) => {
      event.preventDefault(); // offered in settings, when it means something to the person
      installPrompt = event;
      tell("opsguard:installable");
    });
    window.addEventListener("appinstalled", () => {
      installPrompt = null;
      tell("opsguard:installed");
    });
    // An installed app keeps what waits in it also when the disk gets full.
    if (installed()) navigator.storage?.persist?.().catch(() => {});
  }

  // ------------------------------------------------------------------------------------------------------------ window.opsguard

  const pwa = {
    applyUpdate,
    checkUpdate,
    update: () => update,
    storePage,
    clearPages,
    cachedAt: () => shownFrom,
    canInstall: () => installPrompt !== null,
    install,
    installed,
    online: () => navigator.onLine !== false,
  };

  const asJson = (call) => async (...args) => JSON.stringify(await call(...args));

  window.opsguard = {
    outbox,
    pwa,
    signedIn,
    requestId: outbox.requestId,
    uuid7: outbox.uuid7,
    enqueueJson: asJson((request) => outbox.enqueue(JSON.parse(request))),
    keepMineJson: asJson((id, body) => outbox.keepMine(id, body ? JSON.parse(body) : undefined)),
    retryJson: asJson(outbox.retry),
    listJson: asJson(outbox.list),
    countsJson: asJson(outbox.counts),
  };

  // ----------------------------------------------------------------------------------------------------------------------- start

  window.addEventListener("online", () => tell("opsguard:online"));
  window.addEventListener("offline", () => tell("opsguard:offline"));
  watchInstallation();
  watchLinks();

  const user = meta("opsguard-user");
  if (user !== null) signedIn(user).catch(() => {});

  if (container) {
    container.addEventListener("message", ({ data, ports }) => {
      if (data?.type === "which-build") ports[0]?.postMessage({ build: BUILD });
    });
    if (container.controller) container.addEventListener("controllerchange", onTakeover);
    else container.addEventListener("controllerchange", () => container.addEventListener("controllerchange", onTakeover), { once: true });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && Date.now() - lastCheck > UPDATE_CHECK_MS) checkUpdate();
    });
    // After load: on a slow line the precache must not compete with the page itself.
    const start = () => register().catch((error) => tell("opsguard:pwa-error", { message: String(error) }));
    if (document.readyState === "complete") start();
    else window.addEventListener("load", start);
  }
})(window);
