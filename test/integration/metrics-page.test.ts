/** docs/metrics.md against the real /metrics of every process. */
import { readFile } from 'node:fs/promises';
import test from 'ava';
import type { ExecutionContext } from 'ava';
import { canaries } from '../../platform/kubernetes/resources.ts';
import { freePorts } from '../../sandbox/ports.ts';
import { waitFor } from '../../sandbox/wait.ts';
import { settingsOn, startProcessFor } from '../support/aviary-process.ts';
import type { AviaryProcess, ProcessOptions } from '../support/aviary-process.ts';
import { startCanaryCluster } from '../support/canary-cluster.ts';
import type { CanaryCluster } from '../support/canary-cluster.ts';

let cluster: CanaryCluster;
test.before(async () => {
  cluster = await startCanaryCluster();
});
test.after.always(() => cluster.close());

/** A metric as the page or a process describes it: `gauge flagger_info`. */
type Described = string;

interface Program {
  /** As the page calls it. */
  readonly where: string;
  readonly program: ProcessOptions['program'];
  readonly env: Readonly<Record<string, string>>;
}

const programs: readonly Program[] = [
  { where: 'worker', program: 'worker', env: {} },
  { where: 'scheduler', program: 'scheduler', env: {} },
  { where: 'board', program: 'console', env: { BOARD_TOKEN: 'a-token-of-16-characters' } },
  { where: 'load tester', program: 'loadtester', env: {} },
];

/** Rows of the page's tables: what each process is said to serve. */
async function described(where: string): Promise<readonly Described[]> {
  const page = await readFile(new URL('../../../docs/metrics.md', import.meta.url), 'utf8');
  const rows = page.matchAll(/^\| `([a-z_]+)` \| (\w+) \|[^|]*\| ([^|]+?) \|/gm);
  return [...rows]
    .filter(([, , , places = '']) => places.replace('one worker', 'worker').split(', ').includes(where))
    .map(([, name, type]) => `${type} ${name}`)
    .toSorted();
}

const ofTheProcess = /^\w+ (process|nodejs)_/;

async function start(t: ExecutionContext, { program, env }: Omit<Program, 'where'>): Promise<Started> {
  const [port = 0] = await freePorts(1);
  const settings = { ...settingsOn(cluster, 'page'), PORT: String(port), ...env };
  return { process: startProcessFor(t, { program, env: settings }), url: `http://127.0.0.1:${port}/metrics` };
}

interface Started {
  readonly process: AviaryProcess;
  readonly url: string;
}

async function served(url: string): Promise<readonly Described[]> {
  const response = await fetch(url);
  const text = await response.text();
  return [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => `${type} ${name}`).toSorted();
}

for (const program of programs) {
  test.serial(`the page has every metric of the ${program.where}, and no other`, async (t) => {
    const { process, url } = await start(t, program);
    const wanted = await described(program.where);
    t.true(wanted.length > 0 || program.where === 'board');
    const shown = await waitFor({
      what: `${url} to show everything`,
      seconds: 30,
      look: async () => {
        const all = await served(url).catch(() => []);
        const own = all.filter((one) => !ofTheProcess.test(one));
        return all.length > 0 && own.length >= wanted.length ? all : undefined;
      },
      explain: async () => {
        const all = await served(url).catch(() => []);
        return `shows ${all.join('\n')}\nand not all of\n${wanted.join('\n')}\n${process.errors()}`;
      },
    });
    t.deepEqual(
      shown.filter((one) => !ofTheProcess.test(one)),
      wanted,
    );
    t.true(shown.includes('gauge nodejs_eventloop_lag_p99_seconds'));
    t.true(shown.includes('counter process_cpu_seconds_total'));
  });
}

/** Sum of a metric over pages, as Prometheus would take it; undefined where no page has it. */
async function sumOf(urls: readonly string[], series: string): Promise<number | undefined> {
  const pages = await Promise.all(urls.map(async (url) => (await fetch(url)).text()));
  const values = pages
    .flatMap((page) => page.split('\n'))
    .filter((line) => line.startsWith(`${series} `))
    .map((line) => Number(line.split(' ')[1]));
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}

test.serial('two workers together show every canary once, and a deleted one not at all', async (t) => {
  const namespace = await cluster.namespace('counted');
  await cluster.canary({ namespace, analysis: { interval: '1m' } });
  const env = { REDIS_PREFIX: '{counted}', NAMESPACE: namespace };
  const started = [await start(t, { program: 'worker', env }), await start(t, { program: 'worker', env })];
  const workers = started.map(({ url }) => url);
  const total = (): Promise<number | undefined> =>
    sumOf(workers, `flagger_canary_total{namespace="${namespace}"}`).catch(() => undefined);
  const status = `flagger_canary_status{name="podinfo",namespace="${namespace}"}`;
  await waitFor({ what: 'both workers to show what they show', seconds: 30, look: total });
  t.is(await total(), 1);
  t.is(await sumOf(workers, status), 1);
  await cluster.user.delete(canaries, { namespace, name: 'podinfo' });
  await waitFor({
    what: 'the emptied namespace to count none',
    seconds: 10,
    look: async () => ((await total()) === 0 ? true : undefined),
  });
  t.is(await sumOf(workers, status), undefined);
});
