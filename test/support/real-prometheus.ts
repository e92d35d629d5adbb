/** The real Prometheus on a loopback port, scraping an exporter of the test's own. */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readEnvironment } from '../../sandbox/environment.ts';
import { createGuard } from '../../sandbox/guard.ts';
import { createParts } from '../../sandbox/parts/resolve.ts';
import { freePorts } from '../../sandbox/ports.ts';
import { silent } from '../../sandbox/progress.ts';
import { startServer } from '../../sandbox/server-process.ts';
import type { Receiver } from './receiver.ts';
import { startReceiver } from './receiver.ts';

export interface RealPrometheus {
  /** For example `http://127.0.0.1:41233`. */
  readonly url: string;
  /** Ends the server; its address stays the same. */
  stop(): Promise<void>;
  /** Ends everything and removes the data. */
  close(): Promise<void>;
}

/**
 * @param metrics what the exporter shows at the scrape of this number, from 0, in the text format
 * @param onPort where to listen; a free port unless told
 */
export async function startRealPrometheus(
  metrics: (scrape: number) => string,
  onPort?: number,
): Promise<RealPrometheus> {
  const { prometheus } = await createParts(readEnvironment(), silent).get(['prometheus']);
  const exporter = await startReceiver({
    answer: (_request, scrape) => ({ headers: { 'content-type': 'text/plain; version=0.0.4' }, body: metrics(scrape) }),
  });
  const directory = await mkdtemp(join(tmpdir(), 'aviary-prometheus-'));
  await writeFile(join(directory, 'prometheus.yml'), JSON.stringify(configuration(exporter)));
  const guard = createGuard();
  guard.tell({ kind: 'remove', directory });
  const [port = 0] = onPort === undefined ? await freePorts(1) : [onPort];
  const server = startServer({
    name: 'prometheus',
    argv: [
      prometheus.path,
      `--config.file=${join(directory, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(directory, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    env: {},
    cwd: directory,
    logFile: join(directory, 'prometheus.log'),
    guard,
  });
  const url = `http://127.0.0.1:${port}`;
  await server.ready(() => isReady(url), 30);
  return {
    url,
    stop: () => server.stop(),
    close: async () => {
      await server.kill();
      await guard.release();
      await exporter.close();
    },
  };
}

/** YAML is a superset of JSON. Labels are taken as the exporter gives them, as if a mesh's proxy had been scraped. */
const configuration = (exporter: Receiver) => ({
  global: { scrape_interval: '250ms', scrape_timeout: '250ms' },
  scrape_configs: [
    {
      job_name: 'exporter',
      honor_labels: true,
      static_configs: [{ targets: [new URL(exporter.url).host] }],
    },
  ],
});

async function isReady(url: string): Promise<boolean> {
  try {
    const response = await fetch(`${url}/-/ready`);
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
