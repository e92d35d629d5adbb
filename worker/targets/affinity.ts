/** Scheduling rules that mean the target's own pods mean the primary's in its copy. Rules: spec of targets, section 2. */
import { arrayAt, isRecord, recordAt } from '../../platform/json.ts';
import type { JsonRecord } from '../../platform/json.ts';

export interface AffinityRewrite {
  /** Name of the target; this value is what becomes `{name}-primary`. */
  readonly name: string;
  /** Only selectors over these labels are rewritten. */
  readonly selectorLabels: readonly string[];
}

/** The pod spec with its spread constraints and anti-affinity pointed at the primary; anything else is kept. */
export function withPrimaryAffinity(podSpec: JsonRecord, rewrite: AffinityRewrite): JsonRecord {
  const constraints = podSpec['topologySpreadConstraints'];
  const affinity = recordAt(podSpec, 'affinity');
  const antiAffinity = recordAt(affinity, 'podAntiAffinity');
  return {
    ...podSpec,
    ...(Array.isArray(constraints)
      ? { topologySpreadConstraints: constraints.map((constraint) => withSelector(constraint, rewrite)) }
      : {}),
    ...(antiAffinity === undefined
      ? {}
      : { affinity: { ...affinity, podAntiAffinity: withTerms(antiAffinity, rewrite) } }),
  };
}

const preferred = 'preferredDuringSchedulingIgnoredDuringExecution';
const required = 'requiredDuringSchedulingIgnoredDuringExecution';

function withTerms(antiAffinity: JsonRecord, rewrite: AffinityRewrite): JsonRecord {
  const weighted = arrayAt(antiAffinity, preferred).map((term) =>
    isRecord(term) ? { ...term, podAffinityTerm: withSelector(term['podAffinityTerm'], rewrite) } : term,
  );
  const strict = arrayAt(antiAffinity, required).map((term) => withSelector(term, rewrite));
  return {
    ...antiAffinity,
    ...(weighted.length === 0 ? {} : { [preferred]: weighted }),
    ...(strict.length === 0 ? {} : { [required]: strict }),
  };
}

function withSelector(holder: unknown, rewrite: AffinityRewrite): unknown {
  const selector = recordAt(holder, 'labelSelector');
  if (!isRecord(holder) || selector === undefined) return holder;
  const { matchLabels, matchExpressions } = selector;
  return {
    ...holder,
    labelSelector: {
      ...selector,
      ...(isRecord(matchLabels) ? { matchLabels: withLabels(matchLabels, rewrite) } : {}),
      ...(Array.isArray(matchExpressions)
        ? { matchExpressions: matchExpressions.map((expression) => withValues(expression, rewrite)) }
        : {}),
    },
  };
}

const withLabels = (labels: JsonRecord, { name, selectorLabels }: AffinityRewrite): JsonRecord =>
  Object.fromEntries(
    Object.entries(labels).map(([key, value]) => [
      key,
      selectorLabels.includes(key) && value === name ? `${name}-primary` : value,
    ]),
  );

function withValues(expression: unknown, { name, selectorLabels }: AffinityRewrite): unknown {
  if (!isRecord(expression) || !selectorLabels.some((label) => label === expression['key'])) return expression;
  const values = arrayAt(expression, 'values');
  const at = values.indexOf(name);
  return at === -1 ? expression : { ...expression, values: values.with(at, `${name}-primary`) };
}
