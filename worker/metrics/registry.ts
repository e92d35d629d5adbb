/** Every type of provider that a MetricTemplate may name and that we can ask. A further type is a file and a row. */
import type { HttpSender } from '../../platform/http/http.ts';
import type { Logger } from '../../platform/observability/logger.ts';
import { createPrometheusProvider } from './prometheus.ts';
import type { Credentials } from './prometheus.ts';
import { MetricError } from './provider.ts';
import type { MetricProvider } from './provider.ts';

/** What a MetricTemplate says about its provider. */
export interface ProviderRequest {
  readonly http: HttpSender;
  readonly log: Logger;
  readonly address: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly insecureSkipVerify: boolean;
  /** Values of the referenced Secret; absent when none is referenced. */
  readonly secret?: Readonly<Record<string, string>>;
}

/** @throws MetricError when the request lacks what this type needs */
export type ProviderFactory = (request: ProviderRequest) => MetricProvider;

export const providerFactories: ReadonlyMap<string, ProviderFactory> = new Map([
  [
    'prometheus',
    ({ secret, ...request }) => createPrometheusProvider({ ...request, credentials: credentialsIn(secret) }),
  ],
]);

/** A `token` wins over `username` and `password`. */
function credentialsIn(secret: ProviderRequest['secret']): Credentials | undefined {
  if (secret === undefined) return undefined;
  const { token, username, password } = secret;
  if (token !== undefined) return { kind: 'bearer', token };
  if (username === undefined) throw missing('username');
  if (password === undefined) throw missing('password');
  return { kind: 'basic', username, password };
}

const missing = (key: string): MetricError =>
  new MetricError('invalid', `prometheus credentials does not contain a ${key}`);
