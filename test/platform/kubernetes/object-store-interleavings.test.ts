/** A store under random interleavings of writes, reads and a watch that comes after. */
import test from 'ava';
import fc from 'fast-check';
import type { Found, ObjectStore, ReadMark } from '../../../platform/kubernetes/object-store.ts';
import { anotherAt, at, list, listed, name } from './object-store-fixture.ts';

/** What three parties do: the cluster and others in it, ourselves, and a watch that comes after. */
const steps = fc.array(
  fc.constantFrom(
    'others write',
    'others delete',
    'another vanishes',
    'we write',
    'we delete',
    'our deletion is answered',
    'a write of ours is refused',
    'watch',
    'relist',
    'ask',
    'answer',
    'look',
  ),
  { maxLength: 40 },
);

type History = readonly (number | undefined)[];

/** Versions of one object by the cluster's version: undefined where it does not exist. */
class World {
  readonly history: (number | undefined)[] = [undefined];
  get version(): number {
    return this.history.length - 1;
  }
  write(): number {
    this.history.push(this.version + 1);
    return this.version;
  }
  delete(): void {
    this.history.push(undefined);
  }
  changeAnother(): void {
    this.history.push(this.now());
  }
  now(): number | undefined {
    return this.history.at(-1);
  }
}

/** Tells a store what a watch tells of one version. */
function tell({ sink }: ObjectStore, history: History, version: number): void {
  const [before, now] = [history[version - 1], history[version]];
  if (now === version) sink.changed(at(now));
  else if (now === before) sink.deleted(anotherAt(version));
  else sink.deleted(at(version));
}

interface Play {
  readonly isKept: boolean;
  readonly plan: readonly string[];
}

/** @throws Error when the store tells something that lies before what was known */
function play({ isKept, plan }: Play): void {
  const world = new World();
  const store = listed(0, [], isKept);
  let watched = 0;
  let floor = 0;
  const asked: { readonly mark: ReadMark; readonly answer: number | undefined }[] = [];
  const deletions: { readonly known: number; readonly done: number | undefined }[] = [];
  const deeds: Record<string, () => void> = {
    'others write': () => world.write(),
    'others delete': () => world.now() !== undefined && world.delete(),
    'another vanishes': () => world.changeAnother(),
    'we write': () => {
      floor = world.write();
      store.wrote(at(floor));
    },
    // Under the version that we know: the API server refuses to delete another.
    'we delete': () => {
      const found = store.find(name);
      if (found.kind !== 'object') return;
      const known = Number(found.object.metadata.resourceVersion);
      const isDone = known === world.now();
      if (isDone) world.delete();
      deletions.push({ known, done: isDone ? world.version : undefined });
    },
    'our deletion is answered': () => {
      const { known, done } = deletions.shift() ?? {};
      if (known === undefined) return;
      floor = Math.max(floor, done ?? 0);
      if (done === undefined) store.distrust(name, known);
      else store.ended(name, known);
    },
    'a write of ours is refused': () => store.distrust(name),
    watch: () => {
      if (watched === world.version) return;
      watched += 1;
      tell(store, world.history, watched);
      floor = Math.max(floor, watched);
    },
    relist: () => {
      watched = world.version;
      const now = world.now();
      list(store, watched, now === undefined ? [] : [at(now)]);
      floor = Math.max(floor, watched);
    },
    ask: () => {
      asked.push({ mark: store.mark(), answer: world.now() });
    },
    answer: () => {
      const read = asked.shift();
      if (read !== undefined) store.saw(name, read.answer === undefined ? undefined : at(read.answer), read.mark);
    },
    look: () => {
      floor = Math.max(floor, lookedAt(world.history, store.find(name), floor));
    },
  };
  for (const step of [...plan, 'look']) deeds[step]?.();
}

for (const isKept of [true, false]) {
  const which = isKept ? 'a namespace that is kept' : 'a namespace of which only what was read is kept';
  test(`in ${which}, what is known never goes back behind what we have written, read or been told`, (t) => {
    const property = fc.property(steps, (plan) => play({ isKept, plan }));
    t.notThrows(() => fc.assert(property, { numRuns: 20_000 }));
  });
}

/** The version that was told. @throws Error when it lies before what was known */
function lookedAt(history: History, found: Found, floor: number): number {
  if (found.kind === 'unknown') return floor;
  if (found.kind === 'absent') {
    const since = history.indexOf(undefined, floor);
    if (since !== -1) return since;
    throw new Error(`absent, but it has existed since ${floor}: ${JSON.stringify(history)}`);
  }
  const version = Number(found.object.metadata.resourceVersion);
  if (version >= floor) return version;
  // It may still be the newest there was at that time.
  if (history.slice(version, floor + 1).every((one) => one === version)) return floor;
  throw new Error(`at ${version}, but ${floor} was known: ${JSON.stringify(history)}`);
}
