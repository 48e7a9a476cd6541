import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type LoopbackWeb, startLoopbackWeb } from '../../demo/loopback-web.ts'
import { ask } from '../support/server/request.ts'

const film = { name: 'Film.mp4', bytes: Buffer.from('0123456789') }

describe('web server of the demo', () => {
  let web: LoopbackWeb
  const announced: string[] = []
  beforeAll(async () => {
    const announce = (search: string, ip: string): Buffer => {
      announced.push(`${ip} ${search}`)
      return Buffer.from('de')
    }
    web = await startLoopbackWeb({ announce, seeders: () => 0 }, film)
  })
  afterAll(() => web.close())

  test('hands announces to the tracker as they came', async () => {
    const answer = await ask(`${web.announceUrl}?info_hash=%ff&port=1`)
    expect([answer.status, answer.body.toString()]).toEqual([200, 'de'])
    expect(announced).toEqual(['127.0.0.1 ?info_hash=%ff&port=1'])
  })

  test.each([
    [undefined, 200, '0123456789', undefined],
    ['bytes=2-4', 206, '234', 'bytes 2-4/10'],
    ['bytes=7-', 206, '789', 'bytes 7-9/10'],
    ['bytes=-1', 206, '9', 'bytes 9-9/10'],
    ['bytes=10-', 416, '', 'bytes */10'],
  ])('Range %s', async (range, status, body, contentRange) => {
    const answer = await ask(web.filmUrl, range === undefined ? {} : { headers: { Range: range } })
    expect([answer.status, answer.body.toString()]).toEqual([status, body])
    expect(answer.headers['content-range']).toBe(contentRange)
    expect(answer.headers['access-control-allow-origin']).toBe('*')
  })

  test('HEAD has the length and no body', async () => {
    const { status, headers, body } = await ask(web.filmUrl, { method: 'HEAD' })
    expect([status, body.length]).toEqual([200, 0])
    expect([headers['content-length'], headers['content-type']]).toEqual(['10', 'video/mp4'])
  })

  test('nothing else is there', async () => {
    expect((await ask(`${web.filmUrl}x`)).status).toBe(404)
    const posted = await ask(web.filmUrl, { method: 'POST' })
    expect([posted.status, posted.headers.allow]).toEqual([405, 'GET, HEAD'])
  })
})
