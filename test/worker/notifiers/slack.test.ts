import test from 'ava';
import type { Severity } from '../../../canary/spec.ts';
import type { SlackOptions } from '../../../worker/notifiers/slack.ts';
import { createSlackNotifier } from '../../../worker/notifiers/slack.ts';
import { anAlert, notifierContract } from '../../contract/notifier.contract.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import type { Reply } from '../../support/receiver.ts';
import { startReceiver } from '../../support/receiver.ts';
import { waitUntil } from '../../support/wait-until.ts';

const http = createLocalHttp();
const unaborted = (): AbortSignal => new AbortController().signal;
const slack = (url: string, more: Partial<SlackOptions> = {}) =>
  createSlackNotifier({ http, url, channel: 'general', username: 'flagger', ...more });

notifierContract('slack', { create: (url) => slack(url), taken: { body: 'ok' } });

async function sent(severity: Severity, options: Partial<SlackOptions> = {}, reply: Reply = { body: 'ok' }) {
  const server = await startReceiver({ answer: () => reply });
  try {
    await slack(server.url, options).send({ ...anAlert, severity }, unaborted());
    return server.received[0];
  } finally {
    await server.close();
  }
}

test('the body is the one of the reference, key by key', async (t) => {
  t.is(
    (await sent('info'))?.body,
    '{"channel":"general","username":"flagger","icon_url":"","icon_emoji":":rocket:","attachments":[{"color":"good","author_name":"podinfo.test","text":"New Deployment detected, initialization completed.","mrkdwn_in":["text"],"fields":[{"title":"Target","value":"Deployment/podinfo.test","short":false},{"title":"Progress deadline","value":"60s","short":false}]}]}',
  );
});

test('only an error has the colour of danger', async (t) => {
  t.regex((await sent('warn'))?.body ?? '', /"color":"good"/);
  t.regex((await sent('error'))?.body ?? '', /"color":"danger"/);
});

test('a token is sent as bearer, and only when there is one', async (t) => {
  t.is((await sent('info', { token: 'xoxb-1' }))?.headers['authorization'], 'Bearer xoxb-1');
  t.is((await sent('info', { token: '' }))?.headers['authorization'], undefined);
  t.is((await sent('info'))?.headers['authorization'], undefined);
});

test('a refusal that comes with status 200 is a failure', async (t) => {
  await t.throwsAsync(() => sent('info', {}, { body: '{"ok":false,"error":"channel_not_found"}' }), {
    message: 'sending notification refused by Slack: channel_not_found',
  });
  await t.notThrowsAsync(() => sent('info', {}, { body: '{"ok":true}' }));
});

test('an alert without fields has an empty list of them', async (t) => {
  const server = await startReceiver();
  await slack(server.url).send({ ...anAlert, fields: [] }, unaborted());
  t.regex(server.received[0]?.body ?? '', /"fields":\[\]/);
  await server.close();
});

test('a receiver that is silent for five seconds is a failure', async (t) => {
  const clock = createFakeClock();
  const server = await startReceiver({ answer: () => 'silence' });
  const sending = t.throwsAsync(() => slack(server.url, { http: createLocalHttp(clock) }).send(anAlert, unaborted()), {
    message: /no complete answer within 5000 ms/,
  });
  await waitUntil('the alert arrives', () => server.received.length === 1);
  await clock.advance(5000);
  await sending;
  await server.close();
});

test('a proxy is used when one is named', async (t) => {
  const proxy = await startReceiver({ answer: () => ({ body: 'ok' }) });
  await slack('http://slack.invalid/hook', { proxy: proxy.url }).send(anAlert, unaborted());
  t.regex(proxy.received[0]?.path ?? 'nothing', /slack\.invalid/);
  await proxy.close();
});

test('a missing channel or user name is refused', (t) => {
  t.throws(() => slack('http://x', { channel: '' }), { message: 'empty Slack channel' });
  t.throws(() => slack('http://x', { username: '' }), { message: 'empty Slack username' });
});
