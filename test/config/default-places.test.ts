import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from '@jest/globals'
import { defaultCacheDir, shippedCatalogue } from '../../config/default-places.ts'

describe('defaultCacheDir', () => {
  const home = { HOME: '/home/ann' }
  test.each([
    ['linux', { ...home, XDG_CACHE_HOME: '/x' }, '/x/playlink'],
    ['darwin', { ...home, XDG_CACHE_HOME: '/x' }, '/x/playlink'],
    ['linux', home, '/home/ann/.cache/playlink'],
    ['linux', { ...home, XDG_CACHE_HOME: 'relative' }, '/home/ann/.cache/playlink'],
    ['linux', { ...home, XDG_CACHE_HOME: '' }, '/home/ann/.cache/playlink'],
    ['darwin', home, '/home/ann/Library/Caches/playlink'],
    ['win32', { LOCALAPPDATA: '/local' }, '/local/playlink'],
    ['win32', {}, '/temp/playlink'],
    ['linux', {}, '/temp/playlink'],
    ['linux', { HOME: '' }, '/temp/playlink'],
    ['linux', { HOME: 'relative' }, '/temp/playlink'],
  ] as const)('%s %j: %s', (platform, env, dir) => {
    expect(defaultCacheDir(env, platform, '/temp', () => true)).toBe(dir)
  })

  test('what this user may not write to counts as none', () => {
    const env = { ...home, XDG_CACHE_HOME: '/x' }
    const chosen = (...refused: string[]) =>
      defaultCacheDir(env, 'linux', '/temp', (dir) => !refused.some((one) => dir.startsWith(one)))
    expect(chosen('/x')).toBe('/home/ann/.cache/playlink')
    expect(chosen('/home')).toBe('/x/playlink')
    expect(chosen('/x', '/home')).toBe('/temp/playlink')
  })

  test('asks the nearest folder that is there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'playlink-places-'))
    try {
      const chosen = (HOME: string) => defaultCacheDir({ HOME }, 'linux', '/temp')
      expect(chosen(folder)).toBe(`${folder}/.cache/playlink`)
      expect(chosen(`${folder}/not/yet`)).toBe(`${folder}/not/yet/.cache/playlink`)
      await writeFile(`${folder}/file`, '')
      expect(chosen(`${folder}/file`)).toBe('/temp/playlink')
      expect(chosen('/proc/sys')).toBe('/temp/playlink')
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})

test('the shipped catalogue is named absolutely, wherever the server was started', () => {
  expect(shippedCatalogue).toMatch(/^\/.*\/catalogue\/free-titles\.yaml$/)
})
