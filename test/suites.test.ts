/** The suites take in every unit test, and only files that can share a worker. */
import { readFileSync, readdirSync } from 'node:fs';
import test from 'ava';
import { suites } from './suites/suites.ts';

/** They run on their own: real servers, whole stories, files that share hooks, and proofs that take long. */
const alone = ['integration', 'e2e', 'platform', 'proofs'];

const testFiles = (folder: string): readonly string[] =>
  readdirSync(`test/${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => `test/${folder}/${path}`);

test('every folder with unit tests belongs to exactly one suite', (t) => {
  const folders = readdirSync('test', { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !alone.includes(entry.name))
    .map(({ name }) => name)
    .filter((name) => testFiles(name).some((path) => path.endsWith('.test.ts')));
  t.deepEqual(Object.values(suites).flat().toSorted(), folders.toSorted());
});

test('no file of a suite declares a hook, which would reach all the others', (t) => {
  const hook = /\.(?:before|after)(?:Each)?(?:\.always)?\(/;
  for (const path of Object.values(suites).flat().flatMap(testFiles)) {
    t.notRegex(readFileSync(path, 'utf8'), hook, path);
  }
});
