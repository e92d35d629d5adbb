import { HttpError } from './error.ts';

/** One request on the way to the final answer. */
export interface Hop {
  method: string;
  /** Without user and password. */
  target: URL;
  /** Lower-case names. */
  headers: Readonly<Record<string, string>>;
  body: string | undefined;
}

export interface FirstHop {
  method: string;
  url: string;
  headers?: Readonly<Record<string, string>> | undefined;
  body?: string | undefined;
}

/** Throws HttpError `badUrl` or `badRequest`. */
export function firstHop({ method, url, headers = {}, body }: FirstHop): Hop {
  refuseUnsendable(headers);
  const named = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  return withCredentials({ method: method.toUpperCase(), target: parseTarget(url), headers: named, body });
}

/** What HTTP allows in the value of a header, spaces around it aside. */
const headerValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Before fetch does, whose error would show the value: a token. */
function refuseUnsendable(headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (headerValue.test(value.trim())) continue;
    throw new HttpError(
      'badRequest',
      `expected one line of Latin-1 characters in the header ${name}, got another text (not shown)`,
    );
  }
}

const redirectStatuses = new Set([301, 302, 303, 307, 308]);
/** Headers that say what the body is; they go when it goes. */
const bodyHeaders = new Set(['content-type', 'content-length', 'content-encoding', 'content-language']);
/** The only headers that follow a redirect to another host: any other may be an API key. */
const harmlessHeaders = new Set(['accept', 'user-agent', 'idempotency-key', ...bodyHeaders]);

/** The hop that an answer asks for; undefined when the answer is final. Throws HttpError `badUrl`. */
export function nextHop(hop: Hop, status: number, location: string | null): Hop | undefined {
  if (!redirectStatuses.has(status) || location === null || location === '') return undefined;
  const target = parseTarget(location, hop.target);
  const becomesGet = status < 307 && !['GET', 'HEAD'].includes(hop.method);
  const keeps = (name: string): boolean =>
    (isSameHost(hop.target, target) || harmlessHeaders.has(name)) && !(becomesGet && bodyHeaders.has(name));
  return withCredentials({
    method: becomesGet ? 'GET' : hop.method,
    target,
    headers: Object.fromEntries(Object.entries(hop.headers).filter(([name]) => keeps(name))),
    body: becomesGet ? undefined : hop.body,
  });
}

const isSameHost = (from: URL, to: URL): boolean =>
  from.host === to.host && !(from.protocol === 'https:' && to.protocol === 'http:');

function parseTarget(text: string, base?: URL): URL {
  const target = URL.canParse(text, base?.href) ? new URL(text, base?.href) : undefined;
  if (target === undefined || !['http:', 'https:'].includes(target.protocol)) {
    throw new HttpError('badUrl', 'expected a URL that begins with http:// or https://, got another text');
  }
  return target;
}

/** Moves user and password from the URL into an Authorization header, unless there is one. */
function withCredentials(hop: Hop): Hop {
  const { username, password } = hop.target;
  if (username === '' && password === '') return hop;
  const target = new URL(hop.target);
  target.username = '';
  target.password = '';
  const pair = `${decoded(username)}:${decoded(password)}`;
  const authorization = `Basic ${Buffer.from(pair).toString('base64')}`;
  return { ...hop, target, headers: { authorization, ...hop.headers } };
}

/** A percent sign that encodes nothing stands for itself. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
