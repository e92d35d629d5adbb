import test from 'ava';
import { systemClock } from '../../../platform/clock.ts';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import { createEventRecorder } from '../../../worker/announcements/events.ts';
import type { EventRecorder } from '../../../worker/announcements/events.ts';
import { aCanary } from '../../support/a-canary.ts';
import { clientOn } from '../../support/client-on.ts';
import type { Answer, FakeApiServer } from '../../support/fake-api-server.ts';
import { failure, json, startFakeApiServer } from '../../support/fake-api-server.ts';

const halt = { id: 'a2', type: 'Warning', message: 'Halt podinfo.test advancement' } as const;

const stored = (count: number, announcements: string): Answer =>
  json({
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'any', resourceVersion: '7', annotations: { 'aviary.dev/announcements': announcements } },
    count,
  });
const exists = failure(409, 'AlreadyExists');
const conflict = failure(409, 'Conflict');

interface Scripted {
  readonly recorder: EventRecorder;
  readonly server: FakeApiServer;
}

async function scripted(answers: readonly Answer[], use: (world: Scripted) => Promise<void>): Promise<void> {
  const server = await startFakeApiServer();
  server.answerInOrder(...answers);
  const client = clientOn(server);
  try {
    await use({ recorder: createEventRecorder({ client, clock: systemClock, instance: 'worker-1' }), server });
  } finally {
    await client.close();
    await server.close();
  }
}

test('a count is raised from the version that was read', async (t) => {
  await scripted([exists, stored(4, 'a1'), stored(5, 'a1,a2')], async ({ recorder, server }) => {
    await recorder.record(aCanary(), halt);
    t.deepEqual(
      server.requests.map(({ method }) => method),
      ['POST', 'GET', 'PATCH'],
    );
    t.like(JSON.parse(server.requests[2]?.body ?? ''), {
      count: 5,
      metadata: { resourceVersion: '7', annotations: { 'aviary.dev/announcements': 'a1,a2' } },
    });
  });
});

test('only the last few announcements are remembered', async (t) => {
  const many = Array.from({ length: 8 }, (_, number) => `x${number}`).join(',');
  await scripted([exists, stored(8, many), stored(9, 'a2')], async ({ recorder, server }) => {
    await recorder.record(aCanary(), halt);
    t.like(JSON.parse(server.requests[2]?.body ?? ''), {
      metadata: { annotations: { 'aviary.dev/announcements': 'x1,x2,x3,x4,x5,x6,x7,a2' } },
    });
  });
});

test('a count that somebody else raised in between is read and raised again', async (t) => {
  const answers = [exists, stored(1, 'a1'), conflict, exists, stored(2, 'a1,other'), stored(3, 'a1,other,a2')];
  await scripted(answers, async ({ recorder, server }) => {
    await recorder.record(aCanary(), halt);
    t.like(JSON.parse(server.requests.at(-1)?.body ?? ''), { count: 3 });
  });
});

test('an endless race is given up with the conflict', async (t) => {
  const round = [exists, stored(1, 'a1'), conflict];
  await scripted([...round, ...round, ...round, ...round, ...round], async ({ recorder, server }) => {
    const error = await t.throwsAsync(() => recorder.record(aCanary(), halt), { instanceOf: KubernetesError });
    t.is(error?.kind, 'conflict');
    t.is(server.requests.length, 12);
  });
});

test('an event that may not be written is an error at once', async (t) => {
  await scripted([failure(403, 'Forbidden')], async ({ recorder, server }) => {
    await t.throwsAsync(() => recorder.record(aCanary(), halt), { instanceOf: KubernetesError });
    t.is(server.requests.length, 1);
  });
});
