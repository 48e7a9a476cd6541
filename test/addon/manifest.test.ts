import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import linter from 'stremio-addon-linter'
import { manifestAt, readManifest, withAnime } from '../../addon/manifest.ts'
import { EVERYTHING } from '../../addon/preferences.ts'

const signed = {
  catalogs: 'free' as const,
  stremioAddonsConfig: { issuer: 'https://a.example', signature: 's'.repeat(500) },
}
const plain = { stremioAddonsConfig: undefined }
const served = manifestAt(readManifest(signed), 'https://films.example/tv')

describe('manifest.json', () => {
  test('passes the linter of the SDK', () => {
    expect(linter.lintManifest(served)).toEqual({ valid: true, errors: [], warnings: [] })
  })

  test('would not pass it with an error', () => {
    const { valid, errors } = linter.lintManifest({ ...served, version: '1' })
    expect(valid).toBe(false)
    expect(errors).toHaveLength(1)
  })

  test('its version is that of package.json', () => {
    const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8')
    expect(served.version).toBe((JSON.parse(text) as { version: string }).version)
  })

  test('is at most 8192 bytes', () => {
    expect(Buffer.byteLength(JSON.stringify(served))).toBeLessThanOrEqual(8192)
  })

  test('has what clients need in the form that they understand', () => {
    expect(served).toMatchObject({
      types: ['movie', 'series'],
      idPrefixes: ['tt'],
      resources: [
        { name: 'stream', types: ['movie', 'series'], idPrefixes: ['tt'] },
        { name: 'subtitles', types: ['movie', 'series'], idPrefixes: ['tt'] },
        { name: 'meta', types: ['movie', 'series'], idPrefixes: ['tt0000000', 'tt99'] },
      ],
      behaviorHints: { p2p: false, adult: false, configurable: true },
      logo: 'https://films.example/tv/assets/logo.png',
    })
  })

  test('has no catalogs when the operator or the viewer hides them, or the address is not understood', () => {
    expect(served.catalogs.map(({ id, type }) => `${type} ${id}`)).toEqual([
      ...['movie playlink-ready', 'series playlink-ready'],
      ...['movie playlink-free', 'series playlink-free'],
    ])
    const without = { ...EVERYTHING, hide: ['catalogs'] } as const
    const base = 'https://films.example'
    for (const bare of [
      manifestAt(readManifest({ ...plain, catalogs: 'off' }), base),
      manifestAt(readManifest(signed), base, without),
      manifestAt(readManifest(signed), base, 'broken'),
    ]) {
      expect(bare.catalogs).toEqual([])
      expect(bare.resources.map(({ name }) => name)).toEqual(['stream', 'subtitles'])
      expect(linter.lintManifest(bare).valid).toBe(true)
    }
    expect(manifestAt(readManifest(signed), base, EVERYTHING).catalogs).toHaveLength(4)
  })

  test('has the files of the library only where there is one, and everybody may be told of it', () => {
    const library = { providers: { library: ['/films'] } }
    const named = readManifest({ ...plain, catalogs: 'all', ...library })
    expect(linter.lintManifest(manifestAt(named, 'https://a.example')).valid).toBe(true)
    expect(named.catalogs.filter(({ id }) => id === 'playlink-library')).toHaveLength(2)
    expect(named.resources.at(-1)?.idPrefixes).toEqual(['tt0000000', 'tt98', 'tt99'])
    for (const unnamed of [
      readManifest({ ...plain, catalogs: 'free', ...library }),
      readManifest({ ...plain, catalogs: 'off', ...library }),
      readManifest({ ...plain, catalogs: 'all', providers: { library: [] } }),
    ]) {
      expect(JSON.stringify(unnamed)).not.toMatch(/playlink-library|tt98/)
    }
  })

  test('names ids of anime where a table knows some, of streams and subtitles', () => {
    const named = manifestAt(withAnime(readManifest(signed), ['kitsu', 'mal']), 'https://a.example')
    expect(linter.lintManifest(named)).toEqual({ valid: true, errors: [], warnings: [] })
    const prefixes = ['tt', 'kitsu:', 'mal:']
    expect(named.idPrefixes).toEqual(prefixes)
    expect(named.resources.map((one) => one.idPrefixes)).toEqual([
      ...[prefixes, prefixes],
      ['tt0000000', 'tt99'],
    ])
    expect(withAnime(readManifest(signed), ['kitsu']).idPrefixes).toEqual(['tt', 'kitsu:'])
    expect(withAnime(readManifest(signed), [])).toEqual(readManifest(signed))
  })

  test('has the signature of stremio-addons.net only when the operator has one', () => {
    expect(served.stremioAddonsConfig).toEqual(signed.stremioAddonsConfig)
    expect(readManifest(plain)).not.toHaveProperty('stremioAddonsConfig')
  })
})
