import { expect, test } from '@jest/globals'
import { FetchedElsewhere } from '../../../cluster/fetched-elsewhere.ts'
import { holdFile, type SharedTorrents } from '../../../player/jobs/hold-torrent.ts'

const file = { infoHash: 'ab'.repeat(20), key: `${'ab'.repeat(20)}/0` as const }

/** A job, and what has happened to it and to the lease. */
function stage(holder?: FetchedElsewhere) {
  const told: string[] = []
  const lost = new AbortController()
  const ended = new AbortController()
  const cleanup: (() => void | Promise<void>)[] = []
  const cluster: SharedTorrents['cluster'] = {
    torrents: {
      async hold(infoHash) {
        told.push(`held ${infoHash === file.infoHash}`)
        const release = (): void => void told.push('released')
        return { fence: 7, lost: lost.signal, confirm: async () => true, release }
      },
    },
    async findHolder(key) {
      told.push(`asked ${key === file.key}`)
      return holder
    },
  }
  const job = {
    signal: ended.signal,
    defer: (_what: string, step: () => void | Promise<void>) => void cleanup.push(step),
    end: (reason: unknown) => ended.abort(reason),
  }
  const end = (): void => {
    for (const step of cleanup) void step()
  }
  return { told, lost, ended, cluster, job, end }
}

test('whether another node has it is asked again under the lease, which is given back with the job', async () => {
  const { told, cluster, job, end } = stage()
  expect((await holdFile({ cluster }, file, job))?.fence).toBe(7)
  end()
  expect(told).toEqual(['held true', 'asked true', 'released'])
})

test('another node came to its end while this one waited: it is not fetched a second time', async () => {
  const holder = new FetchedElsewhere('b')
  const { told, cluster, job, end } = stage(holder)
  await expect(holdFile({ cluster }, file, job)).rejects.toBe(holder)
  end()
  expect(told).toEqual(['held true', 'asked true', 'released'])
})

test('a lease that is lost ends the job, with who has it now', async () => {
  const { lost, ended, cluster, job } = stage()
  await holdFile({ cluster }, file, job)
  const now = new FetchedElsewhere('b')
  lost.abort(now)
  expect(ended.signal.reason).toBe(now)
})

test('alone there is no lease, and nobody is asked', async () => {
  const { told, job } = stage()
  expect(await holdFile({ cluster: undefined }, file, job)).toBeUndefined()
  expect(told).toEqual([])
})
