import { describe, expect, test } from '@jest/globals'
import { keysInAddress, pathPartsOf } from '../../config/address-secrets.ts'
import { loadConfig } from '../../config/load-config.ts'

const KEY = 'k3y0f7heOperator'
const b64 = (text: string): string => Buffer.from(text).toString('base64url')

describe('keys in an address', () => {
  test.each<[string, string]>([
    ['a named parameter', 'https://a.example/api?t=caps&apikey=k3y0f7heOperator'],
    ['a parameter that looks like a key', 'https://a.example/rss?r=k3y0f7heOperator'],
    ['a part of the path', 'https://a.example/k3y0f7heOperator/manifest.json'],
    ['an encoded part', 'https://a.example/%6b3y0f7heOperator/manifest.json'],
    ['a setting in the path', 'https://a.example/sort=size%7Crealdebrid=k3y0f7heOperator/x'],
    ['JSON in the path', `https://a.example/${encodeURIComponent(`{"a":[{"b":"${KEY}"}]}`)}/x`],
    ['JSON in base64', `https://a.example/${b64(JSON.stringify({ debrid: { key: KEY } }))}/x`],
    ['settings in base64', `https://a.example/${b64(`sort=size|torbox=${KEY}`)}/manifest.json`],
    ['a password', 'https://u:k3y0f7heOperator@a.example/x'],
  ])('%s', (_, address) => expect(keysInAddress(address)).toContain(KEY))

  test('a named one may be any word, others are none', () => {
    expect(keysInAddress('https://a.example/x?passkey=plain&q=films')).toEqual(['plain'])
    expect(
      keysInAddress('https://a.example/api/v2.0/indexers/all/results/torznab/api?t=search#name'),
    ).toEqual([])
    expect(keysInAddress('no address')).toEqual([])
  })
})

test('parts of an addon’s path that may be words', () => {
  expect(pathPartsOf('https://a.example/stremio/v1/my-films/manifest.json')).toEqual(['my-films'])
})

test('the settings say what of them is secret', () => {
  const loaded = loadConfig(
    {
      ADMIN_TOKEN: 'admin-token-admin',
      REDIS_URL: 'redis+sentinel://u:redispass@h:1/m?sentinelPassword=sentinelpass',
      UPSTREAM_ADDONS: 'https://a.example/my-films/manifest.json',
      TORZNAB: 'https://a.example/api?apikey=torznabkey',
      PUBLIC_URL: 'https://films.example.org/playlink',
    },
    { cwd: '/', readFile: () => '' },
  )
  if ('faults' in loaded) throw new Error(loaded.faults.join())
  expect(loaded.secrets).toEqual({
    keys: ['admin-token-admin', 'redispass', 'sentinelpass', 'torznabkey'],
    pathParts: ['my-films'],
  })
})

describe('a fault of a setting does not show its secret', () => {
  test.each([
    ['ADMIN_TOKEN', `${KEY} with a space`],
    ['REDIS_URL', `http://u:${KEY}@h`],
    ['REDIS_URL', `redis://u:${KEY}@h/no-number`],
    ['CATALOGUE', `ftp://u:${KEY}@h/x`],
    ['CATALOGUE', `http://${KEY}:${KEY}@`],
    ['ARCHIVE_ORG_URL', `https://u:${KEY}@h`],
    ['ARCHIVE_ORG_URL', `https://h/?token=${KEY}`],
    ['CINEMETA_URL', `ftp://h/${KEY}`],
    ['UPSTREAM_ADDONS', `https://h/${KEY}/configure`],
    ['TORZNAB', `ftp://h/?apikey=${KEY}`],
    ['FEEDS', `https://u:${KEY}@h/rss`],
  ])('%s=%s', (name, value) => {
    const loaded = loadConfig({ [name]: value }, { cwd: '/', readFile: () => '' })
    const faults = 'faults' in loaded ? loaded.faults : []
    expect(faults).toEqual([expect.stringContaining(name)])
    expect(faults.join()).not.toContain(KEY)
  })
})
