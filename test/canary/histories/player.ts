/** A process that plays batches of random histories, one after the other, as it is told their seeds. */
import fc from 'fast-check';
import { crowds } from './limits/property.ts';
import { histories } from './property.ts';

export interface Batch {
  /** One canary, or several that share the places of runs; one unless told. */
  readonly about?: 'canary' | 'places';
  readonly seed: number;
  readonly histories: number;
}

/** `failure`: how to play it again, and what it was; `reason` is its first cause alone. */
export interface Played {
  readonly histories: number;
  readonly failure?: { readonly seed: number; readonly path: string; readonly report: string; readonly reason: string };
}

function playBatch({ about, seed, histories: numRuns }: Batch): Played {
  const parameters = { seed, numRuns, includeErrorInReport: true };
  return about === 'places' ? toldOf(fc.check(crowds, parameters)) : toldOf(fc.check(histories, parameters));
}

function toldOf<Drawn>(details: fc.RunDetails<Drawn>): Played {
  if (!details.failed) return { histories: details.numRuns };
  const report = fc.defaultReportMessage(details) ?? 'failed without a report';
  const { errorInstance } = details;
  const reason = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
  return {
    histories: details.numRuns,
    failure: { seed: details.seed, path: details.counterexamplePath ?? '', report, reason },
  };
}

process.on('message', (batch: Batch) => process.send?.(playBatch(batch)));
