import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import linter from 'stremio-addon-linter'
import { manifestAt, readManifest } from '../../addon/manifest.ts'

const signed = { stremioAddonsConfig: { issuer: 'https://a.example', signature: 's'.repeat(500) } }
const plain = { stremioAddonsConfig: undefined }
const served = manifestAt(readManifest(signed), 'https://films.example/tv')

describe('manifest.json', () => {
  test('the linter has nothing to say', () => {
    expect(linter.lintManifest(served)).toEqual({ valid: true, errors: [], warnings: [] })
  })

  test('the linter can say something', () => {
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

  test('says what clients need in the form they understand', () => {
    expect(served).toMatchObject({
      types: ['movie', 'series'],
      idPrefixes: ['tt'],
      resources: ['stream', 'subtitles'].map((name) => {
        return { name, types: ['movie', 'series'], idPrefixes: ['tt'] }
      }),
      catalogs: [],
      behaviorHints: { p2p: false, adult: false, configurable: true },
      logo: 'https://films.example/tv/assets/logo.png',
    })
  })

  test('has the signature of stremio-addons.net only when the operator has one', () => {
    expect(served.stremioAddonsConfig).toEqual(signed.stremioAddonsConfig)
    expect(readManifest(plain)).not.toHaveProperty('stremioAddonsConfig')
  })
})
