/** The queues of Aviary and where they live in Redis. Their names may not contain a colon. */

/** Steps of canaries: from the scheduler to the workers. */
export const stepsQueue = 'steps';
/** Alerts that follow from saved statuses: from worker to worker, so that a slow receiver holds no step up. */
export const alertsQueue = 'alerts';

/** The braces keep all keys in one slot of a Redis Cluster. */
export const defaultPrefix = '{aviary}';
