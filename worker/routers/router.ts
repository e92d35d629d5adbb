import type { RestoredRoutes, RouteAnswer } from '../../canary/action.ts';
import type { AffinityCookies, Weights } from '../../canary/canary.ts';
import type { StepContext } from '../context.ts';

/** What the routes are to do. */
export interface Routing extends Weights {
  /** Where the Canary asks for session affinity. */
  readonly cookies?: AffinityCookies;
}

/** A mesh or ingress. One file per provider, chosen in registry.ts. */
export interface Router {
  /**
   * Makes the route object carry exactly these weights and cookies: creates, repairs and shifts, by server-side apply of our own
   * fields with the version that was read. No write when nothing differs. Weight 0 is written, never left out.
   *
   * @returns what is to be told beside it: something that is not as the Canary's user may think, and stops nothing; and whether this write took the canary its last share
   * @throws AdapterError `routeConflict` when an object of that name is somebody else's, `unsupported` when the
   *   provider cannot express what the Canary asks for, `unavailable` while the route is not ready for traffic
   */
  ensure(step: StepContext, routing: Routing): Promise<RouteAnswer>;
  /**
   * For a Canary that is being deleted: removes what it created and gives back what it took over, as
   * `restoreRouteObject` does. What is gone or somebody else's counts as restored.
   */
  restore(step: StepContext): Promise<RestoredRoutes>;
}
