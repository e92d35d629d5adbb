/** Puts the page and its pictures where readers find them. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Results } from '../results.ts';
import { performancePage, renderPage } from './page.ts';

/**
 * What was not measured here stays as it is on the page.
 *
 * @param folder of the pages: `docs`
 */
export async function writePage(results: Results, folder: string): Promise<void> {
  const { path, markdown, pictures } = renderPage(results, await textOf(join(folder, performancePage)));
  const file = join(folder, path);
  const style = await resolveConfig(file);
  // The lines of the source are those of our prose, which depend on the figures in them: they are filled anew.
  const text = await format(markdown, { ...style, parser: 'markdown', proseWrap: 'always' });
  for (const one of [{ path, text }, ...pictures]) {
    const place = join(folder, one.path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, one.text);
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
