import type { Socket } from 'node:net'
import { describe, expect, test } from '@jest/globals'
import { createMseInitiator } from '../../../support/clients/mse.ts'
import { payload } from '../../../support/swarm/payload.ts'
import { eventually } from '../../../support/wait.ts'
import { closed, FLOODS, film, MESSAGES, TORRENTS } from './hostile-messages.ts'
import { openToStrangers } from './open-to-strangers.ts'

/** A connection whose encrypted handshake is over; what it writes is sealed. */
interface Sealed {
  readonly socket: Socket
  write(plain: Buffer): void
}

describe('who connects encrypted, to all torrents', () => {
  const engine = openToStrangers(true)
  const { open, greeting, answered } = engine

  /** Resolves when the engine has answered both handshakes. @param send how bytes are written */
  async function agree(
    infoHash: string,
    send = (socket: Socket, bytes: Buffer): void => void socket.write(bytes),
  ): Promise<Sealed> {
    const socket = open()
    const hash = Buffer.from(infoHash, 'hex')
    const mse = createMseInitiator(hash, (bytes) => send(socket, bytes), greeting(infoHash))
    let plain = Buffer.alloc(0)
    socket.on('data', (chunk: Buffer) => {
      plain = Buffer.concat([plain, mse.feed(chunk)])
    })
    const seal = await mse.agreed
    await eventually('an answer to the handshake', () => plain.includes('BitTorrent protocol'))
    return { socket, write: (bytes) => send(socket, seal(bytes)) }
  }

  describe.each(Object.entries(TORRENTS))('%s', (_, infoHash) => {
    test.each(MESSAGES)('%s', async (__, bytes) => {
      const { write } = await agree(infoHash)
      write(bytes)
      await answered(infoHash)
      expect(engine.deaths).toBe(0)
    })

    test.each(FLOODS)('%s ends the connection', async (__, bytes) => {
      const { socket, write } = await agree(infoHash)
      write(bytes)
      await closed(socket)
      await answered(infoHash)
      expect(engine.deaths).toBe(0)
    })
  })

  const bytewise = (socket: Socket, bytes: Buffer): void => {
    for (let at = 0; at < bytes.length; at++) socket.write(bytes.subarray(at, at + 1))
  }

  test('byte by byte, the handshakes and what follows', async () => {
    const { write } = await agree(film.infoHash, bytewise)
    for (const [, bytes] of MESSAGES.slice(0, 3)) write(bytes)
    await answered(film.infoHash)
    expect(engine.deaths).toBe(0)
  })

  test('noise behind the handshake, which no key made', async () => {
    const { socket } = await agree(film.infoHash)
    socket.write(payload('noise', 300_000))
    await closed(socket)
    await answered(film.infoHash)
    expect(engine.deaths).toBe(0)
  })
})
