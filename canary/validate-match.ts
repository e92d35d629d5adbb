/** Which matchers of a request match a provider can't express. Rule: a matcher is refused, never dropped. */
import type { Capabilities, MatcherKind } from './capabilities.ts';
import type { Provider, RequestMatch, StringMatch } from './spec.ts';

interface Matched {
  readonly matches: readonly RequestMatch[];
  /** Path of the list, as `spec.analysis.match`. */
  readonly path: string;
  readonly provider: Provider;
  readonly can: Capabilities;
}

interface Matcher {
  readonly path: string;
  readonly match: StringMatch;
  readonly allowed: readonly MatcherKind[];
}

/** One sentence per matcher or field that the provider can't express. */
export function matcherRefusals({ matches, path, provider, can }: Matched): readonly string[] {
  return matches.flatMap((match, index) => {
    const at = `${path}[${index}]`;
    const fields = match.unsupported.map(
      (field) =>
        `${at}.${field}: provider ${provider} can't match it, expected only uri, method, headers, queryParams, withoutHeaders`,
    );
    const matchers = matchersOf(match, at, can).filter(({ match: one, allowed }) => !allowed.includes(kindOf(one)));
    return [...fields, ...unknownMethod(match, at), ...matchers.map((matcher) => refusal(matcher, provider))];
  });
}

function matchersOf(match: RequestMatch, at: string, can: Capabilities): readonly Matcher[] {
  const single = (field: 'uri' | 'method'): readonly Matcher[] => {
    const value = match[field];
    return value === undefined ? [] : [{ path: `${at}.${field}`, match: value, allowed: can[field] }];
  };
  const named = (field: 'headers' | 'queryParams' | 'withoutHeaders'): readonly Matcher[] =>
    Object.entries(match[field] ?? {}).map(([name, value]) => ({
      path: `${at}.${field}['${name}']`,
      match: value,
      allowed: can[field],
    }));
  return [
    ...single('uri'),
    ...single('method'),
    ...named('headers'),
    ...named('queryParams'),
    ...named('withoutHeaders'),
  ];
}

/** What HTTPRoute and MeshHTTPRoute know. */
const methods = ['CONNECT', 'DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT', 'TRACE'];

function unknownMethod({ method }: RequestMatch, at: string): readonly string[] {
  const name = method?.exact;
  if (name === undefined || methods.includes(name)) return [];
  return [`${at}.method.exact: expected one of ${methods.join(', ')}, got '${name}'`];
}

function kindOf(match: StringMatch): MatcherKind {
  const [kind] = Object.keys(match) as (keyof StringMatch)[];
  return kind ?? 'present';
}

function refusal({ path, match, allowed }: Matcher, provider: Provider): string {
  const expected = allowed.length === 0 ? 'no such matcher' : `one of ${allowed.join(', ')}`;
  return `${path}: expected ${expected} for provider ${provider}, got ${kindOf(match)}`;
}
