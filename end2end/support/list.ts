// The list of incidents as somebody reads it.
import type { Locator, Page } from '@playwright/test';

import { expect, isLive } from './test.ts';

export const row = (page: Page, title: string): Locator => page.getByRole('link', { name: new RegExp(title) }).first();

/** Returns when the row is there. While someone points at the list, new ones wait behind a button. */
export async function arrives(page: Page, title: string, timeout?: number): Promise<void> {
  const waiting = page.getByRole('button', { name: /new - show/ });
  await expect(async () => {
    if (await waiting.isVisible()) await waiting.click({ timeout: 500 });
    await expect(row(page, title)).toBeVisible({ timeout: 500 });
  }).toPass({ timeout });
}

/** Two people open the list, newest first; from here on neither page may be loaded again. */
export async function lookOn(pages: Page[]): Promise<void> {
  for (const page of pages) {
    await page.goto('/incidents?sort=newest');
    await isLive(page);
    await mark(page);
  }
}

/** An incident of medium severity arrives on both lists; the second person opens it. Answers what they read. */
export async function opens(list: Page, detail: Page, title: string): Promise<Locator> {
  await arrives(list, title);
  await arrives(detail, title);
  await expect(row(list, title)).toContainText('Medium');
  await row(detail, title).click();
  await expect(detail.getByRole('heading', { level: 1, name: title })).toBeVisible();
  const main = detail.getByRole('main');
  await expect(main.getByText('Medium', { exact: true }).first()).toBeVisible();
  return main;
}

/** From here on the page must not be loaded again; `neverReloaded` tells. */
export async function mark(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
}

export async function neverReloaded(page: Page): Promise<void> {
  expect(await page.evaluate(() => 'sameDocument' in window), 'the same document').toBe(true);
}
