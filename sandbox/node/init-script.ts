import { nodeName, nodeNetwork } from './layout.ts';

/** What the first process of the node's namespaces needs to know. */
export interface InitOptions {
  readonly busybox: string;
  readonly pause: string;
  /** The node's folder. */
  readonly directory: string;
  readonly cgroups: readonly string[];
  /** Folders of the node that lie in memory. */
  readonly memoryFolders: readonly string[];
  /** Settings below `/proc/sys` that the kubelet would write: it gets files to write to instead. */
  readonly sysctls: readonly string[];
}

/** Settings of the whole machine that the kubelet insists on writing. */
export const machineSysctls = [
  'vm/overcommit_memory',
  'vm/panic_on_oom',
  'kernel/panic',
  'kernel/panic_on_oops',
  'kernel/keys/root_maxkeys',
  'kernel/keys/root_maxbytes',
];

/** Folders of the machine over which the node mounts folders of its own: mount point → folder of the node. */
export const privateFolders = { '/var/log': 'machine-log', '/var/lib/cni': 'cni-cache' } as const;

/** Name of the file that stands in for a setting below `/proc/sys`. */
export const sysctlFile = (sysctl: string): string => sysctl.replaceAll('/', '.');

/**
 * Shell script of the first process: it shuts itself off from the machine, lays out the node's mounts and network, notes
 * its pid as the machine sees it, and becomes the pause program.
 */
export function renderInitScript(options: InitOptions): string {
  const { busybox, pause, directory } = options;
  const bb = quote(busybox);
  const at = (name: string): string => quote(`${directory}/${name}`);
  const joins = options.cgroups.map((group) => `echo 0 > ${quote(`${group}/cgroup.procs`)}`);
  const binds = Object.entries(privateFolders).map(([point, own]) => `${bb} mount -o bind ${at(own)} ${point}`);
  const memory = options.memoryFolders.map((name) => `${bb} mount -t tmpfs -o mode=700 tmpfs ${at(name)}`);
  const stands = options.sysctls.map(
    (name) => `${bb} mount -o bind ${at(`sysctl/${sysctlFile(name)}`)} ${quote(`/proc/sys/${name}`)}`,
  );
  return `set -e
# /proc still is the machine's: fields 1 and 22 are the pid and the start as the machine counts them.
read -r stat < /proc/self/stat
pid=\${stat%% *}
set -- \${stat##*) }
started=\${20}
${joins.join('\n')}
resolver=$(${bb} readlink -f /etc/resolv.conf || true)
${bb} hostname ${nodeName}
${bb} mount --make-rshared /
${bb} mount -t proc proc /proc
${bb} mount -t tmpfs -o mode=755 tmpfs /run
${bb} mkdir -p /run/containerd /run/lock /run/netns
${[...binds, ...memory].join('\n')}
if [ -n "$resolver" ]; then
  case $resolver in /run/*) ${bb} mkdir -p "\${resolver%/*}"; : > "$resolver" ;; esac
  if [ -e "$resolver" ]; then ${bb} mount -o bind ${at('resolv.conf')} "$resolver"; fi
fi
${stands.join('\n')}
${networkSetup(bb)}
echo "$pid $started" > ${at('init.pid.new')}
${bb} mv ${at('init.pid.new')} ${at('init.pid')}
exec ${quote(pause)}
`;
}

/**
 * Loopback, the node's address, and a route from it to Services: without one, a connection fails before kube-proxy can
 * redirect it.
 */
const networkSetup = (bb: string): string => `${bb} ip link set lo up
${bb} ip link add node0 type bridge
${bb} ip addr add ${nodeNetwork.nodeAddress}/32 dev node0
${bb} ip link set node0 up
${bb} ip route add ${nodeNetwork.serviceCidr} dev node0 src ${nodeNetwork.nodeAddress}
echo 1 > /proc/sys/net/ipv4/ip_forward`;

/** A word for a POSIX shell. */
export const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
