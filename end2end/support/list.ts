// The list of incidents as somebody reads it.
import type { Locator, Page } from '@playwright/test';

import { expect } from './test.ts';

export const row = (page: Page, title: string): Locator => page.getByRole('link', { name: new RegExp(title) }).first();

/** Returns when the row is there. While someone points at the list, new ones wait behind a button. */
export async function arrives(page: Page, title: string, timeout?: number): Promise<void> {
  const waiting = page.getByRole('button', { name: /new - show/ });
  await expect(async () => {
    if (await waiting.isVisible()) await waiting.click({ timeout: 500 });
    await expect(row(page, title)).toBeVisible({ timeout: 500 });
  }).toPass({ timeout });
}

/** From here on the page must not be loaded again; `neverReloaded` tells. */
export async function mark(page: Page): Promise<void> {
  await page.evaluate(() => Object.assign(window, { sameDocument: true }));
}

export async function neverReloaded(page: Page): Promise<void> {
  expect(await page.evaluate(() => 'sameDocument' in window), 'the same document').toBe(true);
}
