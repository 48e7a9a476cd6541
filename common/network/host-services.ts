import ipaddr from 'ipaddr.js'

type Address = ipaddr.IPv4 | ipaddr.IPv6

/**
 * Where clouds answer their own machines with credentials and set-up data, by the pages of AWS,
 * Google, Azure, Alibaba, Oracle, DigitalOcean, Hetzner, Scaleway and OpenStack. Some lie in ranges
 * that count as public, or that operators open for other reasons (100.64.0.0/10 for a VPN).
 */
const PLACES = [
  // Metadata, time and names of most clouds; AWS' task and pod credentials.
  '169.254.169.0/24',
  '169.254.170.0/24',
  '169.254.42.42/32', // Scaleway
  '168.63.129.16/32', // Azure's host, a public address that only its machines can reach
  '100.100.100.200/32', // Alibaba
  '100.100.2.136/31', // Alibaba's names
  '192.0.0.192/32', // Oracle
  'fd00:ec2::/32', // AWS
  'fd20:ce::254/128', // Google
  'fd00:42::42/128', // Scaleway
  'fe80::a9fe:a9fe/128', // OpenStack
].map((cidr) => ipaddr.parseCIDR(cidr))

/** Whether a cloud's host may listen there: see PLACES. An IPv4 address inside IPv6 is not unwrapped. */
export const isHostService = (address: Address): boolean =>
  PLACES.some(([place, bits]) => place.kind() === address.kind() && address.match(place, bits))
