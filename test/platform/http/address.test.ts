import test from 'ava';
import { forbiddenClass, guardedLookup, type Resolve, sharedResolve } from '../../../platform/http/address.ts';
import { aSender, aServer, failureOf, resolverOf } from './http-fixture.ts';

const classes: Record<string, string | undefined> = {
  '127.0.0.1': 'loopback',
  '127.255.255.254': 'loopback',
  '0.0.0.0': 'loopback',
  '::1': 'loopback',
  '[::1]': 'loopback',
  '::': 'loopback',
  '::ffff:127.0.0.1': 'loopback',
  '::127.0.0.1': 'loopback',
  '64:ff9b::127.0.0.1': 'loopback',
  '169.254.169.254': 'link-local',
  'fe80::1': 'link-local',
  'febf::1': 'link-local',
  '::ffff:169.254.169.254': 'link-local',
  '64:ff9b::a9fe:a9fe': 'link-local',
  '169.254.170.2': 'link-local',
  'fd00:ec2::254': 'metadata',
  'fd00:ec2::23': 'metadata',
  'fd20:ce::254': 'metadata',
  'fd00:c1::a9fe:a9fe': 'metadata',
  'fd00:100::100:200': 'metadata',
  'fd00:a9fe:a9fe::1': 'metadata',
  'fd00:42::42': 'metadata',
  '[fd20:0ce:0:0::254]': 'metadata',
  '100.100.100.200': 'metadata',
  '::ffff:100.100.100.200': 'metadata',
  '64:ff9b::100.100.100.200': 'metadata',
  '168.63.129.16': 'metadata',
  '::ffff:a83f:8110': 'metadata',
  '64:ff9b::a83f:8110': 'metadata',
  '::168.63.129.16': 'metadata',
  '192.0.0.192': 'metadata',
  '64:ff9b::192.0.0.192': 'metadata',
  '10.0.0.1': undefined,
  '192.168.1.1': undefined,
  '128.0.0.1': undefined,
  '169.253.255.255': undefined,
  '100.100.100.201': undefined,
  '168.63.129.17': undefined,
  '64:ff9b::100.100.100.201': undefined,
  'fd20:ce::1': undefined,
  '2001:db8::1': undefined,
  'fec0::1': undefined,
  'name.test': undefined,
};

for (const [address, expected] of Object.entries(classes)) {
  test(`${address} is ${expected ?? 'free to reach'}`, (t) => {
    t.is(forbiddenClass(address, {}), expected as ReturnType<typeof forbiddenClass>);
    t.is(forbiddenClass(address, { allowLoopback: true, allowLinkLocal: true }), undefined);
  });
}

test('what the operator allows is one class, not the other', (t) => {
  t.is(forbiddenClass('169.254.169.254', { allowLoopback: true }), 'link-local');
  t.is(forbiddenClass('127.0.0.1', { allowLinkLocal: true }), 'loopback');
});

const spellings = ['127.0.0.1', 'localhost', '[::1]', '0x7f.1', '2130706433', '0', '[::ffff:127.0.0.1]', 'hidden.test'];
for (const host of spellings) {
  test(`a request to ${host} is refused before a connection is made`, async (t) => {
    const server = await aServer(t);
    const { resolve } = resolverOf({ localhost: ['::1', '127.0.0.1'], 'hidden.test': ['127.0.0.1'] });
    const sender = aSender(t, { addresses: {}, resolve });
    const request = { method: 'GET', url: `http://${host}:${server.port}/`, timeoutMs: 5000 };
    const { kind, message } = await failureOf(t, sender.send(request));
    t.is(kind, 'refusedAddress');
    t.regex(
      message,
      /is a loopback address; use another one, or have the operator allow loopback addresses \(ALLOW_LOOPBACK\)$/,
    );
    t.is(server.connections(), 0);
  });
}

test('a name with one forbidden address among good ones is refused', async (t) => {
  const { resolve } = resolverOf({ 'mixed.test': ['192.0.2.1', '169.254.169.254'] });
  const sender = aSender(t, { resolve });
  const { kind, message } = await failureOf(
    t,
    sender.send({ method: 'GET', url: 'http://mixed.test/', timeoutMs: 5000 }),
  );
  t.is(kind, 'refusedAddress');
  t.regex(message, /^GET http:\/\/mixed.test: mixed.test resolves to 169.254.169.254, which is a link-local address/);
});

test('a name of the metadata of a cloud is refused with what would allow it', async (t) => {
  const { resolve } = resolverOf({ 'metadata.test': ['100.100.100.200'] });
  const request = { method: 'GET', url: 'http://metadata.test/', timeoutMs: 5000 };
  const { kind, message } = await failureOf(t, aSender(t, { resolve }).send(request));
  t.is(kind, 'refusedAddress');
  t.regex(
    message,
    /100\.100\.100\.200, which is a metadata address; .* have the operator allow link-local addresses \(ALLOW_LINK_LOCAL\)$/,
  );
});

test('the address that was checked is the one that is connected to: a name is resolved once a connection', async (t) => {
  const server = await aServer(t);
  const { resolve, asked } = resolverOf({ 'hook.test': ['127.0.0.1'] });
  const sender = aSender(t, { resolve });
  const url = `http://hook.test:${server.port}/`;
  t.is((await sender.send({ method: 'GET', url, timeoutMs: 5000 })).status, 200);
  t.deepEqual(asked, ['hook.test']);
});

test('a name that changes to a forbidden address after a good answer is refused at its next connection', async (t) => {
  const server = await aServer(t, {
    answer: (_request, response) => void response.writeHead(200, { connection: 'close' }).end(),
  });
  const addresses = [['127.0.0.1'], ['169.254.169.254']];
  const sender = aSender(t, {
    resolve: (hostname, options, callback) =>
      resolverOf({ [hostname]: addresses.shift() ?? [] }).resolve(hostname, options, callback),
  });
  const url = `http://rebinding.test:${server.port}/`;
  t.is((await sender.send({ method: 'GET', url, timeoutMs: 5000 })).status, 200);
  t.is((await failureOf(t, sender.send({ method: 'GET', url, timeoutMs: 5000 }))).kind, 'refusedAddress');
});

test('a lookup answers in the form it was asked for', async (t) => {
  const lookup = guardedLookup({}, resolverOf({ 'two.test': ['192.0.2.1', '2001:db8::1'] }).resolve);
  const answer = (all: boolean) =>
    new Promise((resolve) => lookup('two.test', { all }, (...results) => resolve(results)));
  t.deepEqual(await answer(false), [null, '192.0.2.1', 4]);
  t.deepEqual(await answer(true), [
    null,
    [
      { address: '192.0.2.1', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ],
  ]);
});

test('a name is looked up once for all that wait for it, and again for who comes later', (t) => {
  const pending: { hostname: string; answer: Parameters<Resolve>[2] }[] = [];
  const resolve = sharedResolve((hostname, _options, answer) => void pending.push({ hostname, answer }));
  const told: unknown[] = [];
  const ask = (hostname: string, family = 0): void =>
    resolve(hostname, { all: true, family }, (error, addresses) => void told.push(error ?? addresses));
  for (const hostname of ['slow.test', 'slow.test', 'other.test']) ask(hostname);
  ask('slow.test', 4);
  t.deepEqual(
    pending.map(({ hostname }) => hostname),
    ['slow.test', 'other.test', 'slow.test'],
  );
  const found = [{ address: '10.0.0.1', family: 4 }];
  pending[0]?.answer(null, found);
  t.deepEqual(told, [found, found]);
  ask('slow.test');
  const error = new Error('ENOTFOUND');
  pending.at(-1)?.answer(error, []);
  t.deepEqual(told, [found, found, error]);
});
