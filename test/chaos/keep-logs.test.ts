import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { keepLogs } from '../../chaos/record/keep-logs.ts';

test('the logs of the newest run are kept, and nothing else', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'aviary-keep-logs-'));
  t.teardown(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'audit.log'), 'first');
  await writeFile(join(folder, 'kubeconfig'), 'secret');
  const kept = join(folder, 'kept', 'seed-7');
  await keepLogs(folder, kept);
  await rm(join(folder, 'audit.log'));
  await writeFile(join(folder, 'worker-1.log'), 'second');
  await keepLogs(folder, kept);
  t.deepEqual(await readdir(kept), ['worker-1.log']);
  t.is(await readFile(join(kept, 'worker-1.log'), 'utf8'), 'second');
});
