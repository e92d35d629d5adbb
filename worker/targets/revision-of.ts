/** The version-marked hash that names a pod template. Rules: spec of targets, section 7. */
import { hashVersion } from '../../canary/revision.ts';
import { sha256Hex, stableJson } from '../../platform/hash.ts';
import { isRecord } from '../../platform/json.ts';

/** 64 bits: enough to tell the revisions of one target apart, short enough for a status. */
const hexDigits = 16;

/**
 * Hash of a template as the API server returns it: keys sorted, nulls left out (older servers render an absent time as
 * `null`). As `v1-0123456789abcdef`.
 */
export const templateHash = (template: unknown): string =>
  `${hashVersion}${sha256Hex(stableJson(withoutNulls(template))).slice(0, hexDigits)}`;

/** A deep copy without the fields that are null. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isRecord(value)) return value;
  const present = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(present.map(([key, field]) => [key, withoutNulls(field)]));
}
