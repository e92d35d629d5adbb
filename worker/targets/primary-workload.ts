/** The primary of a workload with pods as it ought to be. Pure. Rules: spec of targets, sections 1 to 3 and 8. */
import { isDeepStrictEqual } from 'node:util';
import { primaryName } from '../../canary/canary.ts';
import type { Canary } from '../../canary/canary.ts';
import { recordAt, stringAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes/object.ts';
import { apiVersionOf } from '../../platform/kubernetes/resources.ts';
import { copiedAnnotations, withPrefixes, withoutToolkit } from '../objects/copied-metadata.ts';
import type { StringMap } from '../objects/copied-metadata.ts';
import { controllerReference } from '../objects/owner.ts';
import { withCopyNames } from './configs/names.ts';
import type { CopiedConfigs } from './configs/names.ts';
import { withoutNulls } from './revision-of.ts';
import { primaryLabelValue, selectorLabel } from './selector-label.ts';
import type { WorkloadKind } from './workload-kind.ts';

/** Pod annotation whose value changes with every revision, so that a change of configs alone rolls the pods too. */
export const flaggerIdAnnotation = 'flagger-id';

/** What the operator of Aviary decides for all workloads. */
export interface CopyRules {
  /** Labels that may tell target and primary apart, in order of preference. */
  readonly selectorLabels: readonly string[];
  /** Prefixes of the labels (and on promotion annotations) that a primary takes over; `*` for all. */
  readonly includeLabelPrefixes: readonly string[];
}

/** What a primary is made of. */
export interface Original {
  readonly kind: WorkloadKind;
  readonly target: KubernetesObject;
  readonly rules: CopyRules;
  /** What the primary reads copies of. */
  readonly configs: CopiedConfigs;
}

export interface PrimaryWish extends Original {
  readonly canary: Canary;
  readonly flaggerId: string;
  /** Left out where an autoscaler decides. */
  readonly replicas?: number;
  /** A first copy carries all annotations of the target, a promotion only those with the operator's prefixes. */
  readonly occasion: 'create' | 'promote';
  /** Whether the primary is, or becomes, the Canary's own object. */
  readonly isOwned: boolean;
}

/** The fields of the primary that we apply. Nothing of the target is changed. */
export function primaryWorkload(wish: PrimaryWish): KubernetesObject {
  const { kind, canary, target, rules, replicas } = wish;
  const label = selectorLabel(target, rules.selectorLabels);
  const marked = { [label.name]: primaryLabelValue(label) };
  const annotations = annotationsOf(wish);
  return {
    apiVersion: apiVersionOf(kind.resource),
    kind: kind.resource.kind,
    metadata: {
      name: primaryName(canary),
      namespace: canary.namespace,
      labels: { ...withPrefixes(target.metadata.labels ?? {}, rules.includeLabelPrefixes), ...marked },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(wish.isOwned ? { ownerReferences: [controllerReference(canary)] } : {}),
    },
    spec: {
      ...copiedSpec(wish),
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: marked },
      template: primaryTemplate(wish, wish.flaggerId),
    },
  };
}

function annotationsOf({ target, rules, occasion }: PrimaryWish): StringMap {
  const { annotations = {} } = target.metadata;
  return occasion === 'create' ? copiedAnnotations(annotations) : withPrefixes(annotations, rules.includeLabelPrefixes);
}

const copiedSpec = ({ kind, target }: Original): JsonRecord =>
  Object.fromEntries(
    kind.copiedFields.flatMap((field) => {
      const value = valueAt(target, 'spec', field);
      return value === undefined ? [] : [[field, value]];
    }),
  );

/** The target's pod template, rewritten for the primary; without a `flaggerId` the template carries none. */
export function primaryTemplate({ kind, target, rules, configs }: Original, flaggerId: string | undefined): JsonRecord {
  const label = selectorLabel(target, rules.selectorLabels);
  const template = kind.templateOf(target);
  const podSpec = kind.forPrimary(recordAt(template, 'spec') ?? {}, {
    name: target.metadata.name,
    selectorLabels: rules.selectorLabels,
  });
  const annotations = {
    ...withoutToolkit(stringsAt(template, 'annotations')),
    ...(flaggerId === undefined ? {} : { [flaggerIdAnnotation]: flaggerId }),
  };
  return {
    metadata: {
      labels: { ...withoutToolkit(stringsAt(template, 'labels')), [label.name]: primaryLabelValue(label) },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
    },
    spec: withoutNulls(withCopyNames(podSpec, configs)),
  };
}

// The API server admits only texts here.
const stringsAt = (template: JsonRecord, field: 'labels' | 'annotations'): StringMap =>
  (recordAt(template, 'metadata', field) ?? {}) as StringMap;

/** The `flagger-id` that a primary's pods carry. */
export const flaggerIdOf = (primary: KubernetesObject): string | undefined =>
  stringAt(primary, 'spec', 'template', 'metadata', 'annotations', flaggerIdAnnotation);

/** Whether the primary's template is a copy of the original's, whatever its `flagger-id`. */
export const isCopyOf = (primary: KubernetesObject, original: Original): boolean =>
  hasTemplate(primary, primaryTemplate(original, flaggerIdOf(primary)));

/** Whether the pod template is this one, field by field. */
export const hasTemplate = (primary: KubernetesObject, template: unknown): boolean =>
  isDeepStrictEqual(withoutNulls(valueAt(primary, 'spec', 'template')), template);
