import { type AnswerStream, page, stream } from '../../support/fake-api-server.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { clientTest as test, useFakeApiServer } from './client-fixture.ts';
import { aCanary, answerListAndWatch, listCount, openWatch, startWatch, watchedFrom } from './watch-fixture.ts';

useFakeApiServer();

const bookmark = (resourceVersion: string) => ({ kind: 'Canary', metadata: { resourceVersion } });

test('all pages are told before synced, and then every change', async (t) => {
  const { server } = t.context;
  let body: AnswerStream | undefined;
  answerListAndWatch(server, {
    lists: [page([aCanary('a', '1'), aCanary('b', '2')], '9', 'more'), page([aCanary('c', '3')], '9')],
    watches: [openWatch((opened) => (body = opened))],
  });
  const { watch, told } = startWatch(t, { pageSize: 2, namespace: 'test', labelSelector: 'team=x' });
  t.false(watch.synced());
  await watch.whenSynced();
  t.deepEqual(told, ['add a@1', 'add b@2', 'add c@3', 'synced']);
  t.true(watch.synced());
  await waitUntil('the watch is open', () => body !== undefined);
  body?.event('MODIFIED', aCanary('a', '10'));
  body?.event('DELETED', aCanary('b', '11'));
  body?.event('ADDED', aCanary('d', '12'));
  await waitUntil('all is told', () => told.length === 7);
  t.deepEqual(told.slice(4), ['update a@1→10', 'delete b@2', 'add d@12']);
  t.deepEqual([...watch.values()].map(({ value }) => value).toSorted(), ['a@10', 'c@3', 'd@12']);
  t.is(watch.get({ namespace: 'test', name: 'a' })?.resourceVersion, '10');
  t.is(watch.size(), 3);
  t.deepEqual(watchedFrom(server), ['9']);
  t.true(
    server.requests.every(
      ({ path, query }) => path.includes('/namespaces/test/') && query.get('labelSelector') === 'team=x',
    ),
  );
});

test('after 410 a new list tells what changed and what vanished, once', async (t) => {
  const { server, clock } = t.context;
  answerListAndWatch(server, {
    lists: [
      page([aCanary('same', '1'), aCanary('changed', '2'), aCanary('gone', '3'), aCanary('reborn', '4')], '9'),
      page(
        [aCanary('same', '1'), aCanary('changed', '12'), aCanary('new', '13'), aCanary('reborn', '14', 'other')],
        '20',
      ),
    ],
    watches: [
      stream((body) => body.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })),
    ],
  });
  const { watch, told } = startWatch(t);
  await watch.whenSynced();
  await clock.whenWaiting();
  await waitUntil('the watch has failed', () => watch.trouble() !== undefined);
  t.regex(watch.trouble() ?? '', /410 Expired/);
  told.length = 0;
  await clock.advanceToNext();
  await waitUntil('the second list is told', () => told.includes('synced'));
  t.deepEqual(told, [
    'update changed@2→12',
    'add new@13',
    'delete reborn@4',
    'add reborn@14',
    'delete gone@3',
    'synced',
  ]);
  await waitUntil('the second watch is open', () => watchedFrom(server).length === 2);
  t.deepEqual(watchedFrom(server), ['9', '20']);
  t.is(watch.trouble(), undefined);
});

test('a lost watch is taken up from the last event or bookmark without a new list', async (t) => {
  const { server, clock } = t.context;
  answerListAndWatch(server, {
    lists: [page([aCanary('a', '1')], '9')],
    watches: [
      stream((body) => {
        body.event('MODIFIED', aCanary('a', '10'));
        body.event('BOOKMARK', bookmark('15'));
        setImmediate(body.drop);
      }),
    ],
  });
  const { told } = startWatch(t);
  await waitUntil('the event is told', () => told.includes('update a@1→10'));
  await clock.whenWaiting();
  await waitUntil('the pause has begun', () => (clock.waiting()[0] ?? Infinity) < 1000);
  await clock.advanceToNext();
  await waitUntil('the watch is taken up', () => watchedFrom(server).length === 2);
  t.deepEqual(watchedFrom(server), ['9', '15']);
  t.is(listCount(server), 1);
});

test('a watch that ends in good order is taken up without a pause and without a new list', async (t) => {
  const { server, clock } = t.context;
  answerListAndWatch(server, {
    lists: [page([], '9')],
    watches: [
      stream((body) => {
        body.event('ADDED', aCanary('a', '10'));
        body.end();
      }),
    ],
  });
  startWatch(t);
  await waitUntil('the watch is taken up', () => watchedFrom(server).length === 2);
  t.deepEqual(watchedFrom(server), ['9', '10']);
  t.is(clock.now(), Date.UTC(2026, 0, 1), 'no time has passed');
});

test('a handler that throws is logged and the others are told', async (t) => {
  const { server } = t.context;
  answerListAndWatch(server, { lists: [page([aCanary('bad', '1'), aCanary('good', '2')], '9')] });
  const added: string[] = [];
  const { watch, log } = startWatch(t, {
    onAdd: ({ name }) => {
      if (name === 'bad') throw new Error('handler is broken');
      added.push(name);
    },
    onSynced: () => {
      throw new Error('this one too');
    },
  });
  await watch.whenSynced();
  t.deepEqual(added, ['good']);
  t.is(watch.size(), 2);
  await waitUntil('both are logged', () => log.lines.length === 2);
  t.deepEqual(
    log.lines.map(({ level, message, fields }) => [level, message, fields['object'], (fields['err'] as Error).message]),
    [
      ['error', 'watch handler failed', 'test/bad', 'handler is broken'],
      ['error', 'watch handler failed', '', 'this one too'],
    ],
  );
});

test('an object whose projection throws is logged and left out', async (t) => {
  const { server } = t.context;
  answerListAndWatch(server, { lists: [page([aCanary('bad', '1'), aCanary('good', '2')], '9')] });
  const { watch, told, log } = startWatch(t, {
    project: ({ metadata }) => {
      if (metadata.name === 'bad') throw new Error('no spec');
      return metadata.name;
    },
  });
  await watch.whenSynced();
  t.deepEqual(told, ['add good', 'synced']);
  t.is(log.lines[0]?.message, 'watched object left out: projection failed');
});

test('metadata alone is listed and watched when asked', async (t) => {
  const { server } = t.context;
  answerListAndWatch(server, { lists: [page([aCanary('a', '1')], '9')] });
  startWatch(t, { metadataOnly: true });
  await waitUntil('the watch is open', () => watchedFrom(server).length === 1);
  t.deepEqual(
    server.requests.map(({ headers }) => headers.accept),
    ['List', ''].map((suffix) => `application/json;as=PartialObjectMetadata${suffix};g=meta.k8s.io;v=v1`),
  );
});
