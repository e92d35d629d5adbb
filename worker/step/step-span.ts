/** How an action of a step looks in a trace. */
import type { Action } from '../../canary/action.ts';
import type { SpanAttributes, SpanDescription } from '../../platform/observability/tracing.ts';

/** Its kind is the name; what it acts on stands beside it, addresses excepted: they may be secret. */
export const spanOf = (action: Action): SpanDescription => ({ name: action.kind, attributes: attributesOf(action) });

function attributesOf(action: Action): SpanAttributes {
  switch (action.kind) {
    case 'callHook':
      return { 'aviary.hook.name': action.hook.name, 'aviary.hook.type': action.hook.type };
    case 'queryMetric':
      return { 'aviary.metric.name': action.metric.name, 'aviary.metric.part': action.part };
    case 'ensureRoutes':
      return { 'aviary.weight': action.weights.canary };
    case 'scaleTarget':
      return { 'aviary.scale': action.to };
    default:
      return {};
  }
}
