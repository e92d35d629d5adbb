/**
 * What each provider's router can express. Validation, warnings and the docs follow this table.
 *
 * A provider without a row has no router yet. Source of the cells: routers/README.md section 3. Users read it in
 * docs/providers.md: npm run docs:providers.
 */
import type { Provider, StringMatch } from './spec.ts';

/** How a value is compared; `present` means that the name alone decides. */
export type MatcherKind = keyof StringMatch | 'present';

export interface Capabilities {
  /** Traffic can be split by weight. Without it only Blue/Green runs. */
  readonly weights: boolean;
  readonly uri: readonly MatcherKind[];
  readonly method: readonly MatcherKind[];
  readonly headers: readonly MatcherKind[];
  readonly queryParams: readonly MatcherKind[];
  /** Matching on the absence of a header. */
  readonly withoutHeaders: readonly MatcherKind[];
  /** Whether requests can be copied to the canary: never, beside Blue/Green only, or before the first weight, too. */
  readonly mirror: 'never' | 'blue-green' | 'any';
  /** Whether a share of them can be copied. */
  readonly mirrorWeight: boolean;
  /** Visitors can be kept on their side by cookies, of the canary and of the primary. */
  readonly sessionAffinity: boolean;
  /** Values of `service.appProtocol` that are routed; these alone where it is a list. */
  readonly appProtocols: 'any' | 'any but tcp' | readonly string[];
  /** `service.headless`. */
  readonly headless: boolean;
  /** `service.corsPolicy`, as far as the route can say it: `parse-cors.ts`. */
  readonly cors: boolean;
  /** Fields of `spec.service` that shape routes elsewhere and do nothing here; setting one is answered with a warning. */
  readonly ignoredServiceFields: readonly string[];
}

/** What only the Istio-shaped route objects have. */
const istioOnly = ['gateways', 'delegation', 'trafficPolicy', 'retries'] as const;

const anyText: readonly MatcherKind[] = ['exact', 'prefix', 'suffix', 'regex'];

const gatewayApi: Capabilities = {
  weights: true,
  uri: anyText,
  method: ['exact'],
  headers: anyText,
  queryParams: anyText,
  withoutHeaders: [],
  mirror: 'blue-green',
  // HTTPRoute has a percentage, but gateways that do not know it would copy everything.
  mirrorWeight: false,
  sessionAffinity: true,
  appProtocols: 'any but tcp',
  headless: true,
  cors: true,
  ignoredServiceFields: istioOnly,
};

/** Rules of this version have no timeouts and no CORS, as the reference writes them. */
const gatewayApiBeta: Capabilities = {
  ...gatewayApi,
  cors: false,
  ignoredServiceFields: [...istioOnly, 'corsPolicy', 'timeout', 'backendTimeout'],
};

/** Kuma takes any other for TCP, and then ignores a MeshHTTPRoute without a word. */
export const kumaProtocols: readonly string[] = ['http', 'http2', 'grpc'];

const kuma: Capabilities = {
  weights: true,
  uri: ['exact', 'prefix', 'regex'],
  method: ['exact'],
  headers: [...anyText, 'present'],
  queryParams: ['exact', 'prefix', 'regex'],
  withoutHeaders: ['present'],
  // On 2.x only where the Canary allows it: worker/routers/kuma-mirror.ts.
  mirror: 'any',
  mirrorWeight: true,
  sessionAffinity: false,
  appProtocols: kumaProtocols,
  headless: false,
  cors: false,
  ignoredServiceFields: [...istioOnly, 'corsPolicy', 'gatewayRefs', 'hosts', 'mirror', 'timeout', 'backendTimeout'],
};

const knative: Capabilities = {
  weights: true,
  uri: [],
  method: [],
  headers: [],
  queryParams: [],
  withoutHeaders: [],
  mirror: 'never',
  mirrorWeight: false,
  sessionAffinity: false,
  appProtocols: 'any but tcp',
  headless: false,
  cors: false,
  // The route is a list of revisions and their shares, and there are no Services beside it.
  ignoredServiceFields: [
    ...istioOnly,
    'corsPolicy',
    'gatewayRefs',
    'hosts',
    'match',
    'rewrite',
    'headers',
    'mirror',
    'timeout',
    'backendTimeout',
    'portDiscovery',
    'trafficDistribution',
    'apex',
    'primary',
    'canary',
  ],
};

const kubernetes: Capabilities = {
  weights: false,
  uri: [],
  method: [],
  headers: [],
  queryParams: [],
  withoutHeaders: [],
  mirror: 'never',
  mirrorWeight: false,
  sessionAffinity: false,
  appProtocols: 'any',
  headless: true,
  cors: false,
  // There is no route object at all, and the reference says nothing of it.
  ignoredServiceFields: [],
};

const table: { readonly [P in Provider]?: Capabilities } = {
  'gatewayapi:v1': gatewayApi,
  'gatewayapi:v1beta1': gatewayApiBeta,
  knative,
  kuma,
  'kuma:v2': kuma,
  'kuma:v3': kuma,
  kubernetes,
};

/** Providers that have a router, in alphabetical order. */
export const supportedProviders: readonly Provider[] = (Object.keys(table) as Provider[]).sort();

/** What the provider's router can do; undefined where there is no router. */
export function capabilitiesOf(provider: Provider): Capabilities | undefined {
  return table[provider];
}
