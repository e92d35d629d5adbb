import type { StretchedWindow } from '../results.ts';
import type { Section } from './section.ts';
import { fixed } from './table.ts';
import { atMost } from './targets.ts';
import { windowFigures } from './window-table.ts';

export const progressing = (result: StretchedWindow): Section => ({
  about:
    'Canaries that were all released at once. Each has a step of weight in every slot: a route, a status and an event are ' +
    `written. ${result.workers} workers, measured over ${fixed(result.costs.seconds)} s.`,
  targets: [
    atMost({ what: 'slots missed', limit: 0, value: result.punctuality.missed }),
    atMost({ what: 'requests of a step', limit: 4, value: result.costs.requests, digits: 2 }),
  ],
  figures: [windowFigures([result]), '', outcomesText(result), ...stretchText(result)].join('\n'),
});

function outcomesText({ punctuality }: StretchedWindow): string {
  const counts = Object.entries(punctuality.outcomes).toSorted(([, a], [, b]) => b - a);
  return `Outcomes of the steps: ${counts.map(([outcome, count]) => `${fixed(count)} ${outcome}`).join(', ')}.`;
}

const stretchText = ({ stretch }: StretchedWindow): readonly string[] =>
  stretch === 1
    ? []
    : [`\nIntervals were stretched: of ${stretch} slots one was taken, and the others count as missed.`];
