import { createHash } from 'node:crypto';

/** SHA-256 of UTF-8 text, 64 lower-case hexadecimal digits. */
export const sha256Hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** FNV-1a, 32 bits, of UTF-8 text: fast and even, not safe against an adversary. From 0 to 2^32 - 1. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text, 'utf8')) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return hash >>> 0;
}

/** JSON with sorted keys, so that equal values give equal text. Undefined fields are left out, as JSON.stringify does. */
export const stableJson = (value: unknown): string => JSON.stringify(value, sortKeys) ?? 'null';

function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
