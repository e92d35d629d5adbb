/** The label that tells the pods of a target from those of its primary. Rules: spec of targets, section 1. */
import { recordAt } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { AdapterError } from '../context.ts';

/** Labels that are looked for in a target's selector, in this order. */
export const defaultSelectorLabels: readonly string[] = ['app', 'name', 'app.kubernetes.io/name'];

export interface SelectorLabel {
  readonly name: string;
  /** The target's value. */
  readonly value: string;
}

/** The value that the primary's pods carry under the same label. */
export const primaryLabelValue = ({ value }: Pick<SelectorLabel, 'value'>): string => `${value}-primary`;

/**
 * The first of `names` that the workload selects its pods by.
 *
 * @throws AdapterError with reason `invalid` when it selects by none of them
 */
export function selectorLabel(workload: KubernetesObject, names: readonly string[]): SelectorLabel {
  const matchLabels = recordAt(workload, 'spec', 'selector', 'matchLabels') ?? {};
  for (const name of names) {
    const value = matchLabels[name];
    if (typeof value === 'string') return { name, value };
  }
  const { name, namespace } = workload.metadata;
  throw new AdapterError(
    'invalid',
    `getSelectorLabel failed: ${workload.kind.toLowerCase()} ${name}.${namespace} ` +
      `spec.selector.matchLabels must contain one of [${names.join(' ')}]`,
  );
}
