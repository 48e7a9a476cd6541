import { isIP } from 'node:net'
import { networkInterfaces } from 'node:os'

/** The addresses of this machine that sockets leave by: one of them, or one of each family. */
export interface LocalAddresses {
  readonly four: string | undefined
  readonly six: string | undefined
}

/**
 * The addresses that `place` means now: itself, where it is an address that this machine has; else
 * those of the interface of that name, without link-local ones. Undefined: there is none.
 */
export function localAddresses(
  place: string,
  interfaces: typeof networkInterfaces = networkInterfaces,
): LocalAddresses | undefined {
  const all = interfaces()
  const family = isIP(place)
  const found =
    family === 0
      ? (Object.hasOwn(all, place) ? (all[place] ?? []) : []).filter(
          ({ address }) => !isLinkLocal(address),
        )
      : Object.values(all).flatMap((one) => one?.filter(({ address }) => address === place) ?? [])
  const of = (wanted: 'IPv4' | 'IPv6'): string | undefined =>
    found.find((one) => one.family === wanted)?.address
  const addresses = { four: of('IPv4'), six: of('IPv6') }
  return addresses.four || addresses.six ? addresses : undefined
}

/** Whether this machine still has all of them. */
export function stillHas(
  { four, six }: LocalAddresses,
  interfaces: typeof networkInterfaces = networkInterfaces,
): boolean {
  const here = new Set(
    Object.values(interfaces()).flatMap((one) => one?.map(({ address }) => address) ?? []),
  )
  return [four, six].every((address) => address === undefined || here.has(address))
}

/** RFC 3927, RFC 4291 2.5.6: of no use beyond the next cable. */
const isLinkLocal = (address: string): boolean => /^(?:169\.254\.|fe[89ab])/i.test(address)
