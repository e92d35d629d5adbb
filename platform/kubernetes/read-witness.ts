/**
 * Whether what a piece of work has read of the cluster still is as it was.
 *
 * All requests of a step carry its signal, as they do for their urgency. So the signal is where the reads are noted:
 * nothing between the step and the client has to pass them on, and a read cannot be forgotten.
 */
import type { SeenVersions } from './client.ts';

/** Whoever answers reads of a kind from its watch. */
export interface ReadSource {
  /**
   * Whether the answer would be the same now.
   *
   * @param key names the object among those of the source
   * @param notBefore a watch that has not come so far cannot tell
   */
  isStill(key: string, version: number, notBefore: SeenVersions | undefined): boolean;
}

/** An answer that a watch has given. Thousands of canaries have some each, so that it is no more than it has to be. */
export interface SeenRead {
  readonly source: ReadSource;
  readonly key: string;
  readonly version: number;
}

interface Witness {
  /** An object is read several times in a step. */
  readonly reads: Map<ReadSource, Map<string, SeenRead>>;
  /** What was read is not all that the work depended on, or does not hold together. */
  isSpoiled: boolean;
}

const witnesses = new WeakMap<AbortSignal, Witness>();

/**
 * Begins to note what is read under this very signal.
 *
 * @returns for the end of the work: its reads, each object once, or undefined when they are not the whole truth or when
 *   there were none
 */
export function witnessReads(signal: AbortSignal): () => readonly SeenRead[] | undefined {
  const witness: Witness = { reads: new Map(), isSpoiled: false };
  witnesses.set(signal, witness);
  return () => {
    const reads = [...witness.reads.values()].flatMap((ofSource) => [...ofSource.values()]);
    return witness.isSpoiled || reads.length === 0 ? undefined : reads;
  };
}

/** For the client, with what a watch has answered. One object in two versions is nothing that could be found again. */
export function noteRead(signal: AbortSignal | undefined, read: SeenRead): void {
  const witness = signal && witnesses.get(signal);
  if (witness === undefined) return;
  const ofSource = witness.reads.get(read.source) ?? new Map<string, SeenRead>();
  witness.reads.set(read.source, ofSource);
  const before = ofSource.get(read.key);
  if (before === undefined) ofSource.set(read.key, read);
  else if (before.version !== read.version) witness.isSpoiled = true;
}

/** For the client, when a request goes out. */
export function noteRequest(signal: AbortSignal | undefined): void {
  const witness = signal && witnesses.get(signal);
  if (witness !== undefined) witness.isSpoiled = true;
}
