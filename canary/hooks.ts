/** How the rules ask webhooks: in list order, one type at a time, with a key that names the question. */
import type { HookAnswer } from './hook-answer.ts';
import type { CanaryStatus, Phase, Revision } from './canary.ts';
import type { HookType, Webhook } from './spec.ts';
import { checksumOf } from './checksum.ts';
import { idempotencyKey } from './identity.ts';
import type { EventText } from './messages.ts';
import { attempt } from './rule.ts';
import type { Rule } from './rule.ts';
import { runOf } from './step.ts';
import type { Step } from './step.ts';

export const hooksOf = (step: Step, type: HookType): readonly Webhook[] =>
  step.canary.spec.analysis.webhooks.filter((hook) => hook.type === type);

/** Asks one hook. An address that could not be asked has not passed. */
export function* ask(step: Step, hook: Webhook, about: HookSubject = {}): Rule<HookAnswer> {
  const { status } = step;
  const question = {
    hook,
    phase: about.phase ?? status.phase ?? 'Initializing',
    checksum: about.revision === undefined ? checksumOfStatus(status) : checksumOfRevision(about.revision),
  };
  const namesakes = hooksOf(step, hook.type).filter(({ name }) => name === hook.name);
  const occurrence = namesakes.indexOf(hook) + 1;
  const outcome = yield* attempt({
    kind: 'callHook',
    ...question,
    ...(occurrence > 1 ? { occurrence } : {}),
    idempotencyKey: idempotencyKey({
      canary: step.canary,
      run: runOf(step).id,
      ...identityOf(step, question, occurrence),
    }),
  });
  return outcome.ok ? outcome.value : { passed: false, detail: outcome.failure.message, unanswered: true };
}

interface Question {
  readonly hook: Webhook;
  readonly phase: Phase;
  readonly checksum: string;
}

/**
 * A hook is asked once per slot, phase and revision, which may both become others within the slot: what has another body
 * has another key. A post-rollout hook is asked once per end of a run, in whichever slot it is caught up on.
 */
function identityOf(
  step: Step,
  { hook, phase, checksum }: Question,
  occurrence: number,
): { slot: number; hook: string } {
  const name = `${hook.type}/${hook.name}${occurrence > 1 ? ` #${occurrence}` : ''}`;
  const slot = hook.type === 'post-rollout' ? (runOf(step).lastSlot ?? 0) : step.at.slot;
  return { slot, hook: `${name}/${phase}/${checksum}` };
}

/** What a question is about, where the status does not say it (yet). */
export interface HookSubject {
  readonly phase?: Phase;
  readonly revision?: Revision;
}

const checksumOfStatus = ({ trackedConfigs, lastAppliedSpec }: CanaryStatus): string =>
  checksumOf(trackedConfigs, lastAppliedSpec ?? '');
const checksumOfRevision = ({ configs, template }: Revision): string => checksumOf(configs, template);

export type HookRound = { readonly step: Step; readonly refused?: Webhook; readonly detail: string };

/** Why a gate is shut, for the condition: the events of gates, which are the reference's, do not say what was answered. */
export const whyShut = (text: EventText, detail: string): string =>
  detail === '' ? text.message : `${text.message}: ${detail}`;

/**
 * Asks the hooks of a type in order until one refuses.
 *
 * @param onPass adds what is said of a hook that passed
 */
export function* askAll(
  step: Step,
  type: HookType,
  options: { about?: HookSubject; onPass: (step: Step, hook: Webhook) => Step },
): Rule<HookRound> {
  let current = step;
  for (const hook of hooksOf(step, type)) {
    const answer = yield* ask(current, hook, options.about);
    if (!answer.passed) return { step: current, refused: hook, detail: answer.detail };
    current = options.onPass(current, hook);
  }
  return { step: current, detail: '' };
}
