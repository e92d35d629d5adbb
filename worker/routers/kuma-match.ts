/** Request matches in the words of MeshHTTPRoute. Rules: routers/kuma.md section 7.2. */
import type { RequestMatch, StringMatch } from '../../canary/spec.ts';
import type { JsonRecord } from '../../platform/json.ts';
import { byName, escapeRegex } from './route-match.ts';

/** One match; a matcher that Kuma can't express has been refused by validation. */
export function kumaMatch({ uri, method, headers, queryParams, withoutHeaders }: RequestMatch): JsonRecord {
  const headerMatches = [
    ...byName(headers).map(([name, match]) => ({ name: name.toLowerCase(), ...headerValue(match) })),
    ...byName(withoutHeaders).map(([name]) => ({ name: name.toLowerCase(), type: 'Absent' })),
  ];
  const queryMatches = byName(queryParams).map(([name, match]) => ({ name, ...queryValue(match) }));
  return {
    ...(uri === undefined ? {} : { path: pathOf(uri) }),
    ...(method?.exact === undefined ? {} : { method: method.exact }),
    ...(headerMatches.length === 0 ? {} : { headers: headerMatches }),
    ...(queryMatches.length === 0 ? {} : { queryParams: queryMatches }),
  };
}

function pathOf({ exact, prefix, regex }: StringMatch): JsonRecord {
  if (regex !== undefined) return { type: 'RegularExpression', value: regex };
  if (exact !== undefined) return { type: 'Exact', value: exact };
  // Kuma's prefixes count per path element and take no slash at the end.
  return { type: 'PathPrefix', value: (prefix ?? '/').replace(/(?<=.)\/$/, '') };
}

function headerValue({ exact, prefix, suffix, regex }: StringMatch): JsonRecord {
  if (exact !== undefined) return { type: 'Exact', value: exact };
  if (prefix !== undefined) return { type: 'Prefix', value: prefix };
  if (suffix !== undefined) return { type: 'RegularExpression', value: `.*${escapeRegex(suffix)}` };
  return regex === undefined ? { type: 'Present' } : { type: 'RegularExpression', value: regex };
}

function queryValue({ exact, prefix, regex }: StringMatch): JsonRecord {
  if (exact !== undefined) return { type: 'Exact', value: exact };
  return { type: 'RegularExpression', value: regex ?? `${escapeRegex(prefix ?? '')}.*` };
}
