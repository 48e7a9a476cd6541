import { createSocket } from 'node:dgram'

/** Where the DHT begins when nobody says other; as in k-rpc, which looks names up itself. */
export const USUAL_NODES = [
  'router.bittorrent.com:6881',
  'router.utorrent.com:6881',
  'dht.transmissionbt.com:6881',
]
const EVERY_MS = 5000
const MAX_TRIES = 12

/**
 * Pings nodes of the DHT (BEP 5) by their names, which a proxy resolves: who answers is told of by the
 * address that the answer came from. Asks on until somebody has answered. Call the answer to end it.
 * @param nodes `host:port`; undefined: the usual ones
 */
export function findNamedNodes(
  nodes: readonly string[] = USUAL_NODES,
  nodeId: Buffer,
  found: (node: { readonly host: string; readonly port: number }) => void,
): () => void {
  const ping = Buffer.concat([
    Buffer.from('d1:ad2:id20:', 'latin1'),
    nodeId,
    Buffer.from('e1:q4:ping1:t2:pl1:y1:qe', 'latin1'),
  ])
  const socket = createSocket('udp4')
  let tries = 0
  let isOver = false
  const ask = (): void => {
    tries++
    if (tries > MAX_TRIES) end()
    for (const node of isOver ? [] : nodes) {
      const [host = '', port] = node.split(':')
      socket.send(ping, Number(port), host, () => {})
    }
  }
  const timer = setInterval(ask, EVERY_MS)
  const end = (): void => {
    clearInterval(timer)
    if (!isOver) socket.close()
    isOver = true
  }
  socket.on('error', end)
  socket.on('message', (_bytes, { address, port }) => {
    clearInterval(timer)
    found({ host: address, port })
  })
  ask()
  return end
}
