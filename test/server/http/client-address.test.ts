import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, test } from '@jest/globals'
import express, { type Request } from 'express'
import { createClientAddress, setTrust } from '../../../server/http/trusted-proxy.ts'
import { ask } from '../ask.ts'

/** What Express says of a request, and what we do. */
async function addressesOf(
  trustProxy: string | number | boolean | undefined,
  headers: Record<string, string>,
): Promise<{ theirs: unknown; ours: string }> {
  const clientAddress = createClientAddress(trustProxy)
  let asked: IncomingMessage | undefined
  let theirs: unknown
  const app = express()
  setTrust(app, trustProxy)
  app.use((req: Request, res) => {
    theirs = req.ip
    res.end()
  })
  let ours = ''
  const server = createServer((req, res) => {
    asked = req
    // Before Express has touched it.
    ours = clientAddress(asked)
    app(req, res)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  await ask((server.address() as AddressInfo).port, '/', { headers })
  server.closeAllConnections()
  server.close()
  return { theirs, ours }
}

test.each([
  [undefined, '203.0.113.9', '127.0.0.1'],
  ['loopback', '203.0.113.9', '203.0.113.9'],
  ['loopback', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
  ['loopback, 203.0.113.9', '198.51.100.1, 203.0.113.9', '198.51.100.1'],
  [2, '198.51.100.1, 203.0.113.9', '198.51.100.1'],
  [true, '198.51.100.1, 203.0.113.9', '198.51.100.1'],
  ['10.0.0.0/8', '203.0.113.9', '127.0.0.1'],
  ['loopback', 'nobody', 'nobody'],
])('TRUST_PROXY=%s, X-Forwarded-For: %s is %s, for Express and for us', async (...row) => {
  const [trust, forwarded, client] = row
  const { theirs, ours } = await addressesOf(trust, { 'X-Forwarded-For': forwarded })
  expect([theirs, ours]).toEqual([client, client])
})
