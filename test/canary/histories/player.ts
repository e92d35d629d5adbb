/** A process that plays batches of random histories, one after the other, as it is told their seeds. */
import fc from 'fast-check';
import { histories } from './property.ts';

export interface Batch {
  readonly seed: number;
  readonly histories: number;
}

/** `failure`: how to play it again, and what it was; `reason` is its first cause alone. */
export interface Played {
  readonly histories: number;
  readonly failure?: { readonly seed: number; readonly path: string; readonly report: string; readonly reason: string };
}

function playBatch({ seed, histories: numRuns }: Batch): Played {
  const details = fc.check(histories, { seed, numRuns, includeErrorInReport: true });
  if (!details.failed) return { histories: details.numRuns };
  const report = fc.defaultReportMessage(details) ?? 'failed without a report';
  const { errorInstance } = details;
  const reason = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return { histories: details.numRuns, failure: { seed, path: details.counterexamplePath ?? '', report, reason } };
}

process.on('message', (batch: Batch) => process.send?.(playBatch(batch)));
