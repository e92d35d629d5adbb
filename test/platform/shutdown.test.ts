import { EventEmitter } from 'node:events';
import test from 'ava';
import { type Closer, installShutdown } from '../../platform/shutdown.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createRecordingLogger } from '../support/recording-logger.ts';

function aProcess(closers: (done: string[]) => Closer[]) {
  const done: string[] = [];
  const exits: number[] = [];
  const clock = createFakeClock();
  const log = createRecordingLogger();
  const process = Object.assign(new EventEmitter(), { exit: (code: number) => void exits.push(code) });
  const shutdown = installShutdown({ process, closers: closers(done), boundMs: 1000, clock, log });
  return { process, shutdown, done, exits, clock, log };
}

const closing = (done: string[], name: string): Closer => ({ name, close: () => void done.push(name) });

test('a signal aborts what runs, ends the closers in their order, and exits 0', async (t) => {
  const { process, shutdown, done, exits, clock } = aProcess((closed) => [
    { name: 'jobs', close: () => clock.sleep(500).then(() => void closed.push('jobs')) },
    closing(closed, 'redis'),
  ]);
  process.emit('SIGTERM');
  t.true(shutdown.signal.aborted);
  t.is((shutdown.signal.reason as Error).message, 'shutting down: SIGTERM');
  t.deepEqual(done, []);
  await clock.advance(500);
  t.deepEqual(done, ['jobs', 'redis']);
  t.deepEqual(exits, [0]);
});

test('a closer that fails or hangs is logged, the rest are ended, and the exit code says so', async (t) => {
  let aborted = false;
  const { process, done, exits, clock, log } = aProcess((closed) => [
    {
      name: 'broken',
      close: () => {
        throw new Error('already closed');
      },
    },
    {
      name: 'hanging',
      close: (signal) => {
        signal.addEventListener('abort', () => (aborted = true));
        return new Promise(() => undefined);
      },
    },
    closing(closed, 'last'),
  ]);
  process.emit('SIGINT');
  await clock.advance(999);
  t.deepEqual(exits, []);
  await clock.advance(1);
  t.true(aborted);
  t.deepEqual(done, ['last']);
  t.deepEqual(exits, [1]);
  t.deepEqual(
    log.lines.filter(({ level }) => level === 'error').map(({ fields }) => fields['closer']),
    ['broken', 'hanging'],
  );
});

test('a second signal exits at once', async (t) => {
  const { process, exits } = aProcess(() => [{ name: 'hanging', close: () => new Promise(() => undefined) }]);
  process.emit('SIGTERM');
  process.emit('SIGINT');
  t.deepEqual(exits, [130]);
});

test('a request from within ends the process once, with its code', async (t) => {
  const { shutdown, done, exits } = aProcess((closed) => [closing(closed, 'redis')]);
  await Promise.all([shutdown.request('the queue is empty', 3), shutdown.request('again', 4)]);
  t.deepEqual(done, ['redis']);
  t.deepEqual(exits, [3]);
});
