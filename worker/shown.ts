/** How much of what others sent or named may stand in an event, a status or a log. */

const longestExcerpt = 512;

/** The beginning of a body, short enough for an event. */
export const excerpt = (body: string): string =>
  body.length <= longestExcerpt ? body : `${body.slice(0, longestExcerpt)}…`;

/** A URL, or a text that was meant as one, without user, password and query: that is where people put their tokens. */
export const withoutCredentials = (url: string): string => url.replace(/\/\/[^/?#]*@/, '//').replace(/[?#].*$/s, '');

/** Shorter ones would hide what has nothing to do with them. */
const shortestSecret = 6;

/**
 * What of a URL may be secret: user, password, query, and the parts of a path that is a token.
 *
 * @param isPathSecret as that of a Slack webhook is
 */
export function secretsOf(url: string, isPathSecret: boolean): readonly string[] {
  if (!URL.canParse(url)) return [];
  const { username, password, search, searchParams, pathname } = new URL(url);
  const basic = Buffer.from(`${readable(username)}:${readable(password)}`).toString('base64');
  const path = isPathSecret ? [pathname, ...pathname.split('/').filter((part) => part.length >= longWord)] : [];
  const values = search
    .slice(1)
    .split('&')
    .map((pair) => pair.slice(pair.indexOf('=') + 1));
  const raw = [username, password, search.slice(1), ...values, ...searchParams.values(), ...path];
  return [...raw, ...raw.map(readable), ...(username + password === '' ? [] : [basic])];
}

/** From here on a part of a path is more likely a token than a word. */
const longWord = 12;

/** The text without these: receivers like to quote the address or the header that they were sent. */
export const withoutSecrets = (text: string, secrets: readonly string[]): string =>
  [...new Set(secrets)]
    .filter((secret) => secret.length >= shortestSecret)
    .toSorted((a, b) => b.length - a.length)
    .reduce((rest, secret) => rest.replaceAll(secret, '(hidden)'), text);

function readable(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
