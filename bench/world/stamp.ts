/**
 * Turns what Aviary has left for one canary into what it would have left for another. Pure.
 *
 * Two canaries with the same spec differ in a few texts only: names, the uid, and what is derived from them and from what
 * the target holds. So one is the other with these texts exchanged.
 */
import { flaggerId } from '../../canary/identity.ts';
import { isRecord, recordAt, valueAt } from '../../platform/json.ts';
import { fieldManager } from '../../platform/kubernetes/client.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { configChecksum } from '../../worker/targets/configs/checksum.ts';
import { templateHash } from '../../worker/targets/revision-of.ts';

/** The user's objects of a canary, as the API server returns them. */
export interface Wanted {
  readonly canary: KubernetesObject;
  readonly target: KubernetesObject;
  /** ConfigMaps that the target reads, always in the same order. */
  readonly configs: readonly KubernetesObject[];
}

/** The texts that make a canary another one than the next, by what they are. */
export type Traits = Readonly<Record<string, string>>;

export function traitsOf({ canary, target, configs }: Wanted): Traits {
  const { name, namespace = '', uid = '' } = canary.metadata;
  const template = templateHash(valueAt(target, 'spec', 'template'));
  const sums = configs.map((config): [string, string] => [`configmap/${config.metadata.name}`, configChecksum(config)]);
  return {
    name,
    namespace,
    uid,
    template,
    flaggerId: flaggerId({ uid }, { template, configs: Object.fromEntries(sums) }),
    ...Object.fromEntries(sums.map(([, sum], index) => [`config ${index}`, sum])),
  };
}

/**
 * The same value with the traits of another canary.
 *
 * @throws Error when one trait's text is part of another one's: then it could not be told which of the two is meant
 */
export function stamped<T>(value: T, from: Traits, to: Traits): T {
  const texts = Object.entries(from);
  const hidden = texts.find(([, text]) => texts.some(([, other]) => other !== text && other.includes(text)));
  if (hidden !== undefined) {
    throw new Error(
      `stamp: expected texts that are no part of each other, got ${hidden[0]} '${hidden[1]}' within another`,
    );
  }
  const exchange = new Map(texts.map(([trait, text]) => [text, to[trait] ?? text]));
  const pattern = new RegExp([...exchange.keys()].map(escaped).join('|'), 'g');
  // All at once, or what one exchange has put in would be the next one's.
  return JSON.parse(JSON.stringify(value).replaceAll(pattern, (text) => exchange.get(text) ?? text)) as T;
}

const escaped = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

/** What our manager has applied of an object: applied again under the same name, it is owned in the same way. */
export function appliedPart(object: KubernetesObject): KubernetesObject | undefined {
  const isApply = (entry: { manager: string; operation: string; subresource?: string }): boolean =>
    entry.manager === fieldManager && entry.operation === 'Apply' && entry.subresource === undefined;
  const tree = recordAt(object.metadata.managedFields?.find(isApply), 'fieldsV1');
  if (tree === undefined) return undefined;
  const { apiVersion, kind, metadata } = object;
  const part = partOf(object, tree) as Partial<KubernetesObject>;
  const { name, namespace = '' } = metadata;
  return { ...part, apiVersion, kind, metadata: { ...part.metadata, name, namespace } };
}

/** @param tree as `fieldsV1`; nothing below means the whole value */
function partOf(value: unknown, tree: Readonly<Record<string, unknown>>): unknown {
  const steps = Object.entries(tree).filter(([step]) => step !== '.');
  if (steps.length === 0) return value;
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown) => {
      const below = steps.find(([step]) => hasKeys(item, step))?.[1];
      return isRecord(below) ? [partOf(item, below)] : [];
    });
  }
  return Object.fromEntries(
    steps.map(([step, below]) => {
      const field = step.slice('f:'.length);
      return [field, partOf(valueAt(value, field), isRecord(below) ? below : {})];
    }),
  );
}

function hasKeys(item: unknown, step: string): boolean {
  if (!step.startsWith('k:')) return false;
  const keys: unknown = JSON.parse(step.slice('k:'.length));
  return isRecord(item) && isRecord(keys) && Object.entries(keys).every(([key, value]) => item[key] === value);
}
