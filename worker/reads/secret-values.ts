import { recordAt, stringAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';

/**
 * The values of a Secret as text, by key. Each loses one line break at its end: editors and shells end a file with
 * one that is not part of the secret.
 */
export function secretValues(secret: KubernetesObject): Readonly<Record<string, string>> {
  const keys = Object.keys(recordAt(secret, 'data') ?? {});
  return Object.fromEntries(keys.map((key) => [key, decoded(stringAt(secret, 'data', key) ?? '')]));
}

const decoded = (base64: string): string =>
  Buffer.from(base64, 'base64')
    .toString('utf8')
    .replace(/\r?\n$/, '');
