import { describe, expect, test } from '@jest/globals'
import { holdsCredential, withoutCredentials } from '../../../common/secrets/credentials.ts'
import { noSecrets, Secrets } from '../../../common/secrets/secrets.ts'

const KEY = 'Sk-7f3/a9+Q&z=1d é'
const secrets = new Secrets({ keys: [KEY, 'abc'], pathParts: ['private-films'] })
const percent = (text: string): string =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')
const base64 = (text: string): string => Buffer.from(text).toString('base64')

describe('a key is recognised', () => {
  test.each<[string, string]>([
    ['as it stands', `x${KEY}y`],
    ['in other letters', `x ${KEY.toUpperCase()}`],
    ['percent-encoded', `https://a.example/${encodeURIComponent(KEY)}/x`],
    ['percent-encoded twice', encodeURIComponent(encodeURIComponent(KEY))],
    ['in a form', new URLSearchParams({ a: KEY }).toString()],
    ['in JSON', JSON.stringify({ a: KEY })],
    ['in HTML', KEY.replace('&', '&amp;')],
    ['in hex', Buffer.from(KEY).toString('hex')],
    ['in base64', base64(KEY)],
    ['in base64 after one byte', base64(`a${KEY}b`)],
    ['in base64 after two bytes', base64(`ab${KEY}`)],
    ['in base64 of JSON', base64(JSON.stringify({ x: 1, key: 'x', k: 1 }).replace('"x"', KEY))],
    ['in base64 for addresses', Buffer.from(`abc${KEY}abc`).toString('base64url')],
    ['in percent-encoded base64', encodeURIComponent(base64(KEY))],
  ])('%s', (_, text) => {
    expect(secrets.carriesSecret(text)).toBe(true)
    expect(secrets.isSecretAddress(text)).toBe(true)
    expect(secrets.carriesSecret(secrets.covered(text))).toBe(false)
  })

  test('with every letter percent-encoded, once and twice', () => {
    const plain = new Secrets({ keys: ['sekrit-1234'], pathParts: [] })
    for (const text of [percent('sekrit-1234'), percent(percent('sekrit-1234'))]) {
      expect(plain.carriesSecret(`https://a.example/${text}`)).toBe(true)
      expect(plain.covered(`a ${text} b`)).toBe('[secret]')
    }
  })

  test.each(['', 'Big Buck Bunny', 'abc', KEY.slice(1), 'https://a.example/?x=%E0%A4%A'])(
    'and not in %p',
    (text) => {
      expect(secrets.carriesSecret(text)).toBe(false)
      expect(secrets.covered(text)).toBe(text)
      expect(noSecrets.isSecretAddress(text)).toBe(false)
    },
  )
})

test('only the key is covered, and the line stays JSON', () => {
  const line = `${JSON.stringify({ msg: `to ${KEY}!`, url: 'https://u:p@a.example/?passkey=x&b=c' })}\n`
  expect(JSON.parse(secrets.coveredLine(line))).toEqual({
    msg: 'to [secret]!',
    url: 'https://[secret]@a.example/?passkey=[secret]&b=c',
  })
  expect(noSecrets.coveredLine('{"a":1}\n')).toBe('{"a":1}\n')
})

test('a part of an addon’s path is looked for in paths, as a whole part', () => {
  const is = (address: string): boolean => secrets.isSecretAddress(address)
  expect(is('https://cdn.example/private-films/x.mp4')).toBe(true)
  expect(is('https://cdn.example/?from=Private%2Dfilms')).toBe(true)
  expect(is('https://cdn.example/private-films-2/x.mp4')).toBe(false)
  expect(secrets.carriesSecret('private-films')).toBe(false)
})

describe('an address says a credential', () => {
  test.each([
    'https://a.example/?passkey=1',
    'https://a.example/?a=b&APIKEY=2',
    'https://a.example/x?torrent_pass=3',
    'https://a.example/x;token=4/y.mp4',
    'https://a.example/x#access_token=5',
    'https://u:p@a.example/x',
    'https://u@a.example/x',
    'https://a.example/go?to=https%3A%2F%2Fb.example%2F%3Fapi_key%3D6',
    'https://a.example/realdebrid=7/x',
    'https://a.example/sort=size|premiumize=8/x',
    'https://a.example/?%74oken=9',
  ])('%s', (address) => expect(holdsCredential(address)).toBe(true))

  test.each(['https://a.example/passkey?id=1', 'https://a.example/a.mp4?x=1', 'keys=1', ''])(
    'not: %p',
    (address) => expect(holdsCredential(address)).toBe(false),
  )
})

test('what covers credentials takes no longer for a hostile line than its length says', () => {
  const line = '?x_api_'.repeat(40_000)
  expect(withoutCredentials(`=${line}`)).toBe(`=${line}`)
  expect(withoutCredentials(`://${'a'.repeat(300_000)}`)).toHaveLength(300_003)
})
