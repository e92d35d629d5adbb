/** Checksums of ConfigMaps and Secrets. Pure. Algorithm and vectors: spec of targets, section 8. */
import { sha256Hex } from '../../../platform/hash.ts';
import { recordAt } from '../../../platform/json.ts';
import type { KubernetesObject } from '../../../platform/kubernetes/object.ts';

const hexDigits = 16;

/** The encoding of the checksum that statuses already carry: sorted keys, no spaces, these characters as escapes. */
const escaped = /[<>&\u2028\u2029]/g;

function compactJson(values: Readonly<Record<string, unknown>> | undefined): string {
  if (values === undefined) return 'null';
  // Not through an object: it would put keys that look like numbers first, in the order of the numbers.
  const fields = Object.entries(values)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`);
  return `{${fields.join(',')}}`.replace(
    escaped,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** 16 hex digits over `data`, and over `binaryData` where there is any. */
export function configChecksum(object: KubernetesObject): string {
  const binary = recordAt(object, 'binaryData');
  const text = compactJson(recordAt(object, 'data')) + (binary === undefined ? '' : compactJson(binary));
  return sha256Hex(text).slice(0, hexDigits);
}
