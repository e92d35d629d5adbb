import type { WatchEvent } from '../../../platform/kubernetes/client.ts';
import { KubernetesError } from '../../../platform/kubernetes/error.ts';
import { linesOf } from '../../../platform/kubernetes/stream.ts';
import { canaries } from '../../../platform/kubernetes/resources.ts';
import { type Answer, failure, hang, json, stream } from '../../support/fake-api-server.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { clientTest as test, useFakeApiServer } from './client-fixture.ts';

useFakeApiServer();

const object = (name: string, resourceVersion: string) => ({ metadata: { namespace: 'test', name, resourceVersion } });
const bookmark = (resourceVersion: string) => ({ kind: 'Canary', metadata: { resourceVersion } });

async function collect(events: AsyncIterable<WatchEvent>, into: WatchEvent[] = []): Promise<WatchEvent[]> {
  for await (const event of events) into.push(event);
  return into;
}

test('a watch asks for bookmarks and an end, and gives the events until the server ends it', async (t) => {
  const { server, client } = t.context;
  server.answerInOrder(
    stream((body) => {
      body.event('ADDED', object('a', '1'));
      body.event('MODIFIED', object('a', '2'));
      body.event('BOOKMARK', bookmark('5'));
      body.event('DELETED', object('a', '6'));
      body.end();
    }),
  );
  let opened = 0;
  const events = await collect(
    client.watch(canaries, {
      namespace: 'test',
      resourceVersion: '0',
      timeoutSeconds: 60,
      onOpen: () => (opened += 1),
    }),
  );
  t.deepEqual(
    events.map((event) => [
      event.type,
      event.type === 'bookmark' ? event.resourceVersion : event.object.metadata.resourceVersion,
    ]),
    [
      ['added', '1'],
      ['modified', '2'],
      ['bookmark', '5'],
      ['deleted', '6'],
    ],
  );
  t.is(opened, 1);
  t.is(
    server.requests[0]?.url,
    '/apis/flagger.app/v1beta1/namespaces/test/canaries?watch=true&allowWatchBookmarks=true&resourceVersion=0&timeoutSeconds=60',
  );
});

test('lines are found wherever the chunks are cut, within letters too', async (t) => {
  const whole = Buffer.from('{"a":"größe"}\n\n{"b":"日本"}\r\n{"c":1}');
  for (let size = 1; size <= whole.length; size += 1) {
    const chunks = (async function* () {
      for (let at = 0; at < whole.length; at += size) yield whole.subarray(at, at + size);
    })();
    const lines: unknown[] = [];
    for await (const line of linesOf(chunks)) lines.push(JSON.parse(line));
    t.deepEqual(lines, [{ a: 'größe' }, { b: '日本' }, { c: 1 }], `chunks of ${size}`);
  }
});

const brokenWatches: Record<string, [Answer, KubernetesError['kind'], RegExp]> = {
  'an answer 410': [failure(410, 'Expired', 'too old'), 'gone', /watch Canary in all namespaces: 410 Expired: too old/],
  'an answer 500': [failure(500, 'InternalError'), 'unavailable', /500 InternalError/],
  'an event that says 410': [
    stream((body) => body.event('ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' })),
    'gone',
    /410 Expired: too old/,
  ],
  'an event that says 429': [
    stream((body) => body.event('ERROR', { kind: 'Status', code: 429, reason: 'TooManyRequests', message: 'later' })),
    'throttled',
    /429 TooManyRequests: later/,
  ],
  'a connection lost in the middle': [
    stream((body) => {
      body.write('{"type":"ADD');
      setImmediate(body.drop);
    }),
    'unavailable',
    /no answer from the API server/,
  ],
  'a last line cut short': [
    stream((body) => {
      body.write('{"type":"ADD');
      body.end();
    }),
    'unavailable',
    /expected a watch event as a line of JSON, got 12 characters that are none/,
  ],
  'an event of an unknown type': [
    stream((body) => body.event('RENAMED', {})),
    'other',
    /expected a watch event ADDED.*got 'RENAMED'/,
  ],
  'an event without an object': [stream((body) => body.event('ADDED', undefined)), 'other', /expected a Canary/],
};

for (const [title, [answer, kind, message]] of Object.entries(brokenWatches)) {
  test(`${title} ends the watch with an error of kind ${kind}`, async (t) => {
    const { server, client } = t.context;
    server.answerInOrder(answer);
    const watch = collect(client.watch(canaries, { resourceVersion: '1' }));
    const error = await t.throwsAsync(watch, { instanceOf: KubernetesError, message });
    t.is(error.kind, kind);
    t.is(server.requests.length, 1, 'a watch is tried once');
  });
}

test('a watch whose head never arrives is given up after 10 s, and its connection closed', async (t) => {
  const { server, client, clock } = t.context;
  server.answerInOrder(hang);
  const watch = t.throwsAsync(collect(client.watch(canaries, { resourceVersion: '1' })));
  await waitUntil('the request has arrived', () => server.requests.length === 1);
  await clock.advance(10_000);
  t.is(((await watch) as KubernetesError).kind, 'timeout');
  await waitUntil('the connection is closed', () => server.openConnections() === 0);
});

test('a watch whose head has arrived is not cut by that bound', async (t) => {
  const { server, client, clock } = t.context;
  let end: () => void = () => undefined;
  server.answerInOrder(
    stream((body) => {
      body.event('ADDED', object('a', '1'));
      end = body.end;
    }),
  );
  const events: WatchEvent[] = [];
  const watch = collect(client.watch(canaries, { resourceVersion: '1' }), events);
  await waitUntil('the first event is there', () => events.length === 1);
  await clock.advance(3_600_000);
  end();
  t.is((await watch).length, 1);
});

test('a watch that is left or aborted closes its connection, even while it is being opened', async (t) => {
  const { server, client } = t.context;
  const endless = stream((body) => body.event('ADDED', object('a', '1')));
  server.answerInOrder(endless, endless, hang, json({}));
  for await (const event of client.watch(canaries, { resourceVersion: '1' })) {
    t.is(event.type, 'added');
    break;
  }
  await waitUntil('the left one is closed', () => server.openConnections() === 0);

  const open = new AbortController();
  const opened = t.throwsAsync(
    (async () => {
      for await (const _event of client.watch(canaries, { resourceVersion: '1', signal: open.signal })) {
        open.abort(new Error('stopping'));
      }
    })(),
  );
  t.is(((await opened) as KubernetesError).kind, 'aborted');
  await waitUntil('the aborted one is closed', () => server.openConnections() === 0);

  const opening = new AbortController();
  const third = t.throwsAsync(collect(client.watch(canaries, { resourceVersion: '1', signal: opening.signal })));
  await waitUntil('the third has arrived', () => server.requests.length === 3);
  opening.abort(new Error('stopping'));
  t.is(((await third) as KubernetesError).message, 'watch Canary in all namespaces: aborted: stopping');
  await waitUntil('the one being opened is closed', () => server.openConnections() === 0);

  const over = AbortSignal.abort(new Error('stopped before'));
  const fourth = await t.throwsAsync(collect(client.watch(canaries, { resourceVersion: '1', signal: over })));
  t.is((fourth as KubernetesError).kind, 'aborted');
  t.is(server.requests.length, 3, 'nothing was sent after the stop');
});

test('watches leave the connections of requests alone', async (t) => {
  const { server, client } = t.context;
  server.answerWith(({ query }) =>
    query.has('watch') ? stream((body) => body.event('ADDED', object('a', '1'))) : json(object('a', '1')),
  );
  const events: WatchEvent[] = [];
  const stop = new AbortController();
  const watches = Array.from({ length: 30 }, () =>
    collect(client.watch(canaries, { resourceVersion: '1', signal: stop.signal }), events).catch(() => undefined),
  );
  await waitUntil('all watches run', () => events.length === 30);
  t.is((await client.get(canaries, { namespace: 'test', name: 'a' })).metadata.name, 'a');
  stop.abort();
  await Promise.all(watches);
});
