import { type LocalAddresses, stillHas } from '../../../common/network/local-address.ts'

/**
 * How often it is looked whether the address is still here. Reading the interfaces takes 0.1 ms. Linux
 * sends nothing from an IPv4 address that has gone; other systems, and IPv6, may until it is noticed.
 */
const LOOK_MS = 200

/** Calls `gone` once, when this machine has lost one of the addresses. Call the answer to end it. */
export function watchAddresses(local: LocalAddresses, gone: () => void): () => void {
  const timer = setInterval(() => {
    if (stillHas(local)) return
    clearInterval(timer)
    gone()
  }, LOOK_MS)
  return () => clearInterval(timer)
}
