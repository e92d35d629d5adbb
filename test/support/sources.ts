/** The project's own source files and what they import. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = process.cwd();
const folders = [
  'canary',
  'queue',
  'scheduler',
  'worker',
  'loadtester',
  'platform',
  'console',
  'sandbox',
  'manifests',
  'chaos',
  'bench',
];

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesBelow(path);
    return entry.name.endsWith('.ts') ? [path] : [];
  });
}

/** Keeps the lines, so that sizes stay what they are. */
const withoutComments = (text: string): string =>
  text.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, (comment) => comment.replaceAll(/[^\n]/g, ''));

export interface Source {
  readonly path: string;
  readonly folder: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const importPattern = /^(?:import|export)\b[^'";]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

function read(path: string): Source {
  const text = withoutComments(readFileSync(path, 'utf8'));
  const imports = [...text.matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? match[3] ?? '');
  const name = relative(root, path);
  return { path: name, folder: name.split('/')[0] ?? '', text, imports };
}

const exists = (folder: string): boolean => statSync(join(root, folder), { throwIfNoEntry: false }) !== undefined;
export const sources = folders.filter(exists).flatMap((folder) => filesBelow(join(root, folder)).map(read));

export const targetOf = (source: Source, specifier: string): string =>
  relative(root, join(root, source.path, '..', specifier));

/** What a file loads when it is loaded; types are gone by then. */
export const codeOf = (source: Source): readonly string[] =>
  [...source.text.matchAll(/^import (?!type\b)[^'";]*?from\s+'(\.[^']+)'/gm)].map((match) =>
    targetOf(source, match[1] ?? ''),
  );

export const offences = (isOffence: (source: Source) => readonly string[]): readonly string[] =>
  sources.flatMap((source) => isOffence(source).map((what) => `${source.path}: ${what}`));
