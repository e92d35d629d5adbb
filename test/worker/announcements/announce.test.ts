import test from 'ava';
import type { Announcement } from '../../../canary/canary.ts';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import { silentLogger as log } from '../../../platform/observability/logger.ts';
import { createAnnouncer } from '../../../worker/announcements/announce.ts';
import type { AnnouncerOptions } from '../../../worker/announcements/announce.ts';
import type { Examined } from '../../../worker/step/examine.ts';
import { aCanary } from '../../support/a-canary.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const accepted: Examined = { kind: 'accepted', canary: aCanary(), warnings: [] };
const refused: Examined = { kind: 'refused', identity: aCanary(), refusals: [] };
const signal = new AbortController().signal;

const event: Announcement = {
  kind: 'event',
  id: 'e',
  type: 'Normal',
  message: 'hello',
  phase: 'Progressing',
  checksum: 'c',
};
const alert: Announcement = { kind: 'alert', id: 'a', severity: 'info', message: 'hello', withMetadata: true };
const count: Announcement = { kind: 'count', id: 'c', outcome: 'success', analysis: 'completed' };
const all = [event, alert, count];

function aWorld(over: Partial<AnnouncerOptions> = {}) {
  const marked = new Set<string>();
  const said: string[] = [];
  const options: AnnouncerOptions = {
    markers: {
      known: async (ids) => new Set(ids.filter((id) => marked.has(id))),
      mark: async (ids) => ids.forEach((id) => marked.add(id)),
      claim: async (id) => !marked.has(id) && marked.add(id).has(id),
    },
    event: async (_about, { id }) => void said.push(`event ${id}`),
    alert: async (_canary, { id }) => said.push(`alert ${id}`) > 0,
    count: (_canary, { id }) => void said.push(`count ${id}`),
    clock: createFakeClock(),
    log,
    ...over,
  };
  return { deliver: createAnnouncer(options), said, marked };
}

const down = async (): Promise<never> => {
  throw new Error('Redis is away');
};

test('announcements are delivered in order, each in its way', async (t) => {
  const { deliver, said } = aWorld();
  t.deepEqual(await deliver(accepted, all, signal), []);
  t.deepEqual(said, ['event e', 'alert a', 'count c']);
});

test('what has been delivered is not delivered again', async (t) => {
  const { deliver, said } = aWorld();
  await deliver(accepted, all, signal);
  t.deepEqual(await deliver(accepted, all, signal), []);
  t.is(said.length, 3);
});

test('what fails is owed, and the rest goes out', async (t) => {
  const { deliver, said, marked } = aWorld({
    event: async () => {
      throw new Error('forbidden');
    },
  });
  t.deepEqual(await deliver(accepted, all, signal), [event]);
  t.deepEqual(said, ['alert a', 'count c']);
  t.false(marked.has('e'));
});

test('an alert that is still on its way is owed, and handed over again until it has arrived', async (t) => {
  let hasArrived = false;
  const { deliver, said } = aWorld({ alert: async (_canary, { id }) => said.push(id) > 0 && hasArrived });
  t.deepEqual(await deliver(accepted, all, signal), [alert]);
  t.deepEqual(await deliver(accepted, [alert], signal), [alert]);
  hasArrived = true;
  t.deepEqual(await deliver(accepted, [alert], signal), []);
  t.deepEqual(await deliver(accepted, [alert], signal), []);
  t.deepEqual(said, ['event e', 'a', 'count c', 'a', 'a']);
});

test('without Redis events go out, alerts and counters are owed', async (t) => {
  const { deliver, said } = aWorld({ markers: { known: down, mark: down, claim: down }, alert: down });
  t.deepEqual(await deliver(accepted, all, signal), [alert, count]);
  t.deepEqual(said, ['event e']);
});

test('a Redis that does not answer holds a step up for a bounded time, however much there is to say', async (t) => {
  const clock = createFakeClock();
  const silence = (): Promise<never> => new Promise(() => undefined);
  const markers = { known: silence, mark: silence, claim: silence };
  const { deliver, said } = aWorld({ clock, markers, alert: silence });
  const delivering = deliver(accepted, [alert, event, count, { ...alert, id: 'b' }], signal);
  await clock.whenWaiting();
  await clock.advance(2_000);
  t.deepEqual(
    (await delivering).map(({ id }) => id),
    ['a', 'c', 'b'],
  );
  t.deepEqual(said, ['event e']);
  t.deepEqual(clock.waiting(), []);
});

test('an API server that takes no events is waited for once, however much there is to say', async (t) => {
  for (const kind of ['timeout', 'throttled', 'unavailable'] as const) {
    const asked: string[] = [];
    const { deliver, said } = aWorld({
      event: async (_about, { id }) => {
        asked.push(id);
        throw new KubernetesError({ kind, action: 'create Event', detail: 'no answer within 10000 ms' });
      },
    });
    const later = [{ ...event, id: 'f' }, alert, { ...event, id: 'g' }, count];
    const owed = await deliver(accepted, [event, ...later], signal);
    t.deepEqual(
      owed.map(({ id }) => id),
      ['e', 'f', 'g'],
    );
    t.deepEqual(asked, ['e']);
    t.deepEqual(said, ['alert a', 'count c']);
  }
});

const forbidden = new KubernetesError({ kind: 'forbidden', action: 'create Event', detail: 'exceeded quota: events' });

/** Events of these ids, and what is asked of an API server that refuses some of them. */
async function tellEvents(ids: string, isRefused: (id: string) => boolean) {
  const asked: string[] = [];
  const { deliver, said } = aWorld({
    event: async (_about, { id }) => {
      asked.push(id);
      if (isRefused(id)) throw forbidden;
    },
  });
  const owed = await deliver(accepted, [...Array.from(ids, (id) => ({ ...event, id })), alert, count], signal);
  return { asked: asked.join(''), owed: owed.map(({ id }) => id).join(''), said };
}

test('an API server that refuses all events is not asked once for each', async (t) => {
  const { asked, owed, said } = await tellEvents('123456789', () => true);
  t.deepEqual({ asked, owed }, { asked: '123', owed: '123456789' });
  t.deepEqual(said, ['alert a', 'count c']);
});

test('one that refuses single events is asked for the others', async (t) => {
  const { asked, owed } = await tellEvents('123456789', (id) => '12567'.includes(id));
  t.deepEqual({ asked, owed }, { asked: '1234567', owed: '1256789' });
});

test('a queue of alerts that does not answer is waited for once', async (t) => {
  const clock = createFakeClock();
  let ask: () => void = () => undefined;
  const asked = new Promise<void>((resolve) => (ask = resolve));
  const alerts: string[] = [];
  const { deliver, said } = aWorld({
    clock,
    alert: (_canary, { id }) => {
      alerts.push(id);
      ask();
      return new Promise(() => undefined);
    },
  });
  const delivering = deliver(accepted, [alert, { ...alert, id: 'b' }, event], signal);
  await asked;
  await clock.advance(2_000);
  t.deepEqual(
    (await delivering).map(({ id }) => id),
    ['a', 'b'],
  );
  t.deepEqual(alerts, ['a']);
  t.deepEqual(said, ['event e']);
});

test('a count that another worker has counted is not counted again, and not owed', async (t) => {
  const { deliver, said } = aWorld({
    markers: { known: async () => new Set(), mark: async () => undefined, claim: async () => false },
  });
  t.deepEqual(await deliver(accepted, [count], signal), []);
  t.deepEqual(said, []);
});

test('of a Canary that cannot be parsed only events are told', async (t) => {
  const { deliver, said } = aWorld();
  t.deepEqual(await deliver(refused, all, signal), [alert, count]);
  t.deepEqual(said, ['event e']);
});

test('an aborted step stops announcing', async (t) => {
  const controller = new AbortController();
  const reason = new Error('lease lost');
  const { deliver, said } = aWorld({
    event: async () => {
      controller.abort(reason);
      throw new Error('request aborted');
    },
  });
  t.is(await t.throwsAsync(deliver(accepted, all, controller.signal)), reason);
  t.deepEqual(said, []);
});
