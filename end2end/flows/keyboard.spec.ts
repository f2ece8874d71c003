// No pointer at all: from signing in to resolving, with a focus that can be seen wherever it is.
import type { Locator, Page } from '@playwright/test';

import { ADMIN } from '../support/server.ts';
import { expect, hydrated, test } from '../support/test.ts';

/** Presses Tab until this has the focus, as a person would, and looks whether the focus can be seen. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const isThere = (): Promise<boolean> => target.evaluate((element) => element === document.activeElement);
  for (let n = 0; n < 60 && !(await isThere()); n += 1) await page.keyboard.press('Tab');
  await expect(target).toBeFocused();
  const ring = await target.evaluate((element) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
    return { outlined: outlineStyle !== 'none' && outlineWidth !== '0px', shadowed: boxShadow !== 'none' };
  });
  expect(ring.outlined || ring.shadowed, 'the focus is seen').toBe(true);
}

test('an incident is found, acknowledged, written about and resolved by keyboard alone', async ({ page, watch, api }) => {
  watch.follow(page);
  const title = `Keys ${Date.now()} do not turn`;
  await api.declare('Beside it');
  const { number } = await api.declare(title, 'critical');
  await page.goto('/sign-in');
  await hydrated(page);
  await tabTo(page, page.getByLabel('E-mail'));
  await page.keyboard.type(ADMIN.email);
  await tabTo(page, page.getByLabel('Password', { exact: true }));
  await page.keyboard.type(ADMIN.password);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/(\?.*)?$/);
  await hydrated(page);

  // Past the navigation.
  await page.goto('/incidents');
  await hydrated(page);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to content' })).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  expect(await page.evaluate(() => document.querySelector('main')?.contains(document.activeElement)), 'in the content').toBe(true);

  // Along the rows, to one of them, into it; the heading says where one is.
  await page.goto('/incidents');
  await hydrated(page);
  const rows = page.locator('a.row');
  await page.keyboard.press('j');
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press('j');
  await expect(rows.nth(1)).toBeFocused();
  await page.keyboard.press('k');
  await expect(rows.nth(0)).toBeFocused();
  await page.keyboard.press('/');
  await page.keyboard.type(title);
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/q=Keys/);
  const row = page.getByRole('link', { name: new RegExp(title) });
  await expect(row).toHaveCount(1);
  await tabTo(page, row);
  await page.keyboard.press('Enter');
  const heading = page.getByRole('heading', { level: 1, name: title });
  await expect(heading).toBeFocused();

  await page.keyboard.press('a');
  await expect.poll(async () => (await api.incident(number)).status).toBe('acknowledged');
  await expect(page.getByRole('main').getByText('Acknowledged', { exact: true }).first()).toBeVisible();
  await page.keyboard.press('n');
  await expect(page.getByLabel('Write a note')).toBeFocused();
  await page.keyboard.type('a is a letter here, n too');
  await tabTo(page, page.getByRole('button', { name: 'Add note' }));
  await page.keyboard.press('Enter');
  // Twice for a moment: as what waits to be sent, and as the server's.
  await expect(page.getByText('a is a letter here, n too')).toHaveCount(1);

  const asked = page.getByRole('dialog', { name: 'Keyboard shortcuts' });
  await tabTo(page, page.getByRole('button', { name: 'Resolve', exact: true }).first());
  await page.keyboard.press('?');
  await expect(asked).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(asked).toBeHidden();
  await expect(page.getByRole('button', { name: 'Resolve', exact: true }).first(), 'the focus is where it was').toBeFocused();
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: /^Resolve INC-/ });
  await expect(dialog).toBeVisible();
  await tabTo(page, dialog.getByLabel('What fixed it'));
  await page.keyboard.type('A new lock');
  await tabTo(page, dialog.getByRole('button', { name: 'Resolve', exact: true }));
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await api.incident(number)).status).toBe('resolved');
});
