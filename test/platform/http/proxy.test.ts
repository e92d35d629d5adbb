import test from 'ava';
import { proxyFor } from '../../../platform/http/proxy.ts';
import { aSender, aServer, failureOf, resolverOf } from './http-fixture.ts';

const proxied: Record<string, [url: string, noProxy: string, isProxied: boolean]> = {
  'everything goes through the proxy': ['http://a.test/', '', true],
  'a star exempts everything': ['http://a.test/', '*', false],
  'a domain exempts itself': ['http://a.test/', 'b.test, a.test', false],
  'a domain exempts its subdomains': ['http://x.a.test/', 'a.test', false],
  'a domain does not exempt what merely ends alike': ['http://xa.test/', 'a.test', true],
  'a domain is compared without regard to case': ['http://A.test/', 'a.TEST', false],
  'a leading dot exempts subdomains': ['http://x.a.test/', '.a.test', false],
  'a leading dot does not exempt the domain': ['http://a.test/', '.a.test', true],
  'a star and a dot exempt subdomains': ['http://prometheus.monitoring.svc:9090/', '*.svc', false],
  'a star and a dot do not exempt the domain': ['http://a.test/', '*.a.test', true],
  'a star, a dot and a port exempt subdomains at it': ['http://x.a.test:81/', '*.a.test:81', false],
  'a port must match': ['http://a.test:81/', 'a.test:80', true],
  'the usual port may be meant': ['http://a.test/', 'a.test:80', false],
  'the usual port of https may be meant': ['https://a.test/', 'a.test:443', false],
  'an address exempts itself': ['http://10.1.2.3/', '10.1.2.3', false],
  'an IPv6 address exempts itself': ['http://[fd00::1]/', 'fd00::1', false],
  'an IPv6 address in brackets exempts itself': ['http://[fd00::1]:81/', '[fd00::1]', false],
  'an IPv6 address with a port too': ['http://[fd00::1]:81/', '[fd00::1]:81', false],
  'a network exempts its addresses': ['http://10.1.2.3/', '10.0.0.0/8', false],
  'a network exempts no other': ['http://11.1.2.3/', '10.0.0.0/8', true],
  'a network exempts no names': ['http://a.test/', '10.0.0.0/8', true],
  'a text that is no network exempts nothing': ['http://10.1.2.3/', '10.0.0.0/x', true],
  'a network that cannot be exempts nothing': ['http://10.1.2.3/', '10.0.0.0/33', true],
  'nor does it keep the others from it': ['http://10.1.2.3/', 'fd00::/129, 10.0.0.0/8', false],
  'the own host is never reached through a proxy': ['http://localhost/', '', false],
  'nor is loopback': ['http://127.0.0.1/', '', false],
};

for (const [title, [url, noProxy, isProxied]] of Object.entries(proxied)) {
  test(`NO_PROXY: ${title}`, (t) => {
    const proxies = { httpProxy: 'http://p.test:3128', httpsProxy: 'http://p.test:3128', noProxy };
    t.is(proxyFor(new URL(url), proxies), isProxied ? 'http://p.test:3128' : undefined);
  });
}

test('the proxy goes by the scheme of the target, and may be given without its own', (t) => {
  const proxies = { httpProxy: 'plain.test:1', httpsProxy: 'https://secure.test:2' };
  t.is(proxyFor(new URL('http://a.test/'), proxies), 'http://plain.test:1');
  t.is(proxyFor(new URL('https://a.test/'), proxies), 'https://secure.test:2');
  t.is(proxyFor(new URL('https://a.test/'), { httpProxy: 'plain.test:1' }), undefined);
});

test("the environment's proxy is used, wherever it is, and gets its credentials", async (t) => {
  const proxy = await aServer(t);
  const sender = aSender(t, { addresses: {}, proxies: { httpProxy: `http://user:pw@127.0.0.1:${proxy.port}` } });
  const url = 'http://far.test/path?x=1';
  t.is((await sender.send({ method: 'GET', url, timeoutMs: 5000 })).status, 200);
  t.is(proxy.requests[0]?.url, url, 'plain http is asked for by its whole URL');
  t.is(proxy.requests[0]?.headers['proxy-authorization'], `Basic ${Buffer.from('user:pw').toString('base64')}`);
});

test('https goes through a tunnel of the proxy', async (t) => {
  const proxy = await aServer(t);
  const target = await aServer(t, { tls: true });
  const sender = aSender(t, { proxies: { httpsProxy: proxy.url } });
  const request = { method: 'GET', url: `https://hook.test:${target.port}/x`, timeoutMs: 5000 };
  t.is((await failureOf(t, sender.send(request))).kind, 'tls', 'the target is verified through the tunnel');
  t.is((await sender.send({ ...request, insecureSkipVerify: true })).text, 'ok');
  t.is(proxy.requests[0]?.method, 'CONNECT');
  t.is(proxy.requests[0]?.url, `hook.test:${target.port}`);
  t.is(target.requests[0]?.url, '/x');
});

test("a request's own proxy is used instead of the environment's, and its address is checked", async (t) => {
  const proxy = await aServer(t);
  const other = await aServer(t);
  const { resolve } = resolverOf({ 'proxy.test': ['127.0.0.1'] });
  const request = { method: 'GET', url: 'http://far.test/', timeoutMs: 5000 };
  const allowed = aSender(t, { proxies: { httpProxy: other.url }, resolve });
  t.is((await allowed.send({ ...request, proxy: proxy.url })).status, 200);
  t.is((await allowed.send({ ...request, proxy: `http://proxy.test:${proxy.port}` })).status, 200);
  t.is(proxy.requests.length, 2);
  t.is(other.requests.length, 0);

  const strict = aSender(t, { addresses: {}, resolve });
  for (const host of ['127.0.0.1', 'localhost', 'proxy.test']) {
    const failed = failureOf(t, strict.send({ ...request, proxy: `http://${host}:${proxy.port}` }));
    t.is((await failed).kind, 'refusedAddress', host);
  }
  t.is(proxy.requests.length, 2);
});

test('a forbidden target is refused through a proxy too', async (t) => {
  const proxy = await aServer(t);
  const sender = aSender(t, { addresses: {}, proxies: { httpProxy: proxy.url } });
  const request = { method: 'GET', url: 'http://169.254.169.254/', timeoutMs: 5000 };
  t.is((await failureOf(t, sender.send(request))).kind, 'refusedAddress');
  t.is(proxy.requests.length, 0);
});

test('a text that is no proxy URL is named as one, without showing it', async (t) => {
  const sender = aSender(t);
  for (const proxy of ['p4ssword', 'socks5://p4ssword@p.test', 'ftp://p.test']) {
    const { kind, message } = await failureOf(
      t,
      sender.send({ method: 'GET', url: 'http://far.test/', timeoutMs: 5000, proxy }),
    );
    t.is(kind, 'badUrl');
    t.is(message, 'GET http://far.test: expected a proxy URL that begins with http:// or https://, got another text');
  }
});

test('agents of many proxies do not pile up, and the sender still works', async (t) => {
  const proxy = await aServer(t);
  const sender = aSender(t);
  for (let count = 0; count < 40; count += 1) {
    const own = proxy.url.replace('://', `://user${count}:pw@`);
    await sender.send({ method: 'GET', url: 'http://far.test/', timeoutMs: 5000, proxy: own });
  }
  t.is(proxy.requests.length, 40);
  t.true(proxy.openConnections() <= 33, `${proxy.openConnections()} open connections`);
});
