/** Where results stay between runs, so that scenarios can be run one by one and the page be written from all of them. */
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Results } from './results.ts';

/** @param cache the sandbox's cache folder */
export const resultsFile = (cache: string): string => join(cache, 'bench', 'results.json');

/** @returns undefined when nothing was measured here yet */
export async function readResults(file: string): Promise<Results | undefined> {
  try {
    // Nobody else writes it.
    return JSON.parse(await readFile(file, 'utf8')) as Results;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new Error(`${file}: expected the results of an earlier run; remove the file and measure again`, {
      cause: error,
    });
  }
}

/** What is new replaces the same scenario's earlier result; the others stay. */
export const mergeResults = (earlier: Results | undefined, newer: Results): Results => ({
  measured: { ...earlier?.measured, ...newer.measured },
  origins: { ...earlier?.origins, ...newer.origins },
});

export async function writeResults(file: string, results: Results): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unfinished = `${file}.new`;
  await writeFile(unfinished, `${JSON.stringify(results, null, 1)}\n`);
  await rename(unfinished, file);
}
