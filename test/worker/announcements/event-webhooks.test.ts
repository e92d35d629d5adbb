import test from 'ava';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import type { EventAnnouncement } from '../../../worker/announcements/announce.ts';
import { createEventWebhooks } from '../../../worker/announcements/event-webhooks.ts';
import type { HookCaller } from '../../../worker/webhooks/call.ts';
import { aCanary } from '../../support/a-canary.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const never = new AbortController().signal;
const clock = createFakeClock();

const event = (message: string): EventAnnouncement => ({
  kind: 'event',
  id: `id of ${message}`,
  type: 'Warning',
  message,
  phase: 'Failed',
  checksum: '55877b9d78',
});

const withReceivers = (...names: string[]) =>
  aCanary({
    analysis: {
      webhooks: names.map((name) => ({
        name,
        type: 'event',
        url: `http://${name}.test/`,
        metadata: { team: 'a', eventType: 'mine' },
      })),
    },
  });

/** Calls that end when they are let go, in any order. */
function aReceiver() {
  const calls: { readonly url: string; readonly message: string | undefined }[] = [];
  const waiting: (() => void)[] = [];
  const call: HookCaller = async (_step, { hook }) => {
    calls.push({ url: hook.url, message: hook.metadata['eventMessage'] });
    await new Promise<void>((resolve) => waiting.push(resolve));
    return { passed: true, detail: '' };
  };
  const letGo = async (): Promise<void> => {
    for (const go of waiting.splice(0)) go();
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { call, calls, letGo };
}

test('an event is told with its text, type and time, which users cannot overrule', async (t) => {
  const seen: unknown[] = [];
  const call: HookCaller = async (_step, action) => {
    seen.push({ metadata: action.hook.metadata, phase: action.phase, checksum: action.checksum });
    return { passed: true, detail: '' };
  };
  const webhooks = createEventWebhooks({ call, globalUrl: '', clock, log });
  webhooks.tell(withReceivers('hooks'), event('Canary failed! Scaling down podinfo.test'));
  await webhooks.close(never);
  t.deepEqual(seen, [
    {
      metadata: {
        team: 'a',
        eventMessage: 'Canary failed! Scaling down podinfo.test',
        eventType: 'Warning',
        timestamp: String(clock.now()),
      },
      phase: 'Failed',
      checksum: '55877b9d78',
    },
  ]);
});

test('receivers of the Canary take the place of the global one', async (t) => {
  const { call, calls, letGo } = aReceiver();
  const webhooks = createEventWebhooks({ call, globalUrl: 'http://global.test/', clock, log });
  webhooks.tell(withReceivers('own'), event('a'));
  webhooks.tell(aCanary({ metadata: { uid: 'another' } }), event('b'));
  await letGo();
  t.deepEqual(
    calls.map(({ url }) => url),
    ['http://own.test/', 'http://global.test/'],
  );
});

test('the global receiver is called once, for ten seconds at most, and its certificate is verified', async (t) => {
  const hooks: unknown[] = [];
  const call: HookCaller = async (_step, { hook }) => {
    hooks.push(hook);
    return { passed: false, detail: 'no' };
  };
  const webhooks = createEventWebhooks({ call, globalUrl: 'http://global.test/', clock, log });
  webhooks.tell(aCanary(), event('a'));
  await webhooks.close(never);
  t.is(hooks.length, 1);
  t.like(hooks[0], { type: 'event', timeoutMs: 10_000, retries: 0, disableTLS: false });
});

test('events of one Canary are told one after another, those of two at the same time', async (t) => {
  const { call, calls, letGo } = aReceiver();
  const webhooks = createEventWebhooks({ call, globalUrl: 'http://global.test/', clock, log });
  const [first, second] = [aCanary(), aCanary({ metadata: { uid: 'another' } })];
  for (const message of ['1', '2']) webhooks.tell(first, event(message));
  webhooks.tell(second, event('other'));
  const told = () => calls.map(({ message }) => message);
  await letGo();
  t.deepEqual(told(), ['1', 'other']);
  await letGo();
  t.deepEqual(told(), ['1', 'other', '2']);
});

test('telling returns at once although the receiver hangs, and a full queue drops what comes', async (t) => {
  const { call, calls, letGo } = aReceiver();
  const webhooks = createEventWebhooks({ call, globalUrl: 'http://global.test/', clock, log });
  for (let index = 0; index < 1_100; index += 1) {
    webhooks.tell(aCanary({ metadata: { uid: `uid-${index}` } }), event('a'));
  }
  await letGo();
  t.is(calls.length, 1_000);
});

test('closing waits for calls under way and gives up on those that outlast the time', async (t) => {
  const reasons: unknown[] = [];
  const call: HookCaller = (step) =>
    new Promise((_resolve, reject) => {
      step.signal.addEventListener('abort', () => {
        reasons.push(step.signal.reason);
        reject(step.signal.reason);
      });
    });
  const webhooks = createEventWebhooks({ call, globalUrl: 'http://global.test/', clock, log });
  webhooks.tell(aCanary(), event('a'));
  await new Promise((resolve) => setImmediate(resolve));
  const controller = new AbortController();
  const closing = webhooks.close(controller.signal);
  const reason = new Error('time is up');
  controller.abort(reason);
  await closing;
  t.deepEqual(reasons, [reason]);
});

test('a Canary whose receiver hangs fills its own queue only', async (t) => {
  const { call, calls, letGo } = aReceiver();
  const webhooks = createEventWebhooks({ call, globalUrl: 'http://global.test/', clock, log });
  for (let index = 0; index < 60; index += 1) webhooks.tell(aCanary(), event(`hangs ${index}`));
  webhooks.tell(aCanary({ metadata: { uid: 'another' } }), event('other'));
  for (let round = 0; round < 60; round += 1) await letGo();
  t.is(calls.filter(({ message }) => message?.startsWith('hangs')).length, 50);
  t.is(calls.filter(({ message }) => message === 'other').length, 1);
});

test('a receiver that hangs keeps nothing from the other ones of its Canary', async (t) => {
  const told: (string | undefined)[] = [];
  const call: HookCaller = async (_step, { hook }) => {
    if (hook.name === 'hangs') await new Promise(() => undefined);
    told.push(hook.metadata['eventMessage']);
    return { passed: true, detail: '' };
  };
  const webhooks = createEventWebhooks({ call, globalUrl: '', clock, log });
  const canary = withReceivers('hangs', 'works');
  const messages = Array.from({ length: 60 }, (_, index) => `event ${index}`);
  for (const message of messages) {
    webhooks.tell(canary, event(message));
    await new Promise((resolve) => setImmediate(resolve));
  }
  t.deepEqual(told, messages);
});

test('each receiver of an event gets a key of its own, the same whenever the event is told', async (t) => {
  const keys: string[] = [];
  const call: HookCaller = async (_step, { idempotencyKey }) => {
    keys.push(idempotencyKey);
    return { passed: true, detail: '' };
  };
  const webhooks = createEventWebhooks({ call, globalUrl: '', clock, log });
  const canary = withReceivers('hooks', 'hooks', 'größe');
  for (const message of ['a', 'a', 'b']) webhooks.tell(canary, event(message));
  await webhooks.close(never);
  t.is(new Set(keys).size, 6);
  t.deepEqual(keys.slice(0, 3), keys.slice(3, 6));
  t.true(keys.every((key) => /^[0-9a-f]{32}$/.test(key)));
});
