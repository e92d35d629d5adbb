import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
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

/** An image whose layers lie in the cache. */
export interface BuiltImage {
  /** Full name, e.g. `docker.io/library/aviary:dev`. */
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly config: string;
  /** Digest of the configuration, which names every layer: the same image has the same. */
  readonly digest: string;
}

const searchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Makes the layers of an image, as far as the cache does not hold them. The same files make the same bytes.
 * @param cache folder of the sandbox's cache.
 */
export async function buildImage(definition: ImageDefinition, cache: string): Promise<BuiltImage> {
  const layers = await Promise.all(definition.layers.map((files) => buildLayer(files, join(cache, 'layers'))));
  const config = renderConfig(definition, layers);
  return { name: fullName(definition.name), layers, config, digest: digestOf(config) };
}

/** The name as a container runtime completes it: `aviary:dev` lies in Docker's library. */
export function fullName(name: string): string {
  const [first = '', ...rest] = name.split('/');
  if (rest.length === 0) return `docker.io/library/${name}`;
  return /[.:]|^localhost$/.test(first) ? name : `docker.io/${name}`;
}

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;

/** The image's configuration as the OCI image specification writes it. */
function renderConfig(definition: ImageDefinition, layers: readonly Pick<Layer, 'digest'>[]): string {
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

/**
 * Writes an image as an archive in the OCI image layout, which `ctr images import` and `docker load` read.
 * @param without digests of layers that the reader has already.
 */
export async function writeArchive(image: BuiltImage, file: string, without: ReadonlySet<string>): Promise<void> {
  const tar = pack();
  await Promise.all([pipeline(tar, createWriteStream(file)), addArchive(tar, image, without)]);
}

async function addArchive(tar: Pack, image: BuiltImage, without: ReadonlySet<string>): Promise<void> {
  const manifest = renderManifest(image);
  const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`;
  await addWhole(tar, { name: 'oci-layout' }, JSON.stringify({ imageLayoutVersion: '1.0.0' }));
  await addWhole(tar, { name: 'index.json' }, renderIndex(image.name, manifest));
  await addWhole(tar, { name: blob(digestOf(manifest)) }, manifest);
  await addWhole(tar, { name: blob(image.digest) }, image.config);
  for (const layer of image.layers.filter(({ digest }) => !without.has(digest))) {
    await addFile(tar, { name: blob(layer.digest), size: layer.size }, layer.file);
  }
  tar.finalize();
}

const mediaType = (kind: string): string => `application/vnd.oci.image.${kind}`;

const renderManifest = ({ config, digest, layers }: BuiltImage): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: mediaType('manifest.v1+json'),
    config: { mediaType: mediaType('config.v1+json'), digest, size: Buffer.byteLength(config) },
    layers: layers.map((layer) => ({ mediaType: mediaType('layer.v1.tar'), digest: layer.digest, size: layer.size })),
  });

function renderIndex(name: string, manifest: string): string {
  const annotations = {
    'io.containerd.image.name': name,
    'org.opencontainers.image.ref.name': name.slice(name.lastIndexOf(':') + 1),
  };
  const size = Buffer.byteLength(manifest);
  const described = { mediaType: mediaType('manifest.v1+json'), digest: digestOf(manifest), size, annotations };
  return JSON.stringify({ schemaVersion: 2, manifests: [described] });
}
