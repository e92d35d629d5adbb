/** A service and an analysis with every field that the reference's definition has. */

const texts = ['a', 'b'];
const textMap = { a: 'b', 'c/d': '' };
const metadata = { labels: textMap, annotations: textMap };
const matcherKinds = [{ exact: 'a' }, { prefix: 'a' }, { regex: 'a' }, {}];
const byName = { 'x-exact': { exact: 'a' }, 'x-prefix': { prefix: 'a' }, 'x-regex': { regex: '^a$' }, 'x-there': {} };

const wholeMatch = {
  name: 'api',
  uri: { prefix: '/api' },
  method: { exact: 'GET' },
  scheme: { exact: 'https' },
  authority: { regex: '.*\\.test' },
  headers: byName,
  queryParams: byName,
  withoutHeaders: byName,
  ignoreUriCase: true,
  port: 80,
  gateways: ['mesh'],
  sourceLabels: textMap,
  sourceNamespace: 'shop',
};

const trafficPolicy = {
  connectionPool: { http: { h2UpgradePolicy: 'UPGRADE', http2MaxRequests: 100, idleTimeout: '30s', maxRetries: 3 } },
  loadBalancer: { consistentHash: { httpCookie: { name: 'user', path: '/', ttl: '0s' } }, warmupDurationSecs: '30s' },
  outlierDetection: { consecutive5xxErrors: 5, interval: '10s', baseEjectionTime: '30s', maxEjectionPercent: 50 },
  tls: { mode: 'ISTIO_MUTUAL', sni: 'shop.test', subjectAltNames: texts },
};

const corsPolicy = {
  allowOrigins: [{ exact: 'https://a.test' }, { prefix: 'https://b' }, { regex: '.*' }],
  allowOrigin: ['a.test'],
  allowMethods: ['GET'],
  allowHeaders: texts,
  exposeHeaders: texts,
  maxAge: '24h',
  allowCredentials: true,
};

export const wholeService = {
  name: 'shop',
  port: 9898,
  portName: 'http',
  targetPort: 'web',
  appProtocol: 'http',
  trafficDistribution: 'PreferClose',
  portDiscovery: true,
  headless: true,
  timeout: '15s',
  backendTimeout: '5s',
  gateways: ['istio-system/public'],
  hosts: ['shop.test'],
  delegation: true,
  trafficPolicy,
  match: [wholeMatch, ...matcherKinds.map((kind) => ({ uri: kind, method: kind, scheme: kind, authority: kind }))],
  rewrite: { uri: '/', authority: 'shop.test', type: 'ReplacePrefixMatch' },
  retries: { attempts: 3, perTryTimeout: '1s', retryOn: '5xx' },
  headers: {
    request: { set: textMap, add: textMap, remove: texts },
    response: { set: textMap, add: textMap, remove: texts },
  },
  corsPolicy,
  gatewayRefs: [
    { group: '', kind: 'Service', name: 'shop', namespace: 'shop', sectionName: 'http', port: 80 },
    { name: 'public' },
  ],
  mirror: [{ backendRef: { group: '', kind: 'Service', name: 'copy', namespace: 'shop', port: 80 } }],
  meshName: 'global',
  backends: texts,
  apex: metadata,
  primary: metadata,
  canary: metadata,
  unmanagedMetadata: { annotations: texts, labels: texts },
};

const wholeMetric = {
  name: 'latency',
  interval: '1m30s',
  threshold: 500,
  thresholdRange: { min: 0.5, max: 99.9 },
  query: 'sum(up)',
  templateRef: { name: 'latency', namespace: 'shared' },
  templateVariables: textMap,
};

const wholeHook = {
  name: 'gate',
  type: 'confirm-rollout',
  url: 'http://gate.test/',
  timeout: '5s',
  retries: 3,
  metadata: textMap,
  muteAlert: true,
  disableTLS: true,
};

export const wholeAnalysis = {
  interval: '1m',
  threshold: 5,
  stepWeight: 10,
  maxWeight: 50,
  stepWeightPromotion: 20,
  mirror: true,
  mirrorWeight: 50,
  primaryReadyThreshold: 80,
  canaryReadyThreshold: 50,
  match: [
    {
      headers: { ...byName, 'x-suffix': { suffix: 'a' }, 'x-there': { exact: 'a' } },
      queryParams: byName,
      sourceLabels: textMap,
    },
  ],
  metrics: [wholeMetric, { name: 'request-success-rate', thresholdRange: { min: 99 } }],
  alerts: [{ name: 'slack', severity: 'error', providerRef: { name: 'slack', namespace: 'shared' } }],
  webhooks: [wholeHook],
  sessionAffinity: {
    cookieName: 'canary',
    primaryCookieName: 'primary',
    maxAge: 3600,
    domain: 'shop.test',
    path: '/',
    httpOnly: true,
    partitioned: true,
    secure: true,
    sameSite: 'Strict',
  },
};
