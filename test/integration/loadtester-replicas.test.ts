import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { waitFor } from '../../sandbox/wait.ts';
import { type RedisServer, startRedisServer } from '../loadtester/redis-server.ts';
import { type Replica, startReplica } from '../loadtester/replica.ts';

let redis: RedisServer;
let one: Replica;
let two: Replica;

test.before(async () => {
  redis = await startRedisServer();
  one = await startReplica({ redisUrl: redis.url });
  two = await startReplica({ redisUrl: redis.url });
});

test.after.always(async () => {
  await Promise.all([one?.stop(), two?.stop()]);
  await redis?.end();
});

const payload = (name: string, metadata: Record<string, string> = {}) => ({ name, namespace: 'test', metadata });

/** Files through which a command tells that it has begun and is told to end. */
async function aMeeting(t: ExecutionContext) {
  const directory = await mkdtemp(join(tmpdir(), 'aviary-meeting-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const begun = join(directory, 'begun');
  const end = join(directory, 'end');
  const beginnings = async (): Promise<number> =>
    (await readFile(begun, 'utf8').catch(() => '')).split('\n').length - 1;
  return {
    /** Adds a line to a file and lasts until it is told to end. */
    cmd: `echo begun >> ${begun}; until [ -e ${end} ]; do sleep 0.01; done; echo ended`,
    beginnings,
    whenBegun: (count: number) =>
      waitFor({
        what: `${count} commands to begin`,
        seconds: 20,
        every: 10,
        look: async () => ((await beginnings()) >= count ? true : undefined),
      }),
    end: () => writeFile(end, ''),
  };
}

const metricOf = async (replica: Replica, line: RegExp): Promise<number> =>
  Number(line.exec((await replica.post('/metrics', '')).body)?.[1] ?? 0);

test.serial('a gate opened at one replica is open at the other, and for a replica that starts later', async (t) => {
  t.is((await one.post('/gate/open', payload('shared'))).status, 202);
  t.deepEqual(await two.post('/gate/check', payload('shared')), { status: 200, body: 'Approved' });
  const later = await startReplica({ redisUrl: redis.url });
  t.deepEqual(await later.post('/gate/check', payload('shared')), { status: 200, body: 'Approved' });
  await later.post('/gate/close', payload('shared'));
  await later.stop();
  t.is((await one.post('/gate/check', payload('shared'))).status, 403);
});

test.serial(
  'of one command asked of two replicas at once a single copy runs, and when it has ended another may',
  async (t) => {
    const { cmd, beginnings, whenBegun, end } = await aMeeting(t);
    const load = payload('load', { type: 'cmd', cmd });
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) => (index % 2 ? one : two).post('/', load)),
    );
    t.deepEqual([...new Set(answers.map(({ status }) => status))], [202]);
    await whenBegun(1);
    t.is((await one.post('/', payload('load', { type: 'cmd', cmd: `${cmd} # other` }))).status, 202);
    t.is((await two.post('/', payload('other', { type: 'cmd', cmd }))).status, 202);
    await whenBegun(3);
    t.is(await beginnings(), 3, 'the first, another command of the canary, and the same command of another canary');
    const skipped = /commands_total\{type="cmd",outcome="skipped"\} (\d+)/;
    t.is((await metricOf(one, skipped)) + (await metricOf(two, skipped)), 39);

    await end();
    await waitFor({
      what: 'the command to be run again',
      seconds: 20,
      look: async () => {
        await two.post('/', load);
        return (await beginnings()) > 3 ? true : undefined;
      },
    });
  },
);

test.serial(
  'an identical check that arrives while the first runs gets its result, and no second copy starts',
  async (t) => {
    const { cmd, beginnings, whenBegun, end } = await aMeeting(t);
    const check = payload('joined', { type: 'bash', cmd, returnCmdOutput: 'true' });
    const first = one.post('/', check);
    await whenBegun(1);
    const others = [one.post('/', check), one.post('/', payload('joined', { type: 'bash', cmd }))];
    await waitFor({
      what: 'both to have joined',
      seconds: 20,
      look: async () => ((await metricOf(one, /type="bash",outcome="joined"\} (\d+)/)) === 2 ? true : undefined),
    });
    await end();
    t.deepEqual(await first, { status: 200, body: 'ended\n' });
    t.deepEqual(await Promise.all(others), [
      { status: 200, body: 'ended\n' },
      { status: 200, body: '' },
    ]);
    t.is(await beginnings(), 1);
  },
);

test.serial('when Redis is gone gates and queued commands answer 503, and what needs no store goes on', async (t) => {
  const { cmd, beginnings } = await aMeeting(t);
  await one.post('/gate/open', payload('outage'));
  await redis.stop();
  for (const path of [
    '/gate/check',
    '/gate/open',
    '/gate/close',
    '/rollback/check',
    '/rollback/open',
    '/rollback/close',
  ]) {
    const { status, body } = await one.post(path, payload('outage'));
    t.is(status, 503, path);
    t.regex(body, /^(read|set) gate .*outage\.test.*: the store cannot be reached, try again$/);
  }
  const refused = await one.post('/', payload('outage', { type: 'cmd', cmd }));
  t.is(refused.status, 503);
  t.regex(refused.body, /^claim command [0-9a-f]{64}: the store cannot be reached, try again$/);
  t.is(await beginnings(), 0, 'nothing was started');
  t.is((await one.post('/', payload('outage', { type: 'bash', cmd: 'true' }))).status, 200);
  t.is((await one.post('/gate/approve', '')).status, 200);
  t.is((await one.post('/healthz', '')).status, 200);
  t.is((await one.post('/readyz', '')).status, 503);

  await redis.start();
  await waitFor({
    what: 'the gate to be answered for again',
    seconds: 20,
    look: async () => ((await one.post('/gate/check', payload('outage'))).status === 403 ? true : undefined),
  });
});

test.serial('a Redis that is frozen does not hold up an answer for longer than the bound', async (t) => {
  redis.freeze();
  t.teardown(() => redis.thaw());
  const { status } = await one.post('/gate/check', payload('frozen'));
  t.is(status, 503);
});
