import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP } from 'node:net';
import { forbidden } from '../../model/errors.ts';

const refused = new BlockList();
refused.addSubnet('169.254.0.0', 16, 'ipv4');
refused.addSubnet('224.0.0.0', 4, 'ipv4');
refused.addSubnet('0.0.0.0', 8, 'ipv4');
refused.addSubnet('fe80::', 10, 'ipv6');
refused.addSubnet('ff00::', 8, 'ipv6');
refused.addAddress('::', 'ipv6');
// Clouds answer with credentials at these too; not link-local by number, but by use.
refused.addAddress('fd00:ec2::254', 'ipv6');
refused.addAddress('100.100.100.200', 'ipv4');
refused.addAddress('168.63.129.16', 'ipv4');

/** Whether an operator may send a call to this IP address; IPv4 inside IPv6 counts as IPv4. */
export function mayCallAddress(address: string): boolean {
  const family = isIP(address);
  return family !== 0 && !refused.check(address, family === 6 ? 'ipv6' : 'ipv4');
}

/** A number in an address is never looked up, so it is checked before the call. */
export function assertMayCall(url: URL): void {
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) === 0 || mayCallAddress(literal)) return;
  throw forbidden(`${url.host} is a link-local address, which is never called.`, {
    code: 'link-local',
  });
}

export const LINK_LOCAL_CODE = 'LINK_LOCAL';

type LookupDone = (error: Error | null, addresses: LookupAddress[]) => void;

/**
 * Resolves a name and gives the connection only addresses that it may go to: what was checked is
 * what is connected to, whatever the name resolves to a moment later.
 */
export function lookupAllowed(hostname: string, options: object, done: LookupDone): void {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return done(error, []);
    const allowed = addresses.filter(({ address }) => mayCallAddress(address));
    if (allowed.length > 0) return done(null, allowed);
    const refusal = new Error('The name leads to a link-local address.');
    done(Object.assign(refusal, { code: LINK_LOCAL_CODE }), []);
  });
}
