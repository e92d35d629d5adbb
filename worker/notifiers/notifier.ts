import type { Severity } from '../../canary/spec.ts';

/** What a person is told. `fields` keep their order. */
export interface Alert {
  readonly canary: string;
  readonly namespace: string;
  readonly severity: Severity;
  readonly message: string;
  readonly fields: readonly { readonly name: string; readonly value: string }[];
}

/** A receiver of alerts. One file per type, chosen in registry.ts. */
export interface Notifier {
  /** @throws Error when the receiver did not take it; the caller retries */
  send(alert: Alert, signal: AbortSignal): Promise<void>;
}
