/** The primary of a Deployment as it ought to be. Rules: spec of targets, sections 1 and 2. */
import { isDeepStrictEqual } from 'node:util';
import { primaryName } from '../../canary/canary.ts';
import type { Canary } from '../../canary/canary.ts';
import { recordAt, stringAt, valueAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';
import type { KubernetesObject } from '../../platform/kubernetes-object.ts';
import { apiVersionOf, deployments } from '../../platform/resources.ts';
import { copiedAnnotations, withPrefixes, withoutToolkit } from '../objects/copied-metadata.ts';
import type { StringMap } from '../objects/copied-metadata.ts';
import { controllerReference } from '../objects/owner.ts';
import { withPrimaryAffinity } from './affinity.ts';
import { withoutRepeatedVariables } from './repeated-variables.ts';
import { withoutNulls } from './revision-of.ts';
import { primaryLabelValue, selectorLabel } from './selector-label.ts';

/** Pod annotation whose value changes with every revision, so that a change of configs alone rolls the pods too. */
export const flaggerIdAnnotation = 'flagger-id';

/** What the operator of Aviary decides for all workloads. */
export interface CopyRules {
  /** Labels that may tell target and primary apart, in order of preference. */
  readonly selectorLabels: readonly string[];
  /** Prefixes of the labels (and on promotion annotations) that a primary takes over; `*` for all. */
  readonly includeLabelPrefixes: readonly string[];
}

export interface PrimaryWish {
  readonly canary: Canary;
  readonly target: KubernetesObject;
  readonly rules: CopyRules;
  readonly flaggerId: string;
  /** Left out where an autoscaler decides. */
  readonly replicas?: number;
  /** A first copy carries all annotations of the target, a promotion only those with the operator's prefixes. */
  readonly occasion: 'create' | 'promote';
  /** Whether the primary is, or becomes, the Canary's own object. */
  readonly isOwned: boolean;
}

/** The fields of the primary that we apply. Nothing of the target is changed. */
export function primaryDeployment(wish: PrimaryWish): KubernetesObject {
  const { canary, target, rules, replicas } = wish;
  const label = selectorLabel(target, rules.selectorLabels);
  const marked = { [label.name]: primaryLabelValue(label) };
  const annotations = annotationsOf(wish);
  return {
    apiVersion: apiVersionOf(deployments),
    kind: deployments.kind,
    metadata: {
      name: primaryName(canary),
      namespace: canary.namespace,
      labels: { ...withPrefixes(target.metadata.labels ?? {}, rules.includeLabelPrefixes), ...marked },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(wish.isOwned ? { ownerReferences: [controllerReference(canary)] } : {}),
    },
    spec: {
      ...copiedSpec(target),
      ...(replicas === undefined ? {} : { replicas }),
      selector: { matchLabels: marked },
      template: primaryTemplate(target, rules, wish.flaggerId),
    },
  };
}

function annotationsOf({ target, rules, occasion }: PrimaryWish): StringMap {
  const { annotations = {} } = target.metadata;
  return occasion === 'create' ? copiedAnnotations(annotations) : withPrefixes(annotations, rules.includeLabelPrefixes);
}

const copiedFields = ['progressDeadlineSeconds', 'minReadySeconds', 'revisionHistoryLimit', 'strategy'];

const copiedSpec = (target: KubernetesObject): JsonRecord =>
  Object.fromEntries(
    copiedFields.flatMap((field) => {
      const value = valueAt(target, 'spec', field);
      return value === undefined ? [] : [[field, value]];
    }),
  );

/** The target's pod template, rewritten for the primary; without a `flaggerId` the template carries none. */
export function primaryTemplate(target: KubernetesObject, rules: CopyRules, flaggerId: string | undefined): JsonRecord {
  const label = selectorLabel(target, rules.selectorLabels);
  const template = recordAt(target, 'spec', 'template') ?? {};
  const podSpec = withPrimaryAffinity(recordAt(template, 'spec') ?? {}, {
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
    spec: withoutNulls(withoutRepeatedVariables(podSpec)),
  };
}

// The API server admits only texts here.
const stringsAt = (template: JsonRecord, field: 'labels' | 'annotations'): StringMap =>
  (recordAt(template, 'metadata', field) ?? {}) as StringMap;

/** The `flagger-id` that a primary's pods carry. */
export const flaggerIdOf = (primary: KubernetesObject): string | undefined =>
  stringAt(primary, 'spec', 'template', 'metadata', 'annotations', flaggerIdAnnotation);

/** Whether the primary's template is a copy of the target's, whatever its `flagger-id`. */
export const isCopyOf = (primary: KubernetesObject, target: KubernetesObject, rules: CopyRules): boolean =>
  hasTemplate(primary, primaryTemplate(target, rules, flaggerIdOf(primary)));

/** Whether the pod template is this one, field by field. */
export const hasTemplate = (primary: KubernetesObject, template: unknown): boolean =>
  isDeepStrictEqual(withoutNulls(valueAt(primary, 'spec', 'template')), template);
