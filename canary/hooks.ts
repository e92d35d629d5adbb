/** How the rules ask webhooks: in list order, one type at a time, with a key that names the question. */
import type { HookAnswer } from './action.ts';
import type { HookType, Phase, Revision, Webhook } from './canary.ts';
import { checksumOf } from './checksum.ts';
import { idempotencyKey } from './identity.ts';
import { attempt } from './rule.ts';
import type { Rule } from './rule.ts';
import { runOf } from './step.ts';
import type { Step } from './step.ts';

export const hooksOf = (step: Step, type: HookType): readonly Webhook[] =>
  step.canary.spec.analysis.webhooks.filter((hook) => hook.type === type);

/**
 * Asks one hook. An address that could not be asked has not passed.
 *
 * @param about revision that the question is about, where the status does not hold it yet
 */
export function* ask(step: Step, hook: Webhook, about?: { phase?: Phase; revision?: Revision }): Rule<HookAnswer> {
  const { canary, status, at } = step;
  const outcome = yield* attempt({
    kind: 'callHook',
    hook,
    phase: about?.phase ?? status.phase ?? 'Initializing',
    checksum: checksumOf(
      about?.revision === undefined ? status.trackedConfigs : about.revision.configs,
      about?.revision?.template ?? status.lastAppliedSpec ?? '',
    ),
    idempotencyKey: idempotencyKey({ canary, run: runOf(step).id, slot: at.slot, hook: `${hook.type}/${hook.name}` }),
  });
  return outcome.ok ? outcome.value : { passed: false, detail: outcome.failure.message };
}

export type HookRound = { readonly step: Step; readonly refused?: Webhook; readonly detail: string };

/**
 * Asks the hooks of a type in order until one refuses.
 *
 * @param onPass adds what is said of a hook that passed
 */
export function* askAll(
  step: Step,
  type: HookType,
  options: { about?: { phase?: Phase; revision?: Revision }; onPass: (step: Step, hook: Webhook) => Step },
): Rule<HookRound> {
  let current = step;
  for (const hook of hooksOf(step, type)) {
    const answer = yield* ask(current, hook, options.about);
    if (!answer.passed) return { step: current, refused: hook, detail: answer.detail };
    current = options.onPass(current, hook);
  }
  return { step: current, detail: '' };
}
