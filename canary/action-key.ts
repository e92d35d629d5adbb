/** What an action is called within a step. */
import type { Action } from './action.ts';
import type { CanaryStatus, Weights } from './canary.ts';

const recordKey = ({ phase, run }: CanaryStatus): string =>
  ['record', phase, run?.decision?.kind, run?.sizing && 'sized', run?.owed && `owing ${run.owed}`]
    .filter((word) => word !== undefined)
    .join(' ');

const routesKey = ({ primary, canary, mirrored }: Weights): string =>
  `ensureRoutes ${primary}/${canary}${mirrored ? ' mirrored' : ''}`;

type KeyOf<K extends Action['kind']> = (action: Extract<Action, { readonly kind: K }>) => string;

/** What tells two actions of one kind apart. */
const details: { readonly [K in Action['kind']]?: KeyOf<K> } = {
  callHook: ({ hook, occurrence }) =>
    `callHook ${hook.type} ${hook.name}${occurrence === undefined ? '' : ` #${occurrence}`}`,
  queryMetric: ({ part, metric }) => `queryMetric ${part} ${metric.name}`,
  observeEndpoints: ({ of }) => `observeEndpoints ${of}`,
  ensureRoutes: ({ weights }) => routesKey(weights),
  ensureScaler: ({ kind, atLeast }) => (atLeast === undefined ? kind : `${kind} at least ${atLeast}`),
  sizePrimary: ({ replicas }) => `sizePrimary ${replicas}`,
  scaleTarget: ({ to }) => `scaleTarget ${to}`,
  record: ({ status }) => recordKey(status),
  together: ({ actions }) => actions.map(actionKey).join(' + '),
};

/** Names an action within a step, for the facts and the log: a step that asks the same thing twice is a bug. */
export function actionKey(action: Action): string {
  // The row of a kind takes the actions of that kind, which TypeScript can't see.
  const detail = details[action.kind] as ((action: Action) => string) | undefined;
  return detail === undefined ? action.kind : detail(action);
}
