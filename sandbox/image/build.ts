import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type Pack, pack } from 'tar-stream';
import type { ImageFile } from './file.ts';
import { addFile, addWhole, buildLayer, type Layer } from './layer.ts';

/** An image to be made from files of this machine. */
export interface ImageDefinition {
  /** With tag, e.g. `sandbox.local/tools:1`. */
  readonly name: string;
  /** Files of each layer, from the one that changes least to the one that changes most. */
  readonly layers: readonly (readonly ImageFile[])[];
  readonly entrypoint?: readonly string[];
  readonly cmd?: readonly string[];
  /** `uid:gid`; root when left out. */
  readonly user?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly workdir?: string;
}

/** An image that lies in the cache. */
export interface BuiltImage {
  readonly name: string;
  /** A docker-archive tar. */
  readonly file: string;
  /** SHA-256 of the configuration, which names every layer: the same image has the same. */
  readonly digest: string;
}

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Makes an image archive that `ctr images import` reads. The same files make the same bytes.
 * @param cache folder of the sandbox's cache.
 */
export async function buildImage(definition: ImageDefinition, cache: string): Promise<BuiltImage> {
  const layers: Layer[] = [];
  for (const files of definition.layers) layers.push(await buildLayer(files, join(cache, 'layers')));
  const config = renderConfig(definition, layers);
  const digest = createHash('sha256').update(config).digest('hex');
  const file = join(cache, 'images', `${definition.name.replace(/[^\w.-]+/g, '_')}.tar`);
  const fresh = `${file}.new-${process.pid}`;
  await mkdir(dirname(file), { recursive: true });
  const tar = pack();
  const adding = addArchive(tar, { name: definition.name, config, digest, layers });
  await Promise.all([pipeline(tar, createWriteStream(fresh)), adding]);
  await rename(fresh, file);
  return { name: definition.name, file, digest };
}

/** The image's configuration as the OCI image specification writes it. */
export function renderConfig(definition: ImageDefinition, layers: readonly Pick<Layer, 'digest'>[]): string {
  const env = Object.entries({ PATH: searchPath, ...definition.env }).map(([name, value]) => `${name}=${value}`);
  return JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: {
      Entrypoint: definition.entrypoint,
      Cmd: definition.cmd,
      User: definition.user ?? '',
      Env: env,
      WorkingDir: definition.workdir ?? '/',
    },
    rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    history: layers.map(() => ({ created_by: 'aviary sandbox' })),
  });
}

interface Archive {
  readonly name: string;
  readonly config: string;
  readonly digest: string;
  readonly layers: readonly Layer[];
}

async function addArchive(tar: Pack, { name, config, digest, layers }: Archive): Promise<void> {
  const nameOf = (layer: Layer): string => `${layer.digest.replace('sha256:', '')}.tar`;
  const manifest = [{ Config: `${digest}.json`, RepoTags: [name], Layers: layers.map(nameOf) }];
  await addWhole(tar, { name: 'manifest.json' }, JSON.stringify(manifest));
  await addWhole(tar, { name: `${digest}.json` }, config);
  for (const layer of layers) await addFile(tar, { name: nameOf(layer), size: layer.size }, layer.file);
  tar.finalize();
}
