import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll } from '@jest/globals'
import { handshake } from '../../../../torrent/engine/wire/peer-messages.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { eventually } from '../../../support/wait.ts'
import { startLoneEngine } from '../../lone-engine.ts'
import { closed, specs } from './hostile-messages.ts'

/** An engine with all hostile torrents, for the tests of the `describe` that calls it. */
export function openToStrangers(pex: boolean) {
  let node: Awaited<ReturnType<typeof startLoneEngine>>
  const sockets: Socket[] = []
  const open = (): Socket => {
    const socket = connect(node.port, '127.0.0.1').setNoDelay()
    socket.on('error', () => {})
    socket.resume()
    sockets.push(socket)
    return socket
  }
  const greeting = (infoHash: string): Buffer =>
    handshake(Buffer.from(infoHash, 'hex'), payload(`peer ${sockets.length}`, 20))

  beforeAll(async () => {
    node = await startLoneEngine({ pex })
    for (const [id, spec] of specs.entries()) node.engine.send({ t: 'fetch-metadata', id, spec })
  })
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })
  afterAll(() => node.engine.close(), 20_000)

  return {
    open,
    greeting,
    get deaths(): number {
      return node.deaths
    },
    /** Resolves when the engine has answered a plain handshake, and so has read what was sent before. */
    answered: (infoHash: string): Promise<unknown> =>
      eventually('an answer to a handshake', async () => {
        const socket = open()
        socket.write(greeting(infoHash))
        const first = await Promise.race([once(socket, 'data'), closed(socket)])
        socket.destroy()
        return first !== undefined
      }),
  }
}
