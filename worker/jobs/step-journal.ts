/** What a step did, as lines for the board: one per action, with how it ended and how long it took. */
import { actionKey } from '../../canary/action-key.ts';
import type { Action, Outcome } from '../../canary/action.ts';
import { isRecord } from '../../platform/json.ts';
import type { Logger } from '../../platform/observability/logger.ts';

export interface Journal {
  note(action: Action, outcome: Outcome, durationMs: number): void;
  lines(): readonly string[];
}

export function createJournal(): Journal {
  const lines: string[] = [];
  return {
    note: (action, outcome, durationMs) => {
      // Its parts have lines of their own.
      if (action.kind !== 'together')
        lines.push(`${actionKey(action).trim()}: ${describe(outcome)} (${durationMs} ms)`);
    },
    lines: () => lines,
  };
}

/** The lines that the board shows. They are not worth a step: a failure is logged. */
export async function writeJournal(
  job: { readonly log: (line: string) => Promise<unknown> },
  { journal, log }: { readonly journal: Journal; readonly log: Logger },
): Promise<void> {
  const lines = journal.lines();
  if (lines.length === 0) return;
  try {
    // As one: each call is a request to Redis.
    await job.log(lines.join('\n'));
  } catch (error) {
    log.warn({ err: error }, 'journal of the step not written');
  }
}

function describe(outcome: Outcome): string {
  if (!outcome.ok) return `${outcome.failure.reason}: ${outcome.failure.message}`;
  return summaryOf(outcome.value) ?? 'done';
}

/** The words that answers carry; never a whole object, which would fill Redis. */
function summaryOf(answer: unknown): string | undefined {
  if (!isRecord(answer)) return undefined;
  const { kind, value, passed, detail } = answer;
  const words = [
    typeof kind === 'string' ? kind : undefined,
    typeof passed === 'boolean' ? (passed ? 'passed' : 'refused') : undefined,
    typeof value === 'number' ? String(value) : undefined,
    typeof detail === 'string' && detail !== '' ? detail : undefined,
  ].filter((word) => word !== undefined);
  return words.length === 0 ? undefined : words.join(' ');
}
