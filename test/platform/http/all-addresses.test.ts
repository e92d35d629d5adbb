import test from 'ava';
import { allAddresses } from '../../../platform/http/all-addresses.ts';

const ipv4 = { family: 'IPv4' } as const;
const ipv6 = { family: 'IPv6' } as const;

test('where any interface has an address of IPv6, both families are served', (t) => {
  t.is(allAddresses({ lo: [ipv4, ipv6], eth0: [ipv4] }), '::');
  t.is(allAddresses({ lo: [ipv6] }), '::');
});

test('a node that has no IPv6 is served on IPv4', (t) => {
  t.is(allAddresses({ lo: [ipv4], eth0: [ipv4], down: undefined }), '0.0.0.0');
  t.is(allAddresses({}), '0.0.0.0');
});
