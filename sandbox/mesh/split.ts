// Which share of a destination's requests goes where, from Kuma's route objects.
import type { Destination } from './destination.ts';
import type { HttpMatch, HttpRule, MeshHttpRoute, TargetRef, TrafficRoute } from './kuma-objects.ts';

/** Requests that match go to `backends` by weight. An empty list of backends means that nobody can answer. */
export interface SplitRule {
  readonly match: HttpMatch;
  readonly backends: readonly Backend[];
  readonly mirrors: readonly Mirror[];
}

export interface Backend {
  readonly cluster: string;
  readonly weight: number;
}

export interface Mirror {
  readonly cluster: string;
  /** 0 to 100, with fractions. */
  readonly percentage: number;
}

export interface MeshRoutes {
  readonly mesh: string;
  readonly meshHttpRoutes: readonly MeshHttpRoute[];
  readonly trafficRoutes: readonly TrafficRoute[];
}

const everything: HttpMatch = { path: { type: 'PathPrefix', value: '/' }, headers: [], queryParams: [] };

/**
 * The rules for one destination in the order in which Envoy must try them, closed by one that matches everything. A
 * MeshHTTPRoute wins; without one a TrafficRoute counts; without either the Service's own pods answer.
 */
export function splitRules(destination: Destination, routes: MeshRoutes, known: readonly Destination[]): SplitRule[] {
  const placed = rulesOf(destination, routes);
  const toItself: SplitRule = { match: everything, backends: [{ cluster: destination.name, weight: 1 }], mirrors: [] };
  if (placed.length === 0) return [trafficRule(destination, routes, known) ?? toItself];
  const rules = placed
    .flatMap(({ rule, namespace }) => rule.matches.map((match) => ({ rule, namespace, match })))
    .map((place) => toSplitRule(place, destination, known))
    .sort((a, b) => byPrecedence(a.match, b.match));
  return rules.some(({ match }) => matchesEverything(match)) ? rules : [...rules, toItself];
}

interface PlacedRule {
  readonly rule: HttpRule;
  /** Of the route: references without a namespace mean this one. */
  readonly namespace: string;
}

/** The rules of all routes of the mesh that aim at the destination; of equal matches the first route by name wins. */
function rulesOf(destination: Destination, { mesh, meshHttpRoutes }: MeshRoutes): PlacedRule[] {
  const byMatches = new Map<string, PlacedRule>();
  const placed = [...meshHttpRoutes]
    .filter(({ metadata }) => (metadata.labels['kuma.io/mesh'] ?? 'default') === mesh)
    .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .flatMap(({ metadata: { namespace }, spec }) =>
      spec.to
        .filter(({ targetRef }) => refersTo(targetRef, destination, namespace))
        .flatMap((to) => to.rules.map((rule) => ({ rule, namespace }))),
    );
  for (const place of placed) {
    const key = JSON.stringify(place.rule.matches);
    if (!byMatches.has(key)) byMatches.set(key, place);
  }
  return [...byMatches.values()];
}

/**
 * True when the reference names the destination: by Kuma's legacy name, by the Service's name with port or section,
 * or by the labels of the 3.x dialect. Names and labels without a namespace mean the route's own.
 */
function refersTo(ref: TargetRef, destination: Destination, routeNamespace: string): boolean {
  if (ref.kind !== 'MeshService') return false;
  if (ref.name === destination.name) return true;
  const service = ref.labels?.['kuma.io/display-name'] ?? ref.name;
  const namespace = ref.labels?.['k8s.kuma.io/namespace'] ?? ref.namespace ?? routeNamespace;
  return service === destination.service && namespace === destination.namespace && isPortOf(ref, destination);
}

function isPortOf({ sectionName, port }: TargetRef, destination: Destination): boolean {
  if (sectionName === undefined) return port === destination.port;
  return sectionName === destination.portName || sectionName === String(destination.port);
}

function toSplitRule(
  { rule, namespace, match }: PlacedRule & Pick<SplitRule, 'match'>,
  destination: Destination,
  known: readonly Destination[],
): SplitRule {
  const resolve = (ref: TargetRef): Destination | undefined =>
    known.find((candidate) => refersTo(ref, candidate, namespace));
  const weighted = rule.default.backendRefs.flatMap((ref) => weigh(resolve(ref), ref.weight));
  const mirrors = rule.default.filters.flatMap(({ requestMirror }) => {
    const target = resolve(requestMirror.backendRef);
    return target === undefined ? [] : [{ cluster: target.name, percentage: requestMirror.percentage }];
  });
  const backends = rule.default.backendRefs.length === 0 ? [{ cluster: destination.name, weight: 1 }] : share(weighted);
  return { match, backends, mirrors };
}

interface WeightedDestination {
  readonly destination: Destination;
  readonly weight: number;
}

function weigh(destination: Destination | undefined, weight: number): WeightedDestination[] {
  return destination === undefined ? [] : [{ destination, weight }];
}

/**
 * As Kuma 2.x does: backends of weight zero and backends without a single endpoint drop out, their share goes to the
 * rest. When no weighted backend has an endpoint all stay, so that Envoy answers 503 and counts it on the right name.
 */
function share(weighted: readonly WeightedDestination[]): Backend[] {
  const wanted = weighted.filter(({ weight }) => weight > 0);
  const usable = wanted.filter(({ destination }) => destination.endpoints.length > 0);
  return (usable.length > 0 ? usable : wanted).map(({ destination, weight }) => ({
    cluster: destination.name,
    weight,
  }));
}

const serviceTag = 'kuma.io/service';

function trafficRule(
  destination: Destination,
  { mesh, trafficRoutes }: MeshRoutes,
  known: readonly Destination[],
): SplitRule | undefined {
  const route = trafficRoutes.find(
    (candidate) =>
      candidate.mesh === mesh &&
      candidate.spec.destinations.some(({ match }) => match[serviceTag] === destination.name),
  );
  if (route === undefined) return undefined;
  const { split, destination: only } = route.spec.conf;
  const parts = only === undefined ? split : [{ weight: 1, destination: only }];
  const weighted = parts.flatMap((part) =>
    weigh(
      known.find(({ name }) => name === part.destination[serviceTag]),
      part.weight,
    ),
  );
  return { match: everything, backends: share(weighted), mirrors: [] };
}

function matchesEverything({ path, method, headers, queryParams }: HttpMatch): boolean {
  const anyPath = path === undefined || (path.type === 'PathPrefix' && path.value === '/');
  return anyPath && method === undefined && headers.length === 0 && queryParams.length === 0;
}

const pathRank = { Exact: 0, PathPrefix: 1, RegularExpression: 2 };

/** Gateway API's precedence, which Kuma follows: kind of path, longer path, method, more headers, more parameters. */
function byPrecedence(a: HttpMatch, b: HttpMatch): number {
  const rank = ({ path }: HttpMatch): number => (path === undefined ? 3 : pathRank[path.type]);
  return (
    rank(a) - rank(b) ||
    (b.path?.value.length ?? 0) - (a.path?.value.length ?? 0) ||
    Number(a.method === undefined) - Number(b.method === undefined) ||
    b.headers.length - a.headers.length ||
    b.queryParams.length - a.queryParams.length
  );
}
