/** Which revision is new, which is promoted, and whose hash it is. Rules: spec of targets, section 7. */
import type { CanaryStatus, Revision } from './canary.ts';

/** Prefix of template hashes in the present format; another prefix, or none, is a foreign hash and never compared. */
export const hashVersion = 'v1-';

/** Whether a stored hash has our present format. */
export const isOwnHash = (hash: string | undefined): hash is string => hash?.startsWith(hashVersion) ?? false;

/** Whether two config maps name the same checksums; absent and empty are equal. */
export function sameConfigs(a: Revision['configs'], b: Revision['configs']): boolean {
  const left = Object.entries(a ?? {});
  const right = b ?? {};
  return left.length === Object.keys(right).length && left.every(([name, sum]) => right[name] === sum);
}

/** Whether the target is the revision that the status was last decided on. */
export const isDecided = (status: CanaryStatus, now: Revision): boolean =>
  status.lastAppliedSpec === now.template && sameConfigs(status.trackedConfigs, now.configs);

/**
 * Whether the target differs from what was last decided on. The promoted template is never new while the configs
 * are unchanged: going back to it by hand is not a release.
 */
export function isNewRevision(status: CanaryStatus, now: Revision): boolean {
  if (status.lastAppliedSpec === undefined || status.lastAppliedSpec === '') return true;
  if (!sameConfigs(status.trackedConfigs, now.configs)) return true;
  return status.lastPromotedSpec !== now.template && status.lastAppliedSpec !== now.template;
}
