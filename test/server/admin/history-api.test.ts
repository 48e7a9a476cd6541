import { afterEach, expect, test } from '@jest/globals'
import { POINTS } from '../../../server/admin/history-point.ts'
import { ask } from '../ask.ts'
import { startServer, type TestServer } from '../fakes.ts'

let server: TestServer
afterEach(() => server.stop())

test('everybody may read it, as the sums of the cache; other origins may not', async () => {
  server = await startServer({ config: { adminToken: 'x'.repeat(16) } })
  const answer = await ask(server.port, '/api/history')
  expect(answer.status).toBe(200)
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  const { everySeconds, figures } = answer.json() as {
    everySeconds: number
    figures: Record<string, unknown[]>
  }
  expect(everySeconds).toBe(300)
  expect(Object.keys(figures)).toHaveLength(9)
  expect(figures.playsRunning).toHaveLength(POINTS)
})
