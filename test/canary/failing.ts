/** How a promotion fails, for the tables of its phases. */
export const primary = (why: string): string => `podinfo-primary.test not ready: ${why}`;

export const failedTexts = (why: string) =>
  ({
    says: [primary(why), `Promotion of podinfo.test failed, primary not ready: ${primary(why)}`],
    tells: [`Promotion failed, primary not ready: ${primary(why)}`],
    counts: ['failure completed'],
  }) as const;
