import { mkdir, readFile, symlink, utimes, writeFile } from 'node:fs/promises';
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import test, { type ExecutionContext } from 'ava';
import { extract } from 'tar-stream';
import { buildImage, fullName, type ImageDefinition, writeArchive } from '../../../sandbox/image/build.ts';
import { layerEntries } from '../../../sandbox/image/entries.ts';
import type { ImageFile } from '../../../sandbox/image/file.ts';
import { buildLayer, writeLayer } from '../../../sandbox/image/layer.ts';
import { temporaryFolder } from '../temporary-folder.ts';

interface Seen {
  name: string;
  type: string;
  mode: number;
  owner: number;
  time: number;
  link: string;
  contents: string;
}

async function read(file: string): Promise<Seen[]> {
  const tar = extract();
  createReadStream(file).pipe(tar);
  const seen: Seen[] = [];
  for await (const entry of tar) {
    const { name, type, mode, uid, gid, mtime, linkname } = entry.header;
    const contents = await text(entry);
    seen.push({ name, type, mode, owner: uid + gid, time: mtime.getTime(), link: linkname, contents });
  }
  return seen;
}

async function files(t: ExecutionContext): Promise<ImageFile[]> {
  const source = await temporaryFolder(t);
  await mkdir(join(source, 'ui', 'deep'), { recursive: true });
  await writeFile(join(source, 'program'), 'run me', { mode: 0o700 });
  await writeFile(join(source, 'ui', 'b.html'), 'b');
  await writeFile(join(source, 'ui', 'deep', 'a.html'), 'a');
  await writeFile(join(source, 'ui', 'deep', 'a.map'), 'left out');
  await symlink('b.html', join(source, 'ui', 'index.html'));
  return [
    { kind: 'copy', path: '/opt/program', from: join(source, 'program') },
    { kind: 'copy', path: '/srv/ui', from: join(source, 'ui'), without: /\.map$/ },
    { kind: 'link', path: '/bin/sh', target: 'busybox' },
    { kind: 'text', path: '/etc/motd', text: 'hello' },
  ];
}

test('a layer holds every file with its folders, without times and owners, and is the same bytes in any order', async (t) => {
  const [given, out] = [await files(t), await temporaryFolder(t)];
  const first = await writeLayer(await layerEntries(given), join(out, 'one.tar'));
  const second = await writeLayer(await layerEntries(given.toReversed()), join(out, 'two.tar'));
  t.is(first, second);
  t.deepEqual(await readFile(join(out, 'one.tar')), await readFile(join(out, 'two.tar')));

  const seen = await read(join(out, 'one.tar'));
  t.true(seen.every(({ owner, time }) => owner === 0 && time === 0));
  const named = new Map(seen.map((entry) => [entry.name.replace(/\/$/, ''), entry]));
  t.like(named.get('opt/program'), { type: 'file', mode: 0o744, contents: 'run me' });
  t.like(named.get('srv/ui/deep/a.html'), { contents: 'a' });
  t.like(named.get('srv/ui/index.html'), { type: 'symlink', link: 'b.html' });
  t.like(named.get('bin/sh'), { type: 'symlink', link: 'busybox' });
  t.like(named.get('etc/motd'), { contents: 'hello' });
  t.like(named.get('tmp'), { type: 'directory', mode: 0o1777 });
  t.like(named.get('srv/ui/deep'), { type: 'directory', mode: 0o755 });
  t.false(named.has('srv/ui/deep/a.map'));
});

test('two different files at one path are an error that names the path', async (t) => {
  const clash: ImageFile[] = [
    { kind: 'text', path: '/etc/motd', text: 'hello' },
    { kind: 'text', path: '/etc/motd', text: 'good bye' },
  ];
  await t.throwsAsync(layerEntries(clash), { message: /^\/etc\/motd: expected one source, got / });
});

test('a program brings the shared libraries that it needs, once', async (t) => {
  const node: ImageFile = { kind: 'program', path: '/usr/bin/node', from: process.execPath };
  const entries = await layerEntries([node, { ...node, path: '/usr/bin/node-too' }]);
  const libraries = entries.filter(({ path }) => /(^|\/)libc\.so/.test(path));
  t.is(libraries.length, 1);
  t.truthy(entries.find(({ path }) => path === 'usr/bin/node'));
});

test('a layer is written again only when a file of it has changed', async (t) => {
  const [source, cache] = [await temporaryFolder(t), await temporaryFolder(t)];
  const file: ImageFile = { kind: 'copy', path: '/a', from: join(source, 'a') };
  await writeFile(join(source, 'a'), 'one');
  const first = await buildLayer([file], cache);
  t.is((await buildLayer([file], cache)).file, first.file);
  await writeFile(join(source, 'a'), 'two');
  await utimes(join(source, 'a'), 1, 1);
  const changed = await buildLayer([file], cache);
  t.not(changed.digest, first.digest);
});

const definition = (motd: string): ImageDefinition => ({
  name: 'test:1',
  layers: [[{ kind: 'text', path: '/base', text: 'base' }], [{ kind: 'text', path: '/etc/motd', text: motd }]],
  cmd: ['/bin/sh'],
  user: '1:2',
  env: { HELLO: 'world' },
});

test('an image archive names its image, its configuration and its layers by digest', async (t) => {
  const cache = await temporaryFolder(t);
  const image = await buildImage(definition('hi'), cache);
  const file = join(cache, 'image.tar');
  await writeArchive(image, file, new Set());
  const entries = new Map((await read(file)).map(({ name, contents }) => [name, contents]));
  const json = (name: string) => JSON.parse(entries.get(name) ?? 'null');
  const blob = (digest: string): string => `blobs/${digest.replace(':', '/')}`;
  const [described] = json('index.json').manifests;
  t.is(described.annotations['io.containerd.image.name'], 'docker.io/library/test:1');
  const manifest = json(blob(described.digest));
  const config = json(blob(manifest.config.digest));
  t.deepEqual(
    config.rootfs.diff_ids,
    manifest.layers.map((layer: { digest: string }) => layer.digest),
  );
  t.like(config.config, { Cmd: ['/bin/sh'], User: '1:2' });
  t.true(config.config.Env.includes('HELLO=world'));
  t.true(manifest.layers.every((layer: { digest: string }) => entries.has(blob(layer.digest))));
});

test('an archive leaves out the layers that its reader has', async (t) => {
  const cache = await temporaryFolder(t);
  const before = await buildImage(definition('hi'), cache);
  const after = await buildImage(definition('good bye'), cache);
  t.not(after.digest, before.digest);
  t.is(after.layers[0]?.digest, before.layers[0]?.digest);
  const file = join(cache, 'image.tar');
  await writeArchive(after, file, new Set(before.layers.map(({ digest }) => digest)));
  const names = (await read(file)).map(({ name }) => name);
  const blobOf = (digest = ''): string => `blobs/${digest.replace(':', '/')}`;
  t.false(names.includes(blobOf(after.layers[0]?.digest)));
  t.true(names.includes(blobOf(after.layers[1]?.digest)));
});

test('names are completed as a container runtime completes them', (t) => {
  t.is(fullName('aviary:dev'), 'docker.io/library/aviary:dev');
  t.is(fullName('someone/thing:1'), 'docker.io/someone/thing:1');
  t.is(fullName('sandbox.local/tools:1'), 'sandbox.local/tools:1');
  t.is(fullName('localhost:5000/thing:1'), 'localhost:5000/thing:1');
});
