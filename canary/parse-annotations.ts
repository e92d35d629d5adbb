/**
 * What a Canary may ask for beyond the reference's schema, by annotations of ours: a field that the reference's
 * definition does not know would be dropped by the API server, an annotation never is. All are optional. A value that
 * can't be used is answered with a Warning and the default.
 */
import { parseGoDuration } from './go-duration.ts';
import { noDataPolicies } from './spec.ts';
import type { NoDataPolicy } from './spec.ts';

export const drainDelayAnnotation = 'aviary.dev/drain-delay';
export const noDataAnnotation = 'aviary.dev/on-no-data';
export const errorLimitAnnotation = 'aviary.dev/check-error-limit';

const longestDrainMs = 3_600_000;

export interface Extensions {
  /** Milliseconds; absent where the operator's default holds. */
  readonly drainDelayMs?: number;
  /** Checks in a row that may fail to be made before the run is rolled back; absent: as many as failed checks. */
  readonly checkErrorLimit?: number;
  readonly noData: NoDataRules;
  readonly warnings: readonly string[];
}

export interface NoDataRules {
  /** For metrics that are not named. */
  readonly otherwise?: NoDataPolicy;
  readonly byMetric: ReadonlyMap<string, NoDataPolicy>;
}

type Annotations = Readonly<Record<string, string>>;

/** Reads the annotations; never fails. */
export function parseExtensions(annotations: Annotations): Extensions {
  const drain = read(annotations, drainDelayAnnotation, { expected: 'a duration from 0s to 1h', parse: drainDelay });
  const limit = read(annotations, errorLimitAnnotation, {
    expected: 'an integer of 1 or more',
    parse: parseErrorLimit,
  });
  const noData = read(annotations, noDataAnnotation, {
    expected: `${noDataPolicies.join(', ')}, or a list like "skip, my-metric=hold"`,
    parse: noDataRules,
  });
  return {
    ...(drain.value === undefined ? {} : { drainDelayMs: drain.value }),
    ...(limit.value === undefined ? {} : { checkErrorLimit: limit.value }),
    noData: noData.value ?? { byMetric: new Map() },
    warnings: [drain, limit, noData].flatMap(({ warning }) => (warning === undefined ? [] : [warning])),
  };
}

interface Reading<T> {
  readonly value?: T;
  readonly warning?: string;
}

function read<T>(
  annotations: Annotations,
  key: string,
  { expected, parse }: { readonly expected: string; readonly parse: (text: string) => T | undefined },
): Reading<T> {
  const text = annotations[key];
  if (text === undefined) return {};
  const value = parse(text.trim());
  if (value !== undefined) return { value };
  return { warning: `metadata.annotations[${key}]: expected ${expected}, got '${text}': using the default` };
}

function drainDelay(text: string): number | undefined {
  const milliseconds = text === '0' ? 0 : parseGoDuration(text);
  const isUsable = milliseconds !== undefined && milliseconds >= 0 && milliseconds <= longestDrainMs;
  return isUsable ? milliseconds : undefined;
}

/** @returns undefined for what is no usable number of checks */
export const parseErrorLimit = (text: string): number | undefined =>
  /^[1-9]\d{0,5}$/.test(text) ? Number(text) : undefined;

/** `hold`, or per metric: `request-duration=skip, hold`. What follows the last `=` is the policy: names may hold one. */
function noDataRules(text: string): NoDataRules | undefined {
  const byMetric = new Map<string, NoDataPolicy>();
  let otherwise: NoDataPolicy | undefined;
  for (const item of text.split(',').map((part) => part.trim())) {
    const [, name, policy] = /^(?:(.+)=)?([^=]*)$/.exec(item) ?? [];
    if (!isPolicy(policy)) return undefined;
    if (name === undefined) otherwise = policy;
    else byMetric.set(name.trim(), policy);
  }
  return { byMetric, ...(otherwise === undefined ? {} : { otherwise }) };
}

const isPolicy = (text: string | undefined): text is NoDataPolicy =>
  (noDataPolicies as readonly (string | undefined)[]).includes(text);
