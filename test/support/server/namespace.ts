import { execFileSync, spawnSync } from 'node:child_process'

/**
 * A network of its own with two ways out. `wan` has the default route; what leaves from the address of
 * `vpn` goes by that. Nobody is at the other end of either; loopback is there as everywhere.
 */
export interface Namespace {
  /** Put before a command, it runs there. */
  readonly enter: readonly string[]
  /** The address of `vpn`. */
  readonly address: string
  /** Packets that have left by this way. */
  sent(way: 'wan' | 'vpn'): number
  /** Takes the address of `vpn` away, or gives it back. */
  change(what: 'add' | 'del'): void
  close(): void
}

const ADDRESS = '10.77.0.2'
let count = 0

/** Undefined where this user may not make one (not root), or the system cannot. */
export function openNamespace(): Namespace | undefined {
  const name = `playlink-${process.pid}-${++count}`
  if (process.getuid?.() !== 0 || spawnSync('ip', ['netns', 'add', name]).status !== 0) {
    return undefined
  }
  const ip = (text: string): string =>
    execFileSync('ip', ['-n', name, ...text.split(' ')], { encoding: 'utf8' })
  const close = (): void => void execFileSync('ip', ['netns', 'del', name])
  const change = (what: 'add' | 'del'): void => {
    ip(`addr ${what} ${ADDRESS}/24 dev vpn`)
    // The kernel takes it away with the address.
    if (what === 'add') ip('route replace default dev vpn table 77')
  }
  try {
    ip('link set lo up')
    for (const way of ['wan', 'vpn']) {
      ip(`link add ${way} type veth peer name ${way}-end`)
      // Only what a program sends shall be counted: no questions of the kernel's own.
      for (const end of [way, `${way}-end`]) ip(`link set ${end} arp off addrgenmode none up`)
    }
    ip('addr add 198.51.100.2/24 dev wan')
    ip('route add default dev wan')
    ip(`rule add from ${ADDRESS} table 77`)
    change('add')
  } catch (error) {
    close()
    throw error
  }
  return {
    enter: ['ip', 'netns', 'exec', name],
    address: ADDRESS,
    sent(way) {
      const [link] = JSON.parse(ip(`-s -j link show ${way}`))
      return link.stats64.tx.packets
    },
    change,
    close,
  }
}
