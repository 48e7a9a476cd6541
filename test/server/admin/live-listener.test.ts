import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from '@jest/globals'
import { pino } from 'pino'
import { keepTelling } from '../../../server/admin/live-listener.ts'
import { rawConnect, until } from '../ask.ts'

test('the end does not wait for a listener that takes nothing', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stuck = rawConnect((server.address() as AddressInfo).port)
  stuck.socket.pause()
  stuck.socket.write('GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  const [, res] = (await once(server, 'request')) as [unknown, ServerResponse]
  const over = new AbortController()
  // More than loopback's buffers take.
  const line = async () => 'x'.repeat(40_000_000)
  keepTelling(res, line, { everyMs: 1000, until: over.signal, log: pino({ level: 'silent' }) })
  await until('it is stuck', () => res.writableLength > 0)
  over.abort()
  await once(res, 'close')
  stuck.socket.destroy()
  server.close()
  await once(server, 'close')
})
