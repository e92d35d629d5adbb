import { createListWatch } from '../../../platform/kubernetes/watch.ts';
import { canaries } from '../../../platform/kubernetes/resources.ts';
import { type AnswerStream, drop, failure, hang, page, stream } from '../../support/fake-api-server.ts';
import { createRecordingLogger } from '../../support/recording-logger.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { clientTest as test, useFakeApiServer } from './client-fixture.ts';
import { aCanary, answerListAndWatch, listCount, openWatch, startWatch, watchedFrom } from './watch-fixture.ts';

useFakeApiServer();

const bookmark = (resourceVersion: string) => ({ kind: 'Canary', metadata: { resourceVersion } });

test('failures are followed by growing pauses up to a limit, and an event makes them short again', async (t) => {
  const { server, clock } = t.context;
  const sick = failure(500, 'InternalError');
  answerListAndWatch(server, {
    lists: [page([], '9')],
    watches: [
      sick,
      drop,
      sick,
      sick,
      stream((body) => {
        body.event('ADDED', aCanary('a', '10'));
        setImmediate(body.drop);
      }),
      sick,
    ],
  });
  const { log } = startWatch(t, { backoff: { firstMs: 1000, maxMs: 3000 }, random: () => 0.999_999_999 });
  for (let failures = 1; failures <= 6; failures += 1) {
    await waitUntil(`failure ${failures}`, () => log.lines.length === failures);
    await clock.whenWaiting();
    await clock.advanceToNext();
  }
  await waitUntil('the watch is open again', () => watchedFrom(server).length === 7);
  t.deepEqual(
    log.lines.map(({ message, fields }) => [message, fields['pauseMs']]),
    [1000, 2000, 3000, 3000, 1000, 2000].map((pauseMs) => ['watch interrupted', pauseMs]),
  );
  t.is(listCount(server), 1);
});

test('a list that fails leaves what is known and is begun again from its first page', async (t) => {
  const { server, clock } = t.context;
  answerListAndWatch(server, {
    lists: [
      page([aCanary('a', '1')], '9', 'more'),
      failure(410, 'Expired', 'continue token too old'),
      page([aCanary('a', '1')], '11', 'more'),
      page([aCanary('b', '2')], '11'),
    ],
  });
  const { watch, told, log } = startWatch(t);
  await waitUntil('the list has failed', () => log.lines.length === 1);
  t.false(watch.synced());
  await clock.whenWaiting();
  await clock.advanceToNext();
  await watch.whenSynced();
  t.deepEqual(told, ['add a@1', 'add b@2', 'synced']);
});

test('a watch on which nothing arrives for 120 s is begun again; bookmarks keep it', async (t) => {
  const { server, clock } = t.context;
  let body: AnswerStream | undefined;
  answerListAndWatch(server, { lists: [page([], '9')], watches: [openWatch((opened) => (body = opened))] });
  const { watch, log } = startWatch(t);
  const startedAt = clock.now();
  await watch.whenSynced();
  await waitUntil('the watch is open', () => body !== undefined && clock.waiting().length === 1);
  await clock.advance(119_000);
  body?.event('BOOKMARK', bookmark('12'));
  await waitUntil('the bookmark has arrived', () => watch.lastActivity() === startedAt + 119_000);
  await clock.advance(119_000);
  t.is(watchedFrom(server).length, 1);
  await clock.advance(1_000);
  await waitUntil('the silence is noticed', () => log.lines.length === 1);
  t.regex(watch.trouble() ?? '', /nothing arrived for 120000 ms/);
  await waitUntil('its connection is closed', () => server.openConnections() <= 1);
  await clock.advanceToNext();
  await waitUntil('the watch is begun again', () => watchedFrom(server).length === 2);
  t.deepEqual(watchedFrom(server), ['9', '12']);
});

test('a server that ends every watch at once is not called in a tight loop', async (t) => {
  const { server, clock } = t.context;
  const atOnce = stream((body) => body.end());
  answerListAndWatch(server, { lists: [page([], '9')], watches: [atOnce, atOnce] });
  const { log } = startWatch(t);
  await waitUntil('the first end is noticed', () => log.lines.length === 1);
  t.is(watchedFrom(server).length, 1);
  t.is(log.lines[0]?.fields['pauseMs'], 250);
  await clock.whenWaiting();
  await clock.advanceToNext();
  await waitUntil('the second end is noticed', () => log.lines.length === 2);
  t.is(log.lines[1]?.fields['pauseMs'], 500);
});

test('a full list is made again when its time has come', async (t) => {
  const { server, clock } = t.context;
  let body: AnswerStream | undefined;
  answerListAndWatch(server, {
    lists: [page([aCanary('a', '1')], '9'), page([], '30')],
    watches: [openWatch((opened) => (body = opened))],
  });
  const { told } = startWatch(t, { relistMs: 60_000 });
  await waitUntil('the watch is open', () => body !== undefined && clock.waiting().length === 1);
  await clock.advance(61_000);
  body?.end();
  await waitUntil('the second list is told', () => told.filter((words) => words === 'synced').length === 2);
  t.deepEqual(told, ['add a@1', 'synced', 'delete a@1', 'synced']);
});

const places = { listing: { lists: [hang] }, opening: { lists: [page([], '9')], watches: [hang] } };
for (const [place, answers] of Object.entries(places)) {
  test(`a stop while ${place} closes the connection and starts nothing again`, async (t) => {
    const { server, clock } = t.context;
    answerListAndWatch(server, answers);
    const { watch } = startWatch(t);
    const requests = answers.lists[0] === hang ? 1 : 2;
    await waitUntil('the last request has arrived', () => server.requests.length === requests);
    await watch.stop();
    await waitUntil('the connection is closed', () => server.openConnections() <= requests - 1);
    t.deepEqual(clock.waiting(), [], 'no timer is left behind');
    await clock.advance(3_600_000);
    t.is(server.requests.length, requests);
  });
}

test('a stop during a pause or by the signal ends it, and nobody waits for ever to be synced', async (t) => {
  const { server, client, clock } = t.context;
  answerListAndWatch(server, { lists: [failure(403, 'Forbidden')] });
  const stop = new AbortController();
  const log = createRecordingLogger();
  const watch = createListWatch({ client, resource: canaries, project: () => 0, clock, random: () => 0, log });
  watch.start(stop.signal);
  const synced = t.throwsAsync(watch.whenSynced(), { message: 'the process ends' });
  await t.throwsAsync(watch.whenSynced(AbortSignal.abort(new Error('impatient'))), { message: 'impatient' });
  await waitUntil('it pauses', () => log.lines.length === 1 && clock.waiting().length === 1);
  t.regex(watch.trouble() ?? '', /list Canary in all namespaces: 403 Forbidden/);
  stop.abort(new Error('the process ends'));
  await watch.stop();
  await synced;
  t.deepEqual(clock.waiting(), []);
  t.is(server.requests.length, 1);
  t.throws(() => watch.start(), { message: /started twice/ });
});
