import { X509Certificate, createPrivateKey } from 'node:crypto';
import test from 'ava';
import { createAuthority } from '../../sandbox/certificates.ts';
import { renderKubeconfig } from '../../sandbox/kubeconfig.ts';

test('an issued certificate names its user and its servers and is signed by the authority alone', async (t) => {
  const authority = await createAuthority('one');
  const stranger = await createAuthority('one');
  const { certificate, key } = await authority.issue({
    commonName: 'system:node:aviary',
    organization: 'system:nodes',
    dnsNames: ['localhost'],
    addresses: ['127.0.0.1'],
  });
  const issued = new X509Certificate(certificate);
  t.is(issued.subject, 'O=system:nodes\nCN=system:node:aviary');
  t.is(issued.checkHost('localhost'), 'localhost');
  t.is(issued.checkIP('127.0.0.1'), '127.0.0.1');
  t.is(issued.checkIP('10.0.0.1'), undefined);
  t.true(issued.checkPrivateKey(createPrivateKey(key)));
  t.true(issued.verify(new X509Certificate(authority.certificate).publicKey));
  t.false(issued.verify(new X509Certificate(stranger.certificate).publicKey));
  t.true(new X509Certificate(authority.certificate).ca);
  t.false(issued.ca);
});

test('a kubeconfig carries its keys inside, so that it can be moved', (t) => {
  const client = { certificate: 'CERTIFICATE', key: 'KEY' };
  const options = { cluster: 'c', user: 'admin', server: 'https://127.0.0.1:1', authority: 'AUTHORITY', client };
  const config = JSON.parse(renderKubeconfig(options));
  t.is(config['current-context'], 'c');
  t.like(config.contexts[0], { name: 'c', context: { cluster: 'c', user: 'admin' } });
  t.is(Buffer.from(config.clusters[0].cluster['certificate-authority-data'], 'base64').toString(), 'AUTHORITY');
  t.is(Buffer.from(config.users[0].user['client-key-data'], 'base64').toString(), 'KEY');
});
