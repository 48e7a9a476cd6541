import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { handshake } from '../../../../torrent/engine/wire/peer-messages.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { eventually } from '../../../support/wait.ts'
import { startLoneEngine } from '../../lone-engine.ts'
import { closed, FLOODS, film, MESSAGES, specs, TORRENTS } from './hostile-messages.ts'

/** What may come in place of an encrypted handshake. */
const KEYS: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['a key of zeros', Buffer.alloc(700)],
  ['a key of one', Buffer.concat([Buffer.alloc(95), Buffer.from([1]), payload('pad', 600)])],
  ['the prime as key', Buffer.concat([Buffer.alloc(96, 255), payload('pad', 600)])],
  ['noise', payload('no key', 20_000)],
]

describe.each([false, true])('who connects to us, to all torrents, peer exchange: %s', (pex) => {
  let node: Awaited<ReturnType<typeof startLoneEngine>>
  const sockets: Socket[] = []
  const open = (): Socket => {
    const socket = connect(node.port, '127.0.0.1')
    socket.on('error', () => {})
    socket.resume()
    sockets.push(socket)
    return socket
  }
  const greet = (socket: Socket, infoHash: string): void =>
    void socket.write(
      handshake(Buffer.from(infoHash, 'hex'), payload(`peer ${sockets.length}`, 20)),
    )

  beforeAll(async () => {
    node = await startLoneEngine({ pex })
    for (const [id, spec] of specs.entries()) node.engine.send({ t: 'fetch-metadata', id, spec })
  })
  afterEach(() => {
    for (const socket of sockets.splice(0)) socket.destroy()
  })
  afterAll(() => node.engine.close(), 20_000)

  /** Resolves when the engine has answered a handshake, and so has read what was sent before. */
  const answered = (infoHash: string): Promise<unknown> =>
    eventually('an answer to a handshake', async () => {
      const socket = open()
      greet(socket, infoHash)
      const first = await Promise.race([once(socket, 'data'), closed(socket)])
      socket.destroy()
      return first !== undefined
    })

  test.each(KEYS)('%s', async (_, bytes) => {
    open().write(bytes)
    await answered(film.infoHash)
    expect(node.deaths).toBe(0)
  })

  describe.each(Object.entries(TORRENTS))('%s', (_, infoHash) => {
    test.each(MESSAGES)('%s', async (__, bytes) => {
      const socket = open()
      greet(socket, infoHash)
      await once(socket, 'data')
      socket.write(bytes)
      await answered(infoHash)
      expect(node.deaths).toBe(0)
    })

    test.each(FLOODS)('%s ends the connection', async (__, bytes) => {
      const socket = open()
      greet(socket, infoHash)
      await once(socket, 'data')
      socket.write(bytes)
      await closed(socket)
      await answered(infoHash)
      expect(node.deaths).toBe(0)
    })
  })
})
