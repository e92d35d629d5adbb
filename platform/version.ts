/** The version of this program, as its package.json has it. */
import { readFileSync } from 'node:fs';
import { parseJson, stringAt } from './json.ts';

/** @throws Error when package.json is not where the build puts it */
export function programVersion(): string {
  const file = new URL('../../package.json', import.meta.url);
  return stringAt(parseJson(readFileSync(file, 'utf8')), 'version') ?? 'unknown';
}
