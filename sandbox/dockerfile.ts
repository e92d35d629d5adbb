/** What the Dockerfile says of how Node is started: the sandbox and the benchmarks start it so, too. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectDirectory } from './environment.ts';

/**
 * Node's own arguments in the image's ENTRYPOINT, as `['--enable-source-maps']`.
 *
 * @param dockerfile its text
 * @throws Error when its last ENTRYPOINT is not a JSON list that starts `node`
 */
export function nodeArguments(dockerfile: string): readonly string[] {
  const entrypoint = dockerfile
    .split('\n')
    .findLast((line) => line.startsWith('ENTRYPOINT '))
    ?.slice('ENTRYPOINT '.length);
  const words: unknown = entrypoint?.startsWith('[') === true ? JSON.parse(entrypoint) : undefined;
  const texts = Array.isArray(words) ? words.map(String) : [];
  const start = texts.indexOf('node');
  if (start >= 0) return texts.slice(start + 1);
  throw new Error(
    `Dockerfile: expected ENTRYPOINT [..., "node", ...], got ${entrypoint ?? 'none'}; the sandbox goes by it`,
  );
}

/** What the last stage of a Dockerfile sets, as `{ NODE_ENV: 'production' }`. */
export function variables(dockerfile: string): Readonly<Record<string, string>> {
  const stage = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
  const pairs = [...stage.matchAll(/^ENV (.+)$/gm)].flatMap(([, line = '']) => line.split(' '));
  return Object.fromEntries(pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]));
}

const ofThisProject = (): string => readFileSync(join(projectDirectory, 'Dockerfile'), 'utf8');

/** Node's own arguments in this project's image. */
export const imageNodeArguments = (): readonly string[] => nodeArguments(ofThisProject());

/** Variables of every process in this project's image. */
export const imageVariables = (): Readonly<Record<string, string>> => variables(ofThisProject());
