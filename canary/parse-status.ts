/** Parses `status`, which may have been written by us, by an older version of ours or by the reference. */
import type { CanaryStatus } from './canary.ts';
import { present } from './parse-fields.ts';
import { statusSchema } from './schema/status.ts';

/** Reads the status; absent, it is the status of an object that no controller has seen. */
export function parseStatus(raw: unknown): CanaryStatus {
  const parsed = statusSchema.safeParse(typeof raw === 'object' && raw !== null ? raw : {});
  // Every field has a fallback, so only a value that is no object could fail, and that has been replaced.
  return parsed.success
    ? present(parsed.data)
    : { failedChecks: 0, canaryWeight: 0, iterations: 0, conditions: [], outbox: [] };
}
