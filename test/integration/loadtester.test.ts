import { request } from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import test from 'ava';
import { type RedisServer, startRedisServer } from '../loadtester/redis-server.ts';
import { type Replica, startReplica } from '../loadtester/replica.ts';

let redis: RedisServer;
const replicas = new Map<string, Replica>();

test.before(async () => {
  redis = await startRedisServer();
  replicas.set('in Redis', await startReplica({ redisUrl: redis.url }));
  replicas.set('in memory', await startReplica());
});

test.after.always(async () => {
  await Promise.all([...replicas.values()].map((replica) => replica.stop()));
  await redis?.end();
});

const replicaWith = (store: string): Replica => {
  const replica = replicas.get(store);
  if (replica === undefined) throw new Error(`no replica with gates ${store}`);
  return replica;
};

const withGates = (name: string) => ({ name, namespace: 'test', phase: 'Waiting', checksum: 'c' });
const withTask = (metadata: Record<string, string>) => ({ ...withGates('podinfo'), metadata });

const approved = { status: 200, body: 'Approved' };
const forbidden = { status: 403, body: 'Forbidden' };
const accepted = { status: 202, body: '' };

for (const store of ['in Redis', 'in memory']) {
  for (const kind of ['gate', 'rollback']) {
    test(`a ${kind} kept ${store} is closed until it is opened, and until it is closed again it stays open`, async (t) => {
      const { post } = replicaWith(store);
      const payload = withGates(`${kind}-story`);
      t.deepEqual(await post(`/${kind}/check`, payload), forbidden);
      t.deepEqual(await post(`/${kind}/open`, payload), accepted);
      t.deepEqual(await post(`/${kind}/check`, payload), approved);
      t.deepEqual(await post(`/${kind}/open`, payload), accepted);
      t.deepEqual(await post(`/${kind}/check`, payload), approved);
      t.deepEqual(await post(`/${kind}/close`, payload), accepted);
      t.deepEqual(await post(`/${kind}/check`, payload), forbidden);
      t.deepEqual(await post(`/${kind}/close`, payload), accepted);
    });
  }

  test(`a gate kept ${store} opens for one canary, one namespace and one kind of hook`, async (t) => {
    const { post } = replicaWith(store);
    const payload = withGates('apart');
    await post('/gate/open', payload);
    t.deepEqual(await post('/gate/check', payload), approved);
    t.deepEqual(await post('/rollback/check', payload), forbidden);
    t.deepEqual(await post('/gate/check', { ...payload, name: 'other' }), forbidden);
    t.deepEqual(await post('/gate/check', { ...payload, namespace: 'other' }), forbidden);
  });
}

test('approve always approves and halt always refuses, whatever the body', async (t) => {
  const { post } = replicaWith('in Redis');
  for (const body of ['', '{', withGates('podinfo')]) {
    t.deepEqual(await post('/gate/approve', body), { status: 200, body: 'OK' });
    t.deepEqual(await post('/gate/halt', body), forbidden);
  }
});

for (const path of [
  '/',
  '/any/other',
  '/gate/check',
  '/gate/open',
  '/gate/close',
  '/rollback/check',
  '/rollback/open',
]) {
  test(`${path} refuses a body that is no payload and says what was expected`, async (t) => {
    const { post } = replicaWith('in Redis');
    const expected =
      'expected a JSON object {"name", "namespace", "phase", "checksum", "metadata"} as the request body';
    t.deepEqual(await post(path, ''), { status: 400, body: `${expected}, got an empty body` });
    const { status, body } = await post(path, '{"name":');
    t.is(status, 400);
    t.true(body.startsWith(`${expected}, got text that is not JSON: `), body);
    t.is((await post(path, { name: 1 })).status, 400);
  });
}

test('a body of more than a mebibyte is refused', async (t) => {
  const { status, body } = await replicaWith('in Redis').post('/', 'x'.repeat(1024 * 1024 + 1));
  t.is(status, 413);
  t.regex(body, /too large/);
});

test('a task is refused with the reason', async (t) => {
  const { post } = replicaWith('in Redis');
  const refused = (body: string) => ({ status: 400, body });
  t.deepEqual(await post('/', withGates('podinfo')), refused('metadata not found in payload'));
  t.deepEqual(await post('/', withTask({})), refused('metadata not found in payload'));
  t.deepEqual(
    await post('/', withTask({ type: 'nosuch', cmd: 'true' })),
    refused('unknown task type nosuch, expected one of cmd, bash, helm, helmv3, kubectl'),
  );
  t.deepEqual(await post('/', withTask({ type: 'bash' })), refused('cmd not found in metadata'));
  t.deepEqual(await post('/', withTask({ type: 'cmd', cmd: '' })), refused('cmd not found in metadata'));
  t.deepEqual(
    await post('/', withTask({ type: 'kubectl', cmd: "get 'pods" })),
    refused("cmd: expected words as a POSIX shell reads them, got a command without a closing ' (see position 4)"),
  );
});

test('a bash task answers with its result, on any path', async (t) => {
  const { post } = replicaWith('in Redis');
  t.deepEqual(await post('/', withTask({ type: 'bash', cmd: 'echo hi | grep h' })), { status: 200, body: '' });
  t.deepEqual(
    await post('/some/path', withTask({ type: 'bash', cmd: 'echo out; echo err >&2', returnCmdOutput: 'true' })),
    {
      status: 200,
      body: 'out\nerr\n',
    },
  );
  t.deepEqual(await post('/', withTask({ type: 'bash', cmd: 'echo no; exit 3' })), {
    status: 500,
    body: 'command echo no; exit 3 failed: no\n: exit status 3',
  });
});

test('a queued command is accepted whatever becomes of it', async (t) => {
  const { post } = replicaWith('in Redis');
  t.deepEqual(await post('/', withTask({ cmd: 'exit 1' })), accepted);
  t.deepEqual(await post('/', withTask({ type: 'cmd', cmd: 'no-such-program' })), accepted);
});

test('a command that does not end in time is a failure', async (t) => {
  const replica = await startReplica({ settings: { commandTimeoutMs: 200 } });
  t.deepEqual(await replica.post('/', withTask({ type: 'bash', cmd: 'echo begun; sleep 600' })), {
    status: 500,
    body: 'command echo begun; sleep 600 failed: begun\n: killed because it did not end within 0.2 s',
  });
  await replica.stop();
});

test('only namespaces that the pattern matches are served; approve, halt and health ask for none', async (t) => {
  const replica = await startReplica({ settings: { namespacePattern: /^prod$/ } });
  const paths = [
    '/',
    '/gate/check',
    '/gate/open',
    '/gate/close',
    '/rollback/check',
    '/rollback/open',
    '/rollback/close',
  ];
  for (const path of paths) {
    t.deepEqual(await replica.post(path, withTask({ type: 'bash', cmd: 'true' })), forbidden, path);
  }
  t.is((await replica.post('/gate/open', { ...withGates('podinfo'), namespace: 'prod' })).status, 202);
  t.is((await replica.post('/gate/approve', withGates('podinfo'))).status, 200);
  t.is((await replica.post('/healthz', '')).status, 200);
  await replica.stop();
});

test('neither the method nor the content type is looked at', async (t) => {
  const { url, post } = replicaWith('in Redis');
  const payload = withGates('any-method');
  await post('/gate/open', payload);
  for (const [method, type] of [
    ['GET', 'application/json'],
    ['PUT', 'text/plain'],
    ['DELETE', 'application/x-www-form-urlencoded'],
    ['POST', '///'],
    ['PATCH', ''],
  ] as const) {
    // fetch sends no body with GET.
    const body = JSON.stringify(payload);
    const headers = { 'content-length': body.length, ...(type === '' ? {} : { 'content-type': type }) };
    const sending = request(`${url}/gate/check`, { method, headers });
    sending.end(body);
    const [response] = (await once(sending, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    t.deepEqual({ status: response.statusCode, body: await text(response) }, approved, `${method} ${type}`);
  }
});

test('health, readiness and metrics are served', async (t) => {
  const { url, post } = replicaWith('in Redis');
  t.deepEqual(await post('/healthz', ''), { status: 200, body: 'OK' });
  t.deepEqual(await post('/readyz', ''), { status: 200, body: '{"ok":true,"checks":{"redis":"ok"}}' });
  const response = await fetch(`${url}/metrics`);
  t.regex(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  const metrics = await response.text();
  t.regex(metrics, /^process_cpu_seconds_total /m);
  t.regex(metrics, /^aviary_loadtester_commands\{state="running"\} \d+$/m);
});
