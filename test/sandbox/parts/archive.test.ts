import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readFile, stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { pack } from 'tar-stream';
import { readEnvironment } from '../../../sandbox/environment.ts';
import { createArchiveObtainer } from '../../../sandbox/parts/archive.ts';
import { publishedChecksum } from '../../../sandbox/parts/http.ts';
import type { ArchiveWay, Part } from '../../../sandbox/parts/part.ts';
import { silent } from '../../../sandbox/progress.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** A release host; returns its address and the paths it was asked for. */
async function releaseHost(t: ExecutionContext, files: Readonly<Record<string, Buffer | string>>) {
  const asked: string[] = [];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    const file = files[url];
    response.statusCode = file === undefined ? 404 : 200;
    response.end(file);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { asked, address: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function obtainer(t: ExecutionContext) {
  const cache = await temporaryFolder(t);
  return {
    cache,
    obtainer: createArchiveObtainer({ environment: readEnvironment({ AVIARY_CACHE: cache }), progress: silent }),
  };
}

const part: Part = { name: 'thing', purpose: 'a test', program: 'thing', ways: [] };

async function tarball(): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name: 'thing-v1/thing', mode: 0o755 }, 'the program');
  tar.entry({ name: 'thing-v1/docs/readme', mode: 0o644 }, 'words');
  tar.entry({ name: 'elsewhere/thing', mode: 0o755 }, 'not this one');
  tar.entry({ name: '../outside', mode: 0o644 }, 'escapes');
  tar.finalize();
  return gzipSync(await buffer(tar));
}

test('a release archive is compared with its published checksum, unpacked and then served from the cache', async (t) => {
  const archive = await tarball();
  const host = await releaseHost(t, {
    '/thing.tar.gz': archive,
    '/sums': `${'0'.repeat(64)}  other.tar.gz\n${sha256(archive)}  thing.tar.gz\n`,
  });
  const way: ArchiveWay = {
    kind: 'archive',
    url: `${host.address}/thing.tar.gz`,
    sha256Url: `${host.address}/sums`,
    folder: 'thing-v1',
  };
  const { obtainer: archives } = await obtainer(t);
  t.is(await archives.cached(part, way), undefined);
  const found = await archives.obtain(part, way);
  t.is(await readFile(found.path, 'utf8'), 'the program');
  t.is((await stat(found.path)).mode & 0o111, 0o111);
  t.deepEqual((await readdir(join(found.path, '..'))).toSorted(), ['docs', 'thing']);
  t.is((await archives.cached(part, way))?.path, found.path);
  await archives.obtain(part, way);
  t.deepEqual(host.asked, ['/sums', '/thing.tar.gz']);
});

test('a file whose checksum differs is refused and not kept', async (t) => {
  const host = await releaseHost(t, { '/thing': 'tampered', '/thing.sha256': sha256(Buffer.from('original')) });
  const way: ArchiveWay = { kind: 'archive', url: `${host.address}/thing`, sha256Url: `${host.address}/thing.sha256` };
  const { cache, obtainer: archives } = await obtainer(t);
  await t.throwsAsync(archives.obtain(part, way), { message: /expected SHA-256 [0-9a-f]{64}, got [0-9a-f]{64}/ });
  t.deepEqual(await readdir(join(cache, 'archive')), []);
});

test('a file that the host does not have is an error with its status', async (t) => {
  const host = await releaseHost(t, {});
  const { obtainer: archives } = await obtainer(t);
  const way: ArchiveWay = { kind: 'archive', url: `${host.address}/a`, sha256Url: `${host.address}/a.sha256` };
  await t.throwsAsync(archives.obtain(part, way), { message: /a\.sha256: expected status 200, got 404/ });
});

test('a host that cannot be reached is asked once', async (t) => {
  let connections = 0;
  const server = createTcpServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const way: ArchiveWay = { kind: 'archive', url: `${address}/a`, sha256Url: `${address}/a.sha256` };
  const { obtainer: archives } = await obtainer(t);
  await t.throwsAsync(archives.obtain(part, way), { message: /127\.0\.0\.1:\d+ cannot be reached: / });
  t.is(connections, 1);
  await t.throwsAsync(archives.obtain(part, way), { message: /127\.0\.0\.1:\d+ cannot be reached: / });
  t.is(connections, 1);
});

test('checksums are found alone, in a list and in a list of binary files', (t) => {
  const sum = 'ab'.repeat(32);
  t.is(publishedChecksum(`${sum}\n`, 'x'), sum);
  t.is(publishedChecksum(`${'0'.repeat(64)}  y\n${sum} *x\n`, 'x'), sum);
  t.is(publishedChecksum(`${sum.toUpperCase()}  ./build/x\n`, 'x'), sum);
  t.throws(() => publishedChecksum(`${sum}  y\n`, 'x'), { message: 'checksums: expected a SHA-256 for x, found none' });
});
