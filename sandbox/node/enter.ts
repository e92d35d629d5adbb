import { spawn } from 'node:child_process';
import type { SandboxNode } from './sandbox-node.ts';

/** Runs a command inside the node on this terminal and returns its exit code (128 + signal if one ended it). */
export function enterNode(node: SandboxNode, argv: readonly string[]): Promise<number> {
  const { argv: wrapped, env } = node.inside(argv);
  const [program, ...args] = wrapped;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: '/', env: { ...env }, stdio: 'inherit' });
    // The terminal sends an interrupt to the command too; it decides what comes of it.
    process.on('SIGINT', () => {});
    child.once('error', reject);
    child.once('exit', (code, signal) => resolve(signal === null ? (code ?? 1) : 130));
  });
}
