/** How much a template may be and do: whoever writes one shares the worker, and its time, with everybody else. */
import { TemplateError, parsingFailed } from './error.ts';

/** Characters; a query is a few lines. */
const longestSource = 10_000;
/** Turns, evaluated expressions and characters: some tens of milliseconds. */
const mostWork = 100_000;
/** Of one value that `printf` writes. */
export const mostWidth = 1_000;
/** Parentheses in each other. */
export const mostParentheses = 100;

/** What is left of the work that one rendering may be. */
export interface Budget {
  /** @throws TemplateError when nothing is left */
  spend(units: number): void;
}

/** For one rendering: 100,000 units, one of each turn, expression and character. */
export function createBudget(): Budget {
  let left = mostWork;
  return {
    spend: (units) => {
      left -= units;
      if (left >= 0) return;
      throw new TemplateError(
        `template excution failed: template: tmpl: expected at most ${mostWork} turns, expressions and characters ` +
          'in all: write fewer or smaller ranges and texts',
      );
    },
  };
}

/** @throws TemplateError for a template that is too long to be read */
export function assertReadable(source: string): void {
  if (source.length <= longestSource) return;
  throw parsingFailed(source, 0, `expected at most ${longestSource} characters, got ${source.length}`);
}
