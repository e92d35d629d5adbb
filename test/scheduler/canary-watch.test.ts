import test from 'ava';
import type { ExecutionContext } from 'ava';
import { onAbort } from '../../platform/abort.ts';
import type { KubernetesClient, WatchEvent } from '../../platform/kubernetes/client.ts';
import { KubernetesError } from '../../platform/kubernetes/error.ts';
import { watchedCanaries } from '../../scheduler/canary-source.ts';
import { aCanaryObject } from '../support/a-canary.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';

const refusal = (namespace: string) =>
  new KubernetesError({ kind: 'forbidden', action: `list Canary in ${namespace}`, detail: '403 Forbidden' });
const outage = (namespace: string) =>
  new KubernetesError({ kind: 'unavailable', action: `list Canary in ${namespace}`, detail: '503' });

/** What a Canary has beside its name. */
interface Stored {
  readonly metadata?: Record<string, unknown>;
  readonly status?: Record<string, unknown>;
}

/** Watches namespaces, in each of which is one Canary of the same name; a list fails while its namespace has a failure. */
function aWatch(
  t: ExecutionContext,
  where: string[] | Readonly<Record<string, Stored>>,
  failures: Map<string, KubernetesError>,
) {
  const clock = createFakeClock();
  const log = createRecordingLogger();
  const woken: string[] = [];
  const followed: string[] = [];
  const edits: string[] = [];
  const ends = new Map<string, (error: Error) => void>();
  const tells = new Map<string, (event: WatchEvent) => void>();
  const stored = new Map(Array.isArray(where) ? [] : Object.entries(where));
  const namespaces: readonly string[] = Array.isArray(where) ? where : [...stored.keys()];
  const client: Pick<KubernetesClient, 'listPages' | 'watch'> = {
    async *listPages(_resource, { namespace = '' } = {}) {
      const failure = failures.get(namespace);
      if (failure !== undefined) throw failure;
      const { metadata: told, ...rest } = stored.get(namespace) ?? {};
      const metadata = { namespace, uid: `uid-of-${namespace}`, resourceVersion: '1', ...told };
      yield { items: [aCanaryObject({ name: namespace, metadata, ...rest })], resourceVersion: '1' };
    },
    async *watch(_resource, { namespace = '', signal, onOpen }): AsyncGenerator<WatchEvent> {
      onOpen?.();
      for (;;) {
        yield await new Promise<WatchEvent>((resolve, reject) => {
          onAbort(signal, reject);
          ends.set(namespace, reject);
          tells.set(namespace, resolve);
        });
      }
    },
  };
  const canaries = watchedCanaries({
    client,
    namespaces,
    clock,
    random: () => 0.5,
    log,
    followers: {
      put: ({ name }, previous) => followed.push(`${name}${previous === undefined ? '' : ' again'}`),
      remove: ({ name }) => followed.push(`${name} no more`),
    },
    onChange: ({ name }, { kind, resourceVersion }) => {
      woken.push(name);
      edits.push(`${name} ${kind} ${resourceVersion}`);
    },
  });
  canaries.start();
  const controller = new AbortController();
  t.teardown(async () => {
    controller.abort(new Error('the test is over'));
    await canaries.stop();
  });
  let isReady = false;
  void canaries.whenSynced(controller.signal).then(
    () => (isReady = true),
    () => undefined,
  );
  return {
    canaries,
    clock,
    log,
    woken,
    followed,
    edits,
    isReady: () => isReady,
    seen: async () => [...(await canaries.source(controller.signal))].map(({ name }) => name),
    interrupt: (namespace: string, error: Error) => ends.get(namespace)?.(error),
    tell: async (namespace: string, event: WatchEvent) => {
      tells.get(namespace)?.(event);
      await clock.advance(0);
    },
  };
}

const toldOf = (log: ReturnType<typeof createRecordingLogger>) =>
  log.lines
    .filter(({ message }) => message.startsWith('namespace '))
    .map(({ level, fields }) => [level, fields['namespace']]);

test('a namespace that may not be read holds up none of the others, and is named once', async (t) => {
  const { canaries, clock, log, isReady, seen } = aWatch(t, ['a', 'b', 'c'], new Map([['c', refusal('c')]]));
  await clock.advance(60_000);
  t.true(isReady());
  t.is(canaries.unready(), undefined);
  t.deepEqual(await seen(), ['a', 'b']);
  t.deepEqual(toldOf(log), [['warn', 'c']]);
  t.false(canaries.complete(), 'for the metric: not all is read');
  t.true(clock.now() - canaries.lastActivity() <= 60_000);
});

test('its canaries are taken up when it may be read, without a wake of all of them', async (t) => {
  const failures = new Map([['b', refusal('b')]]);
  const { canaries, clock, log, woken, seen } = aWatch(t, ['a', 'b'], failures);
  await clock.advance(600_000);
  failures.clear();
  await clock.advance(30_000);
  t.deepEqual(await seen(), ['a', 'b']);
  t.true(canaries.complete());
  t.deepEqual(toldOf(log), [
    ['warn', 'b'],
    ['info', 'b'],
  ]);
  t.deepEqual(woken, []);
});

test('what was edited or deleted while nobody watched is woken with the first list, and nothing else', async (t) => {
  const edited = { metadata: { generation: 4 }, status: { observedGeneration: 3 } };
  const deleted = { ...edited, metadata: { generation: 4, deletionTimestamp: '2026-01-01T00:00:00Z' } };
  const seen = { metadata: { generation: 4 }, status: { observedGeneration: 4 } };
  const canariesOf = { edited, deleted, seen, untouched: {} };
  const { clock, woken } = aWatch(t, canariesOf, new Map());
  await clock.advance(60_000);
  t.deepEqual(woken, ['edited', 'deleted']);
});

test('where none may be read nobody is ready, and it is said what was refused', async (t) => {
  const failures = new Map([
    ['a', refusal('a')],
    ['b', refusal('b')],
  ]);
  const { canaries, clock, isReady } = aWatch(t, ['a', 'b'], failures);
  await clock.advance(60_000);
  t.false(isReady());
  t.is(
    canaries.unready(),
    'the list of Canaries has not been read yet: list Canary in a: 403 Forbidden; and of 1 more namespaces',
  );
  failures.delete('b');
  await clock.advance(30_000);
  t.true(isReady());
});

test('all namespaces at once that may not be read stay an error', async (t) => {
  const { canaries, clock, isReady, log } = aWatch(t, [], new Map([['', refusal('all namespaces')]]));
  await clock.advance(60_000);
  t.false(isReady());
  t.is(canaries.unready(), 'the list of Canaries has not been read yet: list Canary in all namespaces: 403 Forbidden');
  t.deepEqual(toldOf(log), []);
});

test('a namespace that did not answer is waited for, and named', async (t) => {
  const failures = new Map([
    ['b', outage('b')],
    ['c', refusal('c')],
  ]);
  const { canaries, clock, isReady } = aWatch(t, ['a', 'b', 'c'], failures);
  await clock.advance(60_000);
  t.false(isReady());
  t.is(canaries.unready(), 'the list of Canaries has not been read yet: list Canary in b: 503');
  failures.delete('b');
  await clock.advance(30_000);
  t.true(isReady());
});

test('rights that are lost later take nothing away that was read', async (t) => {
  const failures = new Map<string, KubernetesError>();
  const { canaries, clock, interrupt, seen } = aWatch(t, ['a', 'b'], failures);
  await clock.advance(0);
  failures.set('b', refusal('b'));
  interrupt('b', new KubernetesError({ kind: 'gone', action: 'watch Canary', detail: 'expired' }));
  await clock.advance(60_000);
  t.deepEqual(await seen(), ['a', 'b']);
  t.true(canaries.complete());
});

const changed = (type: 'added' | 'modified' | 'deleted', resourceVersion: string, over: object = {}): WatchEvent => ({
  type,
  object: aCanaryObject({
    name: 'a',
    metadata: { namespace: 'a', uid: 'uid-of-a', generation: 1, resourceVersion, ...over },
  }),
});

test('what changes is told with what of it did, and who follows whom is kept in step', async (t) => {
  const { clock, tell, edits, followed } = aWatch(t, ['a'], new Map());
  await clock.advance(0);
  t.deepEqual(followed.splice(0), ['a']);
  await tell('a', changed('modified', '2', { generation: 2 }));
  await tell('a', changed('modified', '3', { generation: 2 }));
  await tell('a', changed('modified', '4', { generation: 2, annotations: { 'aviary.dev/abort': 'true' } }));
  const leaving = {
    generation: 2,
    annotations: { 'aviary.dev/abort': 'true' },
    deletionTimestamp: '2026-01-01T00:00:00Z',
  };
  await tell('a', changed('modified', '5', leaving));
  t.deepEqual(edits.splice(0), ['a spec 2', 'a wishes 4', 'a spec 5']);
  t.deepEqual(followed.splice(0), ['a again', 'a again', 'a again', 'a again']);
  await tell('a', changed('deleted', '6', leaving));
  await tell('a', changed('added', '7'));
  t.deepEqual(edits, ['a spec 7'], 'a new one is told, one that is gone is not');
  t.deepEqual(followed, ['a no more', 'a']);
});
