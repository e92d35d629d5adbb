import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { KubernetesClient, RequestObservation } from '../../../platform/kubernetes/client.ts';
import { canaries } from '../../../platform/kubernetes/resources.ts';
import { drop, failure, hang, json, page, text, fakeToken } from '../../support/fake-api-server.ts';
import { createRecordingLogger } from '../../support/recording-logger.ts';
import { waitUntil } from '../../support/wait-until.ts';
import {
  canary,
  clientOf,
  errorOf,
  passPause,
  podinfo,
  clientTest as test,
  useFakeApiServer,
} from './client-fixture.ts';

useFakeApiServer();

test('after 429 every verb waits as long as the server asks, and is sent again', async (t) => {
  const { server, client, clock } = t.context;
  const throttled = json({ reason: 'TooManyRequests' }, 429, { 'retry-after': '3' });
  server.answerInOrder(throttled, json(canary));
  const created = client.create(canaries, canary);
  t.is(await passPause(clock), 3000);
  t.is((await created).metadata.name, 'podinfo');
  t.is(server.requests.length, 2);
});

test('the wait after 429 is spread so that a crowd does not come back together', async (t) => {
  const { server, clock } = t.context;
  const client = clientOf(server, { clock, random: () => 0.5 });
  server.answerInOrder(json({}, 429, { 'retry-after': '2' }), json(canary));
  const got = client.get(canaries, podinfo);
  t.is(await passPause(clock), 2200);
  await got;
  await client.close();
});

test('a 429 that asks for more time than the call has fails at once and says how long', async (t) => {
  const { server, client } = t.context;
  server.answerInOrder(json({}, 429, { 'retry-after': '60' }));
  const error = await errorOf(t, client.get(canaries, podinfo));
  t.is(error.kind, 'throttled');
  t.is(error.retryAfterMs, 60_000);
  t.is(server.requests.length, 1);
});

test('pauses double up to a limit and five attempts are all', async (t) => {
  const { server, clock } = t.context;
  const client = clientOf(server, { clock, random: () => 0.999_999_999 });
  server.answerWith(() => failure(503, 'ServiceUnavailable'));
  const error = errorOf(t, client.get(canaries, podinfo));
  const pauses: number[] = [];
  for (let pause = 1; pause <= 4; pause += 1) pauses.push(Math.round(await passPause(clock)));
  t.deepEqual(pauses, [100, 200, 400, 800]);
  t.is((await error).kind, 'unavailable');
  t.is(server.requests.length, 5);
  await client.close();
});

for (const retryAfter of ['0', 'Thu, 01 Jan 1970 00:00:00 GMT']) {
  test(`a server that may be asked again at once (Retry-After: ${retryAfter}) is given the usual pauses`, async (t) => {
    const { server, client, clock } = t.context;
    server.answerWith(() => json({}, 429, { 'retry-after': retryAfter }));
    const error = errorOf(t, client.get(canaries, podinfo));
    const pauses: number[] = [];
    for (let pause = 1; pause <= 4; pause += 1) pauses.push(await passPause(clock));
    t.deepEqual(pauses, [50, 100, 200, 400]);
    t.is((await error).kind, 'throttled');
    t.is(server.requests.length, 5);
  });
}

test('a 503 without Retry-After does not repeat a create, for the first may have arrived', async (t) => {
  const { server, client } = t.context;
  server.answerInOrder(failure(503, 'ServiceUnavailable'));
  t.is((await errorOf(t, client.create(canaries, canary))).kind, 'unavailable');
  t.is(server.requests.length, 1);
});

const repeatedAfterLoss: Record<string, (client: KubernetesClient) => Promise<unknown>> = {
  get: (client) => client.get(canaries, podinfo),
  list: (client) => client.list(canaries),
  'apply without a version': (client) => client.apply(canaries, { ...canary, metadata: podinfo }),
  'merge patch without a version': (client) => client.mergePatch(canaries, podinfo, { patch: {} }),
  delete: (client) => client.delete(canaries, podinfo),
};
const failedAfterLoss: Record<string, (client: KubernetesClient) => Promise<unknown>> = {
  create: (client) => client.create(canaries, canary),
  'apply with a version': (client) => client.apply(canaries, canary),
  'merge patch with a version': (client) => client.mergePatch(canaries, podinfo, { patch: {}, resourceVersion: '7' }),
  'replacement of a status': (client) => client.replaceStatus(canaries, canary),
};

for (const [title, call] of Object.entries(repeatedAfterLoss)) {
  test(`a ${title} whose connection breaks is sent again`, async (t) => {
    const { server, client, clock } = t.context;
    server.answerInOrder(drop, title === 'list' ? page([], '1') : json(canary));
    const done = call(client);
    await passPause(clock);
    await done;
    t.is(server.requests.length, 2);
  });
}

for (const [title, call] of Object.entries(failedAfterLoss)) {
  test(`a ${title} whose connection breaks is left to the caller`, async (t) => {
    const { server, client } = t.context;
    server.answerInOrder(drop);
    const error = await errorOf(t, call(client));
    t.is(error.kind, 'unavailable');
    t.regex(error.message, /no answer from the API server/);
    t.is(server.requests.length, 1);
  });
}

test('a refused connection is tried five times, even for a create, and named', async (t) => {
  const { server, clock } = t.context;
  const directory = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const path = join(directory, 'kubeconfig');
  await copyFile(server.kubeconfigPath, path);
  await server.close();
  const observed: RequestObservation[] = [];
  const observe = (observation: RequestObservation) => observed.push(observation);
  const client = clientOf(server, { clock, observe, access: { kind: 'kubeconfig', path } });
  t.teardown(() => client.close());
  const error = errorOf(t, client.create(canaries, canary));
  for (let pause = 1; pause <= 4; pause += 1) await passPause(clock);
  t.is((await error).kind, 'unavailable');
  t.regex((await error).message, /create Canary test\/podinfo: no answer from the API server: ECONNREFUSED/);
  t.deepEqual(
    observed.map(({ code }) => code),
    ['network', 'network', 'network', 'network', 'network'],
  );
});

test('a server that never answers is given up after 10 s and its connection is closed', async (t) => {
  const { server, client, clock, observed } = t.context;
  server.answerInOrder(hang);
  const error = errorOf(t, client.get(canaries, podinfo));
  await waitUntil('the request has arrived', () => server.requests.length === 1);
  await clock.advance(10_000);
  t.is((await error).kind, 'timeout');
  t.is((await error).message, 'get Canary test/podinfo: the API server did not answer within 10000 ms');
  await waitUntil('the connection is closed', () => server.openConnections() === 0);
  await waitUntil('the attempt is counted', () => observed.length === 1);
  t.is(observed[0]?.code, 'timeout');
});

test('a call may set a bound of its own, which covers the retries', async (t) => {
  const { server, client, clock } = t.context;
  server.answerInOrder(failure(503, 'ServiceUnavailable', 'starting'), hang);
  const error = errorOf(t, client.get(canaries, podinfo, { timeoutMs: 3000 }));
  await passPause(clock);
  await waitUntil('the second request has arrived', () => server.requests.length === 2);
  await clock.advance(3000);
  t.is((await error).kind, 'timeout');
  t.regex((await error).message, /within 3000 ms; the last attempt said: .*503 ServiceUnavailable: starting/);
});

test('a call that is aborted fails at once, whether it waits for an answer or for the next attempt', async (t) => {
  const { server, client, clock } = t.context;
  server.answerInOrder(hang);
  const waiting = new AbortController();
  const first = errorOf(t, client.get(canaries, podinfo, { signal: waiting.signal }));
  await waitUntil('the request has arrived', () => server.requests.length === 1);
  waiting.abort(new Error('the job lock is lost'));
  t.is((await first).kind, 'aborted');
  t.is((await first).message, 'get Canary test/podinfo: aborted: the job lock is lost');

  server.answerInOrder(failure(503, 'ServiceUnavailable'));
  const pausing = new AbortController();
  const second = errorOf(t, client.get(canaries, podinfo, { signal: pausing.signal }));
  await clock.whenWaiting(2);
  pausing.abort(new Error('shutting down'));
  t.is((await second).kind, 'aborted');
  t.deepEqual(clock.waiting(), [], 'no timer is left behind');

  const before = errorOf(t, client.get(canaries, podinfo, { signal: AbortSignal.abort(new Error('already over')) }));
  t.is((await before).kind, 'aborted');
  t.is(server.requests.length, 2, 'nothing was sent for a call that was over before it began');
});

test('requests share at most 20 connections and use them again', async (t) => {
  const { server, client } = t.context;
  server.answerWith(() => json(canary));
  const batch = () => Promise.all(Array.from({ length: 100 }, () => client.get(canaries, podinfo)));
  await batch();
  const opened = server.connections();
  t.true(opened <= 20, `${opened} connections`);
  await batch();
  t.is(server.connections(), opened);
});

test('every attempt is observed with verb, resource and status', async (t) => {
  const { server, client, clock, observed } = t.context;
  server.answerInOrder(failure(503, 'ServiceUnavailable'), json(canary), text('ok'), failure(404, 'NotFound'));
  const got = client.get(canaries, podinfo);
  await passPause(clock);
  await got;
  t.is(await client.getPath('/readyz'), 'ok');
  await errorOf(t, client.patchStatus(canaries, podinfo, { patch: {} }));
  t.deepEqual(
    observed.map(({ verb, resource, code }) => [verb, resource, code]),
    [
      ['get', 'canaries.flagger.app', 503],
      ['get', 'canaries.flagger.app', 200],
      ['get', 'path', 200],
      ['patch', 'canaries.flagger.app', 404],
    ],
  );
});

test('neither errors nor log lines hold the token', async (t) => {
  const { server, clock } = t.context;
  const log = createRecordingLogger();
  const client = clientOf(server, { clock, log });
  server.answerInOrder(drop, failure(403, 'Forbidden'));
  const error = errorOf(t, client.get(canaries, podinfo));
  await passPause(clock);
  const told = JSON.stringify([log.lines, (await error).message, String((await error).cause), (await error).stack]);
  t.is(log.lines.length, 1);
  t.false(told.includes(fakeToken));
  await client.close();
});

test('a closed client refuses new requests', async (t) => {
  const { server, clock } = t.context;
  const client = clientOf(server, { clock });
  server.answerWith(() => json(canary));
  await client.get(canaries, podinfo);
  await client.close();
  const error = errorOf(t, client.create(canaries, canary));
  t.is((await error).kind, 'unavailable');
  t.is(server.requests.length, 1);
});
