/** Puts the page and its pictures where readers find them. */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import type { Page } from './page.ts';

/** @param folder of the pages: `docs` */
export async function writePage({ path, markdown, pictures }: Page, folder: string): Promise<void> {
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
