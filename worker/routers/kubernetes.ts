import type { Router } from './router.ts';

/** No mesh and no ingress: traffic follows the Services, and there is no route to write. */
export const createKubernetesRouter = (): Router => ({
  ensure: () => Promise.resolve({}),
  restore: () => Promise.resolve({ changed: false }),
});
