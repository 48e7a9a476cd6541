import { readFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'

const GATEWAY_FLAG = 2

/**
 * The gateway of the default route, as Linux tells it; undefined: there is none, or this is another system.
 * @param by only of the interface that has this address
 * @param routes the text of /proc/net/route
 */
export function defaultGateway(by?: string, routes: () => string = readRoutes): string | undefined {
  const name = by === undefined ? undefined : interfaceOf(by)
  for (const line of textOf(routes).split('\n').slice(1)) {
    const [iface, to, gateway = '', flags = '', , , , mask] = line.trim().split(/\s+/)
    const isDefault = to === '00000000' && mask === '00000000'
    const isMeant = by === undefined || iface === name
    const hasGateway = (Number.parseInt(flags, 16) & GATEWAY_FLAG) !== 0
    if (!isDefault || !isMeant || !hasGateway || !/^[\da-f]{8}$/i.test(gateway)) continue
    // As the machine holds it: the last byte first.
    return [...Buffer.from(gateway, 'hex')].reverse().join('.')
  }
  return undefined
}

const readRoutes = (): string => readFileSync('/proc/net/route', 'utf8')

function textOf(routes: () => string): string {
  try {
    return routes()
  } catch {
    return ''
  }
}

const interfaceOf = (address: string): string | undefined =>
  Object.entries(networkInterfaces()).find(([, all]) =>
    all?.some((one) => one.address === address),
  )?.[0]
