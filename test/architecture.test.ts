/** The layout as rules: who may import whom, and who may touch clocks, the environment and the outside libraries. */
import test from 'ava';
import { codeOf, offences, sources, targetOf } from './support/sources.ts';

/** Folder → project folders that its files may import, besides their own. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  canary: [],
  platform: [],
  queue: ['canary', 'platform'],
  scheduler: ['canary', 'queue', 'platform'],
  worker: ['canary', 'queue', 'platform'],
  loadtester: ['platform'],
  console: ['queue', 'platform'],
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
