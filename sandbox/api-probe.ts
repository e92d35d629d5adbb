import { request } from 'node:https';

/** How to ask an API server whether it is ready. */
export interface ApiProbe {
  readonly url: string;
  readonly authority: string;
  readonly certificate: string;
  readonly key: string;
}

/** Whether the API server answers `/readyz` with 200, within two seconds. */
export function isApiReady({ url, authority, certificate, key }: ApiProbe): Promise<boolean> {
  return new Promise((resolve) => {
    const asking = request(
      `${url}/readyz`,
      { ca: authority, cert: certificate, key, agent: false, timeout: 2000 },
      (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      },
    );
    asking.once('timeout', () => asking.destroy(new Error('no answer within 2 s')));
    asking.once('error', () => resolve(false));
    asking.end();
  });
}
