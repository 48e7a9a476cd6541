import { expect, test } from '@jest/globals'
import { Secrets } from '../../common/secrets/secrets.ts'
import { examine, isWell } from '../../doctor/examine.ts'
import type { Finding } from '../../doctor/finding.ts'
import { startWeb } from '../support/web.ts'
import { like, setupOf } from './setup.ts'

const KEY = 'verysecretkeyofanindexer'

test('tells as it goes, returns the same in order, and no key in either', async () => {
  const web = await startWeb((req, res) => {
    const { pathname } = new URL(req.url ?? '', 'http://a')
    if (pathname === '/ready') {
      return void res.end(JSON.stringify({ status: 'serving', uptimeSeconds: 1 }))
    }
    // An indexer that repeats what it was asked.
    res.end(`<error code="100" description="bad key ${req.url}"/>`)
  })
  const setup = setupOf({ TORZNAB: `http://127.0.0.1:${web.port}/api?apikey=${KEY}`, PORT: '0' })
  const told: Finding[] = []
  const found = await examine({
    loaded: { config: setup.config, warnings: [`bad ${KEY}`], settings: [] } as never,
    setup: { ...setup, config: { ...setup.config, host: '127.0.0.1' } },
    secrets: new Secrets({ keys: [KEY], pathParts: [] }),
    ownPort: web.port,
    tell: (findings) => told.push(...findings),
  })
  await web.close()
  expect(found).toContainEqual(like('ok', `a Playlink serves on ${web.port}`))
  expect(found).toContainEqual(like('warning', 'bad '))
  expect(found.some(({ name, state }) => name === 'torznab' && state === 'fault')).toBe(true)
  expect(isWell(found)).toBe(false)
  expect(found[0]?.name).toBe('node')
  const byName = (a: Finding, b: Finding) => (a.name + a.text < b.name + b.text ? -1 : 1)
  expect(told.toSorted(byName)).toEqual(found.toSorted(byName))
  expect(JSON.stringify([found, told])).not.toContain(KEY)
})

test('is given up when nobody waits any more', async () => {
  let asked = () => {}
  const arrives = new Promise<void>((resolve) => {
    asked = resolve
  })
  const web = await startWeb(() => asked())
  const setup = setupOf({ TORZNAB: `http://127.0.0.1:${web.port}/api?apikey=${KEY}`, PORT: '0' })
  const gone = new AbortController()
  const running = examine({
    loaded: { config: setup.config, warnings: [], settings: [] } as never,
    setup,
    secrets: new Secrets({ keys: [KEY], pathParts: [] }),
    signal: gone.signal,
  })
  await arrives
  gone.abort()
  expect(await running).toContainEqual(like('fault', 'could not be looked at'))
  await web.close()
})
