import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { AddressRules } from './address-rules.ts'

/** An address our rules refuse; looks like a system error to whoever tried. */
export class RefusedAddress extends Error {
  override readonly name = 'RefusedAddress'
  readonly code = 'EACCES'
  readonly syscall = 'connect'
  readonly address: string
  readonly port: number

  constructor(address: string, port: number) {
    super(`connect EACCES ${address} port ${port}: not an allowed address`)
    this.address = address
    this.port = port
  }
}

/**
 * A look-up for sockets which answers only when every address of the name is allowed on this port.
 * The socket connects to what it answered, so a name that changes between two questions gains
 * nothing (DNS rebinding).
 */
export function checkedLookup(
  rules: AddressRules,
  port: number,
  lookup: LookupFunction,
): LookupFunction {
  return (hostname, options, callback) => {
    const answer = (error: Error | null, found: readonly LookupAddress[]): void => {
      const [first] = found
      if (error) callback(error, '', 0)
      else if (!first) callback(new Error(`no address for ${hostname}`), '', 0)
      else if (options.all) callback(null, [...found])
      else callback(null, first.address, first.family)
    }
    lookup(hostname, { ...options, all: true }, (error, address, family) => {
      if (error) return answer(error, [])
      // A look-up of someone else may ignore `all`.
      const found = typeof address === 'string' ? [{ address, family: family ?? 0 }] : address
      const refused = found.find((one) => !rules.allows(one.address, port))
      answer(refused ? new RefusedAddress(refused.address, port) : null, found)
    })
  }
}
