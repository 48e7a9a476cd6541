import { isIP } from 'node:net'
import { asList, asNumber, asText, type Bencoded, bencodeText } from './bencode.ts'

/** A node of the DHT, `host:port` or `[ip]:port`. */
export type DhtNodeText = string

/** Those of one .torrent. A few lead to all others. */
const MAX_NODES = 20
const HOST_NAME = /^(?=.{1,253}$)[a-z\d_]([a-z\d_-]*[a-z\d])?(\.[a-z\d_]([a-z\d_-]*[a-z\d])?)*$/i

/** The nodes that a .torrent names (BEP 5): pairs of host and port. What is no such pair is left out. */
export function readDhtNodes(value: Bencoded | undefined): readonly DhtNodeText[] {
  const nodes = (asList(value) ?? []).flatMap((pair) => {
    const [host, port, ...more] = asList(pair) ?? []
    const node = dhtNodeText(asText(host) ?? '', asNumber(port) ?? 0)
    return node !== undefined && more.length === 0 ? [node] : []
  })
  return [...new Set(nodes)].slice(0, MAX_NODES)
}

/** The same as a .torrent has it. */
export const bencodeDhtNodes = (nodes: readonly DhtNodeText[]): string =>
  nodes
    .map((node) => {
      const { host, port } = splitDhtNode(node)
      return `l${bencodeText(host)}i${port}ee`
    })
    .join('')

/** Undefined when the host is neither an address nor a name, or the port none. */
export function dhtNodeText(host: string, port: number): DhtNodeText | undefined {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) return undefined
  if (isIP(host) === 6) return host.includes('%') ? undefined : `[${host.toLowerCase()}]:${port}`
  return HOST_NAME.test(host) ? `${host.toLowerCase()}:${port}` : undefined
}

/** @param node as dhtNodeText() made it */
export function splitDhtNode(node: DhtNodeText): { readonly host: string; readonly port: number } {
  const at = node.lastIndexOf(':')
  return { host: node.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(node.slice(at + 1)) }
}
