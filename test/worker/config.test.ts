import test from 'ava';
import { ConfigError } from '../../platform/config.ts';
import { loadWorkerConfig } from '../../worker/config.ts';

const least = { REDIS_URL: 'redis://redis:6379', KUBECONFIG: '/home/me/.kube/config' };

test('what is not set has the default of the reference where that makes sense', (t) => {
  t.like(loadWorkerConfig(least), {
    defaultProvider: 'kuma',
    metricsServer: 'http://prometheus:9090',
    namespaces: [],
    openNamespaces: [],
    selectorLabels: ['app', 'name', 'app.kubernetes.io/name'],
    includeLabelPrefixes: [],
    trackConfigs: true,
    eventWebhookUrl: '',
    slack: { slackUrl: '', slackToken: '', slackChannel: '', slackUser: 'flagger', slackProxy: '' },
    concurrency: 50,
    stepTimeoutMs: 60_000,
    drainDelayMs: 5_000,
    keepFinishedMs: 180_000,
    redisPrefix: '{aviary}',
    addresses: { allowLoopback: false, allowLinkLocal: false },
  });
});

test('aliases of providers are resolved', (t) => {
  t.is(loadWorkerConfig({ ...least, MESH_PROVIDER: 'none' }).defaultProvider, 'kubernetes');
  t.is(loadWorkerConfig({ ...least, MESH_PROVIDER: 'gatewayapi' }).defaultProvider, 'gatewayapi:v1');
});

for (const level of ['debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic']) {
  test(`'${level}' is a level of the log, as in the reference`, (t) => {
    t.is<string, string>(loadWorkerConfig({ ...least, LOG_LEVEL: level }).logLevel, level);
  });
}

for (const provider of ['isto', 'istio', 'appmesh']) {
  test(`'${provider}', for which there is no router, is refused as a default`, (t) => {
    t.throws(() => loadWorkerConfig({ ...least, MESH_PROVIDER: provider }), {
      instanceOf: ConfigError,
      message: /MESH_PROVIDER .*expected one of .*gatewayapi:v1.*got/,
    });
  });
}

test('the namespace of the installation is open to all, beside those that are listed', (t) => {
  const env = { ...least, POD_NAMESPACE: 'aviary-system', ALLOWED_NAMESPACES: 'metrics, alerts' };
  t.deepEqual(loadWorkerConfig(env).openNamespaces, ['aviary-system', 'metrics', 'alerts']);
});

test('finished jobs are kept for two horizons', (t) => {
  t.is(loadWorkerConfig({ ...least, HORIZON: '10m' }).keepFinishedMs, 1_200_000);
});

test('a pod uses its own account unless a kubeconfig is named', (t) => {
  const pod = { REDIS_URL: least.REDIS_URL, KUBERNETES_SERVICE_HOST: '10.0.0.1' };
  t.deepEqual(loadWorkerConfig(pod).cluster, { kind: 'inCluster', host: '10.0.0.1', port: '443' });
  t.like(loadWorkerConfig({ ...pod, KUBERNETES_ACCOUNT_DIR: '/account' }).cluster, { serviceAccountDir: '/account' });
  t.like(loadWorkerConfig({ ...pod, ...least }).cluster, { kind: 'kubeconfig', path: '/home/me/.kube/config' });
});

test('a process that cannot know its cluster says what to set', (t) => {
  t.throws(() => loadWorkerConfig({ REDIS_URL: least.REDIS_URL }), { message: /KUBECONFIG .*expected .*got nothing/ });
});

test('what contradicts itself in several ways is told at once', (t) => {
  const error = t.throws(() => loadWorkerConfig({ REDIS_URL: least.REDIS_URL, REDIS_CERT_FILE: '/tls/tls.crt' }));
  for (const name of ['KUBECONFIG', 'REDIS_KEY_FILE', 'REDIS_CERT_FILE']) t.regex(error?.message ?? '', RegExp(name));
});

test('no secret is shown in a complaint', (t) => {
  const error = t.throws(() =>
    loadWorkerConfig({ ...least, SLACK_URL: 'hooks.slack.com/T/B/secret', EVENT_WEBHOOK_URL: 'user:secret' }),
  );
  t.regex(error?.message ?? '', /SLACK_URL/);
  t.regex(error?.message ?? '', /EVENT_WEBHOOK_URL/);
  t.false(error?.message.includes('secret'));
});

test('proxies are read from upper-case variables, else from lower-case ones', (t) => {
  const lower = { http_proxy: 'proxy:3128', https_proxy: 'http://proxy:3129', no_proxy: '.svc' };
  t.deepEqual(loadWorkerConfig({ ...least, ...lower }).proxies, {
    httpProxy: 'proxy:3128',
    httpsProxy: 'http://proxy:3129',
    noProxy: '.svc',
  });
  const both = { ...lower, http_proxy: 'socks5://unused', HTTP_PROXY: 'https://upper:3128', NO_PROXY: ' ' };
  t.like(loadWorkerConfig({ ...least, ...both }).proxies, { httpProxy: 'https://upper:3128', noProxy: '.svc' });
});

for (const proxy of ['http//proxy:3128', 'http:/proxy', 'htp://proxy:3128', 'proxy:31x8', 'socks5://proxy', '://']) {
  test(`the proxy '${proxy}' is refused at the start, and not shown`, (t) => {
    for (const name of ['HTTP_PROXY', 'https_proxy']) {
      const variable = RegExp(`${name.toUpperCase()} .*expected a proxy such as .*, got \\(hidden\\)$`);
      t.throws(() => loadWorkerConfig({ ...least, [name]: proxy }), { instanceOf: ConfigError, message: variable });
    }
  });
}
