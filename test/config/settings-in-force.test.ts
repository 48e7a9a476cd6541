import { describe, expect, test } from '@jest/globals'
import { loadConfig } from '../../config/load-config.ts'
import type { SettingInForce } from '../../config/settings-in-force.ts'
import { variables } from '../../config/variables.ts'

interface Given {
  readonly dotEnv?: string
  readonly files?: Readonly<Record<string, string>>
  readonly commandLine?: readonly string[]
}

function inForce(env: Record<string, string>, given: Given = {}): Map<string, SettingInForce> {
  const files: Readonly<Record<string, string>> = { '/.env': given.dotEnv ?? '', ...given.files }
  const loaded = loadConfig(env, {
    cwd: '/',
    readFile: (path) => files[path] ?? '',
    commandLine: given.commandLine ?? [],
  })
  if ('faults' in loaded) throw new Error(loaded.faults.join())
  return new Map(loaded.settings.map((one) => [one.name, one]))
}

test('every setting, in the order of the table, with the default where nothing is set', () => {
  const settings = inForce({})
  expect([...settings.keys()]).toEqual(Object.keys(variables))
  expect(settings.get('PORT')).toEqual({
    ...{ name: 'PORT', value: '7000', source: 'default', fromFile: false },
  })
  expect(settings.get('ADMIN_TOKEN')).toMatchObject({ value: null, source: 'default' })
})

test('where each came from: what counts is told, not what is hidden by it', () => {
  const settings = inForce(
    { PORT: '8000', CACHE_TTL: '60', LOG_LEVEL_FILE: '/level', MAX_ARRIVALS: '3', HOST: '' },
    {
      dotEnv: 'CACHE_TTL=70\nPREWARM=off\nHOST=127.0.0.1\nLOG_LEVEL=debug\nDIRECT=',
      files: { '/level': 'warn\n' },
      commandLine: ['PORT'],
    },
  )
  const told = (name: string) => {
    const { value, source, fromFile } = settings.get(name) ?? {}
    return [value, source, fromFile]
  }
  expect(told('PORT')).toEqual(['8000', 'command line', false])
  expect(told('CACHE_TTL')).toEqual(['60', 'environment', false])
  expect(told('PREWARM')).toEqual(['off', '.env', false])
  expect(told('LOG_LEVEL')).toEqual(['warn', 'environment', true])
  // By its former name.
  expect(told('MAX_DOWNLOADS')).toEqual(['3', 'environment', false])
  // Empty counts as not set, and hides the file's.
  expect(told('HOST')).toEqual(['0.0.0.0', 'default', false])
  expect(told('DIRECT')).toEqual(['redirect', 'default', false])
})

describe('secrets are covered', () => {
  const ADMIN = 'admin-token-admin'
  test.each<[string, string, string]>([
    ['ADMIN_TOKEN', ADMIN, '[secret]'],
    [
      'TORZNAB',
      'https://a.example/api?t=caps&apikey=k3y0f7he',
      'https://a.example/api?t=caps&apikey=[secret]',
    ],
    ['TORZNAB', 'https://a.example/api?apikey=abc', 'https://a.example/api?apikey=[secret]'],
    ['REDIS_URL', 'redis://u:pw@h:1', 'redis://[secret]@h:1'],
    [
      'REDIS_URL',
      'redis+sentinel://h:1/m?sentinelPassword=pw1',
      'redis+sentinel://h:1/m?sentinelPassword=[secret]',
    ],
    [
      'UPSTREAM_ADDONS',
      'https://a.example/my-films/manifest.json',
      'https://a.example/[secret]/manifest.json',
    ],
    ['UPSTREAM_ADDONS', 'https://a.example/%6dy-films/manifest.json', '[secret]'],
    ['TORRENT_PROXY', 'socks5://u:pw@127.0.0.1:1080', 'socks5://[secret]@127.0.0.1:1080'],
    ['PUBLIC_URL', `https://films.example/${ADMIN}`, 'https://films.example/[secret]'],
  ])('%s=%s', (name, text, shown) => {
    const settings = inForce({ ADMIN_TOKEN: ADMIN, [name]: text })
    expect(settings.get(name)?.value).toBe(shown)
  })
})
