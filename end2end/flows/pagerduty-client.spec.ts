// PagerDuty's own client triggers, repeats, makes worse, acknowledges and resolves; two people look on, without a reload.
import { lookOn, neverReloaded, opens, row } from '../support/list.ts';
import { PagerDuty } from '../support/pagerduty.ts';
import { expect, test } from '../support/test.ts';

test('what the PagerDuty client sends is on two pages at once', async ({ signedIn: list, colleague: detail, api, server }) => {
  const title = `Backup of pd-${Date.now()} is late`;
  const service = await api.serviceWith('pagerduty', `pd-${Date.now()}`);
  await lookOn([list, detail]);
  const client = await PagerDuty.start(server, service.key);
  try {
    const key = await client.send('trigger', [title, 'backup-1'], { severity: 'warning' });
    const main = await opens(list, detail, title);

    expect(await client.send('trigger', [title, 'backup-1'], { severity: 'critical', dedup_key: key })).toBe(key);
    await expect(row(list, title)).toContainText('Critical');
    await expect(main.getByText('Critical', { exact: true }).first()).toBeVisible();

    await client.send('acknowledge', [key]);
    await expect(row(list, title)).toContainText('Acknowledged');
    await expect(main.getByText('Acknowledged', { exact: true }).first()).toBeVisible();

    await client.send('resolve', [key]);
    await expect(main.getByText('Resolved', { exact: true }).first()).toBeVisible();
    await expect(row(list, title), 'the list shows what is not over').toBeHidden();
  } finally {
    await client.end();
  }
  for (const page of [list, detail]) await neverReloaded(page);
  expect((await api.call('GET', `/incidents?service_id=${service.id}`)).items).toHaveLength(1);
});
