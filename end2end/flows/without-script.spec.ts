// JavaScript off: everything that a responder needs works as plain HTML.
import { expect, signIn, test } from '../support/test.ts';

test.use({ javaScriptEnabled: false });

test('sign in, declare, acknowledge, note, resolve and sign out without script', async ({ page, watch }) => {
  watch.follow(page);
  await page.goto('/incidents');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
  await page.getByLabel('E-mail').fill('admin@example.org');
  await page.getByLabel('Password', { exact: true }).fill('not the password');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByText('E-mail or password is not right.').first()).toBeVisible();
  await signIn(page);

  await page.goto('/incidents/new');
  await page.getByLabel('What is wrong').fill('Search answers slowly');
  await page.getByRole('button', { name: 'Declare incident' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Search answers slowly' })).toBeVisible();

  await page.getByRole('button', { name: 'Acknowledge', exact: true }).click();
  await expect(page.getByText('Acknowledged').first()).toBeVisible();
  await page.getByLabel('Write a note').fill('**restarted** the index');
  await page.getByRole('button', { name: 'Add note' }).click();
  await expect(page.locator('strong', { hasText: 'restarted' })).toBeVisible();
  await page.getByRole('button', { name: 'Resolve', exact: true }).first().click();
  await expect(page.getByText('Resolved').first()).toBeVisible();

  await page.getByText('Account of admin').or(page.getByLabel('Account of admin')).first().click();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.goto('/incidents');
  await expect(page).toHaveURL(/\/sign-in\?next=/);
});
