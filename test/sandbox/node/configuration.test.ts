import test from 'ava';
import { readEnvironment } from '../../../sandbox/environment.ts';
import { renderContainerd, renderKubelet, renderProxy } from '../../../sandbox/node/configuration.ts';
import { quote, renderInitScript } from '../../../sandbox/node/init-script.ts';
import { layoutOf } from '../../../sandbox/node/layout.ts';
import { requireFullMode } from '../../../sandbox/node/requirements.ts';
import { availableMemory, storageFor } from '../../../sandbox/node/storage.ts';
import { run } from '../../../sandbox/run.ts';

const at = (state: string, name = 'aviary') => layoutOf(readEnvironment({ AVIARY_SANDBOX_STATE: state }), name);
const part = (path: string) => ({ name: 'x', path, program: path, libraries: [], origin: 'test' });

test('nodes of different names or folders share neither folder nor control group', (t) => {
  const layouts = [at('/tmp'), at('/tmp', 'second'), at('/var/tmp')];
  t.is(new Set(layouts.map(({ directory }) => directory)).size, 3);
  t.is(new Set(layouts.map(({ cgroup }) => cgroup)).size, 3);
});

test('a name that could leave its folder and a folder that the node hides are refused', (t) => {
  t.throws(() => at('/tmp', '../etc'), { message: /^node name: expected lower-case letters.*got '\.\.\/etc'/ });
  t.throws(() => at('/run/user/0'), { message: /expected one outside \/run, got \/run\/user\/0/ });
});

test('configurations point into the folder of the node', (t) => {
  const layout = at('/tmp/here');
  const kubelet = JSON.parse(renderKubelet(layout));
  t.is(kubelet.cgroupRoot, `/${layout.cgroup}`);
  t.is(kubelet.authentication.x509.clientCAFile, '/tmp/here/aviary-sandbox/keys/ca.crt');
  t.is(JSON.parse(renderProxy(layout)).clientConnection.kubeconfig, '/tmp/here/aviary-sandbox/kubeconfigs/kube-proxy');
  const containerd = renderContainerd({
    layout,
    runc: part('/cache/with "quotes"/runc'),
    cniPlugins: part('/opt/cni/bin/ptp'),
    snapshotter: 'native',
  });
  t.regex(containerd, /^root = "\/tmp\/here\/aviary-sandbox\/containerd"$/m);
  t.regex(containerd, /BinaryName = "\/cache\/with \\"quotes\\"\/runc"/);
  t.regex(containerd, /bin_dir = "\/opt\/cni\/bin"/);
  t.regex(containerd, /snapshotter = "native"/);
});

test('the script of the first process is valid shell and keeps odd paths in one word', async (t) => {
  const script = renderInitScript({
    busybox: "/opt/it's here/busybox",
    pause: '/opt/pause program',
    directory: '/tmp/a b',
    cgroups: ['/sys/fs/cgroup/pids/x', '/sys/fs/cgroup/cpu/x'],
    memoryFolders: ['containerd'],
    sysctls: ['kernel/panic'],
  });
  const { code, stderr } = await run({ argv: ['sh', '-n'], stdin: script });
  t.is(code, 0, stderr);
  t.true(script.includes(`tmpfs '/tmp/a b/containerd'`));
  t.true(script.includes(`'/tmp/a b/sysctl/kernel.panic' '/proc/sys/kernel/panic'`));
  t.is((await run({ argv: ['sh', '-c', `printf %s ${quote("it's $HOME")}`] })).stdout, "it's $HOME");
});

test('full mode says that it needs root and what would help', (t) => {
  t.throws(() => requireFullMode(1000), {
    message: /expected root, got user 1000[^]*sudo[^]*light mode needs no root/,
  });
  t.notThrows(() => requireFullMode(0));
});

test('images lie in memory where there is plenty, and never in an overlay on an overlay', (t) => {
  const gibibyte = 1024 ** 3;
  t.deepEqual(storageFor(20 * gibibyte, true), { isInMemory: true, snapshotter: 'overlayfs' });
  t.deepEqual(storageFor(4 * gibibyte, false), { isInMemory: false, snapshotter: 'overlayfs' });
  t.deepEqual(storageFor(4 * gibibyte, true), { isInMemory: false, snapshotter: 'native' });
  t.is(availableMemory('MemTotal:       24632896 kB\nMemAvailable:   2048 kB\nBuffers: 1 kB\n'), 2 * 1024 ** 2);
  t.is(availableMemory(''), 0);
});
