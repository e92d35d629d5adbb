import test from 'ava';
import type { Severity } from '../../../canary/spec.ts';
import { silentLogger } from '../../../platform/observability/logger.ts';
import type { AlertAnnouncement, AlertRouterOptions, Delivery } from '../../../worker/notifiers/alert-router.ts';
import { createAlertRouter } from '../../../worker/notifiers/alert-router.ts';
import { AlertSetupError } from '../../../worker/notifiers/provider.ts';
import { aCanary } from '../../support/a-canary.ts';
import { createLocalHttp } from '../../support/local-http.ts';
import type { Receiver } from '../../support/receiver.ts';
import { deadAddress, startReceiver } from '../../support/receiver.ts';
import { createRecordingLogger } from '../../support/recording-logger.ts';
import type { StoredObjects } from '../../support/stored-objects.ts';
import { aFlaggerObject, aSecret, secretPath, startStoredObjects } from '../../support/stored-objects.ts';

const http = createLocalHttp();
const unaborted = (): AbortSignal => new AbortController().signal;

const announcement = (severity: Severity = 'info'): AlertAnnouncement => ({
  kind: 'alert',
  id: 'a1',
  severity,
  message: 'New revision detected, progressing canary analysis.',
  withMetadata: false,
});

interface World {
  readonly slack: Receiver;
  readonly stored: StoredObjects;
  readonly router: (options?: Partial<AlertRouterOptions>) => ReturnType<typeof createAlertRouter>;
}

const noGlobal = { slackUrl: '', slackToken: '', slackChannel: '', slackUser: 'flagger', slackProxy: '' };

async function inWorld(use: (world: World) => Promise<void>): Promise<void> {
  const slack = await startReceiver();
  const stored = await startStoredObjects();
  const base = { client: stored.client, http, log: silentLogger, global: noGlobal, clusterName: '' };
  const router = (options: Partial<AlertRouterOptions> = {}) =>
    createAlertRouter({ ...base, openNamespaces: [], ...options });
  try {
    await use({ slack, stored, router });
  } finally {
    await slack.close();
    await stored.close();
  }
}

const providerPath = (name = 'on-call', namespace = 'test'): string =>
  `/apis/flagger.app/v1beta1/namespaces/${namespace}/alertproviders/${name}`;
const alertTo = (name = 'on-call', more: object = {}) => ({
  name: 'tell',
  severity: 'info',
  providerRef: { name },
  ...more,
});
const canaryWith = (...alerts: object[]) => aCanary({ analysis: { alerts } });
const sendAll = async (deliveries: readonly Delivery[]): Promise<void> => {
  for (const delivery of deliveries) await delivery.send(unaborted());
};

test('a Canary without alerts of its own is told to the receiver of the operator', async (t) => {
  await inWorld(async ({ slack, router }) => {
    const global = { ...noGlobal, slackUrl: `${slack.url}/hook`, slackChannel: 'releases', slackToken: 'xoxb-1' };
    const route = router({ global, clusterName: 'east' });
    const deliveries = route(canaryWith(), announcement());
    t.deepEqual(
      deliveries.map(({ id }) => id),
      ['a1.global'],
    );
    await sendAll(deliveries);
    t.is(slack.received[0]?.headers['authorization'], 'Bearer xoxb-1');
    t.regex(
      slack.received[0]?.body ?? '',
      /"channel":"releases","username":"flagger".*"title":"Cluster","value":"east"/,
    );
  });
});

test('without a URL or a channel nobody is told, and the missing channel is logged', async (t) => {
  await inWorld(async ({ router }) => {
    t.deepEqual(router()(canaryWith(), announcement()), []);
    const log = createRecordingLogger();
    const route = router({ log, global: { ...noGlobal, slackUrl: 'http://hooks.slack.com/T0SECRET' } });
    t.deepEqual(route(canaryWith(), announcement()), []);
    t.deepEqual(
      log.lines.map(({ message }) => message),
      ['Notifier empty Slack channel'],
    );
    t.regex(JSON.stringify(log.lines), /SLACK_CHANNEL/);
  });
});

test('the log shows no more of the URL than its host', async (t) => {
  await inWorld(async ({ router }) => {
    const log = createRecordingLogger();
    router({ log, global: { ...noGlobal, slackUrl: 'https://hooks.slack.com/T0SECRET', slackChannel: 'x' } });
    t.deepEqual(
      log.lines.map(({ fields }) => fields),
      [{ receiver: 'https://hooks.slack.com' }],
    );
  });
});

test('alerts of its own replace the receiver of the operator', async (t) => {
  await inWorld(async ({ slack, stored, router }) => {
    stored.objects[providerPath()] = aFlaggerObject('AlertProvider', {
      type: 'slack',
      channel: 'tenant',
      username: 'canaries',
      address: slack.url,
    });
    const global = { ...noGlobal, slackUrl: deadAddress, slackChannel: 'releases' };
    await sendAll(router({ global })(canaryWith(alertTo()), announcement()));
    t.is(slack.received.length, 1);
    t.regex(slack.received[0]?.body ?? '', /^\{"channel":"tenant","username":"canaries",/);
  });
});

test('an entry hears what is at least as severe as it asks for', async (t) => {
  await inWorld(async ({ router }) => {
    const entries = ['info', 'warn', 'error'].map((severity) => alertTo('on-call', { severity }));
    const heard = (severity: Severity): string[] =>
      router()(canaryWith(...entries), announcement(severity)).map(({ id }) => id);
    t.deepEqual(heard('info'), ['a1.0']);
    t.deepEqual(heard('warn'), ['a1.0', 'a1.1']);
    t.deepEqual(heard('error'), ['a1.0', 'a1.1', 'a1.2']);
  });
});

test('the address and token of a Secret win over the address of the provider', async (t) => {
  await inWorld(async ({ slack, stored, router }) => {
    const spec = { type: 'slack', address: deadAddress, secretRef: { name: 'slack' } };
    stored.objects[providerPath()] = aFlaggerObject('AlertProvider', spec);
    stored.objects[secretPath('test', 'slack')] = aSecret({ address: `${slack.url}\n`, token: 'xoxb-2' });
    await sendAll(router()(canaryWith(alertTo()), announcement()));
    t.is(slack.received[0]?.headers['authorization'], 'Bearer xoxb-2');
    t.regex(slack.received[0]?.body ?? '', /^\{"channel":"general","username":"flagger",/);
  });
});

test('the address of the provider is used when its Secret holds none', async (t) => {
  await inWorld(async ({ slack, stored, router }) => {
    const spec = { type: 'slack', address: slack.url, secretRef: { name: 'slack' } };
    stored.objects[providerPath()] = aFlaggerObject('AlertProvider', spec);
    stored.objects[secretPath('test', 'slack')] = aSecret({ token: 'xoxb-2' });
    await sendAll(router()(canaryWith(alertTo()), announcement()));
    t.is(slack.received.length, 1);
  });
});

test('what somebody must mend is told apart from what a retry may mend', async (t) => {
  await inWorld(async ({ slack, stored, router }) => {
    const [delivery] = router()(canaryWith(alertTo()), announcement());
    const mend = async (message: string | RegExp): Promise<void> => {
      await t.throwsAsync(async () => delivery?.send(unaborted()), { instanceOf: AlertSetupError, message });
    };
    await mend(/^alert provider on-call\.test error: .*not found/);
    stored.objects[providerPath()] = aFlaggerObject('AlertProvider', { type: 'pager', address: slack.url });
    await mend('alert provider on-call.test error: provider pager not supported, expected slack');
    stored.objects[providerPath()] = aFlaggerObject('AlertProvider', { type: 'slack' });
    await mend(
      'alert provider on-call.test error: spec.address is empty: expected a URL in spec.address, or in the key address of the Secret of spec.secretRef',
    );
    stored.objects[providerPath()] = aFlaggerObject('AlertProvider', { type: 'slack', secretRef: { name: 'slack' } });
    await mend(/^alert provider on-call\.test secretRef error: .*not found/);
    stored.objects[secretPath('test', 'slack')] = aSecret({ token: 'x' });
    await mend(
      'alert provider on-call.test secret does not contain an address: expected a URL in spec.address, or in the key address of the Secret of spec.secretRef',
    );

    stored.objects[providerPath()] = aFlaggerObject('AlertProvider', { type: 'slack', address: deadAddress });
    const error = await t.throwsAsync(async () => delivery?.send(unaborted()));
    t.false(error instanceof AlertSetupError);
    t.regex(error?.message ?? '', /^alert provider on-call\.test send error: .*ECONNREFUSED/);
    t.is(slack.received.length, 0);
  });
});

test('a provider of another namespace is read only where the operator opened it', async (t) => {
  await inWorld(async ({ slack, stored, router }) => {
    const shared = alertTo('on-call', { providerRef: { name: 'on-call', namespace: 'shared' } });
    stored.objects[providerPath('on-call', 'shared')] = aFlaggerObject('AlertProvider', {
      type: 'slack',
      address: slack.url,
    });
    await t.throwsAsync(() => sendAll(router()(canaryWith(shared), announcement())), {
      instanceOf: AlertSetupError,
      message: "can't access alert provider on-call.shared, cross-namespace references are blocked",
    });
    t.deepEqual(stored.asked(), []);
    await sendAll(router({ openNamespaces: ['shared'] })(canaryWith(shared), announcement()));
    t.is(slack.received.length, 1);
  });
});

test('a receiver of the operator that cannot be used is refused at the start', (t) => {
  const options = { client: { get: async () => Promise.reject(new Error('unused')) }, http, log: silentLogger };
  t.throws(
    () =>
      createAlertRouter({
        ...options,
        global: { ...noGlobal, slackUrl: 'hooks', slackChannel: 'x' },
        clusterName: '',
        openNamespaces: [],
      }),
    { message: /^invalid Slack URL/ },
  );
});
