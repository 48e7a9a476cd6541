import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createSiteFiles } from '../../../server/pages/site-files.ts'
import { type LoopbackServer, serveRouters } from '../../support/server/addon-server.ts'

let server: LoopbackServer
beforeAll(async () => {
  server = await serveRouters(() => [createSiteFiles()])
})
afterAll(() => server.close())

test('crawlers are asked to stay out of everything', async () => {
  const answered = await fetch(`${server.base}/robots.txt`)
  expect(answered.headers.get('content-type')).toContain('text/plain')
  expect(await answered.text()).toBe('User-agent: *\nDisallow: /\n')
})

test('the icon that browsers ask for unasked is a picture, and is kept', async () => {
  const { status, headers } = await fetch(`${server.base}/favicon.ico`)
  expect([status, headers.get('content-type')]).toEqual([200, 'image/png'])
  expect(headers.get('cache-control')).toMatch(/^public, max-age=[1-9]/)
})
