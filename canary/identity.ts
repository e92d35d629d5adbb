/** Names that are derived, never drawn: whoever repeats a step arrives at the same ones. */
import { hash } from 'node:crypto';
import type { Canary, Revision } from './canary.ts';

const digest = (...parts: readonly string[]): string => hash('sha256', JSON.stringify(parts), 'hex');

const configsText = (revision: Revision): string =>
  Object.entries(revision.configs ?? {})
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, sum]) => `${name}=${sum}`)
    .join(',');

/** The pod annotation that makes the primary roll: one per Canary and revision, in UUID form. */
export function flaggerId(canary: Pick<Canary, 'uid'>, revision: Revision): string {
  const hex = digest('flagger-id', canary.uid, revision.template, configsText(revision));
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-');
}

/** Id of a run: 12 hex digits of Canary, revision and the slot in which it was accepted. */
export const runId = (canary: Canary, revision: Revision, slot: number): string =>
  digest('run', canary.uid, revision.template, configsText(revision), String(slot)).slice(0, 12);

/** Id of an announcement: one per Canary, slot and text. */
export const announcementId = (canary: Canary, slot: number, text: string): string =>
  digest('announcement', canary.uid, String(slot), text).slice(0, 20);

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Ten letters that these parts always give. */
export const derivedLetters = (...parts: readonly string[]): string =>
  [...Buffer.from(digest('letters', ...parts), 'hex').subarray(0, 10)]
    .map((byte) => letters.charAt(byte % letters.length))
    .join('');

/** The same for every repetition of one question to a hook: Canary, run, slot and hook. */
export const idempotencyKey = (parts: {
  canary: Pick<Canary, 'uid'>;
  run: string;
  slot: number;
  hook: string;
}): string => digest('hook', parts.canary.uid, parts.run, String(parts.slot), parts.hook).slice(0, 32);
