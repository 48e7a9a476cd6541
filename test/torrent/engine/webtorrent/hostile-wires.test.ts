import { once } from 'node:events'
import { describe, expect, test } from '@jest/globals'
import { payload } from '../../../support/swarm/payload.ts'
import { closed, FLOODS, film, MESSAGES, TORRENTS } from './hostile-messages.ts'
import { openToStrangers } from './open-to-strangers.ts'

/** What may come in place of an encrypted handshake. */
const KEYS: readonly (readonly [what: string, bytes: Buffer])[] = [
  ['a key of zeros', Buffer.alloc(700)],
  ['a key of one', Buffer.concat([Buffer.alloc(95), Buffer.from([1]), payload('pad', 600)])],
  ['the prime as key', Buffer.concat([Buffer.alloc(96, 255), payload('pad', 600)])],
  ['noise', payload('no key', 20_000)],
]

describe.each([false, true])('who connects to us, to all torrents, peer exchange: %s', (pex) => {
  const engine = openToStrangers(pex)
  const { open, greeting, answered } = engine

  test.each(KEYS)('%s', async (_, bytes) => {
    open().write(bytes)
    await answered(film.infoHash)
    expect(engine.deaths).toBe(0)
  })

  describe.each(Object.entries(TORRENTS))('%s', (_, infoHash) => {
    test.each(MESSAGES)('%s', async (__, bytes) => {
      const socket = open()
      socket.write(greeting(infoHash))
      await once(socket, 'data')
      socket.write(bytes)
      await answered(infoHash)
      expect(engine.deaths).toBe(0)
    })

    test.each(FLOODS)('%s ends the connection', async (__, bytes) => {
      const socket = open()
      socket.write(greeting(infoHash))
      await once(socket, 'data')
      socket.write(bytes)
      await closed(socket)
      await answered(infoHash)
      expect(engine.deaths).toBe(0)
    })
  })
})
