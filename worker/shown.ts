/** How much of what others sent or named may stand in an event, a status or a log. */

const longestExcerpt = 512;

/** The beginning of a body, short enough for an event. */
export const excerpt = (body: string): string =>
  body.length <= longestExcerpt ? body : `${body.slice(0, longestExcerpt)}…`;

/**
 * A URL without user, password and query: that is where people put their tokens. Of a text that is no URL everything up
 * to the last @ counts as a password: one with a slash in it, or an address without its scheme.
 */
export function withoutCredentials(url: string): string {
  const nameless = isHttpUrl(url)
    ? url.replace(/^\s*([a-z]+:)[\s\\/]*[^\\/?#]*@/i, '$1//')
    : url.replace(/^([a-z][a-z\d+.-]*:\/\/)?.*@/is, '$1');
  return nameless.replace(/[?#].*$/s, '');
}

const isHttpUrl = (text: string): boolean => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);

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

/** Characters of a body that are looked through: many more than are shown. */
const longestLook = 16_384;
/** Bytes of a body that are worth reading where no more than its beginning is shown. */
export const longestBody = 4 * longestLook;
/** The body is looked through once for each of them, and nobody else has a turn meanwhile. */
const mostSecrets = 100;

/**
 * The beginning of a body without these: receivers like to quote the address or the header that they were sent. Nothing
 * of it where there are more of them than can be looked for.
 */
export function excerptWithout(body: string, secrets: readonly string[]): string {
  const hidden = [...new Set(secrets)].filter((secret) => secret.length >= shortestSecret);
  if (hidden.length > mostSecrets)
    return body === '' ? '' : '(not shown: the address has too many parts that may be secret)';
  return excerpt(
    hidden
      .toSorted((a, b) => b.length - a.length)
      .reduce((rest, secret) => rest.replaceAll(secret, '(hidden)'), body.slice(0, longestLook)),
  );
}

function readable(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    return encoded;
  }
}
