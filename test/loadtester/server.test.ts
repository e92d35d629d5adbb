import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import type { FastifyInstance } from 'fastify';
import type { CommandResult } from '../../loadtester/run-command.ts';
import type { Runner } from '../../loadtester/runner.ts';
import { createServer } from '../../loadtester/server.ts';
import { createMemoryStores } from '../../loadtester/stores.ts';
import { silentLogger as log } from '../../platform/observability/logger.ts';
import { createMetrics } from '../../platform/observability/metrics.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

interface Rig {
  readonly server: FastifyInstance;
  readonly clock: FakeClock;
  /** A connection that has sent this much. */
  readonly send: (text: string) => Promise<Socket>;
  /** Resolves when a check has come to its command, which ends when the test says so. */
  readonly checked: Promise<(result: CommandResult) => void>;
}

async function aServer(t: ExecutionContext): Promise<Rig> {
  const clock = createFakeClock();
  let begin: (end: (result: CommandResult) => void) => void = () => undefined;
  const checked = new Promise<(result: CommandResult) => void>((resolve) => (begin = resolve));
  const runner: Runner = {
    enqueue: () => Promise.resolve('accepted'),
    run: () => new Promise(begin),
    stop: () => Promise.resolve(),
  };
  const { gates, readiness } = createMemoryStores();
  const server = createServer({
    authorize: () => true,
    gates,
    runner,
    metrics: createMetrics(),
    readiness,
    clock,
    log,
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => server.server.closeAllConnections());
  const send = async (text: string): Promise<Socket> => {
    const accepted = once(server.server, 'connection');
    const socket = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
    socket.write(text);
    const [ours] = (await accepted) as [Socket];
    if (text !== '') await once(ours, 'data');
    return socket.resume();
  };
  return { server, clock, send, checked };
}

for (const [what, sent] of [
  ['nothing', ''],
  ['half of the headers', 'POST / HTTP/1.1\r\nhost: x\r\n'],
  ['half of the body', 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 20\r\n\r\n{"name":'],
] as const) {
  test(`a sender of ${what} holds up a server that closes for as long as a request may take, not for ever`, async (t) => {
    const { server, clock, send } = await aServer(t);
    const socket = await send(sent);
    const closed = once(socket, 'close');
    const closing = server.close();
    await clock.whenWaiting();
    await clock.advance(10_000);
    await closed;
    await closing;
    t.deepEqual(clock.waiting(), []);
  });
}

test('a server that closes answers what it was asked, however long the command takes', async (t) => {
  const { server, clock, send, checked } = await aServer(t);
  const body = JSON.stringify({ name: 'podinfo', namespace: 'test', metadata: { type: 'bash', cmd: 'true' } });
  const socket = await send(`POST / HTTP/1.1\r\nhost: x\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  const end = await checked;
  const closing = server.close();
  await clock.whenWaiting();
  await clock.advance(60_000);
  const answered = once(socket, 'data');
  end({ kind: 'exited', status: 0, output: '' });
  t.regex(String(await answered), /^HTTP\/1\.1 200 OK\r\n/);
  await closing;
});
