import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { identify, isRunning, signal } from '../../sandbox/process-table.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function procWith(t: ExecutionContext, stat: string): Promise<string> {
  const proc = await temporaryFolder(t);
  await mkdir(join(proc, '42'));
  await writeFile(join(proc, '42', 'stat'), stat);
  return proc;
}

const fields = (state: string): string => `${state} ${'1 '.repeat(18)}777 8 9`;

test('a process is told by its pid and its start, whatever its name', async (t) => {
  t.deepEqual(identify(42, await procWith(t, `42 (odd) name) R) ${fields('S')}`)), { pid: 42, started: 777 });
});

test('a process that only waits to be collected does not run', async (t) => {
  t.is(identify(42, await procWith(t, `42 (done) ${fields('Z')}`)), undefined);
  t.is(identify(43, await procWith(t, `42 (other) ${fields('S')}`)), undefined);
});

test('a later process with the same pid is another one and gets no signal', (t) => {
  const self = identify(process.pid);
  t.true(self !== undefined && isRunning(self));
  const before = { pid: process.pid, started: (self?.started ?? 0) - 1 };
  t.false(isRunning(before));
  t.notThrows(() => signal(before, 'SIGKILL'));
});
