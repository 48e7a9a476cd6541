import { Fault } from '../../../common/errors.ts'
import type { Outbound } from '../../../common/network/outbound.ts'
import { askForeign, jsonOf } from '../shared/foreign-answer.ts'
import { type AddonManifest, readAddonManifest } from './addon-format.ts'

/**
 * Asks another addon for its manifest.
 * @param url as it is to be asked, without a fragment
 * @throws Fault OUTBOUND_REFUSED, UPSTREAM_FAILED
 */
export async function askManifest(
  outbound: Outbound,
  url: string,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<AddonManifest> {
  const value = readAddonManifest(await jsonOf(await askForeign(outbound, url, signal, headers)))
  if (!value) throw new Fault('UPSTREAM_FAILED', {}, { cause: new Error('no manifest') })
  return value
}
