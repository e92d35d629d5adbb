/** What session affinity can't be asked for: cookies that no browser would take, and rules that could not tell them apart. */
import type { Canary } from './canary.ts';
import type { RequestMatch } from './spec.ts';

/** A cookie's name, RFC 6265. */
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Printable ASCII without what ends an attribute. */
const attributeText = /^[ -:<-~]+$/;

/** One sentence per problem. */
export function affinityProblems({ spec }: Canary): readonly string[] {
  const { sessionAffinity, match } = spec.analysis;
  if (sessionAffinity === undefined) return [];
  const { cookieName, primaryCookieName, attributes } = sessionAffinity;
  const at = 'spec.analysis.sessionAffinity';
  const names = Object.entries({ cookieName, primaryCookieName })
    .filter(([, name]) => name !== undefined && !token.test(name))
    .map(
      ([field, name]) => `${at}.${field}: expected a cookie name (letters, digits, - _ and the like), got '${name}'`,
    );
  const texts = Object.entries(attributes)
    .filter(([, value]) => typeof value === 'string' && !attributeText.test(value))
    .map(([name, value]) => `${at}.${name.toLowerCase()}: expected printable text without ';', got '${value}'`);
  return [
    ...names,
    ...texts,
    ...onCookies('spec.service.match', spec.service.match),
    ...onCookies('spec.analysis.match', match),
  ];
}

/** A route can look at one header once, so a match on cookies leaves no room for ours. */
function onCookies(path: string, matches: readonly RequestMatch[]): readonly string[] {
  const looksAtCookies = ({ headers = {} }: RequestMatch): boolean =>
    Object.keys(headers).some((name) => name.toLowerCase() === 'cookie');
  return matches.flatMap((match, index) =>
    looksAtCookies(match)
      ? [
          `${path}[${index}].headers: expected no match on cookies beside spec.analysis.sessionAffinity, which needs the ` +
            'cookie header itself, got one: match another header, or remove sessionAffinity',
        ]
      : [],
  );
}
