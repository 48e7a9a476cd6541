import { createSocket, type Socket } from 'node:dgram'
import {
  type AskedMapping,
  type GatewayLine,
  type Mapping,
  MappingRefused,
  within,
} from './mapping.ts'
import { mapRequest, NAT_PMP_PORT, readMapping } from './nat-pmp-messages.ts'

/** An answer is waited for so long, try by try (RFC 6886 3.1, which goes on for a minute). */
const TRIES_MS = [250, 500, 1000, 2000, 4000]
/** When something is taken back, a gateway that does not answer is not waited for longer. */
const LAST_TRIES_MS = [250, 500]

/** Of the system: nobody listens there. */
const MOST_REFUSALS = 2

const REMOVED: Mapping = { externalPort: 0, lifetime: 0 }

/**
 * Asks by NAT-PMP (RFC 6886). What comes from another address is not heard.
 * @throws MappingRefused, or Error when there is no way to the gateway
 */
export async function askNatPmp(
  { gateway, by }: GatewayLine,
  { port, externalPort, lifetime, signal }: AskedMapping,
): Promise<Mapping> {
  const isRemoval = lifetime === 0
  const socket = createSocket('udp4')
  let refusals = 0
  try {
    await opened(socket, gateway, by)
    const answer = new Promise<Mapping>((resolve, reject) => {
      socket.on('message', (bytes) => {
        try {
          const mapping = isRemoval ? REMOVED : readMapping(bytes, port)
          if (mapping) resolve(mapping)
        } catch (error) {
          reject(error)
        }
      })
      // An unreachable port: the next try may find it.
      socket.on('error', () => refusals++)
    })
    answer.catch(() => {})
    for (const ms of isRemoval ? LAST_TRIES_MS : TRIES_MS) {
      socket.send(mapRequest(port, isRemoval ? 0 : externalPort, lifetime), () => {})
      const got = await within(ms, answer, signal)
      if (got) return got
      if (signal?.aborted || refusals >= MOST_REFUSALS) break
    }
    throw new MappingRefused('it does not answer')
  } finally {
    socket.close()
  }
}

/** A socket that hears its gateway only. */
function opened(socket: Socket, gateway: string, by: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.bind({ port: 0, ...(by !== undefined && { address: by }) }, () => {
      socket.connect(NAT_PMP_PORT, gateway, ((error?: Error) => {
        socket.off('error', reject)
        if (error) reject(error)
        else resolve()
      }) as () => void)
    })
  })
}
