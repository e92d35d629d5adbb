/** Request matches in the words of HTTPRoute. */
import type { RequestMatch, StringMatch } from '../../canary/spec.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { byName, escapeRegex } from './route-match.ts';

/** One match; a matcher that HTTPRoute can't express has been refused by validation. */
export function gatewayMatch({ uri, method, headers, queryParams }: RequestMatch): JsonRecord {
  const named = (matchers: RequestMatch['headers']): readonly JsonRecord[] =>
    byName(matchers).map(([name, match]) => ({ name, ...namedValue(match) }));
  const headerMatches = named(headers);
  const queryMatches = named(queryParams);
  return {
    path: pathOf(uri ?? { prefix: '/' }),
    ...(method?.exact === undefined ? {} : { method: method.exact }),
    ...(headerMatches.length === 0 ? {} : { headers: headerMatches }),
    ...(queryMatches.length === 0 ? {} : { queryParams: queryMatches }),
  };
}

function pathOf({ exact, prefix, suffix, regex }: StringMatch): JsonRecord {
  if (regex !== undefined) return { type: 'RegularExpression', value: regex };
  if (exact !== undefined) return { type: 'Exact', value: exact };
  if (suffix !== undefined) return { type: 'RegularExpression', value: endingWith(suffix) };
  return { type: 'PathPrefix', value: prefix ?? '/' };
}

/** Prefix and suffix have no matcher of their own: they hold whether an implementation searches or matches the whole value. */
function namedValue({ exact, prefix, suffix, regex }: StringMatch): JsonRecord {
  if (exact !== undefined) return { type: 'Exact', value: exact };
  const expression = regex ?? (suffix === undefined ? `^${escapeRegex(prefix ?? '')}.*$` : endingWith(suffix));
  return { type: 'RegularExpression', value: expression };
}

const endingWith = (suffix: string): string => `^.*${escapeRegex(suffix)}$`;
