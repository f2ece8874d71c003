// The real Alertmanager fires, repeats, gets worse and resolves; two people see it on the list and on the incident, without a reload.
import { Alertmanager, type Firing } from '../support/alertmanager.ts';
import { lookOn, neverReloaded, opens, row } from '../support/list.ts';
import { expect, test } from '../support/test.ts';

// The worst severity of what fires: what people write into their pagerduty_configs.
const WORST =
  '{{ $worst := "warning" }}{{ range .Alerts.Firing }}{{ if eq .Labels.severity "critical" }}{{ $worst = "critical" }}{{ end }}{{ end }}{{ $worst }}';

const WAYS = [
  {
    way: 'webhook_configs',
    kind: 'alertmanager',
    settings: { key_by_group: true },
    receiver: (_: string, to: { url: string }) => ({ webhook_configs: [{ url: to.url, send_resolved: true }] }),
  },
  {
    way: 'pagerduty_configs',
    kind: 'pagerduty',
    settings: undefined,
    receiver: (server: string, to: { key: string }) => ({
      pagerduty_configs: [{ url: `${server}/v2/enqueue`, routing_key: to.key, severity: WORST, description: '{{ (index .Alerts 0).Annotations.summary }}', send_resolved: true }],
    }),
  },
] as const;

for (const { way, kind, settings, receiver } of WAYS) {
  test(`${way}: open, repeated, worse, resolved on two pages at once`, async ({ signedIn: list, colleague: detail, api, server, still }) => {
    const name = `${kind}-${Date.now()}`;
    const title = `Errors of ${name}`;
    const integration = await api.serviceWith(kind, name, settings);
    await lookOn([list, detail]);
    const alert = (instance: string, severity: string): Firing => ({ labels: { alertname: title, instance, severity }, summary: title });
    // Returns when Alertmanager has said the same this many times more.
    const count = async (): Promise<number> => (await api.call('GET', `/alerts?service_id=${integration.id}`)).items[0].count;
    const heard = async (more: number): Promise<void> => {
      const before = await count();
      await expect.poll(count).toBeGreaterThanOrEqual(before + more);
    };
    const [a, b] = [alert('a', 'warning'), alert('b', 'critical')];
    const source = await Alertmanager.start(receiver(server.url, integration));
    try {
      await source.fire(a);
      const main = await opens(list, detail, title);
      await expect(main.getByText('Open', { exact: true }).first()).toBeVisible();
      await heard(3);

      // The group changes: another alert joins it, which is worse, and then the first leaves it.
      await source.fire(b);
      await expect(row(list, title)).toContainText('Critical');
      await expect(main.getByText('Critical', { exact: true }).first()).toBeVisible();
      await source.resolve(a);
      await heard(2);
      await expect(row(list, title)).toContainText('Open');
      await expect(main.getByText('Open', { exact: true }).first()).toBeVisible();
      await still(list, `${way}-list`);
      await still(detail, `${way}-incident`);

      await source.resolve(b);
      await expect(main.getByText('Resolved', { exact: true }).first()).toBeVisible();
      await expect(row(list, title), 'the list shows what is not over').toBeHidden();
    } finally {
      await source.end();
    }
    for (const page of [list, detail]) await neverReloaded(page);
    expect((await api.call('GET', `/incidents?service_id=${integration.id}`)).items).toHaveLength(1);
  });
}
