import test from 'ava';
import { aSender, aServer, failureOf, resolverOf } from './http-fixture.ts';
import { nextHop } from '../../../platform/http/redirect.ts';

const hop = (overrides: Partial<Parameters<typeof nextHop>[0]> = {}) => ({
  method: 'POST',
  target: new URL('https://one.test/a/b'),
  headers: { authorization: 'Basic x', 'x-api-key': 'k', 'content-type': 'text/plain', accept: '*/*' },
  body: 'body',
  ...overrides,
});

const everyHeader = ['accept', 'authorization', 'content-type', 'x-api-key'];
const cases: Record<string, [status: number, location: string | null, expected: unknown]> = {
  'a 302 turns a POST into a GET without body': [
    302,
    '/c',
    ['GET', 'https://one.test/c', ['accept', 'authorization', 'x-api-key'], undefined],
  ],
  'a 303 does the same, relative to the path': [
    303,
    'c',
    ['GET', 'https://one.test/a/c', ['accept', 'authorization', 'x-api-key'], undefined],
  ],
  'a 307 keeps method and body': [307, '/c', ['POST', 'https://one.test/c', everyHeader, 'body']],
  'a 308 to another host takes no header that may be a secret': [
    308,
    'https://two.test/',
    ['POST', 'https://two.test/', ['accept', 'content-type'], 'body'],
  ],
  'neither does one to another port': [
    308,
    'https://one.test:444/',
    ['POST', 'https://one.test:444/', ['accept', 'content-type'], 'body'],
  ],
  'nor one that leaves TLS': [
    308,
    'http://one.test/',
    ['POST', 'http://one.test/', ['accept', 'content-type'], 'body'],
  ],
  'credentials in the location are used': [
    307,
    'https://u:p@two.test/',
    ['POST', 'https://two.test/', ['accept', 'authorization', 'content-type'], 'body'],
  ],
  'a 302 without a location is an answer': [302, null, undefined],
  'a 300 is an answer': [300, '/c', undefined],
  'a 200 with a location is an answer': [200, '/c', undefined],
};

for (const [title, [status, location, expected]] of Object.entries(cases)) {
  test(title, (t) => {
    const next = nextHop(hop(), status, location);
    const told = next && [next.method, next.target.href, Object.keys(next.headers).toSorted(), next.body];
    t.deepEqual(told, expected as typeof told);
  });
}

test('the key that names a question follows it to another host', (t) => {
  const asked = hop({ headers: { 'idempotency-key': 'k1', 'x-api-key': 'k' } });
  t.deepEqual(nextHop(asked, 307, 'https://two.test/')?.headers, { 'idempotency-key': 'k1' });
});

test('a GET stays a GET whatever the redirect', (t) => {
  for (const status of [301, 302, 303, 307, 308]) {
    t.is(nextHop(hop({ method: 'GET', body: undefined }), status, '/c')?.method, 'GET');
    t.is(nextHop(hop({ method: 'HEAD', body: undefined }), status, '/c')?.method, 'HEAD');
  }
});

test('redirects are followed ten times, and the eleventh is too many', async (t) => {
  const server = await aServer(t, {
    answer: ({ url }, response) => {
      const left = Number(url.slice(1));
      if (left > 0) response.writeHead(302, { location: `/${left - 1}` }).end();
      else response.end('arrived');
    },
  });
  const sender = aSender(t);
  const arrived = await sender.send({ method: 'POST', url: `${server.url}/10`, body: 'x', timeoutMs: 5000 });
  t.is(arrived.text, 'arrived');
  t.is(server.requests.length, 11);
  const { kind, message } = await failureOf(
    t,
    sender.send({ method: 'GET', url: `${server.url}/11`, timeoutMs: 5000 }),
  );
  t.is(kind, 'tooManyRedirects');
  t.is(message, `GET ${server.url}: expected an answer after at most 10 redirects, got another one`);
  const none = sender.send({ method: 'GET', url: `${server.url}/1`, timeoutMs: 5000, maxRedirects: 0 });
  t.is((await failureOf(t, none)).kind, 'tooManyRedirects');
});

test('a redirect to a forbidden address, or out of HTTP, is refused', async (t) => {
  const server = await aServer(t, {
    answer: ({ url }, response) => void response.writeHead(302, { location: decodeURIComponent(url.slice(1)) }).end(),
  });
  const sender = aSender(t, { resolve: resolverOf({ 'inner.test': ['169.254.1.1'] }).resolve });
  const follow = (location: string) =>
    failureOf(t, sender.send({ method: 'GET', url: `${server.url}/${encodeURIComponent(location)}`, timeoutMs: 5000 }));
  t.is((await follow('http://169.254.169.254/latest/meta-data')).kind, 'refusedAddress');
  t.is((await follow('http://inner.test/')).kind, 'refusedAddress');
  t.is((await follow('file:///etc/passwd')).kind, 'badUrl');
});
