import type { Outbound } from '../../../common/network/outbound.ts'
import { askForeign } from '../shared/foreign-answer.ts'
import { type XmlElement, xmlText } from '../shared/xml.ts'
import { torznabDocument } from './torznab-format.ts'

/**
 * One question to an indexer, `t=caps` or a search.
 * @param url of its API, with its key
 * @returns undefined: it has nothing
 * @throws Fault OUTBOUND_REFUSED, UPSTREAM_FAILED
 */
export async function askTorznab(
  outbound: Outbound,
  url: string,
  query: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<XmlElement | undefined> {
  const address = new URL(url)
  address.hash = ''
  for (const [key, value] of Object.entries(query)) address.searchParams.set(key, value)
  return torznabDocument(xmlText(await askForeign(outbound, address.href, signal)))
}
