import type { KillResult } from '../results.ts';
import type { Section } from './section.ts';
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';
import { atLeast, atMost } from './targets.ts';
import type { Target } from './targets.ts';

const shown = (value: number | undefined, digits: number): string =>
  value === undefined ? 'none' : fixed(value, digits);

const secondsOf = (milliseconds: number | undefined): number | undefined =>
  milliseconds === undefined ? undefined : milliseconds / 1_000;

const inSeconds = (milliseconds: number | undefined): string => shown(secondsOf(milliseconds), 1);

const going: readonly Column<KillResult>[] = [
  { head: 'canaries', cell: ({ canaries }) => fixed(canaries) },
  { head: 'steps lost', cell: ({ resumption }) => fixed(resumption.held) },
  { head: 'longest gap, s', cell: ({ resumption }) => inSeconds(resumption.longestGapMs) },
  { head: 'never again', cell: ({ resumption }) => fixed(resumption.neverAgain) },
  { head: 'slots due', cell: ({ punctuality }) => fixed(punctuality.due) },
  { head: 'missed', cell: ({ punctuality }) => fixed(punctuality.missed) },
  { head: 'least distance, intervals', cell: ({ distances }) => shown(distances.least, 3) },
  { head: 'most', cell: ({ distances }) => shown(distances.most, 3) },
  { head: 'below 0.9', cell: ({ distances }) => fixed(distances.tooShort) },
];

const asking: readonly Column<KillResult>[] = [
  { head: 'hooks asked', cell: ({ questions }) => fixed(questions.asked) },
  { head: 'again under the same key', cell: ({ questions }) => fixed(questions.repeated) },
  { head: 'again under a new key', cell: ({ questions }) => fixed(questions.underNewKey) },
  { head: 'of a step that was never recorded', cell: ({ questions }) => fixed(questions.unrecorded) },
];

export const kill = (result: KillResult): Section => ({
  about:
    'Canaries under way, each of which asks a hook that takes a second, and one of the workers is ended by SIGKILL while it ' +
    'is at some steps. The gap is the time from its end to the next step of a canary that it was at. A step that its slot ' +
    'does not see again is left to the next slot, which asks under a key of its own. ' +
    `One of ${result.workers} workers is killed.`,
  targets: targetsOf(result),
  figures: [renderTable(going, [result]), '', renderTable(asking, [result])].join('\n'),
});

const targetsOf = ({ resumption, distances, questions }: KillResult): readonly Target[] => [
  atMost({ what: 'longest gap, s', limit: 10, value: secondsOf(resumption.longestGapMs), digits: 1 }),
  atMost({ what: 'canaries that never went on', limit: 0, value: resumption.neverAgain }),
  atLeast({ what: 'distance of two steps, intervals', limit: 0.9, value: distances.least, digits: 2 }),
  atMost({ what: 'steps that asked twice under different keys', limit: 0, value: questions.underNewKey }),
];
