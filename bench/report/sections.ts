/** What is said of each scenario, in the terminal and on the page. */
import type { Measured, WindowResult } from '../results.ts';
import { memoryTable, processorTable, punctualTable } from './window-table.ts';

export interface Section {
  readonly title: string;
  /** How it was measured, for who has not read the code. */
  readonly about: string;
  /** Markdown. */
  readonly figures: string;
}

/** The sections of what was measured, in the order in which the page tells them. */
export const sectionsOf = (measured: Partial<Measured>): readonly Section[] => [
  ...sectionOf(measured.settled, settled),
];

const sectionOf = <Result>(result: Result | undefined, write: (result: Result) => Section): readonly Section[] =>
  result === undefined ? [] : [write(result)];

const settled = (rows: readonly WindowResult[]): Section => ({
  title: 'Settled',
  about:
    'Canaries that have nothing to do. Their slots are spread over the interval by the hash of their uids, as always.',
  figures: windowFigures(rows),
});

const windowFigures = (rows: readonly WindowResult[]): string =>
  [
    punctualTable(rows),
    '\nMilliseconds on a processor for each step (the same number is seconds for each 1,000 steps):\n',
    processorTable(rows),
    '\nMemory in MiB at the end of the span (the most since the start in brackets):\n',
    memoryTable(rows),
  ].join('\n');
