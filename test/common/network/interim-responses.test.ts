import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { afterEach, expect, test } from '@jest/globals'
import { endAtManyInterim } from '../../../common/network/interim-responses.ts'

let server: Server | undefined
afterEach(() => void server?.close())

/** The status that a server gives after so many interim responses; or why there is none. */
async function ask(status: string, times: number): Promise<number | string> {
  server = createServer((socket) => {
    socket.on('error', () => {})
    const interim = `HTTP/1.1 ${status}\r\n\r\n`.repeat(times)
    socket.end(`${interim}HTTP/1.1 204 No Content\r\n\r\n`)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return new Promise((resolve) => {
    const request = http.get({ host: '127.0.0.1', port, agent: false })
    endAtManyInterim(request)
    request.on('response', (message) => resolve(message.resume().statusCode ?? 0))
    request.on('error', ({ message }) => resolve(message))
  })
}

test.each(['100 Continue', '102 Processing', '103 Early Hints'])(
  'a few times %s, and then the answer; but not without end',
  async (status) => {
    expect(await ask(status, 20)).toBe(204)
    server?.close()
    expect(await ask(status, 50_000)).toBe('interim responses without end')
  },
)
