import test from 'ava';
import type { HttpRequest } from '../../../platform/http/http.ts';
import { aSender, aServer, failureOf } from './http-fixture.ts';

/** Ways in which a server leaves a request without an answer. */
const losses = [
  { tls: false, how: 'closes', end: 'destroy' },
  { tls: false, how: 'resets', end: 'resetAndDestroy' },
  { tls: true, how: 'closes', end: 'destroy' },
] as const;

const post = (url: string, headers: HttpRequest['headers'] = { 'idempotency-key': 'k' }): HttpRequest => ({
  method: 'POST',
  url,
  headers,
  body: '{}',
  timeoutMs: 5_000,
});

for (const { tls, how, end } of losses) {
  const over = tls ? 'https' : 'http';

  test(`${over}: a request is sent again when its server ${how} the connection that it comes over, which it had kept`, async (t) => {
    const server = await aServer(t, {
      tls,
      answer: (_request, response) => {
        if (server.requests.length === 2) response.socket?.[end]();
        else response.end('ok');
      },
    });
    const sender = aSender(t, { connectionsPerOrigin: 1 });
    for (let count = 0; count < 2; count += 1) {
      t.is((await sender.send({ ...post(server.url), insecureSkipVerify: tls })).status, 200);
    }
    t.is(server.requests.length, 3);
    t.is(server.connections(), 2);
  });
}

for (const tls of [false, true]) {
  test(`${tls ? 'https' : 'http'}: a server that never answers over a connection is asked once`, async (t) => {
    const server = await aServer(t, { tls, answer: (_request, response) => void response.socket?.destroy() });
    const { kind } = await failureOf(t, aSender(t).send({ ...post(server.url), insecureSkipVerify: tls }));
    t.is(kind, 'network');
    t.is(server.requests.length, 1);
  });
}

test('a server that answers every other request only is given up', async (t) => {
  const server = await aServer(t, {
    answer: ({ headers }, response) => {
      if (headers['idempotency-key'] === 'first') response.end('ok');
      else response.socket?.destroy();
    },
  });
  const sender = aSender(t, { connectionsPerOrigin: 1 });
  await sender.send(post(server.url, { 'idempotency-key': 'first' }));
  t.is((await failureOf(t, sender.send(post(server.url)))).kind, 'network');
  t.is(server.requests.length, 3);
});

test('what may not come twice is not sent again: a POST without a key', async (t) => {
  const server = await aServer(t, {
    answer: (_request, response) => {
      if (server.requests.length === 2) response.socket?.destroy();
      else response.end('ok');
    },
  });
  const sender = aSender(t, { connectionsPerOrigin: 1 });
  await sender.send(post(server.url, {}));
  t.is((await failureOf(t, sender.send(post(server.url, {})))).kind, 'network');
  t.is(server.requests.length, 2);
  const get = { method: 'GET', url: server.url, timeoutMs: 5_000 };
  t.is((await sender.send(get)).status, 200);
});
