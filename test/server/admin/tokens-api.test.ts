import { afterEach, expect, test } from '@jest/globals'
import type { AccessToken } from '../../../common/access-tokens.ts'
import type { Access } from '../../../server/access/open-access.ts'
import { ask } from '../ask.ts'
import { FILE_TOKEN, startServer, type TestServer } from '../fakes.ts'

const PATH = '/api/tokens'
const headers = { Authorization: `Bearer ${FILE_TOKEN}` }

let server: TestServer
afterEach(() => server.stop())

/** Of so many tokens, each with another use. */
function accessOf(count: number): Access {
  const tokens = Array.from({ length: count }, (_, i): AccessToken => {
    const limits = { streams: 2, ...(i === 0 ? {} : { monthlyBytes: 1000 }) }
    return {
      name: `viewer-${i}`,
      sha256: String(i).padStart(64, 'f'),
      ...limits,
      added: '2026-01-01T00:00:00.000Z',
    }
  })
  const usage: Pick<Access['usage'], 'usedBy'> = {
    usedBy: async ({ monthlyBytes }) => ({
      ...{ streams: 1, dayBytes: 20 },
      monthBytes: monthlyBytes === undefined ? null : 300,
    }),
  }
  const file: Pick<Access['file'], 'tokens'> = { tokens }
  return { file, usage } as Access
}

test('names, limits and use; neither tokens nor hashes', async () => {
  server = await startServer({ access: accessOf(2) })
  const answer = await ask(server.port, PATH, { headers })
  const common = { added: '2026-01-01T00:00:00.000Z', streams: { now: 1, max: 2 }, dayBytes: 20 }
  expect(answer.json()).toEqual({
    tokens: [
      { name: 'viewer-0', ...common, month: null },
      { name: 'viewer-1', ...common, month: { bytes: 300, max: 1000 } },
    ],
    moreTokens: 0,
  })
  expect(answer.body.toString()).not.toContain('fff')
  expect(answer.headers['cache-control']).toBe('no-store')
})

test('without ACCESS_TOKENS there are none; 500 are told at most', async () => {
  server = await startServer()
  expect((await ask(server.port, PATH, { headers })).json()).toEqual({
    tokens: null,
    moreTokens: 0,
  })
  server.stop()
  server = await startServer({ access: accessOf(503) })
  const answer = (await ask(server.port, PATH, { headers })).json() as {
    tokens: unknown[]
    moreTokens: number
  }
  expect([answer.tokens.length, answer.moreTokens]).toEqual([500, 3])
})

test('administrators only', async () => {
  server = await startServer({ config: { adminToken: 'x'.repeat(16) }, access: accessOf(1) })
  expect((await ask(server.port, PATH)).status).toBe(401)
})
