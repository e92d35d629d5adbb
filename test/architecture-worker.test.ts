/** The layout of the worker as rules: which folder may run whose code. */
import test from 'ava';
import { codeOf, offences, targetOf } from './support/sources.ts';

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
