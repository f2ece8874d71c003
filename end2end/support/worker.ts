// The service worker as a flow sees it.
import type { Page } from '@playwright/test';

/** Returns when the worker of this page is active and has what it keeps. */
export async function workerReady(page: Page): Promise<void> {
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null || navigator.serviceWorker.ready.then((r) => r.active !== null));
}

/** Returns when the worker has an offline copy of this page. */
export async function stored(page: Page, path: string): Promise<void> {
  await page.waitForFunction(async (p) => {
    for (const name of await caches.keys()) {
      if (name.startsWith('opsguard-pages-') && (await (await caches.open(name)).match(p))) return true;
    }
    return false;
  }, path);
}

/** The build that rendered the page. */
export const pageBuild = (page: Page): Promise<string> => page.evaluate(() => document.documentElement.dataset.build ?? '');

/** The build of the worker that controls the page, as the worker says. */
export const workerBuild = (page: Page): Promise<string> =>
  page.evaluate(
    () =>
      new Promise<string>((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => resolve(data.build);
        const worker = navigator.serviceWorker.controller;
        if (worker) worker.postMessage({ type: 'which-build' }, [port2]);
        else resolve('');
      }),
  );

/** The builds of which the device keeps files or pages, each once. */
export const cachedBuilds = (page: Page): Promise<string[]> =>
  page.evaluate(async () => [...new Set((await caches.keys()).map((name) => name.split('-').pop() ?? ''))]);
