/**
 * Whether what a piece of work has read of the cluster still is as it was.
 *
 * All requests of a step carry its signal, as they do for their urgency. So the signal is where the reads are noted:
 * nothing between the step and the client has to pass them on, and a read cannot be forgotten.
 */
import type { SeenVersions } from './kubernetes-client.ts';

/** An answer that a watch has given. `notBefore`: a watch that has not come so far cannot tell. */
export type SeenRead = (notBefore: SeenVersions | undefined) => boolean;

interface Witness {
  readonly reads: SeenRead[];
  /** Something was asked of the API server itself, or written: what was read is not all that the work depended on. */
  isSpoiled: boolean;
}

const witnesses = new WeakMap<AbortSignal, Witness>();

/**
 * Begins to note what is read under this very signal.
 *
 * @returns for the end of the work: its reads, or undefined when they are not the whole truth or when there were none
 */
export function witnessReads(signal: AbortSignal): () => readonly SeenRead[] | undefined {
  const witness: Witness = { reads: [], isSpoiled: false };
  witnesses.set(signal, witness);
  return () => (witness.isSpoiled || witness.reads.length === 0 ? undefined : witness.reads);
}

/** For the client, with what a watch has answered. */
export const noteRead = (signal: AbortSignal | undefined, read: SeenRead): void => {
  if (signal !== undefined) witnesses.get(signal)?.reads.push(read);
};

/** For the client, when a request goes out. */
export function noteRequest(signal: AbortSignal | undefined): void {
  const witness = signal && witnesses.get(signal);
  if (witness !== undefined) witness.isSpoiled = true;
}
