/** Words for fields that can't be used as they are. */

/** One field that can't be used as it is. */
export interface Problem {
  /** `spec.analysis.metrics[0].name` */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  /** The whole sentence: path, expected, got and whose object it is. */
  readonly message: string;
}

/** What zod says of a field, from `spec` on. */
export interface Issue {
  readonly path: readonly PropertyKey[];
  /** What was expected. */
  readonly message: string;
}

/** @param where whose spec it is, as `canary shop/podinfo` */
export function toProblem(issue: Issue, spec: unknown, where: string): Problem {
  const path = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`),
    'spec',
  );
  const got = describe(valueAt(spec, issue.path), issue.path.at(-1));
  return { path, expected: issue.message, got, message: `${path}: expected ${issue.message}, got ${got} (${where})` };
}

export function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((inner, key) => {
    return typeof inner === 'object' && inner !== null ? (inner as Record<PropertyKey, unknown>)[key] : undefined;
  }, value);
}

const MAX_SHOWN = 60;

function describe(value: unknown, key: PropertyKey | undefined): string {
  if (value === undefined) return 'nothing';
  if (isAddress(key) && typeof value === 'string') return 'another text (not shown)';
  const shown = typeof value === 'string' ? `'${value}'` : JSON.stringify(value, withoutAddresses);
  return shown.length > MAX_SHOWN ? `${shown.slice(0, MAX_SHOWN)}…` : shown;
}

/** Addresses of receivers often carry a token. */
const isAddress = (key: PropertyKey | undefined): boolean => key === 'url' || key === 'address' || key === 'proxy';

const withoutAddresses = (key: string, value: unknown): unknown => (isAddress(key) ? '(not shown)' : value);

/** A field that is null counts as left out, as in Go. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value ?? undefined;
  const kept = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(kept.map(([key, inner]) => [key, withoutNulls(inner)]));
}
