/** The layout as rules: who may import whom, and who may touch clocks, the environment and the outside libraries. */
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'ava';

const root = process.cwd();
const folders = [
  'canary',
  'queue',
  'scheduler',
  'worker',
  'loadtester',
  'platform',
  'console',
  'cli',
  'sandbox',
  'manifests',
  'chaos',
  'bench',
];

/** Folder → project folders that its files may import, besides their own. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  canary: [],
  platform: [],
  queue: ['canary', 'platform'],
  scheduler: ['canary', 'queue', 'platform'],
  worker: ['canary', 'queue', 'platform'],
  loadtester: ['platform'],
  console: ['queue', 'platform'],
  cli: ['canary', 'platform'],
  // Its simulated cluster plays the real rules; everything else in it stands on the platform alone.
  sandbox: ['canary', 'platform'],
  // The program that writes the definitions of the objects.
  manifests: ['canary'],
  // It watches the processes from outside: what it needs of them is the names that the rules derive.
  chaos: ['canary', 'platform', 'sandbox'],
  // It watches the processes from outside, by the contract of the queue and the numbering of slots; its settled worlds carry
  // the hashes that a worker derives. A simulation of more canaries than a cluster would hold runs scheduler and worker as
  // they are, with a source of canaries and a step in the place of the cluster's.
  bench: ['canary', 'queue', 'scheduler', 'worker', 'platform', 'sandbox'],
};

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

interface Source {
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
const sources = folders.filter(exists).flatMap((folder) => filesBelow(join(root, folder)).map(read));

const targetOf = (source: Source, specifier: string): string =>
  relative(root, join(root, source.path, '..', specifier));

/** What a file loads when it is loaded; types are gone by then. */
const codeOf = (source: Source): readonly string[] =>
  [...source.text.matchAll(/^import (?!type\b)[^'";]*?from\s+'(\.[^']+)'/gm)].map((match) =>
    targetOf(source, match[1] ?? ''),
  );

const offences = (isOffence: (source: Source) => readonly string[]): readonly string[] =>
  sources.flatMap((source) => isOffence(source).map((what) => `${source.path}: ${what}`));

test('every folder imports only from the folders below it', (t) => {
  const found = offences((source) =>
    source.imports
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => targetOf(source, specifier))
      .filter((target) => {
        const folder = target.split('/')[0] ?? '';
        return folder !== source.folder && !(allowed[source.folder] ?? []).includes(folder);
      }),
  );
  t.deepEqual(found, []);
  t.true(sources.length > 50, 'the sources were found');
});

/** Of Node itself only what computes. */
const pureBuiltins = new Set(['node:crypto', 'node:util']);

test('the rules import nothing from outside but zod, and that only where objects are described and parsed', (t) => {
  const found = offences((source) =>
    source.folder !== 'canary'
      ? []
      : source.imports.filter((specifier) => {
          if (specifier.startsWith('.') || pureBuiltins.has(specifier)) return false;
          return !(specifier === 'zod' && /^canary\/(parse|schema\/)/.test(source.path));
        }),
  );
  t.deepEqual(found, []);
});

test('only the platform imports the Kubernetes client library, and only where a kubeconfig is read', (t) => {
  const found = offences((source) => [
    ...(source.path === 'platform/kubernetes/kubeconfig.ts'
      ? []
      : source.imports.filter((specifier) => specifier.startsWith('@kubernetes/'))),
    ...(codeOf(source).includes('platform/kubernetes/kubeconfig.ts')
      ? ['a static import of kubernetes/kubeconfig.ts, with which every pod loads the library']
      : []),
  ]);
  t.deepEqual(found, []);
});

test('only the platform imports OpenTelemetry, and only where it is loaded when it is wanted', (t) => {
  const found = offences((source) => [
    ...(source.path === 'platform/observability/tracing-opentelemetry.ts'
      ? []
      : source.imports.filter((specifier) => specifier.startsWith('@opentelemetry/'))),
    ...(/^import[^;]*tracing-opentelemetry/m.test(source.text) ? ['a static import of tracing-opentelemetry.ts'] : []),
  ]);
  t.deepEqual(found, []);
});

/** The sandbox reads its settings in one file for all of its commands. */
const isEntryPoint = (path: string): boolean =>
  /(^|\/)(main|[a-z-]+-main)\.ts$/.test(path) || path === 'sandbox/environment.ts';

test('only entry points read the environment of the process', (t) => {
  const found = offences((source) =>
    isEntryPoint(source.path) || !/\bprocess\.env\b/.test(source.text) ? [] : ['process.env'],
  );
  t.deepEqual(found, []);
});

test('only the clock touches timers and the present time', (t) => {
  const pattern = /\bDate\.now\(|\bnew Date\(\)|\bsetTimeout\(|\bsetInterval\(|performance\.now\(|timers\/promises/;
  const found = offences((source) =>
    source.path === 'platform/clock.ts' || source.folder === 'sandbox' || !pattern.test(source.text)
      ? []
      : [pattern.exec(source.text)?.[0] ?? ''],
  );
  t.deepEqual(found, []);
});

test('no file leads back to itself through its imports, types included', (t) => {
  const byPath = new Map(
    sources.map((source) => [
      source.path,
      source.imports.filter((specifier) => specifier.startsWith('.')).map((specifier) => targetOf(source, specifier)),
    ]),
  );
  t.true([...byPath.values()].flat().length > 1_000, 'the imports were found');
  const done = new Set<string>();
  const circleFrom = (path: string, way: readonly string[]): readonly string[] | undefined => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (done.has(path)) return undefined;
    for (const next of byPath.get(path) ?? []) {
      const circle = circleFrom(next, [...way, path]);
      if (circle !== undefined) return circle;
    }
    done.add(path);
    return undefined;
  };
  const circles = [...byPath.keys()].flatMap((path) => circleFrom(path, [])?.join(' → ') ?? []);
  t.deepEqual(circles, []);
});

/**
 * Folder of the worker → those whose code its files may run, besides their own. What stands beside the folders joins them;
 * of it they use the contract of a step and the texts that are shown.
 */
const allowedInWorker: Readonly<Record<string, readonly string[]>> = {
  objects: [],
  reads: [],
  runs: [],
  targets: ['objects', 'reads'],
  scalers: ['objects'],
  routers: ['objects'],
  metrics: ['objects', 'reads'],
  webhooks: [],
  notifiers: ['reads'],
  services: ['objects', 'targets'],
  announcements: [],
  telemetry: [],
  step: ['reads', 'metrics', 'webhooks', 'telemetry'],
  jobs: ['step', 'announcements', 'reads', 'notifiers'],
};
const sharedByWorker = new Set(['worker/context.ts', 'worker/shown.ts']);

test('the folders of the worker run only the code of those below them', (t) => {
  const found = offences((source) => {
    const [, own, file] = source.path.split('/');
    if (source.folder !== 'worker' || own === undefined || file === undefined) return [];
    const allowedHere = allowedInWorker[own];
    if (allowedHere === undefined) return ['a folder that the table above does not have'];
    return codeOf(source)
      .filter((target) => target.startsWith('worker/') && !sharedByWorker.has(target))
      .filter((target) => ![own, ...allowedHere].some((folder) => target.startsWith(`worker/${folder}/`)));
  });
  t.deepEqual(found, []);
});

test('adapters know neither another family nor the step that calls them, not even their types', (t) => {
  const families = ['targets', 'scalers', 'routers', 'metrics', 'webhooks', 'notifiers'];
  const found = offences((source) => {
    const own = families.find((family) => source.path.startsWith(`worker/${family}/`));
    if (own === undefined) return [];
    const others = [...families.filter((family) => family !== own), 'step', 'jobs'];
    return source.imports
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => targetOf(source, specifier))
      .filter((target) => others.some((other) => target.startsWith(`worker/${other}/`)));
  });
  t.deepEqual(found, []);
});

test('only save-status writes the status of a Canary', (t) => {
  const found = offences((source) =>
    source.folder !== 'worker' || source.path === 'worker/step/save-status.ts' || !/\.replaceStatus\(/.test(source.text)
      ? []
      : ['replaceStatus'],
  );
  t.deepEqual(found, []);
});

test('files keep to the size that a reader can hold', (t) => {
  const found = offences((source) => {
    const lines = source.text.split('\n').length - 1;
    return lines > 250 ? [`${lines} lines`] : [];
  });
  t.deepEqual(found, []);
});

test('there are no barrels and no cupboards', (t) => {
  const found = offences((source) =>
    /(^|\/)(index\.ts|utils?\/|helpers?\/|common\/)/.test(source.path) ? ['a name that says nothing'] : [],
  );
  t.deepEqual(found, []);
});
