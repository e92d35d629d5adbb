/** The CORS filter of an HTTPRoute. Pure. Rules: routers/gatewayapi.md, row "Filters". */
import type { Canary } from '../../canary/canary.ts';
import { corsPolicyOf } from '../../canary/parse-cors.ts';
import type { JsonRecord } from '../../platform/json.ts';

/** What the API fills in where nothing is said, in seconds. */
const defaultMaxAge = 5;

/** No filter where the Canary asks for none; what a route can't say has been refused by validation. */
export function corsFilters({ spec }: Canary): readonly JsonRecord[] {
  const policy = corsPolicyOf(spec.service);
  if (policy === undefined) return [];
  const { origins, methods, headers, exposed, credentials, maxAge = defaultMaxAge } = policy;
  const lists = Object.entries({
    allowOrigins: origins,
    allowMethods: methods,
    allowHeaders: headers,
    exposeHeaders: exposed,
  }).filter(([, list]) => list.length > 0);
  // The API knows no `false`: whoever does not say it does not allow it.
  const allowed = credentials ? { allowCredentials: true } : {};
  return [{ type: 'CORS', cors: { ...Object.fromEntries(lists), ...allowed, maxAge } }];
}
