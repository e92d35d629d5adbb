/**
 * Writes the suites: one file for each of a few folders, which imports all test files below them.
 *
 * AVA starts a worker for every file it is given, which costs a third of a second of CPU before the first line of a test
 * runs: more than most of our files need themselves. The imports have to be static, for AVA wants all tests declared
 * before the first one begins. Files that use hooks (`test.beforeEach`, …) stay outside: a hook would reach the whole suite.
 */
import { readdir, writeFile } from 'node:fs/promises';
import { suites } from './suites.ts';

/** Where the built tests are, and where their sources: what was built of a file that is gone counts no more. */
const built = new URL('../', import.meta.url);
const sources = new URL('../../../test/', import.meta.url);

async function filesOf(folder: string): Promise<readonly string[]> {
  const paths = await readdir(new URL(`${folder}/`, sources), { recursive: true });
  return paths.filter((path) => path.endsWith('.test.ts')).map((path) => `../${folder}/${path.replace(/ts$/, 'js')}`);
}

for (const [name, folders] of Object.entries(suites)) {
  const files = (await Promise.all(folders.map(filesOf))).flat().sort();
  const imports = files.map((file) => `import '${file}';\n`).join('');
  await writeFile(new URL(`suites/${name}.suite.js`, built), imports);
}
