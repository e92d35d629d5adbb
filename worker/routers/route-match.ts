/** Shared by the routers that write HTTP matches and filters in the words of Gateway API, as Kuma does, too. */
import type { CanaryService, HeaderOperations, RequestMatch, StringMatch } from '../../canary/spec.ts';
import type { JsonRecord } from '../../platform/json.ts';

/** A text as a regular expression (RE2) that matches just it. */
export const escapeRegex = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);

/** Matchers by name, in the order of the names. */
export const byName = (matchers: RequestMatch['headers']): readonly (readonly [string, StringMatch])[] =>
  Object.entries(matchers ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));

/** Header modifiers and rewrite of `spec.service`, in this order; names of headers in lower case. */
export function serviceFilters({ requestHeaders, responseHeaders, rewrite }: CanaryService): readonly JsonRecord[] {
  return [
    ...headerModifier('requestHeaderModifier', 'RequestHeaderModifier', requestHeaders),
    ...headerModifier('responseHeaderModifier', 'ResponseHeaderModifier', responseHeaders),
    ...urlRewrite(rewrite),
  ];
}

function headerModifier(field: string, type: string, operations: HeaderOperations | undefined): readonly JsonRecord[] {
  if (operations === undefined) return [];
  const modifier = Object.fromEntries(
    Object.entries({
      set: nameValues(operations.set),
      add: nameValues(operations.add),
      remove: operations.remove.map((name) => name.toLowerCase()),
    }).filter(([, list]) => list.length > 0),
  );
  return Object.keys(modifier).length === 0 ? [] : [{ type, [field]: modifier }];
}

function nameValues(headers: Readonly<Record<string, string>>): readonly JsonRecord[] {
  return Object.entries(headers)
    .map(([name, value]) => ({ name: name.toLowerCase(), value }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function urlRewrite(rewrite: CanaryService['rewrite']): readonly JsonRecord[] {
  if (rewrite?.uri === undefined && rewrite?.authority === undefined) return [];
  const { uri, authority, type } = rewrite;
  const path =
    type === 'ReplacePrefixMatch'
      ? { type: 'ReplacePrefixMatch', replacePrefixMatch: uri }
      : { type: 'ReplaceFullPath', replaceFullPath: uri };
  return [
    {
      type: 'URLRewrite',
      urlRewrite: {
        ...(authority === undefined ? {} : { hostname: authority }),
        ...(uri === undefined ? {} : { path }),
      },
    },
  ];
}
