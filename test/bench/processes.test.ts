import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { cpuSeconds, memoryOf } from '../../bench/measure/processes.ts';
import { temporaryFolder } from '../sandbox/temporary-folder.ts';

test('the time on a processor is that of the process itself, in user mode and in the kernel', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, '7'));
  // Fields 14 and 15; the name in field 2 may hold anything.
  const stat = '7 (node (a) b) S 1 7 7 0 -1 4194560 1 2 3 4 250 50 900 900 20 0 11 0 12345 1 2';
  await writeFile(join(folder, '7', 'stat'), stat);
  t.is(cpuSeconds(7, folder), 3);
});

test('memory is what is resident now, and the most that was', async (t) => {
  const folder = await temporaryFolder(t);
  await mkdir(join(folder, '7'));
  await writeFile(join(folder, '7', 'status'), 'Name:\tnode\nVmPeak:\t 9 kB\nVmHWM:\t  4096 kB\nVmRSS:\t  2048 kB\n');
  t.deepEqual(memoryOf(7, folder), { now: 2, peak: 4 });
});

test('this very process has used some of both', (t) => {
  t.true(cpuSeconds(process.pid) > 0);
  const { now, peak } = memoryOf(process.pid);
  t.true(now > 10 && peak >= now);
});
