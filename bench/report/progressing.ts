import type { StretchedWindow } from '../results.ts';
import type { Section } from './section.ts';
import { fixed } from './table.ts';
import { windowFigures } from './window-table.ts';

export const progressing = (result: StretchedWindow): Section => ({
  title: 'Progressing',
  about:
    'Canaries that were all released at once. Each has a step of weight in every slot: a route, a status and an event are ' +
    'written. Wanted: no slot missed, and at most 4 requests a step.',
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
