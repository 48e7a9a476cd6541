import { describe, expect, test } from '@jest/globals'
import { Secrets } from '../../../common/secrets/secrets.ts'
import { withoutSecrets } from '../../../sources/lists/secret-source.ts'
import type { Source } from '../../../sources/source.ts'

const secrets = new Secrets({ keys: ['op3rators-key'], pathParts: ['mine'] })
const link = (url: string, more: Partial<Source> = {}): Source => ({
  locator: { kind: 'url', url },
  selector: {},
  provider: 'p',
  ...more,
})

describe('a link is', () => {
  test.each<[string, string, Partial<Source>]>([
    ['redirect', 'https://a.example/x.mp4?id=3', {}],
    ['relay', 'https://a.example/op3rators-key/x.mp4', {}],
    ['relay', 'https://a.example/mine/x.mp4', {}],
    ['relay', 'https://a.example/x.mp4?apikey=1', {}],
    ['relay', 'https://a.example/x.mp4', { proxyHeaders: { request: { Referer: 'x' } } }],
    ['unfit', 'https://a.example/x.m3u8?token=1', {}],
    ['unfit', 'https://a.example/op3rators-key/x.MPD', {}],
    ['redirect', 'https://a.example/x.m3u8', {}],
  ])('%s: %s', (use, url, more) => expect(withoutSecrets(secrets, link(url, more)).use).toBe(use))
})

test.each<[string, string, Partial<Source>]>([
  ['relay', 'https://a.example/x.mp4?id=3', {}],
  ['relay', 'https://a.example/x.mp4?apikey=1', {}],
  // Its parts are asked for by viewers in any case.
  ['redirect', 'https://a.example/x.m3u8', {}],
  ['unfit', 'https://a.example/x.m3u8?token=1', {}],
])('with DIRECT=relay it is %s: %s', (use, url, more) =>
  expect(withoutSecrets(secrets, link(url, more), 'relay').use).toBe(use),
)

test('a relayed link has its name from its address, without keys', () => {
  const named = (url: string, more: Partial<Source> = {}) =>
    withoutSecrets(secrets, link(url, more)).source.filename
  expect(named('https://a.example/mine/a%20film.mp4')).toBe('a film.mp4')
  expect(named('https://a.example/mine/op3rators-key.mp4')).toBe('[secret].mp4')
  expect(named('https://a.example/mine/%E0%A4.mp4')).toBe('%E0%A4.mp4')
  expect(named('https://a.example/mine/watch')).toBeUndefined()
  expect(named('https://a.example/mine/a.mp4', { filename: 'own.mkv' })).toBe('own.mkv')
})

test('keys in the texts of any source are covered', () => {
  const texts = {
    label: 'by op3rators-key',
    quality: 'OP3RATORS-KEY',
    filename: 'op3rators-key.mkv',
    licence: 'op3rators-key',
    languages: ['en', 'op3rators-key'],
  }
  const { source } = withoutSecrets(secrets, link('https://a.example/x.mp4', texts))
  expect(JSON.stringify(source)).not.toMatch(/op3rators-key/i)
  expect(source).toMatchObject({ label: 'by [secret]', languages: ['en', '[secret]'] })
  const plain = link('https://a.example/x.mp4', { label: 'plain' })
  expect(withoutSecrets(secrets, plain).source).toBe(plain)
})
