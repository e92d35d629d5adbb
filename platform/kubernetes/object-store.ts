/**
 * The objects of one kind as a watch tells of them, for reading in place of a request.
 *
 * What is known of an object never goes back: an event that is older than our own write, or than what somebody else is
 * known to have seen, changes nothing. Where that cannot be told, the object counts as unknown and is asked for.
 *
 * Objects are kept as packed text: a thousand of them cost a few hundred kilobytes, and the collector has nothing to walk.
 */
import { type KubernetesObject, type ObjectName, nameOf } from './object.ts';
import type { WatchSink } from './watch-loop.ts';
import { type TextPacker, createTextPacker } from '../packed-text.ts';
import { type LossMark, type RecentLosses, createRecentLosses } from '../recent-losses.ts';

/** `metadata`: without content, for kinds whose content must not be held. */
export type KeptPart = 'whole' | 'metadata';

export type Found =
  | { readonly kind: 'object'; readonly object: KubernetesObject }
  | { readonly kind: 'absent' }
  /** Only the API server can tell. */
  | { readonly kind: 'unknown' };

/** Taken before a read of the API server: what happened to its object meanwhile makes the answer worthless. */
export type ReadMark = LossMark;

export interface ObjectStore {
  readonly sink: WatchSink;
  /** @param notBefore version up to which the watch must have come; without it any will do */
  find(name: ObjectName, notBefore?: number): Found;
  /**
   * The same as a number to compare: the object's version, 0 for one that does not exist, NaN (which equals nothing)
   * where only the API server can tell.
   *
   * @param key the object's name as `nameOf` writes it
   */
  versionAt(key: string, notBefore?: number): number;
  mark(): ReadMark;
  /** What a read has answered. */
  saw(name: ObjectName, answer: KubernetesObject | undefined, mark: ReadMark): void;
  /** What a write has answered: from now on nothing older is told. */
  wrote(object: KubernetesObject): void;
  /**
   * A write has shown that what is known is old.
   *
   * @param version of the object that was written: nothing up to it is believed any more
   */
  distrust(name: ObjectName, version?: number): void;
  /**
   * A deletion was carried out, or there was nothing to delete any more. Nothing is believed until the watch tells of
   * the end, which it may have done before the deletion was answered.
   *
   * @param version that the object had before, where it is known
   */
  ended(name: ObjectName, version?: number): void;
  size(): number;
}

export interface ObjectStoreOptions {
  readonly part: KeptPart;
  /**
   * Whether all objects of a namespace are kept, also those that nobody has asked for; asked once per namespace and
   * list. Of the others only what has been read is.
   */
  readonly isKept: (namespace: string | undefined) => boolean;
}

/** `packed` is undefined for an object that does not exist. */
interface Entry {
  readonly version: number;
  readonly packed: string | undefined;
  /** Known to be behind: nothing up to its version is believed. */
  readonly isOld?: true;
}

/**
 * An object's version as a number. The API server promises that versions of one kind can be compared; one that is no
 * number is never believed, so that its object is always asked for.
 */
export const versionOf = ({ metadata }: KubernetesObject): number => numberOf(metadata.resourceVersion);

const numberOf = (version: string | undefined): number => {
  const number = Number(version ?? Number.NaN);
  return Number.isSafeInteger(number) ? number : Number.NaN;
};

interface State extends ObjectStoreOptions {
  readonly entries: Map<string, Entry>;
  readonly packer: TextPacker;
  /** Namespaces of which an object was seen since the last list, and whether all of theirs are kept. */
  decided: Map<string, boolean>;
  /** Highest version that the watch has told of. */
  position: number;
  /** What has vanished, fallen into doubt, or changed without being kept: an answer from before is worth nothing. */
  readonly losses: RecentLosses;
}

/** Far more than vanish during a read, and about 100 KiB for a kind. */
const rememberedLosses = 1_000;

export function createObjectStore(options: ObjectStoreOptions): ObjectStore {
  const entries = new Map<string, Entry>();
  const losses = createRecentLosses(rememberedLosses);
  const state: State = { ...options, entries, packer: createTextPacker(), decided: new Map(), position: 0, losses };
  return {
    sink: createSink(state),
    find: (name, notBefore = 0) => find(state, name, notBefore),
    versionAt: (key, notBefore = 0) => versionAt(state, key, notBefore),
    mark: () => losses.mark(),
    saw: (name, answer, mark) => {
      const key = nameOf(name);
      if (losses.since(mark, key)) return;
      const known = state.entries.get(key);
      if (answer === undefined) {
        // What made it doubtful lies before the question: it is known again, and not asked for until it is listed anew.
        const isOpen = known === undefined || known.isOld === true;
        if (isOpen) state.entries.set(key, { version: known?.version ?? 0, packed: undefined });
      } else if (known === undefined || !(versionOf(answer) < known.version)) keep(state, key, answer);
    },
    wrote: (object) => believe(state, nameOf(object.metadata), object),
    distrust: (name, version) => distrust(state, nameOf(name), version),
    ended: (name, version = 0) => {
      const key = nameOf(name);
      // Beyond a version that existed the watch knows of nothing: its end was told, and will not be told again.
      const isTold = version > 0 && state.position > version && !state.entries.has(key);
      if (isTold) losses.lose(key);
      else distrust(state, key, version);
    },
    size: () => state.entries.size,
  };
}

function find(state: State, name: ObjectName, notBefore: number): Found {
  const key = nameOf(name);
  const version = versionAt(state, key, notBefore);
  if (Number.isNaN(version)) return unknown;
  const packed = version === 0 ? undefined : state.entries.get(key)?.packed;
  if (packed === undefined) return absent;
  return { kind: 'object', object: JSON.parse(state.packer.unpack(packed)) as KubernetesObject };
}

function versionAt(state: State, key: string, notBefore: number): number {
  const entry = state.entries.get(key);
  if (entry === undefined) {
    const isComplete = state.decided.get(namespaceIn(key)) !== false;
    return isComplete && state.position >= notBefore ? 0 : Number.NaN;
  }
  const isBehind = entry.isOld === true || (state.position < notBefore && entry.version < notBefore);
  if (isBehind) return Number.NaN;
  return entry.packed === undefined ? 0 : entry.version;
}

/** Empty for what is in none. */
const namespaceIn = (key: string): string => key.slice(0, Math.max(0, key.indexOf('/')));

const absent: Found = { kind: 'absent' };
const unknown: Found = { kind: 'unknown' };

function createSink(state: State): WatchSink {
  return {
    beginList() {
      const seen = new Set<string>();
      const decided: State['decided'] = new Map();
      return {
        page: (items) => {
          for (const item of items) {
            seen.add(nameOf(item.metadata));
            tell(state, item, decided);
          }
        },
        complete: (version) => {
          const listed = numberOf(version);
          state.decided = decided;
          for (const [key, entry] of state.entries) {
            // What we have written since is not in the list, and not gone.
            if (!seen.has(key) && !(entry.version > listed)) state.entries.delete(key);
          }
          // Nor does it tell what has vanished of which nothing was known, and is on its way in an answer.
          state.losses.loseAll();
          reach(state, listed);
        },
      };
    },
    changed: (object) => {
      tell(state, object, state.decided);
      reach(state, versionOf(object));
    },
    deleted: (object) => {
      const key = nameOf(object.metadata);
      const version = versionOf(object);
      // A later object of the same name may be known already from our own write.
      if (!((state.entries.get(key)?.version ?? 0) > version)) remove(state, key);
      reach(state, version);
    },
    reached: (version) => reach(state, numberOf(version)),
  };
}

function reach(state: State, version: number): void {
  if (version > state.position) state.position = version;
}

function remove(state: State, key: string): void {
  state.losses.lose(key);
  state.entries.delete(key);
}

function distrust(state: State, key: string, written = 0): void {
  const version = Math.max(state.entries.get(key)?.version ?? 0, written || 0);
  state.losses.lose(key);
  state.entries.set(key, { version, packed: undefined, isOld: true });
}

/** What the watch tells of an object, if that is kept. */
function tell(state: State, object: KubernetesObject, decided: State['decided']): void {
  const key = nameOf(object.metadata);
  const home = object.metadata.namespace ?? '';
  const isKept = decided.get(home) ?? state.isKept(object.metadata.namespace);
  decided.set(home, isKept);
  if (isKept || state.entries.has(key)) believe(state, key, object);
  else state.losses.lose(key);
}

/** Unless nothing is new in it: our own writes are told again by the watch, and everything by each list. */
function believe(state: State, key: string, object: KubernetesObject): void {
  const known = state.entries.get(key);
  if (known === undefined || !(versionOf(object) <= known.version)) keep(state, key, object);
}

function keep(state: State, key: string, object: KubernetesObject): void {
  const version = versionOf(object);
  if (Number.isNaN(version)) state.entries.set(key, { version: 0, packed: undefined, isOld: true });
  else state.entries.set(key, { version, packed: state.packer.pack(JSON.stringify(partOf(state.part, object))) });
}

const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

/** The content of a Secret stands in an annotation, too, where `kubectl apply` has made it. */
function partOf(part: KeptPart, object: KubernetesObject): KubernetesObject {
  if (part === 'whole') return object;
  const { apiVersion, kind, metadata } = object;
  const { managedFields: _fields, annotations, ...rest } = metadata;
  if (annotations === undefined) return { apiVersion, kind, metadata: rest };
  const { [lastApplied]: _applied, ...others } = annotations;
  return { apiVersion, kind, metadata: { ...rest, annotations: others } };
}
