/** What came true of a chapter. */
import { styleText } from 'node:util';
import type { Chapter, Findings, Witness } from './chapters.ts';

export interface Verdict {
  readonly says: string;
  readonly ok: boolean;
}

/** Only what the witnesses that are there can show is claimed. */
export const judge = (chapter: Chapter, found: Findings, witnesses: readonly Witness[]): readonly Verdict[] =>
  chapter.expectations
    .filter(({ needs }) => needs === undefined || witnesses.includes(needs))
    .map(({ says, holds }) => ({ says, ok: holds(found) }));

/** Whether there was something to claim, and all of it held. */
export const hasComeTrue = (verdicts: readonly Verdict[]): boolean =>
  verdicts.length > 0 && verdicts.every(({ ok }) => ok);

/** A line a verdict; where one does not hold, the last failed requests too. */
export function verdictLines(verdicts: readonly Verdict[], { failures }: Findings): readonly string[] {
  const lines = verdicts.map(({ says, ok }) => `  ${ok ? styleText('green', '✔') : styleText('red', '✘')} ${says}`);
  const requests = hasComeTrue(verdicts) ? [] : failures.slice(-5).map((failure) => `    a failed request: ${failure}`);
  return [...lines, ...requests];
}
