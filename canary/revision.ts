/** Which revision is new, which is promoted, and whose hash it is. Rules: spec of targets, section 7. */
import type { CanaryStatus, Revision } from './canary.ts';

/** Prefix of template hashes in the present format; another prefix, or none, is a foreign hash and never compared. */
export const hashVersion = 'v1-';

/** Whether a stored hash has our present format. */
export const isOwnHash = (hash: string | undefined): hash is string => hash?.startsWith(hashVersion) ?? false;

/**
 * Whether the configs are the ones that were known. Absent and empty are equal before; absent now means that configs
 * are not tracked (any more), which is never a change.
 */
export function sameConfigs(known: Revision['configs'], now: Revision['configs']): boolean {
  if (now === undefined) return true;
  const before = known ?? {};
  const entries = Object.entries(now);
  return entries.length === Object.keys(before).length && entries.every(([name, sum]) => before[name] === sum);
}

/** The status with this revision as what was last decided on. */
export function decideOn(status: CanaryStatus, { template, configs }: Revision): CanaryStatus {
  const { trackedConfigs: _forgotten, ...rest } = status;
  return { ...rest, lastAppliedSpec: template, ...(configs === undefined ? {} : { trackedConfigs: configs }) };
}

/** The revision that the status was last decided on. */
export const decidedRevision = ({ lastAppliedSpec, trackedConfigs }: CanaryStatus): Revision => ({
  template: lastAppliedSpec ?? '',
  ...(trackedConfigs === undefined ? {} : { configs: trackedConfigs }),
});

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

/**
 * Whether the target is what was promoted last. The configs of the promoted revision are known until another run has begun
 * with the same template; hashes of another controller count while nothing has happened since.
 */
export function isPromotedRevision(status: CanaryStatus, now: Revision): boolean {
  const { phase, lastPromotedSpec, lastAppliedSpec, trackedConfigs } = status;
  const isAtRest = phase === 'Initialized' || phase === 'Succeeded';
  if (!isOwnHash(lastPromotedSpec)) return isAtRest;
  if (lastPromotedSpec !== now.template) return false;
  return lastAppliedSpec !== now.template || (isAtRest && sameConfigs(trackedConfigs, now.configs));
}
