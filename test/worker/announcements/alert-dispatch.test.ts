import test from 'ava';
import { alertJobId } from '../../../queue/alert-job.ts';
import { createAlertDispatch, endOf } from '../../../worker/announcements/alert-dispatch.ts';
import type { AlertAnnouncement } from '../../../worker/announcements/announce.ts';
import { aCanary } from '../../support/a-canary.ts';

const canary = aCanary();
const alert: AlertAnnouncement = { kind: 'alert', id: 'a', severity: 'info', message: 'hello', withMetadata: true };
const endOfDelivery = (id: string): string => endOf(alertJobId(canary, id));

/** Two receivers, and jobs that have ended as they are told. */
function aWorld(...receivers: readonly string[]) {
  const ended = new Set<string>();
  const added: string[] = [];
  const dispatch = createAlertDispatch({
    alerts: { add: async ({ delivery, alert: { message } }) => void added.push(`${delivery}: ${message}`) },
    route: () => receivers.map((id) => ({ id, send: async () => undefined })),
    markers: { known: async (ids) => new Set(ids.filter((id) => ended.has(id))) },
  });
  return { dispatch, ended, added };
}

test('an alert is on its way until the job of each receiver has ended', async (t) => {
  const { dispatch, ended, added } = aWorld('slack', 'ops');
  t.false(await dispatch(canary, alert));
  t.deepEqual(added.splice(0), ['slack: hello', 'ops: hello']);
  ended.add(endOfDelivery('slack'));
  t.false(await dispatch(canary, alert));
  t.deepEqual(added.splice(0), ['ops: hello'], 'a Redis that was emptied has lost this one');
  ended.add(endOfDelivery('ops'));
  t.true(await dispatch(canary, alert));
  t.deepEqual(added, []);
});

test('an alert that nobody wants to hear of is done with', async (t) => {
  const { dispatch, added } = aWorld();
  t.true(await dispatch(canary, alert));
  t.deepEqual(added, []);
});
