/** Which provider a text names. */
import { providers, type Provider } from './spec.ts';

const aliases: Readonly<Record<string, Provider>> = { none: 'kubernetes', gatewayapi: 'gatewayapi:v1' };

/** All texts that name a provider, aliases included. */
export const providerNames: readonly string[] = [...providers, ...Object.keys(aliases)];

/**
 * Resolves a provider's name or alias. Rule: routers/README.md section 1.
 *
 * @returns undefined for an unknown name, which is an error everywhere and never another provider
 */
export function parseProvider(name: string): Provider | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name];
  return providers.find((provider) => provider === name);
}
