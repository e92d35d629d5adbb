import { generateKeyPairSync, webcrypto } from 'node:crypto';
import type { Extension, JsonGeneralName, X509Certificate } from '@peculiar/x509';

/** A certificate and its key, both as PEM text. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

/** Whom a certificate is for. */
export interface Subject {
  readonly commonName: string;
  /** Groups of a Kubernetes user, e.g. `system:masters`. */
  readonly organization?: string;
  /** Names under which a server is reached. */
  readonly dnsNames?: readonly string[];
  readonly addresses?: readonly string[];
}

/** Signs the certificates of one cluster. */
export interface Authority extends KeyPair {
  /** A certificate that serves as server and as client, valid as long as the authority's own. */
  issue(subject: Subject): Promise<KeyPair>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const oneDay = 24 * 3600 * 1000;
const validDays = 30;

/** A new certificate authority; its certificates are valid from an hour ago for 30 days. */
export async function createAuthority(commonName: string, now: Date = new Date()): Promise<Authority> {
  const x509 = await loadX509();
  const keys = await newKeys();
  const validity = {
    notBefore: new Date(now.getTime() - 3600 * 1000),
    notAfter: new Date(now.getTime() + validDays * oneDay),
  };
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${commonName}`,
    keys,
    signingAlgorithm: algorithm,
    ...validity,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  return {
    ...(await toPem(certificate, keys.privateKey)),
    issue: async (subject) => {
      const subjectKeys = await newKeys();
      const issued = await x509.X509CertificateGenerator.create({
        subject: nameOf(subject),
        issuer: certificate.subject,
        publicKey: subjectKeys.publicKey,
        signingKey: keys.privateKey,
        signingAlgorithm: algorithm,
        ...validity,
        extensions: await extensionsOf(subject),
      });
      return toPem(issued, subjectKeys.privateKey);
    },
  };
}

/** A key pair (PEM) with which the API server signs the tokens of service accounts. */
export function createSigningKeys(): { readonly privateKey: string; readonly publicKey: string } {
  return generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'sec1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
}

/** Loaded on first use, after the reflection polyfill that it asks for. */
async function loadX509() {
  await import('reflect-metadata');
  return import('@peculiar/x509');
}

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);

function nameOf({ commonName, organization }: Subject): { [type: string]: string[] }[] {
  const name = [{ CN: [commonName] }];
  return organization === undefined ? name : [{ O: [organization] }, ...name];
}

async function extensionsOf({ dnsNames = [], addresses = [] }: Subject): Promise<Extension[]> {
  const x509 = await loadX509();
  const names: JsonGeneralName[] = [
    ...dnsNames.map((value) => ({ type: 'dns' as const, value })),
    ...addresses.map((value) => ({ type: 'ip' as const, value })),
  ];
  return [
    new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
    ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
  ];
}

async function toPem(certificate: X509Certificate, key: webcrypto.CryptoKey): Promise<KeyPair> {
  const { PemConverter } = await loadX509();
  const bytes = await webcrypto.subtle.exportKey('pkcs8', key);
  return { certificate: certificate.toString('pem'), key: PemConverter.encode(bytes, 'PRIVATE KEY') };
}
