import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { freePorts } from '../../sandbox/ports.ts';
import { identify, isRunning, type ProcessIdentity, signal } from '../../sandbox/process-table.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { type Answer, post } from '../loadtester/replica.ts';
import { startProcessFor } from '../support/aviary-process.ts';
import type { AviaryProcess } from '../support/aviary-process.ts';

/** All that it has written so far. */
const outputOf = (process: AviaryProcess): string =>
  [...process.lines().map((line) => JSON.stringify(line)), process.errors()].join('\n');

interface Service {
  readonly process: AviaryProcess;
  readonly post: (path: string, body: string | object) => Promise<Answer>;
}

async function startService(t: ExecutionContext, env: Record<string, string>): Promise<Service> {
  const [port = 0] = await freePorts(1);
  const process = startProcessFor(t, { program: 'loadtester', env: { PORT: `${port}`, ...env } });
  await process.said('listening');
  return { process, post: (path, body) => post(`http://127.0.0.1:${port}${path}`, body) };
}

test('without Redis it does not start and says which settings are missing or wrong, all of them', async (t) => {
  const process = startProcessFor(t, { program: 'loadtester', env: { PORT: 'none', COMMAND_TIMEOUT: '1 hour' } });
  t.is(await process.ended(), 1);
  const said = process.errors();
  const [first, ...lines] = said.trim().split('\n');
  t.regex(first ?? '', /^aviary-loadtester: 3 variables are not as expected/);
  t.is(lines.length, 3);
  t.regex(said, /PORT .*got 'none'/);
  t.regex(said, /COMMAND_TIMEOUT .*got '1 hour'/);
  t.regex(said, /REDIS_URL .*or GATES=memory.*got nothing/);
});

test('with GATES=memory it runs without Redis and warns that gates are not durable', async (t) => {
  const { process, post: ask } = await startService(t, { GATES: 'memory' });
  t.regex(outputOf(process), /"level":"warn".*"reason":"GATES=memory".*gates are not durable/);
  const payload = { name: 'podinfo', namespace: 'test' };
  t.is((await ask('/gate/open', payload)).status, 202);
  t.deepEqual(await ask('/gate/check', payload), { status: 200, body: 'Approved' });
  t.is((await ask('/readyz', '')).status, 200);
  process.kill('SIGTERM');
  t.is(await process.ended(), 0);
});

test('with a Redis that is not there it starts, says so, and answers 503 for gates alone', async (t) => {
  const [port = 0] = await freePorts(1);
  const { process, post: ask } = await startService(t, { REDIS_URL: `redis://:pa55@127.0.0.1:${port}` });
  t.is((await ask('/gate/check', { name: 'podinfo', namespace: 'test' })).status, 503);
  const task = {
    name: 'podinfo',
    namespace: 'test',
    metadata: { type: 'bash', cmd: 'echo "[$REDIS_URL]"', returnCmdOutput: '1' },
  };
  t.deepEqual(await ask('/', task), { status: 200, body: '[]\n' }, 'a command does not see the address of Redis');
  t.is((await ask('/readyz', '')).status, 503);
  t.regex(outputOf(process), /redis connection failed, trying again/);
  t.notRegex(outputOf(process), /pa55/);
});

/** Waits until a command has written its pid to the file, and takes care that it does not outlive the test. */
async function commandOf(t: ExecutionContext, file: string): Promise<ProcessIdentity> {
  const command = await waitFor({
    what: 'the command to write its pid',
    seconds: 20,
    every: 10,
    look: async () => identify(Number(await readFile(file, 'utf8').catch(() => '0'))),
  });
  t.teardown(() => signal(command, 'SIGKILL'));
  return command;
}

test('SIGTERM lets a running check end and answers it, and takes nothing new', async (t) => {
  const directory = await mkdtemp(join(tmpdir(), 'aviary-stop-'));
  t.teardown(() => rm(directory, { recursive: true }));
  const pid = join(directory, 'pid');
  const { process, post: ask } = await startService(t, { GATES: 'memory' });
  const cmd = `trap 'echo asked; exit 0' USR1; echo $$ > ${pid}.new; mv ${pid}.new ${pid}; while :; do sleep 0.01; done`;
  const metadata = { type: 'bash', cmd, returnCmdOutput: 'true' };
  const answer = ask('/', { name: 'podinfo', namespace: 'test', metadata });
  const command = await commandOf(t, pid);

  process.kill('SIGTERM');
  await waitFor({
    what: 'the load tester to refuse connections',
    seconds: 20,
    look: () =>
      ask('/healthz', '').then(
        ({ status }) => (status === 503 ? true : undefined),
        () => true,
      ),
  });
  t.true(isRunning(command));
  signal(command, 'SIGUSR1');
  t.deepEqual(await answer, { status: 200, body: 'asked\n' });
  t.is(await process.ended(), 0, outputOf(process));
  t.false(isRunning(command));
});
