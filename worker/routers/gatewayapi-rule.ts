import type { JsonRecord } from '../../platform/json.ts';

/** One rule that is ours; what others add to it is laid around it by gatewayapi-merge.ts. */
export interface OwnRule {
  readonly matches: readonly JsonRecord[];
  readonly filters: readonly JsonRecord[];
  readonly backendRefs: readonly JsonRecord[];
  readonly timeouts?: JsonRecord;
  /** It is for holders of a cookie only; what others add to the rule behind it holds for them, too. */
  readonly isForCookie?: boolean;
}
