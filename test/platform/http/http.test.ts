import { gzipSync } from 'node:zlib';
import test from 'ava';
import { createFakeClock } from '../../support/fake-clock.ts';
import { waitUntil } from '../../support/wait-until.ts';
import { aSender, aServer, failureOf, resolverOf } from './http-fixture.ts';

test('a request arrives as it was given, and the answer comes back with status, headers and text', async (t) => {
  const server = await aServer(t, {
    answer: (_request, response) => void response.writeHead(503, { 'X-Seen': 'yes' }).end('grün'),
  });
  const answer = await aSender(t).send({
    method: 'POST',
    url: `${server.url}/hook?a=1`,
    headers: { 'Content-Type': 'application/json', 'X-Key': 'k' },
    body: '{"a":1}',
    timeoutMs: 5000,
  });
  t.like(answer, { status: 503, text: 'grün', truncated: false });
  t.is(answer.headers['x-seen'], 'yes');
  t.like(server.requests[0], { method: 'POST', url: '/hook?a=1', body: '{"a":1}' });
  t.like(server.requests[0]?.headers, {
    'content-type': 'application/json',
    'x-key': 'k',
    'user-agent': 'aviary-test/1',
  });
});

test('user and password in the URL become Basic authentication, unless a header says otherwise', async (t) => {
  const server = await aServer(t);
  const sender = aSender(t);
  const url = server.url.replace('://', '://us%40er:p%3Aw@');
  await sender.send({ method: 'GET', url, timeoutMs: 5000 });
  await sender.send({ method: 'GET', url, headers: { Authorization: 'Bearer t' }, timeoutMs: 5000 });
  t.deepEqual(
    server.requests.map(({ headers }) => headers.authorization),
    [`Basic ${Buffer.from('us@er:p:w').toString('base64')}`, 'Bearer t'],
  );
});

test('a percent sign that encodes nothing stands for itself in a password', async (t) => {
  const server = await aServer(t);
  await aSender(t).send({ method: 'GET', url: server.url.replace('://', '://user:50%@'), timeoutMs: 5000 });
  t.is(server.requests[0]?.headers.authorization, `Basic ${Buffer.from('user:50%').toString('base64')}`);
});

test('connections are used again', async (t) => {
  const server = await aServer(t);
  const sender = aSender(t);
  for (let count = 0; count < 5; count += 1) await sender.send({ method: 'GET', url: server.url, timeoutMs: 5000 });
  t.is(server.requests.length, 5);
  // An answer may be read before its connection is free again, so there may be two that take turns.
  t.true(server.connections() <= 2, `${server.connections()} connections`);
});

test('a compressed answer is unpacked, and cut where its unpacked size passes the limit', async (t) => {
  const packed = gzipSync('x'.repeat(50_000_000));
  const server = await aServer(t, {
    answer: ({ url }, response) =>
      void response.writeHead(200, { 'content-encoding': 'gzip' }).end(url === '/small' ? gzipSync('small') : packed),
  });
  const sender = aSender(t);
  const small = await sender.send({ method: 'GET', url: `${server.url}/small`, timeoutMs: 5000 });
  t.like(small, { text: 'small', truncated: false });
  const large = await sender.send({ method: 'GET', url: server.url, timeoutMs: 5000, maxBodyBytes: 1000 });
  t.is(large.text, 'x'.repeat(1000));
  t.true(large.truncated);
  await waitUntil('the connection of the cut answer is closed', () => server.openConnections() <= 1);
});

test('an answer of exactly the limit is whole', async (t) => {
  const server = await aServer(t, { answer: (_request, response) => void response.end('12345') });
  const answer = await aSender(t).send({ method: 'GET', url: server.url, timeoutMs: 5000, maxBodyBytes: 5 });
  t.like(answer, { text: '12345', truncated: false });
});

test('a server that is silent, or stops in the middle of its answer, is given up in time', async (t) => {
  const server = await aServer(t, {
    answer: ({ url }, response) => {
      if (url === '/half') response.write('half of');
    },
  });
  const clock = createFakeClock();
  const sender = aSender(t, { clock });
  for (const path of ['/silent', '/half']) {
    const failed = failureOf(t, sender.send({ method: 'GET', url: server.url + path, timeoutMs: 700 }));
    await waitUntil('the request has arrived', () => server.requests.at(-1)?.url === path);
    await clock.advance(700);
    const { kind, message } = await failed;
    t.is(kind, 'timeout');
    t.is(message, `GET ${server.url}: no complete answer within 700 ms`);
  }
  await waitUntil('the connections are closed', () => server.openConnections() === 0);
  t.deepEqual(clock.waiting(), [], 'no timer is left behind');
});

test('an aborted request fails at once and closes its connection', async (t) => {
  const server = await aServer(t, { answer: () => undefined });
  const abort = new AbortController();
  const sender = aSender(t);
  const failed = failureOf(t, sender.send({ method: 'GET', url: server.url, timeoutMs: 60_000, signal: abort.signal }));
  await waitUntil('the request has arrived', () => server.requests.length === 1);
  abort.abort(new Error('the step ended'));
  const { kind, message } = await failed;
  t.is(kind, 'aborted');
  t.is(message, `GET ${server.url}: aborted: the step ended`);
  await waitUntil('the connection is closed', () => server.openConnections() === 0);
});

test('a connection that is refused or lost and a name that does not exist are network failures', async (t) => {
  const lossy = await aServer(t, { answer: (_request, response) => void response.socket?.destroy() });
  const closed = await aServer(t);
  await closed.close();
  const sender = aSender(t, { resolve: resolverOf({}).resolve });
  const words: [string, RegExp][] = [
    [lossy.url, /: other side closed \(UND_ERR_SOCKET\)$/],
    [closed.url, /ECONNREFUSED/],
    ['http://no-such-name.test', /ENOTFOUND/],
  ];
  for (const [url, expected] of words) {
    const { kind, message } = await failureOf(t, sender.send({ method: 'GET', url, timeoutMs: 5000 }));
    t.is(kind, 'network');
    t.regex(message, expected);
  }
});

test('a certificate nobody vouches for is refused, unless verification is skipped', async (t) => {
  const server = await aServer(t, { tls: true });
  const sender = aSender(t);
  const { kind, message } = await failureOf(t, sender.send({ method: 'GET', url: server.url, timeoutMs: 5000 }));
  t.is(kind, 'tls');
  t.regex(message, /unable to verify the first certificate/);
  const skipping = { method: 'GET', url: server.url, timeoutMs: 5000, insecureSkipVerify: true };
  t.is((await sender.send(skipping)).status, 200);
  const again = await failureOf(t, sender.send({ method: 'GET', url: server.url, timeoutMs: 5000 }));
  t.is(again.kind, 'tls', 'the unverified connection is not shared');
});

test('what cannot be sent is named, without sending', async (t) => {
  const server = await aServer(t);
  const sender = aSender(t);
  for (const url of ['nonsense', 'ftp://x.test/a', '//x.test', 'http://']) {
    const { kind, message } = await failureOf(t, sender.send({ method: 'GET', url, timeoutMs: 5000 }));
    t.is(kind, 'badUrl', url);
    t.regex(message, /expected a URL that begins with http:\/\/ or https:\/\//);
  }
  const unsendable = [
    { method: 'GET', headers: { 'X-Bad': 'line\nbreak' } },
    { method: 'GET', headers: { 'bad name': 'x' } },
    { method: 'GET', body: 'a GET has none' },
    { method: 'NO GOOD' },
  ];
  for (const request of unsendable) {
    const { kind } = await failureOf(t, sender.send({ url: server.url, timeoutMs: 5000, ...request }));
    t.is(kind, 'badRequest', JSON.stringify(request));
  }
  t.is(server.requests.length, 0);
});

test('a port that fetch asks never is a mistake of the URL, which is told and not tried again', async (t) => {
  const { kind, message } = await failureOf(
    t,
    aSender(t).send({ method: 'POST', url: 'http://10.0.0.1:6000/', timeoutMs: 5000 }),
  );
  t.is(kind, 'badUrl');
  t.regex(message, /^POST http:\/\/10\.0\.0\.1:6000: expected a port that HTTP may use, got one of another protocol/);
});

test('a header that cannot be sent is named without its value, which may be a token', async (t) => {
  for (const token of ['s3cret\nt0ken', 's3cret’', 's3cret\0']) {
    const headers = { Authorization: `Bearer ${token}` };
    const error = await failureOf(
      t,
      aSender(t).send({ method: 'GET', url: 'http://far.test/', headers, timeoutMs: 5000 }),
    );
    t.is(error.kind, 'badRequest');
    t.regex(
      error.message,
      /one line of Latin-1 characters in the header Authorization, got another text \(not shown\)$/,
    );
    t.notRegex(`${error.stack} ${String(error.cause)}`, /s3cret|t0ken/);
  }
});

test('no error shows user, password, path or query', async (t) => {
  const server = await aServer(t, { answer: (_request, response) => void response.socket?.destroy() });
  const sender = aSender(t);
  const url = server.url.replace('://', '://user:passw0rd@') + '/services/s3cret?token=t0ken';
  for (const target of [url, url.replace('http', 'ftp'), url.replace('127.0.0.1', '169.254.169.254')]) {
    const error = await failureOf(t, sender.send({ method: 'GET', url: target, timeoutMs: 5000 }));
    t.notRegex(`${error.message} ${error.stack} ${String(error.cause)}`, /passw0rd|s3cret|t0ken|user:/);
  }
});
