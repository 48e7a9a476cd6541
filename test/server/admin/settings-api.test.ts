import { afterEach, expect, test } from '@jest/globals'
import { ask } from '../ask.ts'
import { FILE_TOKEN, startServer, type TestServer } from '../fakes.ts'

const PATH = '/api/settings'
let server: TestServer
afterEach(() => server.stop())

test('administrators read them, nobody else', async () => {
  const settings = [
    { name: 'PORT', value: '7000', source: 'default', fromFile: false } as const,
    { name: 'ADMIN_TOKEN', value: '[secret]', source: '.env', fromFile: false } as const,
  ]
  server = await startServer({ config: { adminToken: 'x'.repeat(16) }, settings })
  expect((await ask(server.port, PATH)).status).toBe(401)
  const headers = { Authorization: `Bearer ${FILE_TOKEN}` }
  const answer = await ask(server.port, PATH, { headers })
  expect(answer.json()).toEqual({ settings })
  expect(answer.headers['cache-control']).toBe('no-store')
})
