/** Which requests a route is for, and which of them the analysis is for. */
import type { Canary } from './canary.ts';
import type { RequestMatch } from './spec.ts';

/** Every request: what a match is where nothing is said. */
export const everyRequest: RequestMatch = { uri: { prefix: '/' }, unsupported: [] };

export interface RouteMatches {
  /** The requests of the cohort that sees the canary; empty where everybody may see it. */
  readonly cohort: readonly RequestMatch[];
  /** All requests of the route. */
  readonly service: readonly RequestMatch[];
}

/** The matches of both kinds. The cohort is each item of the analysis within each item of the service. */
export function routeMatches({ spec }: Canary): RouteMatches {
  const service = spec.service.match.length === 0 ? [everyRequest] : spec.service.match;
  const cohort = spec.analysis.match.flatMap((item) => service.map((base) => narrowed(base, item)));
  return { cohort, service };
}

/** What the analysis says wins field by field, headers and query parameters name by name. Every path says nothing. */
function narrowed(base: RequestMatch, { uri, ...item }: RequestMatch): RequestMatch {
  return {
    ...base,
    ...(uri === undefined || uri.prefix === '/' ? {} : { uri }),
    ...item,
    ...merged('headers', base, item),
    ...merged('queryParams', base, item),
    ...merged('withoutHeaders', base, item),
  };
}

type NamedField = 'headers' | 'queryParams' | 'withoutHeaders';

function merged(field: NamedField, base: RequestMatch, item: RequestMatch): Pick<RequestMatch, NamedField> {
  const matchers = { ...base[field], ...item[field] };
  return Object.keys(matchers).length === 0 ? {} : { [field]: matchers };
}
