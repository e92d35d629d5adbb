/**
 * How rules are written: generators that yield what they want to know or have done.
 *
 * `replay` runs such a rule from its beginning with the answers that are known so far and returns the first action
 * without an answer, or the end. A rule holds no state between two calls, so the same canary, facts and time always
 * give the same next action: rules stay pure although they read like a list of steps.
 */
import { actionKey } from './action-key.ts';
import type { Action, Answers, Done, Outcome } from './action.ts';

/** What is known in this step, by `actionKey`. */
export type Facts = ReadonlyMap<string, Outcome>;

export type Rule<T> = Generator<Action | Done, T, Outcome>;

/** More actions than any step needs; reaching it means a rule that never ends. */
const actionsPerStep = 200;

/** Yields an action and returns how it went, failures included. */
export function* attempt<A extends Action>(action: A): Rule<Outcome<Answers[A['kind']]>> {
  const outcome = yield action;
  // The worker answers under the action's own key, so the value has the type that `Answers` gives for its kind.
  return outcome as Outcome<Answers[A['kind']]>;
}

/** Ends the step. Nothing after it runs. */
export function* end(done: Done): Rule<never> {
  yield done;
  throw new Error('a rule went on after its end');
}

/**
 * Runs a rule up to its first unanswered action.
 *
 * @throws Error when a rule asks for more actions than a step may have
 */
export function replay(rule: Rule<Done>, facts: Facts): Action | Done {
  let item = rule.next();
  for (let count = 0; count < actionsPerStep; count += 1) {
    const wanted = item.value;
    if (item.done === true || wanted.kind === 'done') return wanted;
    const outcome = facts.get(actionKey(wanted));
    if (outcome === undefined) return wanted;
    item = rule.next(outcome);
  }
  throw new Error(`a step asked for more than ${actionsPerStep} actions`);
}
