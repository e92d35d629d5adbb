/**
 * What the objects of a settled canary take in etcd and in the caches of a worker.
 *
 *   node --expose-gc out/bench/capacity/objects-main.js [canaries on the API server, 100] [copies in the caches, 10000]
 *
 * The objects are those that Aviary and its user really have on a real API server; the caches are filled with copies.
 */
import { formatInstant, systemClock as clock } from '../../platform/clock.ts';
import { createObjectStore } from '../../platform/kubernetes/object-store.ts';
import type { KeptPart, ObjectStore } from '../../platform/kubernetes/object-store.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { canaries, configMaps, deployments, meshHttpRoutes, services } from '../../platform/kubernetes/resources.ts';
import type { Resource } from '../../platform/kubernetes/resources.ts';
import { createProgress } from '../../sandbox/progress.ts';
import { openStage } from '../stage/stage.ts';
import type { Stage } from '../stage/stage.ts';
import { samplesOf } from '../measure/exposition.ts';
import { placeOf } from '../world/objects.ts';
import { makePattern } from '../world/pattern.ts';
import { writeSettled } from '../world/settled-world.ts';

const [count = 100, copies = 10_000] = process.argv.slice(2).map(Number);

const say = (line: string): void => void process.stdout.write(`${line}\n`);
const progress = createProgress((line) => process.stderr.write(`${line}\n`));

/** Kinds that a worker caches of a canary of the benchmark, and what it keeps of each. */
const kinds: readonly (readonly [Resource, KeptPart])[] = [
  [canaries, 'whole'],
  [deployments, 'whole'],
  [services, 'whole'],
  [meshHttpRoutes, 'whole'],
  [configMaps, 'metadata'],
];

interface Kind {
  readonly resource: Resource;
  readonly part: KeptPart;
  /** Of one canary. */
  readonly objects: readonly KubernetesObject[];
}

/** KiB in use, by etcd's own word. */
async function etcdKiB({ light }: Stage): Promise<number> {
  const answer = await fetch(`${light.etcdUrl}/metrics`);
  const [sample] = samplesOf(await answer.text(), 'etcd_mvcc_db_total_size_in_use_in_bytes');
  return (sample?.value ?? Number.NaN) / 1_024;
}

async function kindsOf({ client }: Stage): Promise<readonly Kind[]> {
  const { namespace, name } = placeOf(0);
  return Promise.all(
    kinds.map(async ([resource, part]) => {
      const { items } = await client.list(resource, { namespace, metadataOnly: part === 'metadata' });
      const objects = items.filter(({ metadata }) => metadata.name === name || metadata.name.startsWith(`${name}-`));
      return { resource, part, objects };
    }),
  );
}

function heapMiB(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** A copy under a name that nothing else has. */
const copyOf = (object: KubernetesObject, index: number): KubernetesObject => ({
  ...object,
  metadata: { ...object.metadata, name: `${object.metadata.name}-${index}` },
});

function fill({ objects, part }: Kind): ObjectStore {
  const store = createObjectStore({ part, isKept: () => true });
  const list = store.sink.beginList();
  for (let index = 0; index < copies; index += 1) list.page(objects.map((object) => copyOf(object, index)));
  list.complete('1');
  return store;
}

function tellCaches(found: readonly Kind[]): void {
  let all = 0;
  const stores: ObjectStore[] = [];
  for (const kind of found) {
    const before = heapMiB();
    stores.push(fill(kind));
    const bytes = ((heapMiB() - before) * 2 ** 20) / copies;
    all += bytes;
    const texts = kind.objects.map((object) => JSON.stringify(object).length);
    say(
      `  ${kind.resource.plural}: ${texts.length} of ${texts.join(', ')} bytes of JSON; ${Math.round(bytes)} bytes kept`,
    );
  }
  say(`in the caches of a worker: ${Math.round(all)} bytes a canary (${stores.length} kinds, ${copies} copies)`);
}

const stage = await openStage(progress);
try {
  const pattern = await makePattern(stage);
  const before = await etcdKiB(stage);
  await writeSettled(stage, pattern, { places: Array.from({ length: count }, (_, index) => placeOf(index)) });
  const grown = (await etcdKiB(stage)) - before;
  say(`${count} settled canaries, ${formatInstant(clock.now())}`);
  say(`in etcd, history of five minutes and endpoints included: ${Math.round(grown / count)} KiB a canary`);
  tellCaches(await kindsOf(stage));
} finally {
  await stage.close();
}
