/** Prometheus, and whatever speaks its query API. Specification of metrics, section 9.1. */
import { STATUS_CODES } from 'node:http';
import { HttpError } from '../../platform/http/http.ts';
import type { HttpRequest, HttpResponse, HttpSender } from '../../platform/http/http.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { excerptWithout, secretsOf, withoutCredentials } from '../shown.ts';
import { readPrometheusAnswer } from './prometheus-answer.ts';
import type { PrometheusAnswer, Shown } from './prometheus-answer.ts';
import { MetricError } from './provider.ts';
import type { MetricProvider } from './provider.ts';

/** Of one query, in milliseconds. */
const timeoutMs = 5000;
/** A check needs one series, a few hundred bytes; this is some hundred with many labels. Every step reads one at a time. */
const longestAnswer = 256 * 1024;

export type Credentials =
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly username: string; readonly password: string };

export interface PrometheusOptions {
  readonly http: HttpSender;
  readonly log: Logger;
  /** Base URL; a path is kept, a query string dropped, user and password become Basic authentication. */
  readonly address: string;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly credentials?: Credentials | undefined;
  readonly insecureSkipVerify?: boolean | undefined;
}

/** @throws MetricError `invalid` when the address is no http or https URL */
export function createPrometheusProvider(options: PrometheusOptions): MetricProvider {
  const { http, log } = options;
  const base = baseOf(options.address);
  const ask = async (query: string, signal: AbortSignal): Promise<number> => {
    const response = await send(http, { ...requestOf(options, base, query), signal });
    const { value, series } = readAnswer(options, response);
    if (series > 1) log.info({ query, series }, 'query returned more than one series, the last one counts');
    return value;
  };
  return {
    query: ask,
    isOnline: async (signal) => {
      const one = await ask('vector(1)', signal).catch((error: unknown) => {
        throw asUnavailable(error);
      });
      if (one !== 1) throw new MetricError('unavailable', `expected 1 for the query vector(1), got ${one}`);
    },
  };
}

function baseOf(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url !== undefined && (url.protocol === 'http:' || url.protocol === 'https:')) return url;
  const shown = withoutCredentials(address);
  throw new MetricError(
    'invalid',
    `prometheus address ${shown} is not a valid URL: expected one that begins with http:// or https://`,
  );
}

function requestOf(
  { headers, credentials, insecureSkipVerify }: PrometheusOptions,
  base: URL,
  query: string,
): HttpRequest {
  const url = new URL(base);
  url.pathname = `${base.pathname}/api/v1/query`.replace(/\/{2,}/g, '/');
  url.search = new URLSearchParams({ query: query.replace(/\s+/g, ' ') }).toString();
  url.hash = '';
  const authorization = credentials === undefined ? {} : { authorization: authorizationOf(credentials) };
  return {
    method: 'GET',
    url: url.href,
    headers: { ...headers, ...authorization },
    timeoutMs,
    insecureSkipVerify,
    maxBodyBytes: longestAnswer,
  };
}

function authorizationOf(credentials: Credentials): string {
  if (credentials.kind === 'bearer') return `Bearer ${credentials.token}`;
  const { username, password } = credentials;
  return `Basic ${Buffer.from(`${username}:${password}`, 'utf8').toString('base64')}`;
}

async function send(http: HttpSender, request: HttpRequest): Promise<HttpResponse> {
  try {
    return await http.send(request);
  } catch (error) {
    if (!(error instanceof HttpError)) throw error;
    throw new MetricError('unavailable', error.message, { cause: error });
  }
}

/** What a server quotes of its request in an error is shown without the secrets in it. */
function readAnswer(options: PrometheusOptions, response: HttpResponse): PrometheusAnswer {
  const shown: Shown = (text) => excerptWithout(text, secretsIn(options));
  return readPrometheusAnswer(bodyOf(response, shown), shown);
}

function secretsIn({ address, headers = {}, credentials }: PrometheusOptions): readonly string[] {
  const sent = credentials === undefined ? [] : [...Object.values(credentials), authorizationOf(credentials)];
  return [...secretsOf(address, false), ...Object.values(headers), ...sent];
}

/** Refusals that say nothing about the query: who we are, how often we ask, how the server fares. */
const notTheQuery: ReadonlySet<number> = new Set([401, 403, 407, 408, 429]);

function bodyOf({ status, text, truncated }: HttpResponse, shown: Shown): string {
  if (status < 400 && truncated) throw new MetricError('invalid', tooLong);
  if (status < 400) return text;
  const kind = status >= 500 || notTheQuery.has(status) ? 'unavailable' : 'invalid';
  throw new MetricError(kind, `error response: Status ${status} ${STATUS_CODES[status] ?? ''}: ${shown(text)}`);
}

const tooLong =
  `expected an answer of at most ${longestAnswer / 1024} KiB, got a longer one: narrow the query, ` +
  'so that it selects one series';

const asUnavailable = (error: unknown): unknown =>
  error instanceof MetricError ? new MetricError('unavailable', error.message, { cause: error }) : error;
