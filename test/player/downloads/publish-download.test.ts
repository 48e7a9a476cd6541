import { expect, test } from '@jest/globals'
import { FetchedElsewhere } from '../../../cluster/fetched-elsewhere.ts'
import { publish } from '../../../player/downloads/publish-download.ts'
import { silent } from '../../torrent/engines.ts'

const key = `${'ab'.repeat(20)}/0` as const
type Deps = Parameters<typeof publish>[0]

/** A complete download under a lease; who else has the file is what the index says. */
async function published({ holder, held = true }: { holder?: FetchedElsewhere; held?: boolean }) {
  const told: unknown[] = []
  const cluster = {
    findHolder: async () => holder,
    torrents: { hold: () => Promise.reject(new Error('held already')) },
  } as unknown as NonNullable<Deps['cluster']>
  const deps: Deps = {
    ...{ cluster, log: silent, lease: { confirm: async () => held } },
    store: { pin: async () => undefined },
    published: (file) => void told.push(file),
  }
  const partial = { publish: async (may?: () => Promise<boolean>) => (await may?.()) ?? true }
  const job = { deferUntilLeft() {}, end: (reason: unknown) => void told.push(reason) }
  await publish(deps, key, partial as Parameters<typeof publish>[2], job)
  return told
}

test('what is complete is published under its lease', async () => {
  expect(await published({})).toEqual([key])
})

test('a lease that another node has by now: nothing is published', async () => {
  expect(await published({ held: false })).toEqual([])
})

test('a lease that came back after another node was done: its copy is the published one, and plays go there', async () => {
  const holder = new FetchedElsewhere('b')
  expect(await published({ holder })).toEqual([holder])
})
