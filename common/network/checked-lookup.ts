import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { AddressRules } from './address-rules.ts'

/** Our rules refuse the address; to the caller it looks like an error of the system. */
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
 * A DNS look-up for sockets that fails unless every address of the name is allowed on this port.
 * The socket connects to the very address that was checked, which defeats DNS rebinding (a name
 * that resolves to another address the second time).
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
      // A look-up that is given from outside may ignore `all`.
      const found = typeof address === 'string' ? [{ address, family: family ?? 0 }] : address
      const refused = found.find((one) => !rules.allows(one.address, port))
      answer(refused ? new RefusedAddress(refused.address, port) : null, found)
    })
  }
}
