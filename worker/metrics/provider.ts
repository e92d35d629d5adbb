/** A source of metrics. One file per provider type, chosen in registry.ts; verdicts are canary/verdict.ts's. */
export interface MetricProvider {
  /**
   * @returns one finite number
   * @throws MetricError `noValues` for an empty result or NaN, `unavailable` when the provider could not be asked
   *   (network, timeout, 5xx, credentials), `invalid` when it refused the query or answered nonsense
   */
  query(query: string, signal: AbortSignal): Promise<number>;
  /** @throws MetricError `unavailable` */
  isOnline(signal: AbortSignal): Promise<void>;
}

/** Why there is no number; what the kinds mean is said at {@link MetricProvider.query}. */
export class MetricError extends Error {
  readonly kind: 'noValues' | 'unavailable' | 'invalid';

  constructor(kind: MetricError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MetricError';
    this.kind = kind;
  }
}
