// The offline page: which pages can be read, what waits to be sent, and back to the page as soon as there is a network.
(function () {
  "use strict";

  // Before the first paint, so that the page does not flash: the person's choice (cookie `theme`), else the system's.
  const chosen = /(?:^|;\s*)theme=(light|dark)\b/.exec(document.cookie)?.[1];
  const system = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
  document.documentElement.dataset.theme = chosen ?? system;

  const byId = (id) => document.getElementById(id);
  const time = new Intl.DateTimeFormat(undefined, { dateStyle: "short", timeStyle: "short" });
  const plural = (n, one, many) => `${n} ${n === 1 ? one : many}`;

  const STATE_WORDS = { waiting: "waits", sending: "being sent", parked: "needs you", auth: "sign in to send" };

  function row(list, text, detail, href) {
    const item = document.createElement("li");
    const line = document.createElement(href ? "a" : "div");
    if (href) line.href = href;
    const name = document.createElement("span");
    name.textContent = text;
    const small = document.createElement("small");
    small.textContent = detail;
    line.append(name, small);
    item.append(line);
    list.append(item);
  }

  // "INC-418 Checkout is down" from the stored document; its address when it has no title.
  async function titleOf(response, path) {
    const title = /<title>([^<]*)<\/title>/i.exec(await response.text())?.[1];
    if (!title?.trim()) return path;
    return new DOMParser().parseFromString(title, "text/html").documentElement.textContent.trim();
  }

  async function storedPages() {
    const pages = new Map();
    for (const name of (await caches.keys()).filter((one) => one.startsWith("opsguard-pages-"))) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        const response = await cache.match(request, { ignoreVary: true });
        if (!response) continue;
        const { pathname, search } = new URL(request.url);
        const path = pathname + search;
        pages.set(path, { path, at: response.headers.get("X-Opsguard-Cached") ?? "", title: await titleOf(response, path) });
      }
    }
    return [...pages.values()].sort((a, b) => b.at.localeCompare(a.at));
  }

  async function showStored() {
    if (!("caches" in window)) return;
    const pages = await storedPages();
    for (const { path, at, title } of pages) row(byId("stored-list"), title, at ? `as of ${time.format(new Date(at))}` : "", path);
    byId("stored-none").hidden = pages.length > 0;
    byId("stored").hidden = false;
  }

  async function showWaiting() {
    const [items, counts] = await Promise.all([window.opsguardOutbox.list(), window.opsguardOutbox.counts()]);
    byId("waiting-list").replaceChildren();
    for (const item of items) row(byId("waiting-list"), item.label, `${STATE_WORDS[item.state]}, ${time.format(new Date(item.acted_at))}`);
    const open = counts.waiting + counts.auth;
    const parts = [open && plural(open, "change waits", "changes wait"), counts.parked && plural(counts.parked, "needs you", "need you")];
    const text = parts.filter(Boolean).join(", ");
    byId("waiting-text").textContent = text && `${text}. Kept on this device until the server has answered.`;
    byId("waiting").hidden = items.length === 0;
  }

  document.addEventListener("DOMContentLoaded", () => {
    byId("title").focus();
    showStored().catch(() => {});
    showWaiting().catch(() => {});
    window.addEventListener("opsguard:outbox", () => showWaiting().catch(() => {}));
    window.addEventListener("online", () => {
      byId("status").textContent = "The network is back. Loading the page.";
      location.reload();
    });
  });
})();
