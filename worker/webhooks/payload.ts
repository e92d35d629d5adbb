/** The body that a hook receives. Specification of webhooks, section 2. */
import type { Canary, Phase } from '../../canary/canary.ts';
import type { Webhook } from '../../canary/spec.ts';

export interface HookQuestion {
  readonly hook: Webhook;
  /** Of the Canary, as the rule that asks sees it. */
  readonly phase: Phase;
  /** Names the revision that is asked about. */
  readonly checksum: string;
}

/** Keys in the order that receivers of the reference see; metadata only when there is any. */
export function hookBody({ name, namespace }: Canary, { hook, phase, checksum }: HookQuestion): string {
  const metadata = Object.entries(hook.metadata).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({
    name,
    namespace,
    phase,
    checksum,
    ...(metadata.length === 0 ? {} : { metadata: Object.fromEntries(metadata) }),
  });
}
