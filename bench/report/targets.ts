/** What is wanted of Aviary, and whether it was so. */
import { fixed, renderTable } from './table.ts';
import type { Column } from './table.ts';

export interface Target {
  /** For example `processor time of a step, ms`. */
  readonly what: string;
  /** For example `at most 5`. */
  readonly wanted: string;
  readonly measured: string;
  /** undefined: the run was another one than the target speaks of, or has not measured it. */
  readonly isMet: boolean | undefined;
}

export interface Bound {
  readonly what: string;
  readonly limit: number;
  /** undefined: nothing was measured. */
  readonly value: number | undefined;
  /** After the point, in both numbers. */
  readonly digits?: number;
}

export const atMost = (bound: Bound): Target => bounded(bound, { word: 'at most', isMet: (a, b) => a <= b });
export const atLeast = (bound: Bound): Target => bounded(bound, { word: 'at least', isMet: (a, b) => a >= b });

interface Comparison {
  readonly word: string;
  readonly isMet: (value: number, limit: number) => boolean;
}

/** `none`, and no more, where none may be. */
function bounded({ what, limit, value, digits = 0 }: Bound, { word, isMet }: Comparison): Target {
  return {
    what,
    wanted: limit === 0 ? 'none' : `${word} ${fixed(limit, digits)}`,
    measured: value === undefined ? 'nothing' : fixed(value, digits),
    isMet: value === undefined ? undefined : isMet(value, limit),
  };
}

const columns: readonly Column<Target>[] = [
  { head: 'target', cell: ({ what }) => what, side: 'left' },
  { head: 'wanted', cell: ({ wanted }) => wanted },
  { head: 'measured', cell: ({ measured }) => measured },
  { head: 'outcome', cell: ({ isMet }) => markOf(isMet), side: 'left' },
];

function markOf(isMet: boolean | undefined): string {
  if (isMet === undefined) return 'not known';
  return isMet ? '✓ met' : '✗ not met';
}

export const targetTable = (targets: readonly Target[]): string => renderTable(columns, targets);
