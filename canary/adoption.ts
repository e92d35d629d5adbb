/** Taking over Canaries whose hashes are not ours, or were made of another rendering. Rules: spec of targets, section 7. */
import type { TargetFact } from './action.ts';
import { decideOn, isOwnHash, sameConfigs } from './revision.ts';
import type { Step } from './step.ts';

/**
 * Hashes that are not ours (another controller's, or an older format) say nothing. A target that equals its primary is
 * the promoted one, whatever it was rendered by; after a failure a target with a foreign hash counts as decided. So no
 * Canary starts a run merely because it changed hands or the API server was upgraded.
 *
 * @returns undefined when there is nothing to adopt
 */
export function adopt(step: Step, seen: TargetFact): Step | undefined {
  const { status } = step;
  const isForeign = status.lastAppliedSpec !== undefined && !isOwnHash(status.lastAppliedSpec);
  const isKnown =
    status.lastAppliedSpec === seen.revision.template || status.lastPromotedSpec === seen.revision.template;
  if ((isForeign || !isKnown) && isPromotedContent(step, seen)) {
    return { ...step, status: { ...decideOn(status, seen.revision), lastPromotedSpec: seen.revision.template } };
  }
  return isForeign && status.phase === 'Failed' ? { ...step, status: decideOn(status, seen.revision) } : undefined;
}

/** A canary that kept its traffic is not where its promoted revision is. */
function isPromotedContent({ status }: Step, { primary, revision }: TargetFact): boolean {
  const isPending = status.canaryWeight > 0 || status.run?.decision !== undefined;
  return !isPending && primary?.equalsTarget === true && sameConfigs(status.trackedConfigs, revision.configs);
}
