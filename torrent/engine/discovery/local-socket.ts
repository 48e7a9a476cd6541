import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { networkInterfaces } from 'node:os'
import type { MulticastGroup } from '../../../common/network/datagram-guard.ts'
import type { LocalAddresses } from '../../../common/network/local-address.ts'

/** Where BEP 14 has its messages sent, over IPv4 and IPv6. */
export const LOCAL_GROUPS = [
  { host: '239.192.152.143', port: 6771, family: 4 },
  { host: 'ff15::efc0:988f', port: 6771, family: 6 },
] as const satisfies readonly (MulticastGroup & { readonly family: 4 | 6 })[]

export type LocalGroup = (typeof LOCAL_GROUPS)[number]

/**
 * Speaks to a group of the local network, and hears what is said there. Whatever fails (no network, no
 * multicast, the port is taken) only means that nobody is heard.
 */
export class LocalSocket {
  readonly #group: LocalGroup
  readonly #by: LocalAddresses | undefined
  #socket: Socket | undefined

  /**
   * @param by the only addresses it may leave by
   * @param joined told when it can be spoken
   */
  constructor(
    group: LocalGroup,
    by: LocalAddresses | undefined,
    heard: (bytes: Buffer, from: RemoteInfo) => void,
    joined: () => void,
  ) {
    this.#group = group
    this.#by = by
    const isSix = group.family === 6
    const socket = createSocket({
      type: isSix ? 'udp6' : 'udp4',
      reuseAddr: true,
      ...(isSix && { ipv6Only: true }),
    })
    this.#socket = socket
    socket.on('message', heard)
    socket.on('error', () => this.close())
    socket.bind(group.port, () => {
      for (const place of interfacesOf(group, by))
        attempt(() => socket.addMembership(group.host, place))
      joined()
    })
  }

  send(message: Buffer): void {
    const { host, port } = this.#group
    for (const place of interfacesOf(this.#group, this.#by)) {
      // Where an interface has gone, or has no multicast, the others still hear of it.
      attempt(() => {
        this.#socket?.setMulticastInterface(place)
        this.#socket?.send(message, port, host, () => {})
      })
    }
  }

  close(): void {
    const socket = this.#socket
    this.#socket = undefined
    if (socket) attempt(() => socket.close())
  }
}

/** As the system calls them: by an address of IPv4, by the name for IPv6 (RFC 4007). */
function interfacesOf({ family }: LocalGroup, by: LocalAddresses | undefined): readonly string[] {
  if (by) return family === 4 && by.four ? [by.four] : []
  return Object.entries(networkInterfaces()).flatMap(([name, addresses = []]) => {
    const own = addresses.filter((one) => one.family === `IPv${family}`)
    if (family === 4) return own.map(({ address }) => address)
    return own.length > 0 ? [`::%${name}`] : []
  })
}

function attempt(step: () => void): void {
  try {
    step()
  } catch {
    // Nobody is found by it then.
  }
}
