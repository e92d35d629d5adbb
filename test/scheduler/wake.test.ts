import test from 'ava';
import type { Schedule } from '../../canary/schedule.ts';
import type { CanaryKey } from '../../queue/step-job.ts';
import { silentLogger } from '../../platform/logger.ts';
import { createWaker } from '../../scheduler/wake.ts';
import type { TargetChange } from '../../scheduler/target-watch.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';

const aSchedule = (name: string, over: Partial<Schedule> = {}): Schedule => ({
  namespace: 'shop',
  name,
  uid: `uid-of-${name}`,
  generation: 3,
  rhythm: { uid: `uid-of-${name}`, intervalMs: 10_000 },
  idle: false,
  leaving: false,
  target: { kind: 'Deployment', name },
  ...over,
});

const change: TargetChange = { kind: 'Deployment', namespace: 'shop', name: 'podinfo', cause: 'target-1a2b3c4d-8' };

function wakesOf(canaries: readonly Schedule[]) {
  const wakes: string[] = [];
  const queue = {
    wake: async ({ namespace, name }: CanaryKey, cause: string) => void wakes.push(`${namespace}/${name} ${cause}`),
    finalize: async ({ namespace, name }: CanaryKey, cause: string) =>
      void wakes.push(`${namespace}/${name} ${cause} at its end`),
  };
  return { wakes, waker: createWaker({ queue, canaries: () => canaries, log: silentLogger }) };
}

test('a changed Canary is woken for its generation', (t) => {
  const { wakes, waker } = wakesOf([]);
  waker.canaryChanged(aSchedule('podinfo'));
  t.deepEqual(wakes, ['shop/podinfo canary-3']);
});

test('a Canary that is being deleted is led to its end', (t) => {
  const { wakes, waker } = wakesOf([]);
  waker.canaryChanged(aSchedule('podinfo', { leaving: true }));
  t.deepEqual(wakes, ['shop/podinfo canary-3 at its end']);
});

test('a Canary that is being deleted and that others hold is left alone', (t) => {
  const left = aSchedule('podinfo', { leaving: true, idle: true });
  const { wakes, waker } = wakesOf([left]);
  waker.canaryChanged(left);
  waker.targetChanged(change);
  t.deepEqual(wakes, []);
});

test('a changed target wakes its own canary only', (t) => {
  const { wakes, waker } = wakesOf([
    aSchedule('podinfo'),
    aSchedule('other'),
    aSchedule('podinfo', { namespace: 'elsewhere' }),
    aSchedule('daemon', { target: { kind: 'DaemonSet', name: 'podinfo' } }),
  ]);
  waker.targetChanged(change);
  t.deepEqual(wakes, ['shop/podinfo target-1a2b3c4d-8']);
});

test('a wake that the queue does not take is logged and nothing else', async (t) => {
  const log = createRecordingLogger();
  const queue = {
    wake: async () => {
      throw new Error('Redis is away');
    },
    finalize: async () => undefined,
  };
  createWaker({ queue, canaries: () => [], log }).canaryChanged(aSchedule('podinfo'));
  await new Promise((resolve) => setImmediate(resolve));
  t.like(log.lines[0], { level: 'warn', fields: { canary: 'shop/podinfo', cause: 'canary-3' } });
});
