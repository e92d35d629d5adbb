import { writeFile } from 'node:fs/promises';
import test from 'ava';
import { mergeResults, readResults, resultsFile, writeResults } from '../../bench/store.ts';
import { temporaryFolder } from '../sandbox/temporary-folder.ts';
import { aWindow, someResults } from './a-result.ts';

test('what was written is read again, and nothing before that', async (t) => {
  const file = resultsFile(await temporaryFolder(t));
  t.is(await readResults(file), undefined);
  await writeResults(file, someResults());
  t.deepEqual(await readResults(file), someResults());
});

test('a file that is no result says what to do with it', async (t) => {
  const file = resultsFile(await temporaryFolder(t));
  await writeResults(file, someResults());
  await writeFile(file, 'half a resu');
  await t.throwsAsync(readResults(file), { message: /remove the file and measure again/ });
});

test('a scenario that is run again replaces its earlier result; others stay', (t) => {
  const settled = [aWindow({ canaries: 7 })];
  const earlier = someResults();
  const newer = someResults({ measuredAt: '2026-02-02T03:04:05.000Z', measured: { settled } });
  t.deepEqual(mergeResults(earlier, newer), newer);
  t.deepEqual(mergeResults(earlier, someResults({ measured: {} })), earlier);
  t.deepEqual(mergeResults(undefined, newer), newer);
});

test('a scenario without a cluster leaves the Kubernetes of the others as it was', (t) => {
  const earlier = someResults();
  const newer = someResults({ machine: { ...earlier.machine, kubernetes: 'none', redis: '8.0.0' }, measured: {} });
  const { machine, measured } = mergeResults(earlier, newer);
  t.like(machine, { kubernetes: 'v1.34.4', redis: '8.0.0' });
  t.truthy(measured.settled);
  t.is(mergeResults(undefined, newer).machine.kubernetes, 'none');
});
