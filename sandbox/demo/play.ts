/** Plays the chapters one after another and says what came true. */
import { shortStory } from '../story/example.ts';
import type { Shortening } from '../story/example.ts';
import { chaptersOf, weightsOf } from './chapters.ts';
import type { Chapter, Findings, Witness } from './chapters.ts';
import { hasComeTrue, judge, verdictLines } from './judge.ts';
import type { DemoOptions } from './options.ts';
import { heading, say } from './say.ts';
import type { TellerOptions } from './teller.ts';

const exampleWeights = { stepWeight: 5, maxWeight: 50 };
const minute = 60_000;

/** What the story changes of the example. */
export const shorteningOf = ({ realTime }: DemoOptions, short: Shortening = shortStory): Shortening | undefined =>
  realTime ? undefined : short;

/** The chapters for an example that is shortened or not. */
export const chaptersFor = (shortening: Shortening | undefined): readonly Chapter[] =>
  chaptersOf(weightsOf(shortening?.stepWeight ?? exampleWeights.stepWeight, exampleWeights.maxWeight));

/** How the story is looked at. @param minutes bound of a shortened chapter */
export const tellerSettings = (
  shortening: Shortening | undefined,
  minutes: number,
): Omit<TellerOptions, 'story' | 'queries' | 'isTerminal'> => ({
  threshold: 5,
  timeoutMs: (shortening === undefined ? 30 : minutes) * minute,
  columns: process.stdout.columns ?? 120,
});

export interface Play {
  readonly chapters: readonly Chapter[];
  /** Who is there to see what happens. */
  readonly witnesses: readonly Witness[];
  readonly tell: (chapter: Chapter) => Promise<Findings> | Findings;
}

/** Returns whether the story came true. @throws Error when a chapter does not come to its end */
export async function playChapters({ chapters, witnesses, tell }: Play): Promise<boolean> {
  let isTrue = chapters.length > 0;
  for (const chapter of chapters) {
    heading(chapter.title);
    const found = await tell(chapter);
    const verdicts = judge(chapter, found, witnesses);
    for (const line of verdictLines(verdicts, found)) say(line);
    isTrue = hasComeTrue(verdicts) && isTrue;
  }
  return isTrue;
}
