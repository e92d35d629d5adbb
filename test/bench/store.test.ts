import { writeFile } from 'node:fs/promises';
import test from 'ava';
import { mergeResults, readResults, resultsFile, writeResults } from '../../bench/store.ts';
import { temporaryFolder } from '../sandbox/temporary-folder.ts';
import { aWindow, anOrigin, someResults } from './a-result.ts';
import { everything } from './everything.ts';

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

test('a scenario that is run again replaces its earlier result and where it had run; others stay', (t) => {
  const elsewhere = anOrigin({ measuredAt: '2026-02-02T03:04:05.000Z' });
  const again = { settled: [aWindow({ canaries: 7 })] };
  const { measured, origins } = someResults();
  const earlier = {
    measured: { ...measured, bursts: everything.bursts },
    origins: { ...origins, bursts: anOrigin() },
  };
  t.deepEqual(mergeResults(earlier, { measured: again, origins: { settled: elsewhere } }), {
    measured: { ...again, bursts: everything.bursts },
    origins: { settled: elsewhere, bursts: anOrigin() },
  });
  t.deepEqual(mergeResults(earlier, { measured: {}, origins: {} }), earlier);
  t.deepEqual(mergeResults(undefined, earlier), earlier);
});
